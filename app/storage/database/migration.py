"""An earlier database comes to this version on a copy, which takes its place once every row is found in it."""

import os
import shutil
from contextlib import suppress
from pathlib import Path

from app.core.errors import NotEnoughSpace, VaultDamaged, VaultError
from app.core.files import disk_error
from app.storage.database import schema
from app.storage.database.connection import Database, open_database, translated
from app.storage.database.integrity import inspect_database
from app.storage.files.fsync import sync_folder
from app.storage.files.layout import DATABASE_NAME, EARLIER_DATABASE_NAME

_COPY_NAME = DATABASE_NAME + ".migrating"
_NO_ROOM = "There is not enough room to bring the vault to this version of Tacit."
_LOST = "The vault could not be brought to this version of Tacit: rows would have been lost."
_DAMAGED = "The vault's database is not whole, and was left at its earlier version."
_LEFT = "Nothing was changed: the version before still opens it."
_REPAIR = "Nothing was changed; «tacit vault check» says what is damaged, «tacit vault repair» saves what is whole."


def migrate(folder: Path, key: bytes) -> None:
    """Bring the database, of which no connection is open, to this version; the earlier one is kept beside it.

    It is in force until a rename puts the other into its place: whatever happens before changes nothing.

    Raises:
        VaultDamaged, VaultError: not every row would be there, or whole.
        NotEnoughSpace, VaultUnwritable: the disk refuses.
    """
    database, copy = folder / DATABASE_NAME, folder / _COPY_NAME
    try:
        with translated():
            _remove(copy)
            rows = _folded(database, key)
            sync_folder(folder)
            _copied(database, copy)
            _brought_up_to_date(copy, key, rows)
            _put(copy, database, folder / EARLIER_DATABASE_NAME)
    except BaseException as error:
        with suppress(OSError):
            _remove(copy)
        if isinstance(error, NotEnoughSpace):
            size = 2 * database.stat().st_size / 1e6
            advice = f"It was left as it was; make room for {max(1, round(size))} MB on its disk, and open it again."
            raise NotEnoughSpace(_NO_ROOM, advice) from error
        raise


def forget_earlier(folder: Path) -> None:
    """After a good start, or where something is to be forgotten, nobody needs the database of the version before."""
    try:
        (folder / EARLIER_DATABASE_NAME).unlink(missing_ok=True)
    except OSError as error:
        raise disk_error(error) from error


def _remove(copy: Path) -> None:
    for path in copy.parent.glob(copy.name + "*"):
        path.unlink()


def _folded(database: Path, key: bytes) -> dict[str, int]:
    """Fold the log into the database, so that one file is all of it; the rows of each table."""
    db = open_database(database, key)
    try:
        _fold(db)
        rows = _rows(db)
    finally:
        db.conn.close()
    _without_log(database)
    return rows


def _fold(db: Database) -> None:
    busy, *_ = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise VaultError("The vault's log could not be folded into its database.", _LEFT)


def _without_log(database: Path) -> None:
    """A log that outlived its last connection would be taken for that of the file that comes into this place."""
    log = database.with_name(database.name + "-wal")
    if log.is_file():
        if log.stat().st_size:
            raise VaultError("The vault's log could not be folded into its database.", _LEFT)
        log.unlink()


def _rows(db: Database) -> dict[str, int]:
    """How many rows each table has; the search index's own tables are counted by its check."""
    names = db.execute(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite\\_%' "
        "ESCAPE '\\'"
    ).fetchall()
    return {name: db.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for (name,) in names}


def _copied(database: Path, copy: Path) -> None:
    descriptor = os.open(copy, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0), 0o600)
    with database.open("rb") as source, os.fdopen(descriptor, "wb") as target:
        shutil.copyfileobj(source, target, 1 << 20)
        target.flush()
        os.fsync(target.fileno())


def _brought_up_to_date(copy: Path, key: bytes, rows: dict[str, int]) -> None:
    db = open_database(copy, key)
    try:
        for number in range(db.execute("PRAGMA user_version").fetchone()[0], len(schema.MIGRATIONS)):
            db.execute("BEGIN IMMEDIATE")
            schema.MIGRATIONS[number](db)
            db.execute(f"PRAGMA user_version = {number + 1}")
            db.execute("COMMIT")
        there = _rows(db)
        if any(there.get(name) != count for name, count in rows.items()):
            raise VaultError(_LOST, _LEFT)
        # The check folds the copy's log first, and reads every page of it.
        if not all(finding.is_good for finding in inspect_database(db)):
            raise VaultDamaged(_DAMAGED, _REPAIR)
        _fold(db)
    finally:
        db.conn.close()
    _without_log(copy)
    with copy.open("rb+") as file:
        os.fsync(file.fileno())


def _put(copy: Path, database: Path, earlier: Path) -> None:
    """The one moment in which the copy comes into force is the rename."""
    earlier.unlink(missing_ok=True)
    try:
        earlier.hardlink_to(database)
    except OSError:  # a disk without links
        _copied(database, earlier)
    sync_folder(database.parent)
    copy.replace(database)
    sync_folder(database.parent)
