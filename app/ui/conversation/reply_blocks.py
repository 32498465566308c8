"""A reply's Markdown as blocks of rich-text pieces: tokens become painted text, never markup."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING

from app.ui.widgets.rich_text import Chip, Piece, Run

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_MARKER = re.compile(r"(?P<marker>[ \t]*\[\d+(?:, ?\d+)*\])|(?P<doubt>[ \t]*\[\?\])")
_HALF_MARKER = re.compile(r"[ \t]*\[[\d, ]*$")
_AFTER_ROW = re.compile(r"(?m)^([ \t]*\|.*)\|([ \t]*(?:\[(?:\?|\d+(?:, ?\d+)*)\][ \t]*)+)$")
_RULES = ("heading", "list", "fence", "code", "blockquote", "table", "emphasis", "backticks")  # no HTML, link or image
_LONGEST = 20_000  # characters read as Markdown; a longer reply is shown as plain text
_DEEPEST = 16  # levels of lists and quotes in each other; the parser leaves out what lies deeper than 20
_WIDEST_COLUMN = 28  # characters that the cells of a table are padded to
_DOUBT = Run("not confirmed", role="second")


@cache
def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt  # late: 60 ms, and the lock screen needs none of it

    return MarkdownIt("zero").enable(list(_RULES))


def reply_blocks(text: str, chips: Mapping[int, Chip]) -> list[list[Piece]]:
    """The reply's blocks (paragraphs, lists, tables …), with a chip for each marker that has one.

    Whatever the Markdown rules would leave out, the reply is then shown as it was written.
    """
    text = _HALF_MARKER.sub("", text)
    plain = _marked(text, chips, Run(""))
    if len(text) > _LONGEST:
        return [plain]
    # A marker behind a table's row would be a cell too many, and would be lost.
    tokens = _parser().parse(_AFTER_ROW.sub(r"\1\2|", text))
    if any(token.level > _DEEPEST for token in tokens):
        return [plain]
    blocks = [_Block(part, chips).pieces for part in _top_blocks(tokens)]
    infos = (token.info for token in tokens if token.type == "fence")
    if _letters([text]) != _letters([*_texts(blocks), *infos]):
        return [plain]
    return blocks


def _top_blocks(tokens: Sequence["Token"]) -> Iterable[Sequence["Token"]]:
    start = 0
    for index, token in enumerate(tokens):
        if token.level == 0 and token.nesting <= 0:
            yield tokens[start : index + 1]
            start = index + 1


def _letters(texts: Iterable[str]) -> Counter[str]:
    return Counter(c for text in texts for c in _MARKER.sub("", text) if c.isalnum())


def _texts(blocks: Iterable[Iterable[Piece]]) -> Iterable[str]:
    for piece in (piece for block in blocks for piece in block):
        if isinstance(piece, str):
            yield piece
        elif isinstance(piece, Run) and piece is not _DOUBT:
            yield piece.text


def _marked(text: str, chips: Mapping[int, Chip], style: Run) -> list[Piece]:
    """The text in this style, with chips for its markers; those without one are dropped, except in code."""
    pieces: list[Piece] = []
    offset = 0
    for match in _MARKER.finditer(text):
        known = [int(n) for n in re.findall(r"\d+", match["marker"] or "") if int(n) in chips]
        if style.is_code and not known and not match["doubt"]:
            continue
        pieces += _styled(text[offset : match.start()], style)
        pieces += ["  ", _DOUBT] if match["doubt"] else []
        for number in known:
            pieces += [" ", chips[number]]
        offset = match.end()
    return pieces + _styled(text[offset:], style)


def _styled(text: str, style: Run) -> list[Piece]:
    if not text:
        return []
    if style == Run(""):
        return [text]
    return [Run(text, style.weight, style.role, is_italic=style.is_italic, is_code=style.is_code)]


class _Block:
    """The pieces of one block, written token by token."""

    def __init__(self, tokens: Sequence["Token"], chips: Mapping[int, Chip]) -> None:
        self.pieces: list[Piece] = []
        self._chips = chips
        self._weight = 400
        self._bullet = ""  # of the item that begins
        self._around: list[str] = []  # what each line begins with: one part for each list or quote around it
        self._rows: list[list[list[Piece]]] | None = None
        for token in tokens:
            self._write(token)

    def _write(self, token: "Token") -> None:
        kind = token.type
        if kind == "inline":
            pieces = self._inline(token)
            if self._rows is not None:
                self._rows[-1].append(pieces)
            else:
                self._add_lines(pieces)
        elif kind in ("fence", "code_block"):
            self._add_lines(_marked(token.content.removesuffix("\n"), self._chips, Run("", is_code=True)))
        elif kind in ("heading_open", "heading_close"):
            self._weight = 600 if kind == "heading_open" else 400
        elif kind == "blockquote_open":
            self._around.append("│ ")
        elif kind == "list_item_open":
            self._around.append("    ")
            self._bullet = f"{token.info}. " if token.info else "•  "
        elif kind in ("blockquote_close", "list_item_close"):
            self._end_container(is_item=kind == "list_item_close")
        elif kind == "table_open":
            self._rows = []
        elif kind == "tr_open" and self._rows is not None:
            self._rows.append([])
        elif kind == "table_close" and self._rows is not None:
            rows, self._rows = self._rows, None
            self._add_lines(_table(rows))

    def _end_container(self, *, is_item: bool) -> None:
        if is_item and self._bullet:
            self._add_lines([])  # an item without text
        self._around.pop()

    def _add_lines(self, pieces: Sequence[Piece]) -> None:
        """Add pieces on a line of their own; each of their lines begins as the lists and quotes around it want."""
        start = "".join(self._around)
        if self._bullet:
            first, self._bullet = "".join(self._around[:-1]) + self._bullet, ""
        else:
            first = start
        self.pieces += ["\n" + first if self.pieces else first] if self.pieces or first else []
        for piece in pieces:
            if isinstance(piece, str):
                self.pieces.append(piece.replace("\n", "\n" + start))
            elif isinstance(piece, Run):
                text = piece.text.replace("\n", "\n" + start)
                self.pieces.append(piece if text == piece.text else _styled(text, piece)[0])
            else:
                self.pieces.append(piece)

    def _inline(self, token: "Token") -> list[Piece]:
        pieces: list[Piece] = []
        strong = italic = 0
        for child in token.children or ():
            strong += child.nesting if child.type.startswith("strong_") else 0
            italic += child.nesting if child.type.startswith("em_") else 0
            if child.content:
                style = Run(
                    "", 600 if strong else self._weight, is_italic=italic > 0, is_code=child.type == "code_inline"
                )
                pieces += _marked(child.content, self._chips, style)
        return pieces


def _table(rows: Sequence[Sequence[Sequence[Piece]]]) -> list[Piece]:
    """The rows with their columns aligned, in letters of one width; chips stand at the end of their row."""
    texts = [["".join(_texts([cell])).strip() for cell in row] for row in rows]
    widths = [
        min(_WIDEST_COLUMN, max(len(row[n]) for row in texts if n < len(row)))
        for n in range(max(map(len, texts), default=0))
    ]
    pieces: list[Piece] = []
    for number, (row, cells) in enumerate(zip(texts, rows, strict=True)):
        line = "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=False)).rstrip()
        pieces.append(Run(("\n" if number else "") + line, 400 if number else 600, is_code=True))
        marks = [piece for cell in cells for piece in cell if isinstance(piece, Chip) or piece is _DOUBT]
        for mark in marks:
            pieces += [" ", mark]
    return pieces
