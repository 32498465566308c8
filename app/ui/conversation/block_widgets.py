"""The widgets of a reply's blocks: text beside the bars of quotes and its bullet, code with a copy button, tables."""

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from app.ui.conversation.reply_blocks import Block
from app.ui.runtime import clipboard
from app.ui.style.theme import Theme
from app.ui.widgets.basics import button, label, rule, set_label_text
from app.ui.widgets.long_text import one_line
from app.ui.widgets.rich_text import Piece, RichText, Run

_INDENT, _BAR = 22, 3  # design pixels, as are the sizes below
_SPACE, _SPACE_OF_ITEMS = 10, 4
_GAP = 16  # between the columns of a table
_HEADING_SIZES = {1: 18.0, 2: 16.0, 3: 15.0}


class BlockWidget(QWidget):
    """One block; `activated` carries the value of a clicked chip."""

    activated = Signal(object)

    def __init__(self, theme: Theme, block: Block, parent: QWidget, *, is_first: bool) -> None:
        super().__init__(parent)
        self._theme, self.block = theme, block
        self.setAccessibleName("Part of the answer")
        self._bullet_font = theme.font(14)
        self._row = QHBoxLayout(self)
        self._row.setSpacing(0)
        self._is_first = is_first
        self.joined = 0  # how many of the quotes and items around it are also around the block above
        self.content = self._make_content(block)
        self._row.addWidget(self.content)
        self._fit_margins()
        theme.changed.connect(self.update)

    def _make_content(self, block: Block) -> "QWidget":
        if block.kind == "code":
            return CodeBlock(self._theme, self)
        if block.kind == "table":
            table = TableBlock(self._theme, self, block)
            table.activated.connect(self.activated)
            return table
        if block.kind == "rule":
            return rule(self)
        heading = _HEADING_SIZES.get(block.level, 14.0)
        text = RichText(self._theme, self, size=heading, line=round(heading * 1.5), weight=600 if block.level else 400)
        text.activated.connect(self.activated)
        text.set_pieces(block.pieces)
        return text

    def can_show(self, block: Block, *, is_first: bool) -> bool:
        """Whether the block can be shown without another widget."""
        known = self.block
        fits = (known.kind, known.level, self._is_first) == (block.kind, block.level, is_first)
        return fits and (block.kind != "table" or known == block)

    def show_block(self, block: Block) -> None:
        """Show a block that differs from the one before in what it says."""
        before, self.block = self.block, block
        if isinstance(self.content, CodeBlock):
            self.content.show_code(block)
        elif isinstance(self.content, RichText) and before.pieces != block.pieces:
            self.content.set_pieces(block.pieces)
        self._fit_margins()
        self.update()

    def plain_text(self) -> str:
        """What it says, without chips."""
        if isinstance(self.content, RichText):
            return self.content.plain_text()
        if isinstance(self.content, CodeBlock):
            return self.content.code
        return self.content.plain_text() if isinstance(self.content, TableBlock) else ""

    def chips(self) -> list[QPushButton]:
        """The chips' buttons, in order."""
        texts = [self.content] if isinstance(self.content, RichText) else self.content.findChildren(RichText)
        return [chip for text in texts for chip in text.chips()]

    def _lefts(self) -> list[int]:
        """The x position of each quote and item around it, and of the text."""
        px, at = self._theme.px, 0
        found = [0]
        for number, container in enumerate(self.block.around):
            is_own = number == len(self.block.around) - 1 and container == "item"
            wide = self._bullet_width() if is_own else 0
            at += max(px(_INDENT if container == "item" else _INDENT * 0.75), wide)
            found.append(at)
        return found

    def _bullet_width(self) -> int:
        words = QFontMetrics(self._bullet_font)
        widest = [self.block.bullet, "00."] if self.block.bullet[:1].isdigit() else [self.block.bullet]
        return max(words.horizontalAdvance(text) for text in widest) + self._theme.px(8)

    def _fit_margins(self) -> None:
        items = "item" in self.block.around and self.block.kind == "text"
        above = 0 if self._is_first else self._theme.px(_SPACE_OF_ITEMS if items else _SPACE)
        self._row.setContentsMargins(self._lefts()[-1], above, 0, 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt: the bars of quotes, and the bullet."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        px = self._theme.px
        lefts = self._lefts()
        top = self._row.contentsMargins().top()
        for number, (container, left) in enumerate(zip(self.block.around, lefts, strict=False)):
            if container == "quote":
                above = 0 if number < self.joined else top
                painter.fillRect(QRect(left, above, px(_BAR), self.height() - above), self._theme.color("line"))
        if self.block.bullet:
            painter.setFont(self._bullet_font)
            painter.setPen(self._theme.color("second"))
            place = QRect(lefts[-2], top, lefts[-1] - lefts[-2] - px(7), px(21))
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, self.block.bullet)
        painter.end()


class _SidewaysScroll(QScrollArea):
    """Scrolls sideways; a wheel that turns up and down scrolls what lies around it."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Qt: only what goes sideways is ours."""
        if abs(event.angleDelta().x()) > abs(event.angleDelta().y()):
            super().wheelEvent(event)
        else:
            event.ignore()


class CodeBlock(QFrame):
    """Code in letters of one width: its lines don't wrap, and a button copies all of it."""

    def __init__(self, theme: Theme, parent: "BlockWidget") -> None:
        super().__init__(parent)
        self._theme, self.code = theme, ""
        self.setProperty("part", "code-block")
        self.setAccessibleName("Code")
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(14), theme.px(6), theme.px(8), theme.px(8))
        column.setSpacing(theme.px(2))
        head = QHBoxLayout()
        self._language = label("", "small", self)
        head.addWidget(self._language)
        head.addStretch(1)
        head.addWidget(button("Copy", self, "small", self.copy, "Copy this code"))
        column.addLayout(head)
        self._pane = _SidewaysScroll(self)
        self._pane.setFrameShape(QFrame.Shape.NoFrame)
        self._pane.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._pane.setAccessibleName("Lines of code")
        self._pane.viewport().setAccessibleName("Lines of code")
        self._pane.viewport().setAutoFillBackground(False)
        self._pane.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.words = RichText(theme, self._pane, size=13, line=19, is_code=True)
        self.words.resized.connect(self._fit)
        self._pane.setWidget(self.words)
        self.words.setAutoFillBackground(False)
        column.addWidget(self._pane)
        self.show_code(parent.block)

    def show_code(self, block: Block) -> None:
        """Show the code of a block."""
        self.code = "".join(piece.text for piece in block.pieces if isinstance(piece, Run))
        set_label_text(self._language, one_line(block.language) or "code")
        self.words.set_pieces(block.pieces)
        self._fit()

    def copy(self) -> None:
        """Copy the whole code to the clipboard."""
        clipboard.copy_text(self.code)

    def _fit(self) -> None:
        size = self.words.sizeHint()
        self.words.setFixedSize(max(size.width(), 1), max(size.height(), self._theme.px(19)))
        is_wide = self.words.width() > self._pane.viewport().width()
        bar = self._pane.horizontalScrollBar().sizeHint().height() if is_wide else 0
        self._pane.setFixedHeight(self.words.height() + bar)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt: whether there is room for the longest line."""
        super().resizeEvent(event)
        self._fit()


class TableBlock(QWidget):
    """A table: a line below each row, columns as wide as they need; `activated` carries the value of a clicked chip."""

    activated = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget, block: Block) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setAccessibleName("Table")
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._rows = [[self._cell(cell, is_head=n == 0) for cell in row] for n, row in enumerate(block.rows)]
        columns = max(map(len, self._rows))
        self._natural = [max(row[n].natural_width() for row in self._rows if n < len(row)) for n in range(columns)]
        self._height_at: dict[int, int] = {}  # by width: the last one that was asked for
        theme.changed.connect(self.update)

    def _cell(self, pieces: Sequence[Piece], *, is_head: bool) -> RichText:
        cell = RichText(self._theme, self, weight=600 if is_head else 400)
        cell.set_pieces(pieces)
        cell.activated.connect(self.activated)
        cell.resized.connect(self._grow)
        return cell

    def plain_text(self) -> str:
        """Its cells, with tabs between them."""
        return "\n".join("\t".join(cell.plain_text() for cell in row) for row in self._rows)

    def _widths(self, width: int) -> list[int]:
        """What each column needs, or, where that is too much, an even share of what the narrower ones leave."""
        left = width - self._theme.px(_GAP) * (len(self._natural) - 1)
        widths = [0] * len(self._natural)
        order = sorted(range(len(widths)), key=lambda n: self._natural[n])
        for place, column in enumerate(order):
            widths[column] = max(1, min(self._natural[column], left // (len(order) - place)))
            left -= widths[column]
        return widths

    def _heights(self, widths: Sequence[int]) -> list[int]:
        around = 2 * self._theme.px(3) + 1
        return [max(c.heightForWidth(w) for c, w in zip(row, widths, strict=False)) + around for row in self._rows]

    def hasHeightForWidth(self) -> bool:
        """Qt: the height depends on the width."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Qt: the height at a width."""
        if width not in self._height_at:
            self._height_at = {width: sum(self._heights(self._widths(width)))}
        return self._height_at[width]

    def sizeHint(self) -> QSize:
        """Qt: as wide as nothing wraps."""
        width = sum(self._natural) + self._theme.px(_GAP) * (len(self._natural) - 1)
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        """Qt: it can be narrow."""
        return QSize(self._theme.px(40), self._theme.px(21))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt: place the cells."""
        super().resizeEvent(event)
        self._lay_out()

    def _lay_out(self) -> None:
        widths, top = self._widths(self.width()), 0
        for row, height in zip(self._rows, self._heights(widths), strict=True):
            left = 0
            for cell, width in zip(row, widths, strict=False):
                cell.setGeometry(left, top + self._theme.px(3), width, height - 2 * self._theme.px(3) - 1)
                left += width + self._theme.px(_GAP)
            top += height

    def _grow(self) -> None:
        """Make room for a cell of which more is shown."""
        self._height_at = {}
        self._lay_out()
        self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt: a line below each row."""
        painter = QPainter(self)
        widths, top = self._widths(self.width()), 0
        wide = sum(widths) + self._theme.px(_GAP) * (len(widths) - 1)
        for height in self._heights(widths):
            top += height
            painter.fillRect(QRect(0, top - 1, wide, 1), self._theme.color("line"))
        painter.end()
