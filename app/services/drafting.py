"""What was typed and not sent, and where the person was: kept through a lock, a close and a crash."""

from collections.abc import Mapping

from app.storage.drafts import DraftStore
from app.storage.vault import Vault

NEW = "new"
"""The place of a chat that has no question yet."""
_HERE = "here"


class Drafting:
    """Keeps drafts. Each call touches the disk: not for the GUI thread."""

    def __init__(self, vault: Vault) -> None:
        self._drafts = DraftStore(vault, (NEW, _HERE))

    def kept(self) -> tuple[dict[str, str], str]:
        """The drafts by their place, and where the person was when the vault was locked ("" after a close)."""
        drafts = self._drafts.all()
        return drafts, drafts.pop(_HERE, "")

    def keep(self, drafts: Mapping[str, str]) -> None:
        """Save these drafts; an empty one is forgotten."""
        self._drafts.keep(drafts)

    def leave(self, drafts: Mapping[str, str], here: str) -> None:
        """Save these drafts and where the person is, before the vault is closed."""
        self._drafts.keep({**drafts, _HERE: here})
