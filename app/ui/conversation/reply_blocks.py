"""A reply's Markdown as blocks of rich-text pieces, read anew only from its last block on."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

from app.ui.conversation.block_writer import Block, BlockWriter, Place, spread
from app.ui.conversation.markdown_parser import Token, has_cell_too_many, parsed
from app.ui.widgets.rich_text import Piece, Run

__all__ = ["Block", "Place", "ReplyReader"]

_DEEPEST = 16  # levels of lists and quotes in each other; the parser leaves out what lies deeper than 20
_MOST_MARKS = 1_500  # brackets and stars of a block: the parser's time grows with the square of them
_DEPTH = re.compile(r"(?m)^[ \t]*(?:(?:>[ \t]*|(?:[*+-]|\d{1,9}[.)])[ \t]+)){20}")
_COSTLY = re.compile(r"[\[\]*_`!~|$<&]")
_Found = tuple[list[Block], list[tuple[int, int]], dict[str, Any]]


@dataclass
class ReplyReader:
    """Reads a reply that grows: what was read stays, but for its last block, which may still become another.

    An address that is defined further down makes links of what stands above it: then all is read again; so it is where
    pieces come to stand in what was read.
    """

    _sealed: str = ""
    _places: tuple[Place, ...] = ()  # those in what was read
    _blocks: list[Block] = field(default_factory=list)
    _references: dict[str, Any] = field(default_factory=dict)

    def read(self, text: str, places: Sequence[Place] = ()) -> list[Block]:
        """The blocks of a text, with pieces in some places."""
        text = text.replace("\r\n", "\n").replace("\r", "\n") if not places else text
        if not text.startswith(self._sealed) or _places_before(len(self._sealed), places) != self._places:
            self._forget()
        blocks, starts, references = self._read_rest(text, places)
        if self._sealed and len(references) != len(self._references):
            self._forget()
            blocks, starts, references = self._read_rest(text, places)
        before, rest = self._blocks, text[len(self._sealed) :]
        whole = [start for start in starts if start[0] > 0 and start[1] < rest.count("\n")]
        # The parser has other lines where signs stand for line breaks, or a line ends otherwise.
        is_other = "\r" in text or any("\n" in text[place.start : place.end] for place in places)
        if whole and len(references) == len(self._references) and not is_other:
            last, line = whole[-1]  # with its first line it can't become part of the one before any more
            self._sealed = text[: len(self._sealed) + _line_start(rest, line)]
            self._places = _places_before(len(self._sealed), places)
            self._blocks = [*before, *blocks[:last]]
        return [*before, *blocks]

    def _read_rest(self, text: str, places: Sequence[Place]) -> _Found:
        at = len(self._sealed)
        behind = [Place(one.start - at, one.end - at, one.pieces) for one in places[len(self._places) :]]
        return _read(text[at:], behind, self._references)

    def _forget(self) -> None:
        self._sealed, self._places, self._blocks, self._references = "", (), [], {}


def _places_before(end: int, places: Sequence[Place]) -> tuple[Place, ...]:
    """The places that begin before a character; they are in the order of the text."""
    return tuple(takewhile(lambda place: place.start < end, places))


def _line_start(text: str, line: int) -> int:
    at = 0
    for _ in range(line):
        at = text.index("\n", at) + 1
    return at


def _read(text: str, places: Sequence[Place], references: dict[str, Any]) -> _Found:
    """The blocks; of each at the top how many are before it, and the line where it begins; and what is defined."""
    sign = next(chr(code) for code in range(0xE000, 0xF8FF) if chr(code) not in text)
    text, signed = _with_signs(text, places, sign), [place.pieces for place in places]
    lines = text.split("\n")
    if _DEPTH.search(text) or max((len(_COSTLY.findall(part)) for part in text.split("\n\n")), default=0) > _MOST_MARKS:
        whole = [Block("text", tuple(spread(text, sign, signed, Run(""))))] if text.strip() else []
        return whole, [], references
    tokens, definitions, known = parsed(text, references)
    blocks: list[Block] = []
    starts: list[tuple[int, int]] = []

    def take(begins: int, ends: int) -> tuple[str, list[tuple[Piece, ...]]]:
        nonlocal signed
        source = "\n".join(lines[begins:ends])
        count = source.count(sign)
        pieces, signed = signed[:count], signed[count:]
        return source, pieces

    for begins, ends, top in _in_order(_top_blocks(tokens), definitions, len(lines)):
        source, pieces = take(begins, ends)
        if top is not None:
            starts.append((len(blocks), begins))
        blocks += _definition(source, sign, pieces) if top is None else _top_block(top, source, sign, pieces)
    return blocks, starts, known


def _in_order(
    tops: Iterable[Sequence[Token]], definitions: Sequence[tuple[int, int]], count: int
) -> Iterable[tuple[int, int, Sequence[Token] | None]]:
    """The blocks at the top with their lines, and between them, without tokens, what defines addresses."""
    waiting = list(definitions)
    for tokens in tops:
        begins, ends = next((token.map for token in tokens if token.map), (0, count))
        while waiting and waiting[0][0] < begins:
            yield (*waiting.pop(0), None)
        yield begins, ends, tokens
        # Within a quote or an item: the line is seen there already, or not at all; it is shown behind it.
        while waiting and waiting[0][0] < ends:
            first, behind = waiting.pop(0)
            yield first, behind, None
    for first, behind in waiting:
        yield first, behind, None


def _definition(source: str, sign: str, pieces: list[tuple[Piece, ...]]) -> list[Block]:
    """What defines an address stays to be seen: nothing of a reply is left out."""
    words = source.strip("\n").lstrip(" >")
    return [Block("text", tuple(spread(words, sign, pieces, Run("", role="second"))), is_definition=True)]


def _with_signs(text: str, places: Sequence[Place], sign: str) -> str:
    parts, at = [], 0
    for place in places:
        parts += [text[at : place.start], sign]
        at = place.end
    signed = "".join([*parts, text[at:]])
    # A citation behind a table's row would be a cell too many, and would be lost.
    return re.sub(rf"(?m)^([ \t]*\|.*)\|([ \t]*{sign}[ \t{sign}]*)$", r"\1\2|", signed) if places else signed


def _top_blocks(tokens: Sequence[Token]) -> Iterable[Sequence[Token]]:
    start = 0
    for index, token in enumerate(tokens):
        if token.level == 0 and token.nesting <= 0:
            yield tokens[start : index + 1]
            start = index + 1


def _top_block(tokens: Sequence[Token], source: str, sign: str, pieces: list[tuple[Piece, ...]]) -> list[Block]:
    """The blocks of one at the top; as it was written where the rules of Markdown would leave something out."""
    if all(token.level <= _DEEPEST for token in tokens) and not _loses_cells(tokens, source):
        return BlockWriter(tokens, sign, list(pieces)).blocks
    return [Block("text", tuple(spread(source, sign, pieces, Run(""))))]


def _loses_cells(tokens: Sequence[Token], source: str) -> bool:
    """Whether a table in it has a row that is longer than its head."""
    begin = next((token.map[0] for token in tokens if token.map), 0)
    lines = source.split("\n")
    for index, token in enumerate(tokens):
        if token.type != "table_open" or not token.map:
            continue
        columns = 0
        for inner in tokens[index:]:
            columns += inner.type == "th_open"
            if inner.type == "thead_close":
                break
        first, last = token.map
        if has_cell_too_many(lines[first - begin + 2 : last - begin], columns):
            return True
    return False
