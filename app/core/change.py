"""A change in the vault, so that views know what to reload."""

from dataclasses import dataclass
from typing import Literal

ChangeKind = Literal["recording", "transcript", "summary", "conversation", "note", "task", "settings"]


@dataclass(frozen=True, slots=True)
class Change:
    """The thing of this `kind` with the id `subject` was written, or removed if `is_gone`."""

    kind: ChangeKind
    subject: str
    is_gone: bool = False
