"""Cutting a transcript into passages of neighbouring lines, each of which is embedded as one text."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.core.ids import UtteranceId
from app.core.transcript import Utterance
from app.core.unspaced_scripts import word_count

PASSAGE_WORDS = 90
"""What people say about one matter before they turn to another (measured on QMSum; as `core.evidence.passages`)."""
_LONGEST_LINE = 2 * PASSAGE_WORDS  # words of a line that is not divided; only a text that was written has longer ones
_LONGEST_PIECE = 2000  # letters: also of a text that has neither blanks nor sentences


@dataclass(frozen=True, slots=True)
class Passage:
    """Neighbouring lines and their text: the indices (from 0) of the `first` and the `last` line.

    A line that is too long for one passage becomes several, of which `part` (from 0) tells one from another.
    """

    first: int
    last: int
    text: str
    part: int = 0


@dataclass(frozen=True, slots=True)
class PassagePlace:
    """Where in a call a passage is: the ids of its first and last utterance, and its part of a long one."""

    first: UtteranceId
    last: UtteranceId
    part: int = 0


def passages_of(lines: Sequence[str], words: int = PASSAGE_WORDS) -> list[Passage]:
    """The passages of a call, in order: each line is in one of them, and each ends once it has so many words."""
    found: list[Passage] = []
    some: list[str] = []
    size, first = 0.0, 0
    for index, line in enumerate(lines):
        length = word_count(line)
        if some and (size >= words or length > _LONGEST_LINE):
            found.append(Passage(first, index - 1, "\n".join(some)))
            some, size = [], 0
        if not some:
            first = index
        if length > _LONGEST_LINE:
            found += [Passage(index, index, piece, part) for part, piece in enumerate(_pieces(line, words))]
            continue
        some.append(line)
        size += length
    if some:
        found.append(Passage(first, len(lines) - 1, "\n".join(some)))
    return [passage for passage in found if passage.text.strip()]


def placed_passages(lines: Sequence[Utterance]) -> dict[PassagePlace, Passage]:
    """The passages of a call, in order, by where they are."""
    return {
        PassagePlace(lines[passage.first].id, lines[passage.last].id, passage.part): passage
        for passage in passages_of([line.text for line in lines])
    }


def _pieces(line: str, words: int) -> Iterator[str]:
    """A long line in pieces of so many words, cut between words where it has any."""
    some: list[str] = []
    size = 0.0
    for written in line.split():
        for start in range(0, len(written), _LONGEST_PIECE):
            word = written[start : start + _LONGEST_PIECE]
            some.append(word)
            size += word_count(word)
            if size >= words:
                yield " ".join(some)
                some, size = [], 0
    if some:
        yield " ".join(some)
