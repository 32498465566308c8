"""The Markdown of a note, line by line: what a line is, and which stretches of it are shown in which way."""

import re
from collections.abc import Iterator
from typing import Literal

import msgspec

LineKind = Literal["text", "heading", "bullet", "number", "task", "quote", "rule", "fence", "code"]
SpanKind = Literal["strong", "emphasis", "strike", "code", "link", "tag"]

_LONGEST_LINE = 4_000  # characters of which the marks are looked for: the time grows with the square of them
_HEADING = re.compile(r"(#{1,6})[ \t]+(?=\S)")
_TASK = re.compile(r"([ \t]*)[-*+][ \t]+\[([ xX])\](?:[ \t]+|$)")
_BULLET = re.compile(r"([ \t]*)[-*+][ \t]+")
_NUMBER = re.compile(r"([ \t]*)\d{1,9}[.)][ \t]+")
_QUOTE = re.compile(r"[ \t]{0,3}>[ \t]?")
_RULE = re.compile(r" {0,3}([-*_])[ \t]*(?:\1[ \t]*){2,}")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_PREFIXES: tuple[tuple[LineKind, re.Pattern[str]], ...] = (
    ("heading", _HEADING), ("task", _TASK), ("bullet", _BULLET), ("number", _NUMBER), ("quote", _QUOTE),
)  # fmt: skip

LINK = re.compile(r"\[\[([^\[\]\n]+)\]\]")
"""A link: its target, or `target|label`."""
CODE = re.compile(r"(`+)(?!`)(.+?)(?<!`)\1(?!`)")
"""Code in a line, with its marks."""
TAG = re.compile(r"(?<![\w#/&])#[^\W\d_](?:[\w/-]*\w)?")
"""A tag, with its mark."""
_WHOLE: tuple[tuple[SpanKind, re.Pattern[str], int], ...] = (("code", CODE, 2), ("link", LINK, 1), ("tag", TAG, 0))
_AROUND: tuple[tuple[SpanKind, re.Pattern[str]], ...] = (
    ("strong", re.compile(r"\*\*(?=\S)(\*[^*]+\*|(?:(?!\*\*).)+?)(?<=\S)\*\*(?!\*)")),
    ("strong", re.compile(r"(?<!\w)__(?=\S)((?:(?!__).)+?)(?<=\S)__(?!\w)")),
    ("strike", re.compile(r"~~(?=\S)((?:(?!~~).)+?)(?<=\S)~~")),
    ("emphasis", re.compile(r"(?<!\*)\*(?=[^\s*])([^*]+?)(?<=\S)\*(?!\*)")),
    ("emphasis", re.compile(r"(?<![\w_])_(?=[^\s_])([^_]+?)(?<=\S)_(?![\w_])")),
)
_BLANK = "\x00"  # stands for what is whole, such as code, while marks around it are looked for


class Span(msgspec.Struct, frozen=True):
    """A stretch of a line from `start` to `end` with its marks; what is shown of it is from `first` to `last`."""

    kind: SpanKind
    start: int
    end: int
    first: int
    last: int


class Line(msgspec.Struct, frozen=True):
    """One line of a note; `prefix` is the length of what makes it a heading, an item or a quote.

    `level` is 1 to 6 for a heading, and the columns of space before an item.
    """

    kind: LineKind
    text: str
    prefix: int = 0
    level: int = 0
    is_done: bool = False
    spans: tuple[Span, ...] = ()

    @property
    def words(self) -> str:
        """What a person reads of it, without marks."""
        if self.kind in ("rule", "fence"):
            return ""
        parts, at = [], self.prefix
        hidden = [(span.start, span.first) for span in self.spans] + [(span.last, span.end) for span in self.spans]
        for start, end in sorted(hidden):
            parts.append(self.text[at : max(at, start)])
            at = max(at, end)
        return "".join([*parts, self.text[at:]]).strip()


def fence_after(text: str, fence: str) -> str:
    """The fence within which the next line is, "" outside of code; `fence` is the one within which this line is."""
    found = _FENCE.match(text)
    if not fence:
        return found[1] if found is not None and ("`" not in text[found.end() :] or found[1][0] == "~") else ""
    closes = found is not None and found[1].startswith(fence) and not text[found.end() :].strip()
    return "" if closes else fence


def line_of(text: str, fence: str = "") -> Line:
    """One line; `fence` is that of the code within which it is."""
    after = fence_after(text, fence)
    if fence or after:
        return Line("code" if fence and after else "fence", text)
    if _RULE.fullmatch(text):
        return Line("rule", text)
    for kind, pattern in _PREFIXES:
        if (found := pattern.match(text)) is not None:
            is_done = kind == "task" and found[2] in "xX"
            level = len(found[1]) if kind != "quote" else 0
            return Line(kind, text, found.end(), level, is_done, tuple(_spans(text, found.end())))
    return Line("text", text, spans=tuple(_spans(text, 0)))


def lines_of(text: str) -> Iterator[Line]:
    """The lines of a note, in order."""
    fence = ""
    for one in text.split("\n"):
        yield line_of(one, fence)
        fence = fence_after(one, fence)


def lines_with(text: str, sign: str) -> Iterator[tuple[int, Line]]:
    """The lines that have a sign, such as `[[`, each with the place at which it begins; the others are not read."""
    fence, at = "", 0
    for one in text.split("\n"):
        if sign in one:
            yield at, line_of(one, fence)
        fence = fence_after(one, fence)
        at += len(one) + 1


def _spans(text: str, begin: int) -> list[Span]:
    end = min(len(text), _LONGEST_LINE)
    found, left = [], text[:end]
    for kind, pattern, group in _WHOLE:
        for match in pattern.finditer(left, begin):
            first, last = match.span(group)
            if kind == "link":
                first = text.find("|", first, last) + 1 or first
            found.append(Span(kind, match.start(), match.end(), first, last))
        for span in found:
            left = left[: span.start] + _BLANK * (span.end - span.start) + left[span.end :]
    for kind, pattern in _AROUND:
        for match in pattern.finditer(left, begin):
            found.append(Span(kind, match.start(), match.end(), *match.span(1)))
            marks = ((match.start(), match.start(1)), (match.end(1), match.end()))
            for start, stop in marks:
                left = left[:start] + _BLANK * (stop - start) + left[stop:]
    return sorted(found, key=lambda span: (span.start, -span.end))
