"""What changed in the vault, so that views know what to read again."""

from dataclasses import dataclass
from typing import Literal

Noun = Literal["recording", "transcript", "summary", "conversation", "settings"]


@dataclass(frozen=True, slots=True)
class Change:
    """Something of kind `noun` with the id `subject` was written, or removed if `is_gone`."""

    noun: Noun
    subject: str
    is_gone: bool = False
