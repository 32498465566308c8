"""The widget of a block of a reply: text, code or a table, beside the bars of quotes and its bullets."""

from PySide6.QtCore import QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from app.ui.conversation.block_writer import Block
from app.ui.conversation.code_block import CodeBlock
from app.ui.conversation.table_block import TablePane
from app.ui.style.theme import Theme
from app.ui.widgets.basics import rule
from app.ui.widgets.rich_text import RichText

_INDENT, _BAR = 22, 3  # design pixels, as are the sizes below
_SPACE, _SPACE_OF_ITEMS = 10, 4
_HEADING_SIZES = {1: 18.0, 2: 16.0, 3: 15.0}


class BlockWidget(QWidget):
    """One block; `activated` carries the value of a clicked chip."""

    activated = Signal(object)

    def __init__(self, theme: Theme, block: Block, parent: QWidget, *, is_first: bool) -> None:
        super().__init__(parent)
        self._theme, self.block = theme, block
        self._name()
        self._bullet_font = theme.font(14)
        self._row = QHBoxLayout(self)
        self._row.setSpacing(0)
        self._is_first = is_first
        self.joined = 0  # how many of the quotes and items around it are also around the block above
        self.content = self._make_content(block)
        self._row.addWidget(self.content)
        self._fit_margins()
        theme.changed.connect(self.update)

    def _name(self) -> None:
        done = {None: "Part of the answer", True: "Task, done", False: "Task, not done"}[self.block.is_done]
        self.setAccessibleName(done)

    def _make_content(self, block: Block) -> "QWidget":
        if block.kind == "code":
            return CodeBlock(self._theme, self, block)
        if block.kind == "table":
            table = TablePane(self._theme, self, block)
            table.table.activated.connect(self.activated)
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
        return fits and (not isinstance(self.content, TablePane) or self.content.table.can_show(block))

    def show_block(self, block: Block) -> None:
        """Show a block that differs from the one before in what it says."""
        before, self.block = self.block, block
        self._name()
        if isinstance(self.content, CodeBlock):
            self.content.show_code(block)
        elif isinstance(self.content, TablePane):
            self.content.table.show_table(block)
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
        return self.content.table.plain_text() if isinstance(self.content, TablePane) else ""

    def chips(self) -> list[QPushButton]:
        """The chips' buttons, in order."""
        texts = [self.content] if isinstance(self.content, RichText) else self.content.findChildren(RichText)
        return [chip for text in texts for chip in text.chips()]

    def _lefts(self) -> list[int]:
        """The x position of each quote and item around it, and of the text."""
        px, at = self._theme.px, 0
        found = [0]
        bullets = dict(self.block.bullets)
        for number, container in enumerate(self.block.around):
            wide = self._bullet_width(bullets[number]) if number in bullets else 0
            at += max(px(_INDENT if container == "item" else _INDENT * 0.75), wide)
            found.append(at)
        return found

    def _bullet_width(self, bullet: str) -> int:
        words = QFontMetrics(self._bullet_font)
        widest = [bullet, "00."] if bullet[:1].isdigit() else [bullet]
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
        for number, bullet in self.block.bullets:
            place = QRect(lefts[number], top, lefts[number + 1] - lefts[number] - px(7), px(21))
            if self.block.is_done is not None and number == self.block.bullets[-1][0]:
                self._paint_box(painter, place, is_done=self.block.is_done)
                continue
            painter.setFont(self._bullet_font)
            painter.setPen(self._theme.color("second"))
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, bullet)
        painter.end()

    def _paint_box(self, painter: QPainter, place: QRect, *, is_done: bool) -> None:
        """The box of a task, which is only looked at."""
        size = self._theme.px(14)
        box = QRectF(place.right() - size + 0.5, place.center().y() - size // 2 + 0.5, size - 1, size - 1)
        painter.setPen(QPen(self._theme.color("accent" if is_done else "second"), 1.2))
        painter.setBrush(self._theme.color("accent") if is_done else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box, self._theme.px(3), self._theme.px(3))
        if is_done:
            painter.setPen(QPen(self._theme.color("on_accent"), self._theme.px(1.6)))
            at = [(0.24, 0.52), (0.43, 0.70), (0.76, 0.32)]
            painter.drawPolyline([QPointF(box.x() + x * box.width(), box.y() + y * box.height()) for x, y in at])
        painter.setBrush(Qt.BrushStyle.NoBrush)
