"""A line as a reader of one format finds it, and what makes a call of such lines: clean words, names and times."""

import math
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from app.core.ranges import LONGEST_SECONDS
from app.core.written_call import (
    LONGEST_SPEAKER,
    LONGEST_TEXT_LINE,
    MOST_LINES,
    MOST_SPEAKERS,
    TextTooLong,
    WrittenLine,
)

_PACE = 15.0  # characters that are spoken in a second: how long a line takes whose end is not written
_SHORTEST = 0.5  # seconds
# Marks of those who wrote down what they heard beside words: {vocalsound}, {disfmarker}, [BLANK_AUDIO], (laughs), ♪.
# What tells that words are missing, such as [inaudible], is read by people as one of the words, and stays.
_MARKS = re.compile(
    r"\{[^\W\d][^\W\d_ -]*(?:[ _-][^\W\d_]+){0,3}\}"
    r"|[\[(](?:blank[_ ]audio|no audio|(?:background )?(?:music|noise)(?: playing)?|laugh(?:s|ter|ing)?|applause"
    r"|silence|pause|cough(?:s|ing)?|sighs?)[\])]|[♪♫]+",
    re.IGNORECASE,
)
_KEPT_UNSEEN = frozenset("\u200c\u200d\u200e\u200f\u061c\u00ad")  # joiners and marks that words are spelled with
_SENTENCE = re.compile(r"[.!?…。？！।]['\"”’)]*\s")


@dataclass(frozen=True, slots=True)
class RawLine:
    """Untrusted words of one speaker; `start` and `end` in seconds, None where they are not written."""

    text: str
    speaker: str = ""
    start: float | None = None
    end: float | None = None
    language: str = ""
    is_language_doubtful: bool = False


def clean(text: str) -> str:
    """The text on one line, without what is not seen or steers what shows it."""
    seen = "".join(map(_seen, text)) if not text.isprintable() else text
    return " ".join(seen.split())


def _seen(character: str) -> str:
    kind = unicodedata.category(character)
    if kind == "Cs":
        return "\N{REPLACEMENT CHARACTER}"
    if kind == "Cc" or kind in ("Zl", "Zp"):
        return " " if character.isspace() else ""
    return "" if kind == "Cf" and character not in _KEPT_UNSEEN else character


def settled(lines: Iterable[RawLine], *, is_in_order: bool = False) -> tuple[WrittenLine, ...]:
    """The lines that say something, each with times if any has one.

    In a text that `is_in_order` a time that goes back is held to be the one before; otherwise time orders the lines.

    Raises:
        TextTooLong: there are more than a call has.
    """
    cleaned: list[RawLine] = []
    for line in lines:
        if text := " ".join(_MARKS.sub(" ", clean(line.text)).split()):
            cleaned.append(replace(line, text=text, speaker=clean(line.speaker)[:LONGEST_SPEAKER].strip()))
            if len(cleaned) > MOST_LINES:
                raise TextTooLong
    timed = _with_known_speakers(_timed(cleaned, is_in_order=is_in_order))
    divided = tuple(part for line in timed for part in _divided(line))
    if len(divided) > MOST_LINES:
        raise TextTooLong
    return divided


def possible_time(seconds: float | None) -> float | None:
    """A time that a call can have; a negative one is its beginning."""
    if seconds is None or not math.isfinite(seconds) or seconds > LONGEST_SECONDS / 2:
        return None
    return max(0.0, seconds)


def _timed(lines: Sequence[RawLine], *, is_in_order: bool) -> list[WrittenLine]:
    starts = [possible_time(line.start) for line in lines]
    if all(start is None for start in starts):
        return [_written(line, 0.0, 0.0) for line in lines]
    at = 0.0
    begun: list[tuple[float, RawLine]] = []
    for start, line in zip(starts, lines, strict=True):
        at = at if start is None else max(at, start) if is_in_order else start
        begun.append((at, line))
    begun.sort(key=lambda one: one[0])  # stable: what begins together stays as it was written
    found: list[WrittenLine] = []
    later = math.inf  # the start of the next line that begins after this one
    following = math.inf
    for start, line in reversed(begun):
        if following > start:
            later = following
        following = start
        end = possible_time(line.end) if line.start is not None else None
        if end is None or end <= start:
            end = min(start + max(_SHORTEST, len(line.text) / _PACE), later)
        found.append(_written(line, start, end))
    return found[::-1]


def _written(line: RawLine, start: float, end: float) -> WrittenLine:
    return WrittenLine(line.text, line.speaker, start, end, line.language, line.is_language_doubtful)


def _divided(line: WrittenLine) -> Iterator[WrittenLine]:
    """The line in parts that are not too long, at the ends of sentences or else between words."""
    rest, at = line.text, line.start
    pace = (line.end - line.start) / len(line.text)
    while len(rest) > LONGEST_TEXT_LINE:
        head = rest[:LONGEST_TEXT_LINE]
        ends = [found.end() for found in _SENTENCE.finditer(head)]
        cut = ends[-1] if ends else head.rfind(" ") + 1 or LONGEST_TEXT_LINE
        until = min(at + cut * pace, line.end)
        yield WrittenLine(head[:cut].strip(), line.speaker, at, until, line.language, line.is_language_doubtful)
        rest, at = rest[cut:].strip(), until
    yield WrittenLine(rest, line.speaker, at, line.end, line.language, line.is_language_doubtful)


def _with_known_speakers(lines: Sequence[WrittenLine]) -> Iterator[WrittenLine]:
    """The lines of the first speakers as they are; names beyond them stand in front of the words."""
    known: set[str] = set()
    for line in lines:
        if line.speaker and line.speaker not in known and len(known) >= MOST_SPEAKERS:
            said = f"{line.speaker}: {line.text}"
            yield WrittenLine(said, "", line.start, line.end, line.language, line.is_language_doubtful)
            continue
        if line.speaker:
            known.add(line.speaker)
        yield line
