"""The ledger in the vault: each time the door to the network was open."""

import json
from datetime import datetime

from app.core.download import Opening
from app.storage.vault import Vault


class LedgerStore:
    """Rows of `door_openings`."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def save(self, opening: Opening) -> None:
        """Write an opening, or what is newly known of it."""
        closed = opening.closed.isoformat() if opening.closed else None
        hosts = json.dumps(opening.hosts, sort_keys=True)
        with self._vault.write() as db:
            db.execute(
                "INSERT OR REPLACE INTO door_openings (id, model, opened, closed, hosts, ending) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                [opening.id, opening.model, opening.opened.isoformat(), closed, hosts, opening.ending],
            )

    def all(self) -> list[Opening]:
        """Every opening, newest first."""
        rows = self._vault.rows(
            "SELECT id, model, opened, closed, hosts, ending FROM door_openings ORDER BY opened DESC"
        )
        return [
            Opening(
                id_, model, datetime.fromisoformat(opened), datetime.fromisoformat(closed) if closed else None,
                json.loads(hosts), ending,
            )
            for id_, model, opened, closed, hosts, ending in rows
        ]  # fmt: skip
