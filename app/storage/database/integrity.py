"""Whether a database is whole: pages, tables, references, search index."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from app.core.errors import AssistantError, VaultDamaged, VaultTooNew
from app.storage.database import schema
from app.storage.database.connection import Database, open_database, translated


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check showed; it names ids and numbers, never a person's words."""

    name: str
    is_good: bool
    detail: str


def recordings_in(path: Path, key: bytes) -> list[str]:
    """The ids of the recordings in a copy of the database.

    Raises:
        VaultDamaged, VaultTooNew: it can't be opened under this key, or by this version.
    """
    db = open_as_it_is(path, key)
    try:
        with translated():
            return [row[0] for row in db.execute("SELECT id FROM recordings ORDER BY id").fetchall()]
    finally:
        db.conn.close()


def inspect_copy(path: Path, key: bytes) -> Iterator[Finding]:
    """Check one file that is a copy of the database.

    Raises:
        VaultDamaged, VaultTooNew: it can't be opened under this key, or by this version.
    """
    db = open_as_it_is(path, key)
    try:
        yield from inspect_database(db)
    finally:
        db.conn.close()


def inspect_database(db: Database) -> Iterator[Finding]:
    """Check an open database: the log first, for pages that it still holds may be torn in the file."""
    yield _tried("log", lambda: _folded(db))
    yield _tried("pages", lambda: _pages(db))
    yield _tried("tables", lambda: _tables(db))
    yield _tried("references", lambda: _references(db))
    yield _tried("search index", lambda: _search(db))


def open_as_it_is(path: Path, key: bytes) -> Database:
    """Open a database that is there, of whatever version.

    Raises:
        VaultDamaged, VaultTooNew: it can't be opened under this key, or by this version.
    """
    if not path.is_file():
        raise VaultDamaged("The vault's database is missing.")
    db = open_database(path, key)
    try:
        with translated():
            version = db.execute("PRAGMA user_version").fetchone()[0]
            if version > schema.VERSION:
                raise VaultTooNew
            if version < 1:
                raise VaultDamaged("The vault's database is empty.")
    except BaseException:
        db.conn.close()
        raise
    return db


def _tried(name: str, check: Callable[[], str]) -> Finding:
    try:
        with translated():
            return Finding(name, True, check())
    except AssistantError as error:
        return Finding(name, False, error.title)


def _folded(db: Database) -> str:
    busy, *_ = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise VaultDamaged("The log could not be folded into the database.")
    return "folded into the database"


def _pages(db: Database) -> str:
    bad = len(db.execute("PRAGMA cipher_integrity_check").fetchall())
    if bad:
        raise VaultDamaged(f"{bad} pages of the database were changed or cut off.")
    return f"{db.execute('PRAGMA page_count').fetchone()[0]} pages are as they were sealed"


def _tables(db: Database) -> str:
    found = db.execute("PRAGMA integrity_check").fetchall()
    if [tuple(row) for row in found] != [("ok",)]:
        raise VaultDamaged(f"{len(found)} faults in the tables and their indexes.")
    return "tables and indexes agree"


def _references(db: Database) -> str:
    loose = len(db.execute("PRAGMA foreign_key_check").fetchall())
    if loose:
        raise VaultDamaged(f"{loose} rows belong to a row that is not there.")
    return "every row has its owner"


def _search(db: Database) -> str:
    names = [n for (n,) in db.execute("SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL TABLE%fts5%'")]
    for name in names:
        # Rank 1 compares the index with the rows that it indexes.
        db.execute(f"INSERT INTO {name} ({name}, rank) VALUES ('integrity-check', 1)")
    return "finds what the lines say"
