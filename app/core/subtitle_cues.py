"""Subtitles of a transcript: each utterance in cues that can be read while they stand, by the times of its words."""

import math
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec

from app.core.plain_text import plain_line
from app.core.sentence_end import columns, ends_clause, ends_sentence, is_between_words
from app.core.transcript import Utterance, Word, has_its_words
from app.core.unspaced_scripts import is_unspaced

LINE = 42  # columns of one of a cue's two lines, as broadcasters have it
LONGEST = 7.0  # seconds that a cue stands, at most; these two as Netflix's Timed Text Style Guide has them
SHORTEST = 5 / 6  # seconds that it stands, where nothing else is said meanwhile
_PAUSE = 0.3  # seconds of silence that part as a comma does
_PIECE = re.compile(r"\s*\S+")
_UNEVENNESS = {"sentence": 0.0, "clause": 0.1, "word": 0.25}  # how far from the middle a better place may be


@dataclass(frozen=True, slots=True)
class Cue:
    """What stands on the screen from `start` to `end` (seconds), in one line that `in_two_lines` breaks."""

    start: float
    end: float
    text: str


def cues(said: Utterance, mark: str = "", prefix: str = "", language: str = "") -> list[Cue]:
    """Divide an utterance into cues of two lines of 42 columns and of 7 seconds, as far as its words allow.

    The first begins with `mark`. Each leaves room for `prefix`, which is not in its text. `language` is the code of
    the transcript's, for an utterance that has none of its own: it tells where sentences end.
    """
    said = msgspec.structs.replace(said, text=plain_line(said.text))
    words = said.words if has_its_words(said) else tuple(_guessed_words(said))
    text = f"{mark} {said.text}".strip()
    prefix = f"{prefix[: LINE - 1].strip()} ".lstrip()  # of a longer name the rest has no room anyway
    if not words or _is_readable(prefix + text, said.end - said.start):
        return [Cue(said.start, said.end, text)]
    groups = list(_divided(words, f"{mark} {prefix}".lstrip(), said.language or language))
    texts = ["".join(word.text for word in group).strip() for group in groups]
    starts = [said.start, *(group[0].start for group in groups[1:])]
    ends = [*(group[-1].end for group in groups[:-1]), said.end]
    texts[0] = f"{mark} {texts[0]}".strip()
    return [Cue(start, end, text) for start, end, text in zip(starts, ends, texts, strict=True)]


def standing(shown: Sequence[Cue]) -> list[Cue]:
    """The same cues, each long enough to be read: a short one stands on, until the next one begins at most."""
    starts = sorted(cue.start for cue in shown)
    found = []
    for cue in shown:
        place = bisect_right(starts, cue.start)
        later = starts[place] if place < len(starts) else math.inf
        found.append(Cue(cue.start, max(cue.end, min(cue.start + SHORTEST, later)), cue.text))
    return found


def in_two_lines(text: str) -> list[str]:
    """A text of one line in one or two, as even as its words allow; more than 84 columns stay in two."""
    places = _line_breaks(text) if columns(text) > LINE else []
    halves = [(text[:at].strip(), text[at:].strip()) for at in places]
    even = min((pair for pair in halves if all(pair)), key=lambda pair: max(map(columns, pair)), default=None)
    return [text] if even is None else list(even)


def _line_breaks(text: str) -> list[int]:
    return [
        at
        for at in range(1, len(text))
        if text[at].isspace() or (is_unspaced(text[at - 1 : at + 1]) and is_between_words(text[:at], text[at:]))
    ]


def _is_readable(text: str, duration: float) -> bool:
    return duration <= LONGEST and max(map(columns, in_two_lines(text))) <= LINE


def _divided(words: Sequence[Word], before: str, language: str) -> Iterator[Sequence[Word]]:
    """The words in groups that can be read with `before` in front of each."""
    text = "".join(word.text for word in words).strip()
    places = [at for at in range(1, len(words)) if is_between_words(words[at - 1].text, words[at].text)]
    if not places or _is_readable(before + text, words[-1].end - words[0].start):
        yield words
        return
    is_too_wide = _is_readable("", words[-1].end - words[0].start)
    parts = [columns(word.text) if is_too_wide else word.end - word.start for word in words]
    whole = sum(parts) or 1.0

    def unevenness(at: int) -> float:
        return abs(sum(parts[:at]) / whole - 0.5) + _UNEVENNESS[_kind_of_place(words, at, language)]

    best = min(places, key=unevenness)
    yield from _divided(words[:best], before, language)
    yield from _divided(words[best:], before, language)


def _kind_of_place(words: Sequence[Word], at: int, language: str) -> str:
    before = "".join(word.text for word in words[:at])
    if ends_sentence(before, words[at].text, language):
        return "sentence"
    is_parted = ends_clause(before) or words[at].start - words[at - 1].end >= _PAUSE
    return "clause" if is_parted else "word"


def _guessed_words(said: Utterance) -> Iterator[Word]:
    """The words of a text that was edited, or has none: their times by how much of the text is before them."""
    pieces = [
        part
        for piece in _PIECE.findall(said.text)
        for part in (re.findall(r"\s*\S", piece) if is_unspaced(piece) else [piece])
    ]
    seconds = (said.end - said.start) / (sum(map(columns, pieces)) or 1)
    start = said.start
    for piece in pieces:
        end = start + seconds * columns(piece)
        yield Word(piece, start, end, 1.0)
        start = end
