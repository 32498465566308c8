"""Notes: Markdown that a person writes, and what follows from it, such as its title, its tags and its tasks."""

from bisect import bisect_left
from datetime import datetime, timedelta
from itertools import islice

import msgspec

from app.core.ids import NoteId
from app.core.note_markup import Line, lines_of, lines_with
from app.core.plain_text import one_line

MOST_CHARACTERS = 1_000_000
"""Of one note: a thick book."""
KEPT_IN_TRASH = timedelta(days=30)
MOST_VERSIONS = 50
"""Of one note; beyond it those are left out that lie closest together."""
UNTITLED = "Untitled note"
_BETWEEN_VERSIONS = timedelta(minutes=10)
_MUCH = 200  # characters that go at once
_NEWEST = 10  # versions that are never left out
_LONGEST_TITLE = 200  # characters
_LONGEST_EXCERPT = 160


class Note(msgspec.Struct, frozen=True):
    """One note; its text is all there is of it, and its title, tags, tasks and links are read from that."""

    id: NoteId
    text: str
    created: datetime
    edited: datetime
    is_pinned: bool = False
    deleted: datetime | None = None  # when it came into the trash
    versions: int = 0

    @property
    def title(self) -> str:
        """The words of its first line; empty if it has none."""
        return title_of(self.text)


class NoteEntry(msgspec.Struct, frozen=True):
    """A note as it stands in a list: without most of its text."""

    id: NoteId
    title: str
    excerpt: str
    tags: tuple[str, ...]
    created: datetime
    edited: datetime
    is_pinned: bool = False
    deleted: datetime | None = None

    @property
    def place(self) -> tuple[float, bool, float]:
        """Where it is in a list, as the vault orders it."""
        deleted = 0.0 if self.deleted is None else self.deleted.timestamp()
        return -deleted, not self.is_pinned, -self.edited.timestamp()


class NoteVersion(msgspec.Struct, frozen=True):
    """A text that a note had, by its number; `edited` is when it was last written to."""

    number: int
    edited: datetime


class NoteTask(msgspec.Struct, frozen=True):
    """A task of a note: `line` is the number of its line, from 0, and `words` what is to be done."""

    line: int
    words: str
    is_done: bool


def title_of(text: str) -> str:
    """The words of the first line that has some."""
    return next((one_line(line.words)[:_LONGEST_TITLE] for line in lines_of(text.lstrip()) if line.words), "")


def shown_title(title: str) -> str:
    """A title as it is shown, also where there is none."""
    return title or UNTITLED


def excerpt_of(text: str) -> str:
    """The beginning of what stands below the title, in one line and without marks."""
    parts, size = [], 0
    for words in islice((line.words for line in lines_of(text) if line.words), 1, None):
        parts.append(words)
        size += len(words) + 1
        if size > _LONGEST_EXCERPT:
            break
    words = one_line(" ".join(parts))
    return words if len(words) <= _LONGEST_EXCERPT else words[:_LONGEST_EXCERPT].rsplit(" ", 1)[0] + "…"


def tags_of(text: str) -> tuple[str, ...]:
    """The tags of a text without their `#`, each once, as it is first written."""
    found: dict[str, str] = {}
    for _, line in lines_with(text, "#"):
        for span in line.spans:
            if span.kind == "tag":
                tag = line.text[span.start + 1 : span.end]
                found.setdefault(tag.casefold(), tag)
    return tuple(found.values())


def tasks_of(text: str) -> list[NoteTask]:
    """The tasks of a text, in order."""
    return [
        NoteTask(number, line.words, line.is_done) for number, line in enumerate(lines_of(text)) if line.kind == "task"
    ]


def ticked(line: Line) -> str:
    """The text of a task with its box ticked, or empty again if it was; of another line the text as it is."""
    if line.kind != "task":
        return line.text
    box = line.text.index("[", line.level)
    return f"{line.text[:box]}[{' ' if line.is_done else 'x'}{line.text[box + 2 :]}"


def is_worth_keeping(before: str, after: str, kept: datetime, now: datetime) -> bool:
    """Whether the text `before` is kept as a version when `after` takes its place; `kept` is when one was kept last.

    It is each ten minutes of writing, and whenever much of it goes at once.
    """
    if not before.strip() or before == after:
        return False
    return now - kept >= _BETWEEN_VERSIONS or _removed(before, after) >= min(_MUCH, max(1, len(before.strip()) // 2))


def _removed(before: str, after: str) -> int:
    """How many characters in the middle of a text gave way to others."""
    shorter = min(len(before), len(after))
    front = bisect_left(range(shorter), True, key=lambda n: before[: n + 1] != after[: n + 1])
    left = shorter - front
    back = bisect_left(range(left), True, key=lambda n: before[len(before) - n - 1 :] != after[len(after) - n - 1 :])
    return len(before) - front - back


def superfluous(versions: list[datetime]) -> list[int]:
    """Which of these times, the oldest first, are of versions to be left out, so that not too many stay.

    Those go that lie closest behind another one; the first and the newest stay.
    """
    left = list(range(len(versions)))
    gone = []
    while len(left) > MOST_VERSIONS:
        gaps = {left[n]: versions[left[n]] - versions[left[n - 1]] for n in range(1, len(left) - _NEWEST)}
        closest = min(gaps, key=lambda place: gaps[place])
        left.remove(closest)
        gone.append(closest)
    return gone
