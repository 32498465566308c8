"""WebVTT and SubRip subtitles: Zoom's, Teams', Whisper's and our own."""

import html
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from app.core.imports.names import is_name, with_names
from app.core.imports.raw_line import RawLine
from app.core.imports.times import CLOCK, seconds_of

_TIMING = re.compile(rf"\s*({CLOCK})\s*-->\s*({CLOCK})(\s.*)?", re.ASCII)
_SETTINGS = re.compile(r"(?:\s+[\w-]+:\S+)*\s*")  # of where a cue stands
_VOICE = re.compile(r"<v(?:\.[^\s>]{0,100})?(?:[ \t]([^>]{0,300}))?>", re.IGNORECASE)
_TAG = re.compile(r"</?[A-Za-z0-9][^<>]{0,1000}>|</>")
_OVERRIDE = re.compile(r"\{\\[^{}]{0,200}\}")  # where a subtitle stands, as some programs write it into SubRip
_UNSEEN = "\N{WORD JOINER}"  # which our own SubRip puts into what would be such a mark


def has_cues(text: str) -> bool:
    """Whether a text is of subtitles: one line of it has the times of a cue, and no words behind them."""
    timings = map(_TIMING.fullmatch, text.split("\n", 400)[:400])
    return any(timing is not None and not _words_behind(timing) for timing in timings)


def read(text: str) -> list[RawLine]:
    """The lines of the cues; notes, styles, regions and settings say nothing and are passed over."""
    is_web = text.lstrip().startswith("WEBVTT")
    found: list[RawLine] = []
    for start, end, words in _cues(text.split("\n"), is_web=is_web):
        for speaker, said in _voices(words) if _VOICE.search(words) else [("", words)]:
            bare = _TAG.sub("", said)
            if not is_web:
                bare = _OVERRIDE.sub("", bare).replace(_UNSEEN, "")
            found.append(RawLine(html.unescape(bare), html.unescape(speaker), start, end))
    if any(line.speaker for line in found):
        return found
    return _with_names_above(found) or with_names(found)


def _with_names_above(lines: list[RawLine]) -> list[RawLine]:
    """The lines with the speaker who stands in a row above the words, as in Teams' earlier documents; or none."""
    rows = [line.text.strip().partition("\n") for line in lines]
    said = Counter(name for name, _, words in rows if words.strip() and is_name(name))
    if sum(said.values()) < len(rows) or not any(count > 1 or len(name.split()) > 1 for name, count in said.items()):
        return []
    return [replace(line, speaker=name, text=words) for line, (name, _, words) in zip(lines, rows, strict=True)]


def _words_behind(timing: re.Match[str]) -> str:
    """What stands behind the times of a cue in their line, unless it is settings."""
    behind = timing[3] or ""
    return "" if _SETTINGS.fullmatch(behind) else behind.strip()


def _cues(lines: list[str], *, is_web: bool) -> Iterator[tuple[float | None, float | None, str]]:
    """The times and the words of each cue; a blank line ends it, or the times of the next one."""
    place, count = 0, len(lines)
    while place < count:
        timing = _TIMING.fullmatch(lines[place])
        place += 1
        if timing is None:
            continue
        begin = place
        while place < count and lines[place].strip() and not _TIMING.fullmatch(lines[place]):
            place += 1
        words = lines[begin:place]
        is_next = place < count and lines[place].strip()
        if is_next and words and words[-1].strip().isdecimal():  # the number of a cue that no blank line is before
            words.pop()
        if not is_web and (behind := _words_behind(timing)):  # in WebVTT it is a setting that nobody knows
            words.insert(0, behind)
        yield seconds_of(timing[1]), seconds_of(timing[2]), "\n".join(words)


def _voices(words: str) -> Iterator[tuple[str, str]]:
    """What each voice of one cue says."""
    parts = _VOICE.split(words)
    if parts[0].strip():
        yield "", parts[0]
    for name, said in zip(parts[1::2], parts[2::2], strict=True):
        yield name or "", said
