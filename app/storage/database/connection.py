"""The one place that knows SQLCipher: it opens the encrypted database and translates the driver's exceptions."""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import sqlcipher3
import sqlcipher3.dbapi2 as driver

# sqlite-utils catches the exceptions of `sqlite3`; without this it misses those of SQLCipher's
# driver, leaves transactions open and silently loses later writes (measured). It prefers the
# module pysqlite3, so the driver is registered under that name before sqlite-utils is first imported.
sys.modules["pysqlite3"] = sqlcipher3
sys.modules["pysqlite3.dbapi2"] = driver

# It imports numpy if it can, for value types that no table here has: half the start-up time of a process that
# unlocks.
_has_numpy = "numpy" in sys.modules
if not _has_numpy:
    sys.modules["numpy"] = None  # type: ignore[assignment]  # how the import system spells "not installed"
try:
    import sqlite_utils
    import sqlite_utils.db
finally:
    if not _has_numpy:
        del sys.modules["numpy"]

from app.core.errors import (  # noqa: E402 - must follow the lines above
    NotEnoughSpace,
    NotFound,
    VaultDamaged,
    VaultError,
    VaultInUse,
    VaultUnwritable,
)
from app.core.files import disk_error  # noqa: E402 - same reason

if vars(sqlite_utils.db)["OperationalError"] is not driver.OperationalError:  # pragma: no cover - an installation fault
    raise ImportError("sqlite-utils does not use SQLCipher's driver; the vault would lose data")

Database = sqlite_utils.Database
_LEAST_ROOM = 128 * 1024  # bytes needed for the files SQLite creates beside a database when it opens it

_PRAGMAS = """
PRAGMA trusted_schema=OFF;
PRAGMA cell_size_check=ON;
PRAGMA journal_mode=WAL;
PRAGMA synchronous=FULL;
PRAGMA checkpoint_fullfsync=1;
PRAGMA fullfsync=1;
PRAGMA foreign_keys=ON;
PRAGMA mmap_size=0;
PRAGMA temp_store=MEMORY;
PRAGMA secure_delete=ON;
PRAGMA cache_size=-65536;
PRAGMA busy_timeout=5000;
PRAGMA journal_size_limit=67108864;
"""  # synchronous=FULL: no confirmed commit is lost in a power cut; NORMAL loses some (measured)


def open_database(path: Path, key: bytes) -> Database:
    """Open or create the encrypted database at `path` with the 32-byte raw `key`.

    Transactions are begun explicitly (`Vault.write`), never by the driver.

    Raises:
        VaultDamaged: the file is not a database encrypted with this key.
        VaultUnwritable, NotEnoughSpace: the disk refuses.
    """
    with _report_full_disk(path), translate_database_errors():
        connection = driver.connect(str(path), isolation_level=None, check_same_thread=False)
        try:
            connection.execute("PRAGMA cipher_log_level=NONE")  # otherwise a wrong key is reported on stderr
            connection.execute(f"PRAGMA key=\"x'{key.hex()}'\"")
            for pragma in _PRAGMAS.strip().splitlines():
                connection.execute(pragma).fetchall()
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except BaseException:
            connection.close()
            raise
        return Database(connection, execute_plugins=False)


def open_as_it_lies(path: Path, key: bytes, *, with_log: bool) -> Database:
    """Open a database that nobody else has open to read it, and change nothing: the log is not folded, or not read.

    Raises:
        VaultDamaged, VaultUnwritable: it can't be read so.
    """
    with translate_database_errors():
        how = "mode=ro" if with_log else "immutable=1"
        connection = driver.connect(f"{path.resolve().as_uri()}?{how}", uri=True, isolation_level=None)
        try:
            for pragma in ("cipher_log_level=NONE", f"key=\"x'{key.hex()}'\"", "trusted_schema=OFF"):
                connection.execute(f"PRAGMA {pragma}")
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except BaseException:
            connection.close()
            raise
        return Database(connection, execute_plugins=False)


def replace_key(path: Path, key: bytes, new: bytes) -> None:
    """Encrypt every page of a database anew, under another 32-byte raw key.

    Raises:
        VaultDamaged: the file is not a database encrypted with `key`.
        VaultUnwritable, NotEnoughSpace: the disk refuses; some pages may have either key then.
    """
    db = open_database(path, key)
    try:
        with _report_full_disk(path), translate_database_errors():
            db.execute(f"PRAGMA rekey=\"x'{new.hex()}'\"").fetchall()
            try:
                db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            except driver.OperationalError as error:
                raise VaultDamaged from error  # SQLCipher stops at a page that it can't read, and raises nothing then
    finally:
        db.conn.close()


def new_database_in_memory() -> Database:
    """An empty database that is written to no disk, to see what the migrations make."""
    return Database(driver.connect(":memory:", isolation_level=None), execute_plugins=False)


@contextmanager
def translate_database_errors() -> Iterator[None]:
    """Turn exceptions of the driver and the system into this program's errors, none of which carries content."""
    try:
        yield
    except driver.Error as error:
        raise _error_for(str(error)) from error
    except UnicodeDecodeError:  # raised by the driver if its message contains bytes of a damaged page
        raise VaultDamaged from None
    except OSError as error:
        raise disk_error(error) from error


@contextmanager
def _report_full_disk(path: Path) -> Iterator[None]:
    """Raise NotEnoughSpace if the disk is full: SQLite only says that it can't create its files."""
    try:
        yield
    except VaultUnwritable as error:
        with suppress(OSError):
            if shutil.disk_usage(path.parent).free < _LEAST_ROOM:
                raise NotEnoughSpace from error
        raise


def _error_for(message: str) -> Exception:
    text = message.casefold()
    if "full" in text:
        return NotEnoughSpace()
    if "out of memory" in text:
        return VaultError(
            "There is not enough memory to read the vault.", "Nothing was changed; close other programs, and try again."
        )
    if "readonly" in text or "read-only" in text or "unable to open" in text:
        return VaultUnwritable()
    if "locked" in text:
        return VaultInUse()
    if "disk i/o" in text:
        return VaultUnwritable("The disk did not read or write the vault.")
    if "foreign key" in text:  # something was written to a row that was being deleted
        return NotFound("What this belongs to was deleted meanwhile.", "Nothing else was changed.")
    return VaultDamaged()


def statements(script: str) -> Iterator[str]:
    """Yield the statements of a script one by one; semicolons inside triggers don't split them."""
    statement = ""
    for line in script.strip().splitlines():
        statement += line + "\n"
        if driver.complete_statement(statement):
            yield statement
            statement = ""
