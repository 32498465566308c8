"""The tokens of a reply's Markdown as blocks: painted text, never markup."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from app.core.plain_text import plain
from app.ui.conversation.code_colours import coloured
from app.ui.conversation.formulas import readable
from app.ui.conversation.links import LinkTarget, bare_addresses, link_target
from app.ui.conversation.markdown_parser import Token, unescaped
from app.ui.widgets.rich_text import Chip, Piece, Run

if TYPE_CHECKING:
    from app.ui.style.theme import Role

Container = Literal["quote", "item"]
Align = Literal["left", "center", "right"]
_MOST_ROWS, _MOST_COLUMNS, _WIDEST_COLUMN = 60, 12, 28  # of a table; a larger one is aligned in letters of one width
_MOST_LINKS = 15  # of a block that can be opened: each is a button
_MOST_FORMULAS = 60  # of a block that are made readable
_BOX = re.compile(r"\[([ xX])\][ \t]+(?=\S)|\[([ xX])\]\Z")
_ALIGN = re.compile(r"text-align:(left|center|right)")


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of the text, of any length, in whose place pieces are shown."""

    start: int
    end: int
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """What one widget shows: running text, code, a table or a line, inside quotes and items.

    `bullets` are those of the items that begin with it: each with its place in `around`. `is_done` says whether the
    task that begins with it is; None where none does. `is_definition`: it only defines an address.
    """

    kind: Literal["text", "code", "table", "rule"]
    pieces: tuple[Piece, ...] = ()
    around: tuple[Container, ...] = ()
    bullets: tuple[tuple[int, str], ...] = ()
    level: int = 0  # of a heading
    language: str = ""
    rows: tuple[tuple[tuple[Piece, ...], ...], ...] = ()
    aligns: tuple[Align, ...] = ()  # of the columns
    is_done: bool | None = None
    is_definition: bool = False

    @property
    def bullet(self) -> str:
        """All its bullets."""
        return " ".join(bullet for _, bullet in self.bullets)


def clean(text: str) -> str:
    """The text without what steers what shows it; a reply can name such characters as entities."""
    return text if text.isprintable() else plain(text)


def spread(text: str, sign: str, pieces: Sequence[tuple[Piece, ...]], style: Run) -> list[Piece]:
    """The text in this style, with the pieces in the places of the signs."""
    found: list[Piece] = []
    for number, part in enumerate(text.split(sign) if sign else [text]):
        if number:
            before = found[-1] if found else ""
            ends = before if isinstance(before, str) else before.text if isinstance(before, Run) else ""
            found += [*([] if not ends or ends[-1].isspace() else [" "]), *pieces[number - 1]]
        if part:
            found.append(clean(part) if style == Run("") else replace(style, text=clean(part)))
    return found


class BlockWriter:
    """Writes the tokens of one block at the top as blocks, one after another."""

    def __init__(self, tokens: Sequence[Token], sign: str, pieces: list[tuple[Piece, ...]]) -> None:
        self.blocks: list[Block] = []
        self._sign, self._pieces = sign, pieces
        self._around: list[Container] = []
        self._bullets: list[tuple[int, str]] = []  # of the items that begin
        self._numbers: list[int] = []  # of the next item of each list; -1 where it has no numbers
        self._level = 0
        self._rows: list[list[tuple[Piece, ...]]] | None = None
        self._aligns: list[Align] = []
        self._links = self._formulas = 0
        for token in tokens:
            self._write(token)

    def _write(self, token: Token) -> None:
        kind = token.type
        if kind == "inline":
            self._write_inline(token)
        elif kind in ("fence", "code_block"):
            code = clean(token.content.removesuffix("\n"))
            language = clean(unescaped(token.info)).strip()
            runs = tuple(coloured(code, language.split()[0] if language else ""))
            self._add(Block("code", runs, language=language))
        elif kind == "formula_block":
            self._add(Block("text", (self._formula(token.content),)))
        elif kind in ("heading_open", "heading_close"):
            self._level = int(token.tag[1:]) if kind == "heading_open" else 0
        elif kind == "hr":
            self._add(Block("rule"))
        elif kind.startswith(("blockquote_", "list_item_", "bullet_list_", "ordered_list_")):
            self._write_container(token)
        else:
            self._write_table(token)

    def _write_inline(self, token: Token) -> None:
        if self._rows is not None:
            self._rows[-1].append(tuple(self._inline(token.children or [])))
            return
        children, is_done = list(token.children or ()), None
        begins_item = bool(self._bullets) and self._bullets[-1][0] == len(self._around) - 1
        if begins_item and not self._level and children and children[0].type == "text":
            box = _BOX.match(children[0].content)
            if box is not None and (box.end() < len(children[0].content) or len(children) > 1 or box[1]):
                is_done = (box[1] or box[2]) in "xX"
                children[0].content = children[0].content[box.end() :]
        self._add(Block("text", tuple(self._inline(children)), level=self._level, is_done=is_done))

    def _write_container(self, token: Token) -> None:
        kind = token.type
        if kind == "blockquote_open":
            self._around.append("quote")
        elif kind == "list_item_open":
            self._around.append("item")
            number = self._numbers[-1]
            self._bullets.append((len(self._around) - 1, f"{number}{token.markup}" if number >= 0 else "•"))
            self._numbers[-1] += number >= 0
        elif kind in ("blockquote_close", "list_item_close"):
            if self._bullets and self._bullets[-1][0] >= len(self._around) - 1:
                self._add(Block("text"))  # an item without text
            self._around.pop()
        elif kind == "bullet_list_open":
            self._numbers.append(-1)
        elif kind == "ordered_list_open":
            self._numbers.append(int(token.attrs.get("start", 1)))
        else:
            self._numbers.pop()

    def _write_table(self, token: Token) -> None:
        kind = token.type
        if kind == "table_open":
            self._rows, self._aligns = [], []
        elif kind == "tr_open" and self._rows is not None:
            self._rows.append([])
        elif kind == "th_open":
            found = _ALIGN.search(str(token.attrs.get("style", "")))
            self._aligns.append(found[1] if found else "left")  # type: ignore[arg-type]
        elif kind == "table_close" and self._rows is not None:
            rows, self._rows = tuple(tuple(row) for row in self._rows), None
            if len(rows) > _MOST_ROWS or max(map(len, rows)) > _MOST_COLUMNS:
                self._add(Block("code", tuple(_aligned(rows))))
            else:
                self._add(Block("table", rows=rows, aligns=tuple(self._aligns)))

    def _add(self, block: Block) -> None:
        self.blocks.append(replace(block, around=tuple(self._around), bullets=tuple(self._bullets)))
        self._bullets = []

    def _spread_next(self, text: str, style: Run) -> list[Piece]:
        count = text.count(self._sign)
        pieces, self._pieces = self._pieces[:count], self._pieces[count:]
        return spread(text, self._sign, pieces, style)

    def _inline(self, children: Sequence[Token]) -> list[Piece]:
        pieces: list[Piece] = []
        counts = {"strong": 0, "em": 0, "s": 0}
        opened: list[tuple[Token, LinkTarget | None]] = []
        for child in children:
            name = child.type.removesuffix("_open").removesuffix("_close")
            if name in counts:
                counts[name] += child.nesting
                continue
            target = next((one for _, one in reversed(opened) if one is not None), None)
            weight = 600 if counts["strong"] or self._level else 400
            role: Role | None = "accent" if target is not None else None
            style = Run("", weight, role, counts["em"] > 0, is_struck=counts["s"] > 0, value=target)
            if child.type == "link_open":
                opened.append((child, self._target(str(child.attrs.get("href", "")))))
            elif child.type == "link_close":
                begun, own = opened.pop()
                pieces += self._note(str(begun.attrs.get("href", "")), begun, own, is_bare=begun.markup == "autolink")
            elif child.type == "image":
                address = str(child.attrs.get("src", ""))
                pieces += self._spread_next(_alternative(child), style)
                pieces += self._note(address, child, self._target(address))
            elif child.type == "code_inline":
                pieces += self._spread_next(child.content, replace(style, is_code=True))
            elif child.type == "formula":
                pieces.append(self._formula(child.content))
            elif child.type in ("softbreak", "hardbreak"):
                pieces.append("\n" if style == Run("") else replace(style, text="\n"))
            elif child.content:
                pieces += self._text(child.content, style)
        return pieces

    def _text(self, text: str, style: Run) -> list[Piece]:
        """Text, in which addresses become links by themselves."""
        pieces: list[Piece] = []
        at = 0
        is_plain = style.value is None and ("@" in text or "://" in text or "www." in text.lower())
        for start, end, target in bare_addresses(text) if is_plain else ():
            if self._links >= _MOST_LINKS or self._sign in text[start:end]:
                break
            self._links += 1
            pieces += self._spread_next(text[at:start], style)
            pieces += [replace(style, text=text[start:end], value=target, role="accent"), *_opener(target, "↗")]
            at = end
        return [*pieces, *self._spread_next(text[at:], style)]

    def _target(self, address: str) -> LinkTarget | None:
        """What can be opened; of very many links in one block the last ones are words."""
        target = link_target(address) if self._links < _MOST_LINKS else None
        self._links += target is not None
        return target

    def _note(self, address: str, token: Token, target: LinkTarget | None, *, is_bare: bool = False) -> Iterator[Piece]:
        """Where a link or a picture leads, behind its words."""
        title = str(token.attrs.get("title") or "")
        if target is not None:
            yield from _opener(target, "↗" if is_bare else target.label, "" if is_bare else f"({address})")
            if title:
                yield from self._spread_next(f" ({title})", Run("", role="second"))
        elif (address or title) and not is_bare:
            yield from self._spread_next(f" ({' '.join(filter(None, (address, title)))})", Run("", role="second"))

    def _formula(self, source: str) -> Run:
        """A formula as letters; in code's letters, as it is written, where it can't be."""
        self._formulas += 1
        source = clean(source.strip())
        text = readable(source) if self._formulas <= _MOST_FORMULAS else source
        if text == source and re.search(r"[\\^_{}]", source):
            return Run(source, is_code=True)
        return Run(clean(text), is_italic=True)


def _opener(target: LinkTarget, label: str, words: str = "") -> list[Piece]:
    return [" ", Chip(label, f"Opens {target.host}, after asking", target, words)]


def _alternative(token: Token) -> str:
    """The words of a picture, without their marks."""
    return "".join(
        "\n" if one.type in ("softbreak", "hardbreak") else _alternative(one) if one.type == "image" else one.content
        for one in token.children or ()
    )


def _words(pieces: Sequence[Piece]) -> str:
    said = (piece for piece in pieces if not isinstance(piece, Chip))
    return "".join(piece if isinstance(piece, str) else piece.text for piece in said)


def _aligned(rows: Sequence[Sequence[Sequence[Piece]]]) -> list[Piece]:
    """The rows with their columns aligned, in letters of one width; chips stand at the end of their row."""
    texts = [[" ".join(_words(cell).split()) for cell in row] for row in rows]
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
