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
    VaultInUse,
    VaultUnwritable,
)
from app.core.files import disk_error  # noqa: E402 - same reason

if vars(sqlite_utils.db)["OperationalError"] is not driver.OperationalError:  # pragma: no cover - an installation fault
    raise ImportError("sqlite-utils does not use SQLCipher's driver; the vault would lose data")

Database = sqlite_utils.Database
_LEAST_ROOM = 128 * 1024  # bytes needed for the files SQLite creates beside a database when it opens it

_PRAGMAS = """
PRAGMA journal_mode=WAL;
PRAGMA synchronous=FULL;
PRAGMA checkpoint_fullfsync=1;
PRAGMA fullfsync=1;
PRAGMA foreign_keys=ON;
PRAGMA trusted_schema=OFF;
PRAGMA cell_size_check=ON;
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
