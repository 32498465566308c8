"""Migration of an earlier database on a copy, which replaces the original once every row is found in it."""

import os
import shutil
from contextlib import suppress
from pathlib import Path

from app.core.errors import NotEnoughSpace, VaultDamaged, VaultError
from app.core.files import disk_error, sync_folder
from app.storage.database import schema
from app.storage.database.connection import Database, open_database, translate_database_errors
from app.storage.database.integrity import inspect_database
from app.storage.database.known_schema import foreign_parts
from app.storage.files.layout import DATABASE_NAME, EARLIER_DATABASE_NAME

_COPY_NAME = DATABASE_NAME + ".migrating"
_NO_ROOM = "There is not enough room to bring the vault to this version of Tacit."
_LOST = "The vault could not be brought to this version of Tacit: rows would have been lost."
_DAMAGED = "The vault's database is not whole, and was left at its earlier version."
_LEFT = "Nothing was changed: the version before still opens it."
_REPAIR = "Nothing was changed; «tacit vault check» says what is damaged, «tacit vault repair» saves what is whole."


def migrate(folder: Path, key: bytes) -> None:
    """Migrate the database, which must have no open connection, to this version; the earlier one is kept beside it.

    The earlier database stays in use until a rename replaces it: a failure before that changes nothing.

    Raises:
        VaultDamaged, VaultError: rows would be missing or damaged.
        NotEnoughSpace, VaultUnwritable: the disk refuses.
    """
    database, copy = folder / DATABASE_NAME, folder / _COPY_NAME
    try:
        with translate_database_errors():
            _remove(copy)
            rows = _fold_and_count(database, key)
            sync_folder(folder)
            _copy_file(database, copy)
            _run_migrations(copy, key, rows)
            _replace_with(copy, database, folder / EARLIER_DATABASE_NAME)
    except BaseException as error:
        with suppress(OSError):
            _remove(copy)
        if isinstance(error, NotEnoughSpace):
            size = 2 * database.stat().st_size / 1e6
            advice = f"It was left as it was; make room for {max(1, round(size))} MB on its disk, and open it again."
            raise NotEnoughSpace(_NO_ROOM, advice) from error
        raise


def remove_earlier_database(folder: Path) -> None:
    """Remove the database from before the migration: after a good start, or when something is being deleted."""
    try:
        (folder / EARLIER_DATABASE_NAME).unlink(missing_ok=True)
    except OSError as error:
        raise disk_error(error) from error


def _remove(copy: Path) -> None:
    for path in copy.parent.glob(copy.name + "*"):
        path.unlink()


def _fold_and_count(database: Path, key: bytes) -> dict[str, int]:
    """Fold the log into the database, so that one file holds everything; return the row count of each table."""
    db = open_database(database, key)
    try:
        if foreign := foreign_parts(db):  # a migration would run them
            raise VaultDamaged(foreign, _REPAIR)
        _fold_log(db)
        rows = _row_counts(db)
    finally:
        db.conn.close()
    _remove_log(database)
    return rows


def _fold_log(db: Database) -> None:
    busy, *_ = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise VaultError("The vault's log could not be folded into its database.", _LEFT)


def _remove_log(database: Path) -> None:
    """Remove a leftover log: it would be taken for that of the file that replaces this database."""
    log = database.with_name(database.name + "-wal")
    if log.is_file():
        if log.stat().st_size:
            raise VaultError("The vault's log could not be folded into its database.", _LEFT)
        log.unlink()


def _row_counts(db: Database) -> dict[str, int]:
    """The row count of each table; the search index's own tables are covered by its check."""
    names = db.execute(
        "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite\\_%' "
        "ESCAPE '\\'"
    ).fetchall()
    return {name: db.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for (name,) in names}


def _copy_file(database: Path, copy: Path) -> None:
    descriptor = os.open(copy, os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0), 0o600)
    with database.open("rb") as source, os.fdopen(descriptor, "wb") as target:
        shutil.copyfileobj(source, target, 1 << 20)
        target.flush()
        os.fsync(target.fileno())


def _run_migrations(copy: Path, key: bytes, rows: dict[str, int]) -> None:
    db = open_database(copy, key)
    try:
        for number in range(db.execute("PRAGMA user_version").fetchone()[0], len(schema.MIGRATIONS)):
            db.execute("BEGIN IMMEDIATE")
            schema.MIGRATIONS[number](db)
            db.execute(f"PRAGMA user_version = {number + 1}")
            db.execute("COMMIT")
        migrated = _row_counts(db)
        if any(migrated.get(name) != count for name, count in rows.items()):
            raise VaultError(_LOST, _LEFT)
        _fold_log(db)  # before the check, which would take a full disk for damage
        if not all(finding.is_good for finding in inspect_database(db)):
            raise VaultDamaged(_DAMAGED, _REPAIR)
    finally:
        db.conn.close()
    _remove_log(copy)
    with copy.open("rb+") as file:
        os.fsync(file.fileno())


def _replace_with(copy: Path, database: Path, earlier: Path) -> None:
    """Keep the earlier database, then replace it with the copy; the rename is the only moment of change."""
    earlier.unlink(missing_ok=True)
    try:
        earlier.hardlink_to(database)
    except OSError:  # a disk without hard links
        _copy_file(database, earlier)
    sync_folder(database.parent)
    copy.replace(database)
    sync_folder(database.parent)
