"""A reply's Markdown as blocks of rich-text pieces: tokens become painted text, never markup."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Literal

from app.ui.conversation.code_colours import coloured
from app.ui.widgets.rich_text import Chip, Piece, Run

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

# No HTML. A link and an image become words and their address, which nothing opens.
_RULES = (
    "heading", "list", "fence", "code", "blockquote", "table", "emphasis", "backticks", "hr", "escape",
    "link", "image",
)  # fmt: skip
_DEEPEST = 16  # levels of lists and quotes in each other; the parser leaves out what lies deeper than 20
_MOST_MARKS = 1_500  # brackets and stars of a block: the parser's time grows with the square of them
_MOST_ROWS, _MOST_COLUMNS, _WIDEST_COLUMN = 60, 8, 28  # of a table; a larger one is aligned in letters of one width
_DEPTH = re.compile(r"(?m)^[ \t]*(?:(?:[>*+-]|\d{1,9}[.)])[ \t]*){20}")
_COSTLY = re.compile(r"[\[\]*_`!~|]")

Container = Literal["quote", "item"]


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of the text, of any length, in whose place pieces are shown."""

    start: int
    end: int
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """What one widget shows: running text, code, a table or a line; inside quotes and items, with its item's bullet."""

    kind: Literal["text", "code", "table", "rule"]
    pieces: tuple[Piece, ...] = ()
    around: tuple[Container, ...] = ()
    bullet: str = ""
    level: int = 0  # of a heading
    language: str = ""
    rows: tuple[tuple[tuple[Piece, ...], ...], ...] = ()


@cache
def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt  # late: 60 ms, and the lock screen needs none of it

    made = MarkdownIt("zero").enable(list(_RULES))
    made.normalizeLink = lambda url: url  # type: ignore[method-assign]
    made.normalizeLinkText = lambda link: link  # type: ignore[method-assign]
    made.validateLink = lambda url: True  # type: ignore[method-assign]
    return made


@dataclass
class ReplyReader:
    """Reads a reply that grows: what was read stays, but for its last block, which may still become another."""

    _sealed: str = ""
    _blocks: list[Block] = field(default_factory=list)

    def read(self, text: str, places: Sequence[Place] = ()) -> list[Block]:
        """The blocks of a text, with pieces in some places."""
        text = text.replace("\r\n", "\n").replace("\r", "\n") if not places else text
        if places or not text.startswith(self._sealed):
            self._sealed, self._blocks = "", []
        if places:
            return _read(text, places)[0]
        rest = text[len(self._sealed) :]
        blocks, last, line = _read(rest, ())
        if last > 0 and line < rest.count("\n"):  # the line that begins the last block is whole
            self._sealed = text[: len(self._sealed) + _line_start(rest, line)]
            self._blocks = [*self._blocks, *blocks[:last]]
            return [*self._blocks, *blocks[last:]]
        return [*self._blocks, *blocks]


def _line_start(text: str, line: int) -> int:
    at = 0
    for _ in range(line):
        at = text.index("\n", at) + 1
    return at


def _read(text: str, places: Sequence[Place]) -> tuple[list[Block], int, int]:
    """The blocks, and the number of those before the last block at the top, and the line where that begins."""
    sign = next(chr(code) for code in range(0xE000, 0xF8FF) if chr(code) not in text)
    text, signed = _with_signs(text, places, sign), [place.pieces for place in places]
    lines = text.split("\n")
    if _DEPTH.search(text) or max((len(_COSTLY.findall(part)) for part in text.split("\n\n")), default=0) > _MOST_MARKS:
        return [Block("text", tuple(_spread(text, sign, signed, Run(""))))] if text.strip() else [], 0, 0
    blocks: list[Block] = []
    last = line = 0
    for tokens in _top_blocks(_parser().parse(text)):
        begins, ends = next((token.map for token in tokens if token.map), (0, len(lines)))
        source = "\n".join(lines[begins:ends])
        count = source.count(sign)
        pieces, signed = signed[:count], signed[count:]
        last, line = len(blocks), begins
        blocks += _top_block(tokens, source, sign, pieces)
    return blocks, last, line


def _with_signs(text: str, places: Sequence[Place], sign: str) -> str:
    parts, at = [], 0
    for place in places:
        parts += [text[at : place.start], sign]
        at = place.end
    signed = "".join([*parts, text[at:]])
    # A citation behind a table's row would be a cell too many, and would be lost.
    return re.sub(rf"(?m)^([ \t]*\|.*)\|([ \t]*{sign}[ \t{sign}]*)$", r"\1\2|", signed) if places else signed


def _top_blocks(tokens: Sequence["Token"]) -> Iterable[Sequence["Token"]]:
    start = 0
    for index, token in enumerate(tokens):
        if token.level == 0 and token.nesting <= 0:
            yield tokens[start : index + 1]
            start = index + 1


def _top_block(tokens: Sequence["Token"], source: str, sign: str, pieces: list[tuple[Piece, ...]]) -> list[Block]:
    """The blocks of one at the top; as it was written where the rules of Markdown would leave something out."""
    blocks: list[Block] = []
    if all(token.level <= _DEEPEST for token in tokens):
        blocks = _Writer(tokens, sign, list(pieces)).blocks
        if _letters(source, sign) == _letters("".join(map(_text_of, blocks)), ""):
            return blocks
    return [Block("text", tuple(_spread(source, sign, pieces, Run(""))))]


def _letters(text: str, sign: str) -> Counter[str]:
    return Counter(c for c in text if c.isalnum() and c != sign)


def _text_of(block: Block) -> str:
    cells = [piece for row in block.rows for cell in row for piece in cell]
    said = (piece for piece in (*block.pieces, *cells) if not isinstance(piece, Chip))
    return block.bullet + block.language + "".join(p if isinstance(p, str) else p.text for p in said)


def _spread(text: str, sign: str, pieces: Sequence[tuple[Piece, ...]], style: Run) -> list[Piece]:
    """The text in this style, with the pieces in the places of the signs."""
    found: list[Piece] = []
    for number, part in enumerate(text.split(sign) if sign else [text]):
        if number:
            before = found[-1] if found else ""
            ends = before if isinstance(before, str) else before.text if isinstance(before, Run) else ""
            found += [*([] if not ends or ends[-1].isspace() else [" "]), *pieces[number - 1]]
        if part:
            found.append(part if style == Run("") else replace(style, text=part))
    return found


class _Writer:
    """Writes the tokens of one block at the top as blocks, one after another."""

    def __init__(self, tokens: Sequence["Token"], sign: str, pieces: list[tuple[Piece, ...]]) -> None:
        self.blocks: list[Block] = []
        self._sign, self._pieces = sign, pieces
        self._around: list[Container] = []
        self._bullet = ""  # of the item that begins
        self._level = 0
        self._rows: list[list[tuple[Piece, ...]]] | None = None
        for token in tokens:
            self._write(token)

    def _write(self, token: "Token") -> None:
        kind = token.type
        if kind == "inline":
            pieces = tuple(self._inline(token))
            if self._rows is not None:
                self._rows[-1].append(pieces)
            else:
                self._add(Block("text", pieces, level=self._level))
        elif kind in ("fence", "code_block"):
            code = token.content.removesuffix("\n")
            runs = tuple(coloured(code, token.info.split()[0] if token.info.split() else ""))
            self._add(Block("code", runs, language=token.info.strip()))
        elif kind in ("heading_open", "heading_close"):
            self._level = int(token.tag[1:]) if kind == "heading_open" else 0
        elif kind == "hr":
            self._add(Block("rule"))
        elif kind == "blockquote_open":
            self._around.append("quote")
        elif kind == "list_item_open":
            self._around.append("item")
            self._bullet = f"{token.info}{token.markup}" if token.info else "•"
        elif kind in ("blockquote_close", "list_item_close"):
            if kind == "list_item_close" and self._bullet:
                self._add(Block("text"))  # an item without text
            self._around.pop()
        else:
            self._write_table(kind)

    def _write_table(self, kind: str) -> None:
        if kind == "table_open":
            self._rows = []
        elif kind == "tr_open" and self._rows is not None:
            self._rows.append([])
        elif kind == "table_close" and self._rows is not None:
            rows, self._rows = tuple(tuple(row) for row in self._rows), None
            if len(rows) > _MOST_ROWS or max(map(len, rows)) > _MOST_COLUMNS:
                self._add(Block("code", tuple(_aligned(rows))))
            else:
                self._add(Block("table", rows=rows))

    def _add(self, block: Block) -> None:
        self.blocks.append(replace(block, around=tuple(self._around), bullet=self._bullet))
        self._bullet = ""

    def _spread_next(self, text: str, style: Run) -> list[Piece]:
        count = text.count(self._sign)
        pieces, self._pieces = self._pieces[:count], self._pieces[count:]
        return _spread(text, self._sign, pieces, style)

    def _inline(self, token: "Token") -> list[Piece]:
        pieces: list[Piece] = []
        strong = italic = 0
        address: list[str] = []
        for child in token.children or ():
            strong += child.nesting if child.type.startswith("strong_") else 0
            italic += child.nesting if child.type.startswith("em_") else 0
            style = Run("", 600 if strong or self._level else 400, is_italic=italic > 0)
            if child.type == "link_open":
                address.append(_address(child, "href"))
            elif child.type == "link_close":
                pieces += self._spread_next(f" ({address.pop()})", Run("", role="second"))
            elif child.type == "image":
                pieces += self._spread_next(child.content, style)
                pieces += self._spread_next(f" ({_address(child, 'src')})", Run("", role="second"))
            elif child.type == "code_inline":
                pieces += self._spread_next(child.content, replace(style, is_code=True))
            elif child.content:
                pieces += self._spread_next(child.content, style)
            elif child.type in ("softbreak", "hardbreak"):
                pieces.append("\n")
        return pieces


def _address(token: "Token", name: str) -> str:
    title = token.attrs.get("title")
    return f"{token.attrs.get(name, '')}" + (f" {title}" if title else "")


def _aligned(rows: Sequence[Sequence[Sequence[Piece]]]) -> list[Piece]:
    """The rows with their columns aligned, in letters of one width; chips stand at the end of their row."""
    texts = [["".join(_text_of(Block("text", tuple(cell)))).strip() for cell in row] for row in rows]
    widths = [
        min(_WIDEST_COLUMN, max(len(row[n]) for row in texts if n < len(row)))
        for n in range(max(map(len, texts), default=0))
    ]
    pieces: list[Piece] = []
    for number, (row, cells) in enumerate(zip(texts, rows, strict=True)):
        line = "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=False)).rstrip()
        pieces.append(Run(("\n" if number else "") + line, 400 if number else 600, is_code=True))
        for mark in (piece for cell in cells for piece in cell if isinstance(piece, Chip)):
            pieces += [" ", mark]
    return pieces
