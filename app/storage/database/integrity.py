"""Integrity checks of a database: pages, tables, references and search index."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from app.core.errors import AssistantError, VaultDamaged, VaultTooNew
from app.storage.database import schema
from app.storage.database.connection import Database, open_database, translate_database_errors
from app.storage.database.known_schema import foreign_parts
from app.storage.database.known_values import require_known_values

REPAIR_REMOVES_IT = "«tacit vault repair NEWDIR» saves the calls into a new vault without it."


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check; it names ids and numbers, never a person's words."""

    name: str
    is_good: bool
    detail: str


def call_ids_in(path: Path, key: bytes) -> list[str]:
    """The ids of the calls in a copy of the database.

    Raises:
        VaultDamaged, VaultTooNew: the copy can't be opened with this key, or by this version.
    """
    db = open_existing(path, key)
    try:
        with translate_database_errors():
            return [row[0] for row in db.execute("SELECT id FROM recordings ORDER BY id").fetchall()]
    finally:
        db.conn.close()


def inspect_copy(path: Path, key: bytes) -> Iterator[Finding]:
    """Check one copy of the database.

    Raises:
        VaultDamaged, VaultTooNew: the copy can't be opened with this key, or by this version.
    """
    db = open_existing(path, key)
    try:
        yield from inspect_database(db)
    finally:
        db.conn.close()


def inspect_whole_database(db: Database) -> Iterator[Finding]:
    """Check an open database as `inspect_database`, and that it holds what a version of the program writes.

    Of one with foreign parts only the pages are checked, for any other query might run them.
    """
    foreign = ""
    with suppress(AssistantError):  # of a database that can't be read the other checks tell
        foreign = foreign_parts(db)
    if foreign:
        yield _run_check("pages", lambda: _check_pages(db))
        yield Finding("schema", False, f"{foreign} {REPAIR_REMOVES_IT}")
        return
    yield from inspect_database(db)
    yield _run_check("values", lambda: _check_values(db))


def inspect_database(db: Database) -> Iterator[Finding]:
    """Check an open database: the log first, for pages that it still holds may be torn in the file."""
    yield _run_check("log", lambda: _fold_log(db))
    yield _run_check("pages", lambda: _check_pages(db))
    yield _run_check("tables", lambda: _check_tables(db))
    yield _run_check("references", lambda: _check_references(db))
    yield _run_check("search index", lambda: _check_search_index(db))


def require_whole_pages_and_tables(db: Database) -> None:
    """Require that every page is as it was sealed, and every table as its indexes say; nothing is written.

    Raises:
        VaultDamaged: one is not.
    """
    with translate_database_errors():
        _check_pages(db)
        _check_tables(db)


def open_existing(path: Path, key: bytes) -> Database:
    """Open an existing database of any version this program knows, without migrating it.

    Raises:
        VaultDamaged, VaultTooNew: it can't be opened with this key, or by this version.
    """
    if not path.is_file():
        raise VaultDamaged("The vault's database is missing.")
    db = open_database(path, key)
    try:
        with translate_database_errors():
            version = db.execute("PRAGMA user_version").fetchone()[0]
            if version > schema.VERSION:
                raise VaultTooNew
            if version < 1:
                raise VaultDamaged("The vault's database is empty.")
    except BaseException:
        db.conn.close()
        raise
    return db


def _run_check(name: str, check: Callable[[], str]) -> Finding:
    try:
        with translate_database_errors():
            return Finding(name, True, check())
    except AssistantError as error:
        return Finding(name, False, error.title)


def _fold_log(db: Database) -> str:
    busy, *_ = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise VaultDamaged("The log could not be folded into the database.")
    return "folded into the database"


def _check_pages(db: Database) -> str:
    bad = len(db.execute("PRAGMA cipher_integrity_check").fetchall())
    if bad:
        raise VaultDamaged(f"{bad} pages of the database were changed or cut off.")
    return f"{db.execute('PRAGMA page_count').fetchone()[0]} pages are as they were sealed"


def _check_tables(db: Database) -> str:
    found = db.execute("PRAGMA integrity_check").fetchall()
    if [tuple(row) for row in found] != [("ok",)]:
        raise VaultDamaged(f"{len(found)} faults in the tables and their indexes.")
    return "tables and indexes agree"


def _check_references(db: Database) -> str:
    orphans = len(db.execute("PRAGMA foreign_key_check").fetchall())
    if orphans:
        raise VaultDamaged(f"{orphans} rows belong to a row that is not there.")
    return "every row has its owner"


def _check_values(db: Database) -> str:
    require_known_values(db)
    return "each is one that Tacit writes"


def _check_search_index(db: Database) -> str:
    names = [n for (n,) in db.execute("SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL TABLE%fts5%'")]
    for name in names:
        # Rank 1 makes FTS5 compare the index with the rows it indexes.
        quoted = '"' + name.replace('"', '""') + '"'
        db.execute(f"INSERT INTO {quoted} ({quoted}, rank) VALUES ('integrity-check', 1)")
    return "finds what the lines say"
