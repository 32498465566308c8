"""What was typed and not sent, and what was under way: kept through a lock, the drafts through a crash too."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from app.storage.tables.drafts import DraftStore
from app.storage.vault import Vault

NEW = "new"
"""The place of a chat that has no question yet."""
_HERE, _IMPORTS = "here", "imports"


@dataclass(frozen=True)
class UnderWay:
    """Where the person was at a lock, in the window's own words, and the files that were not yet brought in.

    Every other step of a call knows by itself where it stopped; until it is in the vault, a file does not.
    """

    here: str = ""
    imports: tuple[Path, ...] = ()


class Drafting:
    """Keeps drafts. Each call touches the disk: not for the GUI thread."""

    def __init__(self, vault: Vault) -> None:
        self._drafts = DraftStore(vault, (NEW, _HERE, _IMPORTS))

    def kept(self) -> tuple[dict[str, str], UnderWay]:
        """The drafts by their place, and what was under way when the vault was locked."""
        drafts = self._drafts.all()
        here, imports = drafts.pop(_HERE, ""), drafts.pop(_IMPORTS, "")
        return drafts, UnderWay(here, tuple(Path(os.fsdecode(bytes.fromhex(name))) for name in imports.split()))

    def keep(self, drafts: Mapping[str, str]) -> None:
        """Save these drafts; an empty one is forgotten."""
        self._drafts.keep(drafts)

    def leave(self, drafts: Mapping[str, str], under_way: UnderWay) -> None:
        """Save these drafts and what is under way, before the vault is closed."""
        imports = " ".join(os.fsencode(path).hex() for path in under_way.imports)
        self._drafts.keep({**drafts, _HERE: under_way.here, _IMPORTS: imports})
