"""What goes along when a call or a chat is forgotten, and what may keep it for a while."""

import re
from collections.abc import Iterable
from datetime import datetime

import msgspec

from app.core.evidence import without_markers

REMOVED_ANSWER = "This answer was removed with the call that it quoted."
_MONTHS = "January February March April May June July August September October November December".split()
_RUN = 8  # words in a row that nobody says twice by chance
_WORD = re.compile(r"\w+")


class Consequences(msgspec.Struct, frozen=True):
    """Of a deletion: `answers` of other chats that quote the call, and until when copies may still hold it."""

    answers: int = 0
    copies_until: datetime | None = None

    @property
    def on_answers(self) -> str:
        """A sentence on the answers, or ""."""
        if not self.answers:
            return ""
        return (
            f"{_counted(self.answers)} over several calls that quoted it {'are' if self.answers > 1 else 'is'} removed."
        )

    @property
    def on_copies(self) -> str:
        """A sentence on the copies, or ""."""
        if self.copies_until is None:
            return ""
        day = self.copies_until.astimezone()
        return (
            f"Copies that Tacit keeps by itself can still hold it until {day.day} {_MONTHS[day.month - 1]} {day.year}."
        )


def _counted(answers: int) -> str:
    return "One answer" if answers == 1 else f"{answers} answers"


class Quotes:
    """Finds runs of words that were said in a call."""

    def __init__(self, said: Iterable[str]) -> None:
        self._runs = {run for text in said for run in _runs(text)}

    def are_in(self, text: str) -> bool:
        """Whether the text repeats such a run."""
        return any(run in self._runs for run in _runs(without_markers(text)))


def _runs(text: str) -> Iterable[tuple[str, ...]]:
    words = _WORD.findall(text.casefold())
    return (tuple(words[at : at + _RUN]) for at in range(len(words) - _RUN + 1))
