"""What a person has typed and not sent, kept in the vault by the place where it was typed."""

from collections.abc import Mapping

from app.storage.vault import Vault


class DraftStore:
    """Reads and writes drafts. A place is the id of a conversation or recording, or one of `others`."""

    def __init__(self, vault: Vault, others: tuple[str, ...]) -> None:
        self._vault = vault
        self._others = others

    def all(self) -> dict[str, str]:
        """Every draft by its place."""
        return dict(self._vault.rows("SELECT place, text FROM drafts"))

    def keep(self, drafts: Mapping[str, str]) -> None:
        """Save these in one transaction; an empty one is forgotten, as is one whose place was deleted meanwhile."""
        with self._vault.write() as db:
            for place, text in drafts.items():
                db.execute("DELETE FROM drafts WHERE place = ?", [place])
                if text.strip() and (place in self._others or self._is_there(place)):
                    db.execute("INSERT INTO drafts (place, text) VALUES (?, ?)", [place, text])

    def _is_there(self, place: str) -> bool:
        found = self._vault.row(
            "SELECT 1 WHERE EXISTS (SELECT 1 FROM recordings WHERE id = :place) "
            "OR EXISTS (SELECT 1 FROM conversations WHERE id = :place)",
            {"place": place},
        )
        return found is not None
