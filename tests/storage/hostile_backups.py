"""Backups as a stranger could make them: each is sealed as it should be, and holds what no version of Tacit writes."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path

from app.storage.database.connection import Database, open_database
from app.storage.files.backup_archive import ArchiveWriter
from app.storage.files.layout import HEADER_NAME
from app.storage.tables.calls import CallStore
from app.storage.vault import Vault
from tests.running import CHEAP
from tests.storage.calls import add

PASSPHRASE = "short stranger pass phrase 1"
MADE = "2026-11-20T10:00:00+00:00"
MANIFEST = {"made": MADE, "recordings": 1, "sounds": 1}

Entry = tuple[str, int, Iterable[bytes]]


def entry(name: str, content: bytes | str) -> Entry:
    """An entry of an archive that says its true length."""
    raw = content.encode() if isinstance(content, str) else content
    return name, len(raw), [raw]


class Stranger:
    """A stranger's vault of one call, and what he makes of it."""

    def __init__(self, home: Path) -> None:
        self.folder = home / "stranger"
        vault = Vault.create(self.folder, PASSPHRASE, CHEAP)
        self.call = add(CallStore(vault), "We agree on it.", "And we leave.", title="A stranger's call")
        self.key, self._database_key = vault.backup_key, vault.database_key
        vault.close()
        self.sound = (self.folder / "media" / f"{self.call}.sealed").read_bytes()

    def change(self, work: Callable[[Database], object]) -> "Stranger":
        """Change the database as nobody but its owner can."""
        db = open_database(self.folder / "vault.db", self._database_key)
        work(db)
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        db.conn.close()
        return self

    def execute(self, *statements: str) -> "Stranger":
        """Change the database by these statements, with its own rules switched off."""

        def work(db: Database) -> None:
            db.execute("PRAGMA foreign_keys = OFF")
            for statement in statements:
                db.execute(statement)

        return self.change(work)

    @property
    def entries(self) -> list[Entry]:
        """What a true backup of the vault consists of."""
        return [
            entry("manifest.json", json.dumps(MANIFEST)),
            entry("vault.db", (self.folder / "vault.db").read_bytes()),
            entry(f"media/{self.call}.sealed", self.sound),
        ]

    def write(self, path: Path, entries: Iterable[Entry] | None = None) -> Path:
        """Write a backup of these entries, sealed as Tacit seals it."""
        with path.open("wb") as file:
            writer = ArchiveWriter(file, self.key, (self.folder / HEADER_NAME).read_bytes())
            for name, size, blocks in self.entries if entries is None else entries:
                writer.add(name, size, blocks)
            writer.close()
        return path
