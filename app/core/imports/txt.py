"""Transcripts as plain text or Markdown: our own, Zoom's, Teams', Meet's, and "Name: text"."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from app.core.imports.names import is_name, names_in, split_name
from app.core.imports.raw_line import RawLine, clean
from app.core.imports.times import CLOCK, seconds_of
from app.core.written_call import NoTranscript

_RANGE = re.compile(rf"\s*\[?\s?({CLOCK})\s*-->\s*({CLOCK})\s?\]?(?:\s+(\S.*))?\s*", re.ASCII)
_TIMED = re.compile(rf"\s*[\[(]?\s?({CLOCK})\s?[\])]?(?:\s-)?(?:\s+(\S.*))?", re.ASCII)
_HEAD = re.compile(rf"\s*(\S.{{0,99}}?)[\s,]+[\[(]?({CLOCK})[\])]?:?\s*", re.ASCII)
_COLUMN = re.compile(r"(\S.{0,99}?) {2,}(\S.*)")
_LONGEST_HEAD = 200  # characters of a name, a time and the room between them
_TITLES = ("transcript", "transcription", "## transcript", "# transcript")
_MARKDOWN = re.compile(r"\*\*(.+?):\*\*\s*(.*)")
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
# What Teams and Meet write beside what is said.
_BESIDE = re.compile(
    r".{0,100} (?:started|stopped) transcription|Meeting ended after \d.*|"
    r"This editable transcript was computer generated.*|People can also change the text after it was created\.?"
)


@dataclass(slots=True)
class _Mark:
    """What one line of the text says before its words: who speaks, and from when to when; or that it is neither."""

    kind: str  # "head", "timed", "range", "clock" or "words"
    speaker: str = ""
    start: float | None = None
    end: float | None = None
    words: str = ""


def read(text: str, *, is_any_text: bool = False) -> list[RawLine]:
    """The lines of a call.

    Raises:
        NoTranscript: it names neither speakers nor times; with `is_any_text` each of its lines is one of the call, also
            those that stand above the first name or time.
    """
    rows = [row.rstrip() for row in _after_title(text.split("\n"))]
    marks = _with_sure_heads(rows, [_mark(row) for row in rows])
    said = [mark.words for mark in marks if mark.words and mark.kind != "head"]
    times = sum(mark.kind != "words" for mark in marks)
    is_timed = any(mark.kind == "head" for mark in marks) or times * 3 >= sum(bool(row.strip()) for row in rows)
    names = names_in(said, is_sure=is_timed)
    if not names and not is_timed:
        if is_any_text:
            return [RawLine(row) for row in rows if row.strip()]
        raise NoTranscript
    return list(_lines(marks, names, has_begun=is_any_text))


def _after_title(rows: list[str]) -> list[str]:
    """The rows below the heading of the transcript, where there is one: summaries and lists stand above it."""
    for place, row in enumerate(rows):
        if row.strip().casefold() in _TITLES:
            return rows[place + 1 :]
    return rows


def _mark(row: str) -> _Mark:
    if _BESIDE.fullmatch(row.strip()):
        return _Mark("words")
    if bold := _MARKDOWN.fullmatch(row):
        clock, _, name = bold[1].partition(" ")
        start = seconds_of(clock)
        speaker = bold[1] if start is None else name
        return _Mark("timed", _ESCAPED.sub(r"\1", speaker), start, None, _ESCAPED.sub(r"\1", bold[2]))
    if found := _RANGE.fullmatch(row):
        return _Mark("range", "", seconds_of(found[1]), seconds_of(found[2]), found[3] or "")
    if found := _TIMED.fullmatch(row):
        words = found[2] or ""
        if column := _COLUMN.fullmatch(words):
            return _Mark("timed", column[1], seconds_of(found[1]), None, column[2])
        if words and is_name(words) and len(words.split()) > 1 and not words.endswith(":") and ". " not in words:
            return _Mark("timed", "", seconds_of(found[1]), None, words)
        return _Mark("timed" if words else "clock", "", seconds_of(found[1]), None, words)
    if len(row) <= _LONGEST_HEAD and (found := _HEAD.fullmatch(row)):
        name = clean(found[1]).strip("[]():- ")
        if name and is_name(name):
            return _Mark("head", name, seconds_of(found[2]))
    return _Mark("words", words=row.strip())


def _with_sure_heads(rows: list[str], marks: list[_Mark]) -> list[_Mark]:
    """The marks, where a name and a time above words are a head only if others bear it out: letters have times too.

    A name comes back, or at least every fourth row is one; of a lone "Lunch 12:30" nothing tells that somebody speaks.
    """
    filled = [mark for mark in marks if mark.kind != "words" or mark.words]
    heads = Counter(mark.speaker for mark, below in pairwise(filled) if mark.kind == "head" and below.words)
    count = heads.total()
    if count > len(heads) or (count > 1 and count * 4 >= len(filled)):
        return marks
    return [
        _Mark("words", words=row.strip()) if mark.kind == "head" else mark
        for row, mark in zip(rows, marks, strict=True)
    ]


def _lines(marks: list[_Mark], names: frozenset[str], *, has_begun: bool) -> Iterator[RawLine]:
    """What is said, a line for each mark or paragraph; what stands above them is a heading, unless it `has_begun`."""
    clock_base = _first_of_day(marks)
    speaker, start, end, paragraph = "", None, None, list[str]()
    for mark in [*marks, _Mark("clock")]:
        split = split_name(mark.words) if mark.words else None
        named = split if split is not None and split[0] in names else None
        is_blank = mark.kind == "words" and not mark.words
        if (is_blank or named or mark.kind != "words") and paragraph:
            yield RawLine(" ".join(paragraph), speaker, start, end)
            paragraph.clear()
        if is_blank:
            continue
        if mark.kind != "words":
            has_begun = True
            if mark.start is not None:
                start, end = mark.start - clock_base, None if mark.end is None else mark.end - clock_base
            speaker = mark.speaker
        if named is not None:
            has_begun, speaker = True, named[0]
        if mark.words and has_begun:
            paragraph.append(named[1] if named is not None else mark.words)


def _first_of_day(marks: list[_Mark]) -> float:
    """The seconds to take from each time, where they are of the day, as in Zoom's "[Name] 16:05:12": the first's."""
    starts = [mark.start for mark in marks if mark.start is not None and mark.kind == "head"]
    others = [mark for mark in marks if mark.start is not None and mark.kind != "head"]
    return starts[0] if starts and not others and starts[0] >= 6 * 3600 else 0.0
