"""Unsent text and unfinished work: both survive a lock, the drafts a crash too."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from app.storage.tables.drafts import DraftStore
from app.storage.vault import Vault

NEW = "new"
"""The key of the draft for a chat that has no question yet."""
_HERE, _IMPORTS = "here", "imports"


@dataclass(frozen=True)
class UnderWay:
    """Where the person was at a lock, in the window's own notation, and the files not yet imported.

    Every later step of a call is recorded in the vault; a file that is not in the vault yet has no such record.
    """

    here: str = ""
    imports: tuple[Path, ...] = ()


class Drafts:
    """Stores drafts. Each method touches the disk: not for the GUI thread."""

    def __init__(self, vault: Vault) -> None:
        self._drafts = DraftStore(vault, (NEW, _HERE, _IMPORTS))

    def load(self) -> tuple[dict[str, str], UnderWay]:
        """The drafts by their key, and what was unfinished when the vault was locked."""
        drafts = self._drafts.all()
        here, imports = drafts.pop(_HERE, ""), drafts.pop(_IMPORTS, "")
        return drafts, UnderWay(here, tuple(Path(os.fsdecode(bytes.fromhex(name))) for name in imports.split()))

    def keep(self, drafts: Mapping[str, str]) -> None:
        """Save these drafts; an empty one is deleted."""
        self._drafts.save(drafts)

    def leave(self, drafts: Mapping[str, str], under_way: UnderWay) -> None:
        """Save these drafts and the unfinished work before the vault is closed."""
        imports = " ".join(os.fsencode(path).hex() for path in under_way.imports)
        self._drafts.save({**drafts, _HERE: under_way.here, _IMPORTS: imports})
