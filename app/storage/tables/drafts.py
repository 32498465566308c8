"""Drafts in the vault: what a person has typed but not sent, by the conversation or call it belongs to."""

from collections.abc import Mapping

from app.storage.vault import Vault


class DraftStore:
    """Reads and writes drafts. A draft's key is the id of a conversation or call, or one of `others`."""

    def __init__(self, vault: Vault, others: tuple[str, ...]) -> None:
        self._vault = vault
        self._others = others

    def all(self) -> dict[str, str]:
        """Every draft by its key."""
        return dict(self._vault.rows("SELECT place, text FROM drafts"))

    def save(self, drafts: Mapping[str, str]) -> None:
        """Save drafts in one transaction; an empty one is removed, as is one whose conversation or call was deleted."""
        with self._vault.write() as db:
            for key, text in drafts.items():
                db.execute("DELETE FROM drafts WHERE place = ?", [key])
                if text.strip() and (key in self._others or self._owner_exists(key)):
                    db.execute("INSERT INTO drafts (place, text) VALUES (?, ?)", [key, text])

    def _owner_exists(self, key: str) -> bool:
        found = self._vault.row(
            "SELECT 1 WHERE EXISTS (SELECT 1 FROM recordings WHERE id = :place) "
            "OR EXISTS (SELECT 1 FROM conversations WHERE id = :place)",
            {"place": key},
        )
        return found is not None
