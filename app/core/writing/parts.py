"""A text of the person in its parts: what a model may put into other words, and what stays as it is."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from app.core.evidence.words import sentences_of
from app.core.note_markup import CODE, LINK, TAG

PartKind = Literal["kept", "heading", "item", "prose"]

_FENCE = re.compile(r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?(`{3,}|~{3,})")
_FRONT_MATTER = re.compile(r"---[ \t]*\r?\n(?:.*\r?\n)*?---[ \t]*(?:\r?\n|\Z)")
_HEADING = re.compile(r"[ \t>]*#{1,6}[ \t]+")
_ITEM = re.compile(r"(?:[ \t]*>)*[ \t]*(?:[-*+•–]|\d{1,9}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?")
_QUOTE = re.compile(r"(?:[ \t]*>)+[ \t]*")
_KEPT = re.compile(r"[ \t>]*(?:\||<[/!a-zA-Z]|\[[^\]]+\]:\s|(?:[-*_=][ \t]*){3,}$|\$\$)")
_INDENTED = re.compile(r"(?: {4}|\t)")
_WRAPPED_FROM = 50  # columns of a line that a mail program broke, and that goes on in the next one

PROTECTED = re.compile(
    "|".join(
        (
            CODE.pattern,  # first: it refers to its first group by number
            LINK.pattern,
            r"!?\[[^\[\]\n]*\]\([^()\s]+\)",  # a link, an image
            r"\b(?:[a-z][a-z0-9+.-]*://|www\.)[^\s<>)\]]*[^\s<>)\].,;:!?]",  # an address in the net
            r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+",  # an address of mail
            TAG.pattern,
        )
    )
)
"""What must stand in a text as it stands there, whatever is done to the words around it."""


@dataclass(frozen=True, slots=True)
class TextPart:
    """A part of a text, which is `lead + words + tail`: only the words are given to a model.

    `lead` is what makes it a heading or an item of a list, `tail` the white space behind. What is kept has no words.
    """

    kind: PartKind
    lead: str
    words: str
    tail: str

    @property
    def text(self) -> str:
        """The part, character for character."""
        return self.lead + self.words + self.tail

    def with_words(self, words: str) -> "TextPart":
        """The same with other words."""
        return replace(self, words=words)


def protected_spans(text: str) -> list[str]:
    """The links, addresses, tags and pieces of code of a text, sorted."""
    return sorted(found[0] for found in PROTECTED.finditer(text))


def parts_of(text: str, *, joins_prose: bool = False) -> list[TextPart]:
    """The parts of a text, in order; together they are the text.

    A paragraph whose lines a mail program broke is one part; lines that somebody ended, as in an address, are one each.
    With `joins_prose` paragraphs that follow each other are one part, as a letter is.
    """
    found = [_checked(part) for part in _blocks(text)]
    if not joins_prose:
        return found
    joined: list[TextPart] = []
    gap = -1  # where in `joined` the prose is that blank lines were met behind
    for part in found:
        if part.kind == "prose" and gap >= 0:
            between = "".join(one.text for one in joined[gap + 1 :])
            before = joined[gap]
            del joined[gap:]
            words = before.words + before.tail + between + part.lead + part.words
            joined.append(TextPart("prose", before.lead, words, part.tail))
        else:
            joined.append(part)
            if part.kind == "prose":
                gap = len(joined) - 1
            elif part.text.strip():
                gap = -1
    return joined


def paragraphs_of(words: str) -> list[str]:
    """The paragraphs of prose, each with the blank lines behind it; together they are the prose."""
    return re.findall(r"(?:.+(?:\n|\Z))+\n*|\n+", words)


def sentences_apart(paragraph: str, language: str) -> list[str]:
    """The sentences of a paragraph, each with the space behind it; together they are the paragraph."""
    found, at = list[str](), 0
    for sentence in sentences_of(paragraph, language)[1:]:
        start = paragraph.index(sentence, at + 1)
        found.append(paragraph[at:start])
        at = start
    return [*found, paragraph[at:]]


def _checked(part: TextPart) -> TextPart:
    """A part without a letter in its words is kept."""
    if part.kind == "kept" or any(map(str.isalpha, PROTECTED.sub("", part.words))):
        return part
    return TextPart("kept", part.text, "", "")


def _blocks(text: str) -> Iterator[TextPart]:
    front = _FRONT_MATTER.match(text)
    if front is not None:
        yield TextPart("kept", front[0], "", "")
        text = text[front.end() :]
    lines = text.splitlines(keepends=True)
    at, is_after_blank = 0, True
    while at < len(lines):
        end, part = _next_part(lines, at, is_after_blank=is_after_blank)
        yield part
        is_after_blank = not part.text.strip() or (is_after_blank and part.kind == "kept")
        at = end


def _next_part(lines: Sequence[str], at: int, *, is_after_blank: bool) -> tuple[int, TextPart]:
    line = lines[at]
    if fence := _FENCE.match(line):
        end = next((n + 1 for n in range(at + 1, len(lines)) if _closes(lines[n], fence[1])), len(lines))
        return end, TextPart("kept", "".join(lines[at:end]), "", "")
    is_code = is_after_blank and _INDENTED.match(line) and not _ITEM.match(line)
    if not line.strip() or _KEPT.match(line) or is_code:
        return at + 1, TextPart("kept", line, "", "")
    if mark := _HEADING.match(line):
        return at + 1, _part("heading", line, mark.end())
    if mark := _ITEM.match(line):
        end = _end_of_item(lines, at + 1)
        return end, _part("item", "".join(lines[at:end]), mark.end())
    if mark := _QUOTE.match(line):
        return at + 1, _part("item", line, mark.end())
    end = at + 1
    while end < len(lines) and _goes_on(lines[end - 1]) and _is_plain(lines[end]):
        end += 1
    block = "".join(lines[at:end])
    return end, _part("prose", block, len(block) - len(block.lstrip()))


def _part(kind: PartKind, text: str, begin: int) -> TextPart:
    words = text[begin:].rstrip()
    return TextPart(kind, text[:begin], words, text[begin + len(words) :])


def _closes(line: str, fence: str) -> bool:
    found = line.strip(" \t>\r\n")
    return len(found) >= len(fence) and set(found) == {fence[0]}


def _is_plain(line: str) -> bool:
    marks = (_FENCE, _KEPT, _HEADING, _ITEM, _QUOTE)
    return bool(line.strip()) and not any(mark.match(line) for mark in marks)


def _goes_on(line: str) -> bool:
    """Whether a line is so long that it was broken, and not ended, where it ends."""
    said = line.rstrip("\r\n")
    return len(said.rstrip()) >= _WRAPPED_FROM and not said.endswith(("  ", "\\"))


def _end_of_item(lines: Sequence[str], at: int) -> int:
    while at < len(lines) and _is_plain(lines[at]) and (_goes_on(lines[at - 1]) or _INDENTED.match(lines[at])):
        at += 1
    return at
