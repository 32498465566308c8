"""Whether the files of a vault are whole, from the pages of the database to each frame of sound."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from app.core.errors import AssistantError, VaultDamaged, VaultTooNew
from app.storage.database import schema
from app.storage.database.connection import Database, open_database, translated
from app.storage.files.layout import BACKUPS_NAME
from app.storage.files.sealed_file import SealedReader
from app.storage.offline_vault import Held

_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check showed; it names ids and numbers, never a person's words."""

    name: str
    is_good: bool
    detail: str


def inspect(vault: Held) -> Iterator[Finding]:
    """Check everything in a vault that nobody has open; each finding is yielded when it is there."""
    db = None
    try:
        db = _opened(vault.database, vault.database_key)
    except AssistantError as error:
        yield Finding("database", False, error.title)
    if db is not None:
        try:
            yield from inspect_database(db)
            yield from inspect_media(db, vault.media)
        finally:
            db.conn.close()
    yield from inspect_backups(vault.folder, vault.database_key)


def recordings_in(path: Path, key: bytes) -> list[str]:
    """The ids of the recordings in a copy of the database.

    Raises:
        VaultDamaged, VaultTooNew: it can't be opened under this key, or by this version.
    """
    db = _opened(path, key)
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
    db = _opened(path, key)
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


def _opened(path: Path, key: bytes) -> Database:
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


def inspect_media(db: Database, folder: Path) -> Iterator[Finding]:
    """Check each sealed recording, and that every one has its owner."""
    try:
        with translated():
            rows: list[tuple[str, bytes]] = db.execute("SELECT id, media_key FROM recordings ORDER BY id").fetchall()
            files = {path.stem for path in folder.glob("*.sealed")} if folder.is_dir() else set()
            parts = len(list(folder.glob("*.part"))) if folder.is_dir() else 0
    except AssistantError as error:
        yield Finding("sound", False, error.title)
        return
    whole = size = 0
    for id_, key in rows:
        if id_ not in files:
            continue
        try:
            size += read_through(folder / f"{id_}.sealed", key)
            whole += 1
        except AssistantError as error:
            yield Finding(f"sound of {id_}", False, error.title)
    yield Finding("sound", True, f"{whole} recordings, {size / 1e6:.1f} MB, every frame as it was sealed")
    known = {id_ for id_, _ in rows}
    missing, loose = sorted(known - files), sorted(files - known)
    for id_ in missing:
        yield Finding(f"sound of {id_}", False, "The file is missing from the vault.")
    for id_ in loose:
        yield Finding(f"file {id_}", False, "No recording owns it; the next start removes it.")
    if not missing and not loose:
        left = f"; {parts} left by an import that broke off, the next start removes it" if parts else ""
        yield Finding("owners", True, f"every recording has its file, every file its recording{left}")


def read_through(path: Path, key: bytes) -> int:
    """Read a sealed file from end to end and return its plain size.

    Raises:
        VaultDamaged: a frame was changed, or the file was cut off.
    """
    with SealedReader(path, key) as reader:
        for offset in range(0, reader.size, _BLOCK):
            reader.read(offset, _BLOCK)
        if not reader.is_finished:
            raise VaultDamaged("A recording's file in the vault is cut off.")
        return reader.size


def inspect_backups(folder: Path, key: bytes) -> Iterator[Finding]:
    """Check the copies that a vault keeps by itself."""
    for path in sorted((folder / BACKUPS_NAME).glob("*.db")):
        name = f"backup {path.stem}"
        try:
            bad = [finding for finding in inspect_copy(path, key) if not finding.is_good]
        except AssistantError as error:
            yield Finding(name, False, error.title)
            continue
        yield Finding(name, not bad, bad[0].detail if bad else "whole")
