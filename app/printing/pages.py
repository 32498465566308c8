"""A document as a PDF: pages of A4 with numbers, drawn by Qt with the fonts of the program and of this computer."""

import re
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QBuffer, QIODevice, QLoggingCategory, QMarginsF, QPointF, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QFontMetricsF,
    QGuiApplication,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
    QTextCharFormat,
    QTextLayout,
    QTextLine,
    QTextOption,
)

from app.core import resources
from app.core.call_document import Block, CallDocument, Role, Span, Style

_FAMILY = "Inter"
_DOTS = 600  # an inch; Qt lays text out in whole dots
_POINT = _DOTS / 72
_MARGIN = 20.0  # millimetres around what is written
_FOOT = 22 * _POINT  # room for the page's number
_SIZES: dict[Role, float] = {"title": 20, "heading": 13}  # points
_SIZE = 10.0
_ABOVE: dict[Role, float] = {"heading": 14, "text": 6, "item": 3, "line": 4}  # points above a block
_BOLD: tuple[Role, ...] = ("title", "heading")
_GAP = 10 * _POINT  # between a time, a speaker and words
_WIDEST_NAME = 0.25  # of what is written; longer names go on below
_COLUMNS: tuple[Style, ...] = ("time", "speaker")
_NO_GLYPH = "□"
_GREY = QColor("#5a6066")
_TWINS = {"\t": " ", "ɩ": "ι"}  # Inter has one glyph for both
_TABLE = re.compile(rb"begincmap\n.*?\nendcmap", re.DOTALL)
_NAMES = re.compile(rb"\[[^\]]*\]")  # in a table, those of some glyphs
_NAME = re.compile(rb"<[0-9A-F]{4}>")
_apps: list[QGuiApplication] = []  # the one that a command has made, for as long as it runs


def draw_pages(document: CallDocument) -> bytes:
    """Draw a document as a PDF (`core.exports.DrawDocument`); its text can be selected and searched.

    What no font of this computer has is shown as a box, and a note says so. Takes time: not for the GUI thread.
    """
    _require_fonts()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setResolution(_DOTS)
    size, margins = QPageSize(QPageSize.PageSizeId.A4), QMarginsF(_MARGIN, _MARGIN, _MARGIN, _MARGIN)
    writer.setPageLayout(QPageLayout(size, QPageLayout.Orientation.Portrait, margins, QPageLayout.Unit.Millimeter))
    writer.setTitle(document.title)
    writer.setCreator("Tacit")
    setting = _Setting(writer)
    pages = setting.pages(document)
    painter = QPainter(writer)
    for number, page in enumerate(pages, 1):
        if number > 1:
            writer.newPage()
        for line, place in page:
            line.draw(painter, place)
        foot = setting.cell((Span(f"{number} / {len(pages)}", "note"),), setting.width, "facts", is_centred=True)
        foot.lines[0].draw(painter, QPointF(0, setting.height + _FOOT / 2))
    painter.end()
    return _with_own_letters(bytes(buffer.data().data()), document)


def _with_own_letters(pdf: bytes, document: CallDocument) -> bytes:
    """The PDF with the names of letters, by which text is searched and copied, as the document has them.

    Qt names each glyph by the first character that has it, and its tables of names are not compressed.
    """
    twins = {
        glyph: letter for glyph, letter in _TWINS.items() if all(glyph not in block.text for block in document.blocks)
    }
    wanted = {f"<{ord(glyph):04X}>".encode(): f"<{ord(letter):04X}>".encode() for glyph, letter in twins.items()}

    def named(table: re.Match[bytes]) -> bytes:
        return _NAMES.sub(lambda names: _NAME.sub(lambda name: wanted.get(name[0], name[0]), names[0]), table[0])

    return _TABLE.sub(named, pdf)


def _require_fonts() -> None:
    """Have Qt and the program's font, where no window has them already."""
    if QGuiApplication.instance() is None:
        # A command speaks to no display, and fonts that lack a script are no news to who runs it.
        platform = ["-platform", "offscreen"] if sys.platform == "linux" else []
        _apps.append(QGuiApplication(["tacit", *platform]))
        QLoggingCategory.setFilterRules("qt.text.font.db=false")
    if _FAMILY not in QFontDatabase.families():
        for weight in ("Regular", "Bold"):
            QFontDatabase.addApplicationFont(str(resources.assets() / "fonts" / f"{_FAMILY}-{weight}.otf"))


@dataclass(slots=True)
class _Cell:
    """Words set in lines, which `layout` holds, and the dots from the left margin."""

    layout: QTextLayout
    lines: list[QTextLine]
    left: float = 0.0


_Page = list[tuple[QTextLine, QPointF]]


@dataclass
class _Setting:
    """Sets the blocks of a document in lines, and the lines in pages."""

    writer: QPdfWriter
    cells: list[_Cell] = field(default_factory=list)  # Qt's lines live as long as their layouts

    def __post_init__(self) -> None:
        area = self.writer.pageLayout().paintRectPixels(_DOTS)
        self.width, self.height = float(area.width()), area.height() - _FOOT
        self._metrics = QFontMetricsF(self._font("line"), self.writer)
        self._known: dict[str, bool] = {}

    def pages(self, document: CallDocument) -> list[_Page]:
        """What is drawn where on each page; there is at least one."""
        blocks = list(self._with_note(self._drawable(block) for block in document.blocks))
        lines = [block for block in blocks if block.role == "line"]
        columns = {style: self._column(lines, style) for style in _COLUMNS}
        pages: list[_Page] = [[]]
        y = 0.0
        for number, block in enumerate(blocks):
            cells = list(self._line_cells(block, columns) if block.role == "line" else self._cells(block))
            self.cells += cells
            y += _ABOVE.get(block.role, 2) * _POINT if pages[-1] else 0
            following = 3 * self._metrics.height() if block.role == "heading" and number + 1 < len(blocks) else 0
            for row in range(max(len(cell.lines) for cell in cells)):
                beside = [(cell.lines[row], cell.left) for cell in cells if row < len(cell.lines)]
                height = max(line.height() for line, _ in beside)
                if y + height + following > self.height and pages[-1]:
                    pages.append([])
                    y = 0.0
                pages[-1] += [(line, QPointF(left, y) - line.position()) for line, left in beside]
                y += height
        return pages

    def cell(self, spans: Sequence[Span], width: float, role: Role, *, is_centred: bool = False) -> _Cell:
        """Words in lines of a width in dots."""
        layout = QTextLayout(" ".join(span.text for span in spans), self._font(role), self.writer)
        option = QTextOption(Qt.AlignmentFlag.AlignHCenter if is_centred else Qt.AlignmentFlag.AlignLeading)
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(option)
        layout.setFormats(list(_formats(spans, role)))
        lines = []
        layout.beginLayout()
        while (line := layout.createLine()).isValid():
            line.setLineWidth(width)
            lines.append(line)
        layout.endLayout()
        return _Cell(layout, lines)

    def _cells(self, block: Block) -> Iterator[_Cell]:
        left = 12 * _POINT if block.role == "item" else 0.0
        if left:
            yield self.cell((Span("•"),), left, block.role)
        words = self.cell(block.spans, self.width - left, block.role)
        words.left = left
        yield words

    def _line_cells(self, block: Block, columns: dict[Style, float]) -> Iterator[_Cell]:
        """The time and the speaker of a line, each in a column of its own, and its words beside them."""
        left = 0.0
        for style, width in columns.items():
            spans = [span for span in block.spans if span.style == style]
            if spans:
                cell = self.cell(spans, width, block.role)
                cell.left = left
                yield cell
            left += width + _GAP if width else 0.0
        words = self.cell([span for span in block.spans if span.style not in columns], self.width - left, block.role)
        words.left = left
        yield words

    def _column(self, lines: Sequence[Block], style: Style) -> float:
        """The width that the spans of this look want, in dots; 0 if there are none."""
        font = self._font("title" if style == "speaker" else "line")
        font.setPointSizeF(_SIZE)
        metrics = QFontMetricsF(font, self.writer)
        texts = {span.text for block in lines for span in block.spans if span.style == style}
        return min(max((metrics.horizontalAdvance(text) + _POINT for text in texts), default=0.0), self._widest)

    @property
    def _widest(self) -> float:
        return self.width * _WIDEST_NAME

    def _font(self, role: Role) -> QFont:
        font = QFont(_FAMILY)
        font.setPointSizeF(_SIZES.get(role, _SIZE))
        font.setBold(role in _BOLD)
        font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
        font.setFeature(QFont.Tag("calt"), 0)  # Inter's make an arrow of "->"
        return font

    def _drawable(self, block: Block) -> Block:
        """The block with a box for each character that no font has."""
        spans = tuple(Span("".join(map(self._shown, span.text)), span.style, span.line) for span in block.spans)
        return Block(block.role, spans, block.line, block.language)

    def _shown(self, character: str) -> str:
        if character not in self._known:
            is_seen = unicodedata.category(character) not in ("Cf", "Zs") and not _selects_a_form(character)
            self._known[character] = not is_seen or self._metrics.inFontUcs4(ord(character))
        return character if self._known[character] else _NO_GLYPH

    def _with_note(self, blocks: Iterator[Block]) -> Iterator[Block]:
        """The blocks, with a note below the title if characters are missing."""
        found = list(blocks)
        missing = sum(not is_known for is_known in self._known.values())
        note = (
            f"This computer has no font for {missing} of the characters in this call: {_NO_GLYPH} stands in the place "
            "of each. An export as docx or html has them."
        )
        yield from found[:1]
        if missing:
            yield Block("facts", (Span(note, "note"),))
        yield from found[1:]


def _selects_a_form(character: str) -> bool:
    return "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef"


def _formats(spans: Sequence[Span], role: Role) -> Iterator[QTextLayout.FormatRange]:
    """The looks of spans that a space parts; Qt counts in units of UTF-16."""
    at = 0
    for span in spans:
        look = QTextLayout.FormatRange()
        look.start, look.length = at, len(span.text.encode("utf-16-le")) // 2
        made = QTextCharFormat()
        if span.style in ("time", "note") or role == "facts":
            made.setForeground(_GREY)
        if span.style == "speaker":
            made.setFontWeight(QFont.Weight.Bold)
        look.format = made
        yield look
        at += look.length + 1
