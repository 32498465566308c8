"""The network log in the vault: one entry for each download."""

import json
from datetime import datetime

from app.core.download import NetworkLogEntry
from app.storage.vault import Vault


class LedgerStore:
    """Rows of `door_openings`."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def save(self, entry: NetworkLogEntry) -> None:
        """Write an entry, or update it with what is newly known."""
        closed = entry.closed.isoformat() if entry.closed else None
        hosts = json.dumps(entry.hosts, sort_keys=True)
        with self._vault.write() as db:
            db.execute(
                "INSERT OR REPLACE INTO door_openings (id, model, opened, closed, hosts, ending) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                [entry.id, entry.model, entry.opened.isoformat(), closed, hosts, entry.ending],
            )

    def all(self) -> list[NetworkLogEntry]:
        """Every entry, newest first."""
        rows = self._vault.rows(
            "SELECT id, model, opened, closed, hosts, ending FROM door_openings ORDER BY opened DESC"
        )
        return [
            NetworkLogEntry(
                id_, model, datetime.fromisoformat(opened), datetime.fromisoformat(closed) if closed else None,
                json.loads(hosts), ending,
            )
            for id_, model, opened, closed, hosts, ending in rows
        ]  # fmt: skip
