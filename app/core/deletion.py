"""What else a deletion removes, and which copies may still contain it for a while."""

import re
from collections.abc import Callable, Iterable
from datetime import datetime

import msgspec

from app.core.evidence.words import without_markers

REMOVED_ANSWER = "This answer was removed with the call that it quoted."
_RUN_WORDS = 8  # consecutive words that nobody repeats by chance
_WORD = re.compile(r"\w+")


class Consequences(msgspec.Struct, frozen=True):
    """Of a deletion: how many `answers` in other chats quote the call, and until when copies may still contain it."""

    answers: int = 0
    copies_until: datetime | None = None

    @property
    def answers_sentence(self) -> str:
        """A sentence about the answers, or ""."""
        if not self.answers:
            return ""
        return (
            f"{_counted(self.answers)} over several calls that quoted it {'are' if self.answers > 1 else 'is'} removed."
        )

    def copies_sentence(self, written_day: Callable[[datetime], str]) -> str:
        """A sentence about the copies, with the day as whoever shows it writes days, or ""."""
        if self.copies_until is None:
            return ""
        return f"Copies that Tacit keeps by itself can still hold its words until {written_day(self.copies_until)}."

    @property
    def elsewhere_sentence(self) -> str:
        """A sentence about where else it may be, which this deletion does not reach."""
        none = "" if self.copies_until is not None else "No copy that Tacit keeps by itself holds it. "
        return f"{none}A backup file or an export that you made before keeps what it has."


def _counted(answers: int) -> str:
    return "One answer" if answers == 1 else f"{answers} answers"


class Quotes:
    """Finds quotes of a call in other texts: runs of words that were said in it."""

    def __init__(self, said: Iterable[str]) -> None:
        self._runs = {run for text in said for run in _runs(text)}

    def are_in(self, text: str) -> bool:
        """Whether the text contains such a run."""
        return any(run in self._runs for run in _runs(without_markers(text)))


def _runs(text: str) -> Iterable[tuple[str, ...]]:
    words = _WORD.findall(text.casefold())
    return (tuple(words[start : start + _RUN_WORDS]) for start in range(len(words) - _RUN_WORDS + 1))
