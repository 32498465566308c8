"""A table in a reply: columns as wide as they need, aligned as it says; a wide one scrolls sideways."""

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.ui.conversation.block_writer import Align, Block
from app.ui.conversation.sideways_scroll import SidewaysScroll
from app.ui.style.theme import Theme
from app.ui.widgets.rich_text import Piece, RichText

_GAP = 16  # design pixels between the columns
_NARROWEST = 90  # of a column that needs more: below that words are cut, and the table scrolls


class TablePane(QWidget):
    """Holds a table, which is as wide as there is room for, or scrolls sideways."""

    def __init__(self, theme: Theme, parent: QWidget, block: Block) -> None:
        super().__init__(parent)
        self.setAccessibleName("Table")
        self._pane = SidewaysScroll(self, "Rows of the table")
        self.table = TableBlock(theme, self._pane, block)
        self._pane.setWidget(self.table)
        self.table.setAutoFillBackground(False)
        self.table.grown.connect(self._fit)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def hasHeightForWidth(self) -> bool:
        """Qt: the height depends on the width."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Qt: that of the table, and of a bar below it where it is wider."""
        needed = max(width, self.table.least_width())
        bar = self._pane.horizontalScrollBar().sizeHint().height() if needed > width else 0
        return self.table.heightForWidth(needed) + bar

    def sizeHint(self) -> QSize:
        """Qt: as wide as nothing wraps."""
        return self.table.sizeHint()

    def minimumSizeHint(self) -> QSize:
        """Qt: it can be narrow."""
        return self.table.minimumSizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt: give the table the width that there is, or that it needs."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        self._pane.setGeometry(self.rect())  # by no layout: Qt would ask that for the height, and not this widget
        width = max(self.width(), self.table.least_width())
        self.table.resize(width, self.table.heightForWidth(width))
        self.updateGeometry()


class TableBlock(QWidget):
    """A table: a line below each row; `activated` carries the value of a clicked chip."""

    activated = Signal(object)
    grown = Signal()  # it needs another height

    def __init__(self, theme: Theme, parent: QWidget, block: Block) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setAccessibleName("Table")
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._block = Block("table", aligns=block.aligns)
        self._rows: list[list[RichText]] = []
        self._natural: list[int] = []
        self._height_at: dict[int, int] = {}  # by width: the last one that was asked for
        self._take(block)
        theme.changed.connect(self.update)

    def can_show(self, block: Block) -> bool:
        """Whether a block is this table with other words, or more rows below its own."""
        before, rows = self._block, block.rows
        return (
            before.aligns == block.aligns
            and len(before.rows) <= len(rows)
            and all(len(one) == len(other) for one, other in zip(before.rows, rows, strict=False))
        )

    def show_table(self, block: Block) -> None:
        """Show a block that it `can_show`: its cells stay, those that say something else are laid out again."""
        self._take(block)
        self._grow()

    def _take(self, block: Block) -> None:
        left: Align = "left"
        aligns = block.aligns or (left,) * max(map(len, block.rows))
        for row, was, said in zip(self._rows, self._block.rows, block.rows, strict=False):
            for cell, before, pieces in zip(row, was, said, strict=False):
                if before != pieces:
                    cell.set_pieces(pieces)
        for number in range(len(self._rows), len(block.rows)):
            cells = zip(block.rows[number], aligns, strict=False)
            self._rows.append([self._cell(cell, align, is_head=number == 0) for cell, align in cells])
        self._block = block
        columns = max(map(len, self._rows))
        self._natural = [max(row[n].natural_width() for row in self._rows if n < len(row)) for n in range(columns)]

    def _cell(self, pieces: Sequence[Piece], align: Align, *, is_head: bool) -> RichText:
        cell = RichText(self._theme, self, weight=600 if is_head else 400, align=align)
        cell.set_pieces(pieces)
        cell.activated.connect(self.activated)
        cell.resized.connect(self._grow)
        cell.show()
        return cell

    def plain_text(self) -> str:
        """Its cells, with tabs between them."""
        return "\n".join("\t".join(cell.plain_text() for cell in row) for row in self._rows)

    def least_width(self) -> int:
        """The pixels below which its columns are too narrow to be read."""
        narrowest = self._theme.px(_NARROWEST)
        gaps = self._theme.px(_GAP) * (len(self._natural) - 1)
        return sum(min(natural, narrowest) for natural in self._natural) + gaps

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
        self.grown.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt: a line below each row."""
        painter = QPainter(self)
        widths, top = self._widths(self.width()), 0
        wide = sum(widths) + self._theme.px(_GAP) * (len(widths) - 1)
        for height in self._heights(widths):
            top += height
            painter.fillRect(QRect(0, top - 1, wide, 1), self._theme.color("line"))
        painter.end()
