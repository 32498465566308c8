"""What is painted under and over the text of a note: chips of links, boxes of tasks, bullets, rules and grounds."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF, QTextBlock

from app.core.note_markup import Line, Span
from app.ui.style.theme import Theme
from app.ui.widgets.text_offsets import in_qt

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QTextEdit

    from app.ui.notes.note_formats import NoteFormats

_BOX, _ROW = 13.0, 22.0  # design pixels: the side of a task's box, and a row of the last line


class NoteMarks:
    """Knows where the marks of an editor are, in pixels of its viewport, and paints them.

    `leads` says whether a link leads somewhere; one that does not has a dotted line in the place of a ground.
    """

    def __init__(
        self, theme: Theme, editor: "QTextEdit", formats: "NoteFormats", leads: "Callable[[Line, Span], bool]"
    ) -> None:
        self._theme, self._editor, self._formats, self._leads = theme, editor, formats, leads

    # Where they are

    def blocks(self) -> Iterator[tuple[QTextBlock, Line]]:
        """The lines in sight, the first of which may begin above."""
        editor = self._editor
        block = editor.cursorForPosition(editor.viewport().rect().topLeft()).block()
        bottom = editor.viewport().height()
        while block.isValid() and self._top(block) < bottom:
            yield block, self._formats.line(block)
            block = block.next()

    def chips(self, block: QTextBlock, line: Line, span: Span) -> list[QRectF]:
        """The rectangles of a link, a tag or code: one on each row of the text."""
        shows = self._formats.shows_marks(block, line, span)
        start, end = (in_qt(line.text, at) for at in (span.start, span.end))
        is_bare = span.kind == "link" and not shows
        inset = 0.0 if is_bare else self._theme.px(3)
        found, layout = [], block.layout()
        origin = QPointF(0, self._top(block))
        for number in range(layout.lineCount()):
            row = layout.lineAt(number)
            first, last = max(start, row.textStart()), min(end, row.textStart() + row.textLength())
            if first >= last:
                continue
            left, right = _x(row.cursorToX(first)), _x(row.cursorToX(last))
            height = min(float(row.height()), self._theme.px(18))
            middle = row.y() + row.ascent() - self._theme.px(4.5)
            rect = QRectF(min(left, right) - inset, middle - height / 2, abs(right - left) + 2 * inset, height)
            if rect.width() > 2:
                found.append(rect.translated(origin + layout.position() - QPointF(0, layout.position().y())))
        return found

    def box(self, block: QTextBlock, line: Line) -> QRectF | None:
        """The box of a task; None if it is shown as it is written."""
        if line.kind != "task" or self._formats.shows_prefix(block, line):
            return None
        row = block.layout().lineAt(0)
        side = float(self._theme.px(_BOX))
        left = _x(row.cursorToX(line.text.index("["))) + block.layout().position().x() + 1
        return QRectF(left, self._middle(block) - side / 2, side, side)

    def _top(self, block: QTextBlock) -> float:
        rect = self._editor.document().documentLayout().blockBoundingRect(block)
        return rect.top() - self._editor.verticalScrollBar().value()

    def _middle(self, block: QTextBlock) -> float:
        """The height at which the small letters of the first row of a line are."""
        row = block.layout().lineAt(0)
        return self._top(block) + row.y() + row.ascent() - self._theme.px(4.5)

    # Painting

    def paint_grounds(self, painter: QPainter) -> None:
        """Paint what lies under the text."""
        theme, width = self._theme, self._editor.viewport().width()
        painter.setPen(Qt.PenStyle.NoPen)
        for block, line in self.blocks():
            if line.kind in ("code", "fence"):
                below = block.next()
                height = self._top(below) - self._top(block) if below.isValid() else float(theme.px(_ROW))
                painter.fillRect(QRectF(0, self._top(block), width, height), theme.color("column"))
            for span in line.spans:
                if span.kind not in ("link", "tag"):
                    continue
                leads = span.kind == "tag" or self._leads(line, span)
                for rect in self.chips(block, line, span):
                    if leads:
                        painter.setBrush(theme.color("soft"))
                        painter.drawRoundedRect(rect, theme.px(5), theme.px(5))
                    else:
                        painter.setPen(QPen(theme.color("second"), 1, Qt.PenStyle.DotLine))
                        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
                        painter.setPen(Qt.PenStyle.NoPen)

    def paint_signs(self, painter: QPainter) -> None:
        """Paint what stands in the place of letters."""
        theme, px = self._theme, self._theme.px
        for block, line in self.blocks():
            if line.kind == "quote":
                below = block.next()
                height = self._top(below) - self._top(block) if below.isValid() else float(px(_ROW))
                painter.fillRect(QRectF(0, self._top(block), px(3), height), theme.color("line"))
            if self._formats.shows_prefix(block, line):
                continue
            if line.kind == "rule":
                painter.fillRect(
                    QRectF(0, self._middle(block), self._editor.viewport().width(), 1), theme.color("line")
                )
            elif line.kind == "bullet":
                row = block.layout().lineAt(0)
                left = _x(row.cursorToX(line.level)) + block.layout().position().x() + px(3.5)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(theme.color("text"))
                painter.drawEllipse(QPointF(left, self._middle(block)), px(5) / 2, px(5) / 2)
            elif (box := self.box(block, line)) is not None:
                self._paint_box(painter, box, is_done=line.is_done)

    def _paint_box(self, painter: QPainter, box: QRectF, *, is_done: bool) -> None:
        theme, px = self._theme, self._theme.px
        edge = QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(theme.color("accent" if is_done else "second"), 1))
        painter.setBrush(theme.color("accent") if is_done else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(edge, px(3), px(3))
        if is_done:
            painter.setPen(QPen(theme.color("on_accent"), max(1.5, px(1.5))))
            side = box.width()
            corners = [box.topLeft() + QPointF(x, y) * side for x, y in ((0.24, 0.52), (0.44, 0.72), (0.78, 0.3))]
            painter.drawPolyline(QPolygonF(corners))


def _x(found: object) -> float:
    """The x coordinate: `cursorToX` returns a number or (number, cursor), depending on the PySide version."""
    return float(found[0] if isinstance(found, tuple) else found)  # type: ignore[arg-type]
