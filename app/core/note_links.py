"""Links of notes: `[[Title]]` to another note, `[[call:ID@SECONDS|words]]` to a moment of a call."""

import re

import msgspec

from app.core.durations import format_time
from app.core.found import folded
from app.core.ids import CallId, is_id
from app.core.note_markup import lines_with
from app.core.plain_text import one_line

_CALL = re.compile(r"call:([0-9a-z]{12})(?:@(\d{1,7}(?:\.\d{1,3})?))?")
_TIME = re.compile(r"(.*\S)\s+(?:(\d{1,3}):)?(\d{1,3}):([0-5]\d)")
_BREAKS = re.compile(r"[\[\]|]+")  # what would end a link


class NoteLink(msgspec.Struct, frozen=True):
    """A link in a text, from `start` to `end` in characters; it leads to a call, or to what has the title `target`.

    `seconds` is the moment of the call, None for its beginning. `label` is what is shown.
    """

    start: int
    end: int
    target: str
    label: str
    call: CallId | None = None
    seconds: float | None = None


def links_of(text: str) -> list[NoteLink]:
    """The links of a note, in order; none of code."""
    return [
        _link(line.text, span.start, span.end, at)
        for at, line in lines_with(text, "[[")
        for span in line.spans
        if span.kind == "link"
    ]


def link_in(line: str, start: int, end: int) -> NoteLink:
    """The link that a line has from `start` to `end`, its brackets included."""
    return _link(line, start, end, 0)


def _link(line: str, start: int, end: int, before: int) -> NoteLink:
    target, bar, label = line[start + 2 : end - 2].partition("|")
    shown = (label if bar else target).strip()
    place = _CALL.fullmatch(target.strip())
    if place is None or not is_id(place[1]):
        return NoteLink(before + start, before + end, target.strip(), shown)
    seconds = float(place[2]) if place[2] else None
    return NoteLink(before + start, before + end, target.strip(), shown, CallId(place[1]), seconds)


def titled_moment(target: str) -> tuple[str, float] | None:
    """The title and the seconds of a target that ends with a time, such as `Supply contract 2:31`."""
    found = _TIME.fullmatch(target.strip())
    if found is None:
        return None
    return found[1], int(found[2] or 0) * 3600.0 + int(found[3]) * 60.0 + int(found[4])


def link_key(title: str) -> str:
    """What two titles have in common that a link takes for the same: without case, accents and what ends a link."""
    return folded(one_line(_BREAKS.sub(" ", title)))


def note_link(title: str) -> str:
    """The link to a note."""
    return f"[[{_linkable(title)}]]"


def call_link(call: CallId, title: str, seconds: float | None = None) -> str:
    """The link to a call, or to a moment of it."""
    place = "" if seconds is None else f"@{round(max(0.0, seconds), 1):g}"
    words = title if seconds is None else f"{title} {format_time(seconds)}"
    return f"[[call:{call}{place}|{_linkable(words)}]]"


def with_renamed_links(text: str, before: str, after: str) -> str:
    """The text with the links to the title `before` leading to `after`; the words that a link shows instead stay."""
    key, parts, at = link_key(before), [], 0
    for link in links_of(text):
        if link.call is not None or link_key(link.target) != key:
            continue
        label = text[link.start + 2 : link.end - 2].partition("|")[2]
        parts += [text[at : link.start], f"[[{_linkable(after)}|{label}]]" if label else note_link(after)]
        at = link.end
    return "".join([*parts, text[at:]])


def _linkable(title: str) -> str:
    return one_line(_BREAKS.sub(" ", title))
