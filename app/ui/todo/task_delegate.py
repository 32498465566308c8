"""How the rows of tasks are laid out and painted."""

from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QHelpEvent, QPainter, QPen, QTextLayout
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QToolTip

from app.ui.style.theme import Role, Theme
from app.ui.todo.task_rows import Piece, TaskModel, TaskRow
from app.ui.widgets.basics import plain_tool_tip
from app.ui.widgets.long_text import one_line
from app.ui.widgets.row_list import paint_ring
from app.ui.widgets.text_wrapping import TextWrapping

_Index = QModelIndex | QPersistentModelIndex
# Design pixels: beside the rows, the box, from the box to the words, above and below, the pitches, the heading.
_SIDE, _BOX, _TEXT, _PADDING, _TITLE, _BELOW, _HEADING = 22, 14, 45, 10, 21, 20, 40
_GAP, _CHIP, _BETWEEN = 4, 7, 16  # between pieces, inside a chip beside its time, between words and date
_NARROW = 560  # the width of a row below which its date stands under it
_MOST_LINES = 4  # of a title
_DUE_SHARE = 0.38  # of the width, at most
_INKS: dict[str, Role] = {
    "text": "second", "danger": "danger", "moment": "accent", "keep": "accent", "remove": "accent",
}  # fmt: skip
_TONES: dict[str, Role] = {"overdue": "danger", "near": "warning", "plain": "second"}


@dataclass(frozen=True, slots=True)
class PlacedPiece:
    """A piece with its place, relative to the row's left upper corner; `text` is elided where there is no room."""

    piece: Piece
    rect: QRect
    text: str


@dataclass(frozen=True, slots=True)
class RowLayout:
    """Where the parts of a task's row are, relative to its left upper corner."""

    height: int
    title: QRect
    due: QRect
    is_due_below: bool
    pieces: tuple[PlacedPiece, ...]


class TaskDelegate(QStyledItemDelegate):
    """Paints headings and tasks: a box to tick, the title, where it was said, and at the right until when."""

    def __init__(self, theme: Theme, rows: TaskModel, parent: QListView) -> None:
        super().__init__(parent)
        self._theme, self._rows, self._view = theme, rows, parent
        self._wrapping = TextWrapping(theme.font(14), theme.px(_TITLE))
        self._layouts: dict[str, tuple[TaskRow, int, RowLayout]] = {}  # by the row's key: most rows stay as they are
        self._small, self._stamp = theme.font(13), theme.font(12, is_tabular=True)
        self._due = theme.font(13, is_tabular=True)
        self._due_metrics = QFontMetrics(self._due)
        self._small_metrics, self._stamp_metrics = QFontMetrics(self._small), QFontMetrics(self._stamp)
        self.chosen_piece: Piece | None = None  # the moment that Enter opens, marked in the current row

    # Layout

    def _width(self) -> int:
        """The width of a row: the scroll bar lies in its margin, so it stays the same with and without one."""
        return max(self._theme.px(160), self._view.width())

    def layout_of(self, row: TaskRow) -> RowLayout:
        """Where the parts of a row are, at the view's width."""
        width = self._width()
        known = self._layouts.get(row.key)
        if known is None or known[1] != width or known[0] != row:
            known = self._layouts[row.key] = (row, width, self._laid_out(row, width))
        return known[2]

    def _laid_out(self, row: TaskRow, width: int) -> RowLayout:
        px = self._theme.px
        left, right = px(_TEXT), width - px(_SIDE)
        is_below = width < px(_NARROW)
        due_width = max(self._due_metrics.horizontalAdvance(text) for text in (row.due, row.note)) + 2
        due_width = min(due_width, right - left if is_below else int(width * _DUE_SHARE))
        inner = right - left - (0 if is_below else due_width + px(_BETWEEN))
        lines = min(_MOST_LINES, self._wrapping.line_count(one_line(row.title), inner))
        title = QRect(left, px(_PADDING), inner, lines * px(_TITLE))
        pieces, bottom = self._placed(row, left, title.bottom() + 1, inner)
        rows = 1 + bool(row.note)
        if is_below:
            due = QRect(left, bottom, due_width, rows * px(_BELOW))
            bottom = due.bottom() + 1
        else:
            height = max(bottom + px(_PADDING), rows * px(_BELOW) + 2 * px(_PADDING))
            due = QRect(right - due_width, (height - rows * px(_BELOW)) // 2, due_width, rows * px(_BELOW))
            bottom = height - px(_PADDING)
        return RowLayout(bottom + px(_PADDING) + 1, title, due, is_below, tuple(pieces))

    def _placed(self, row: TaskRow, left: int, top: int, width: int) -> tuple[list[PlacedPiece], int]:
        """The pieces in lines of a width, and where the last line ends."""
        pitch, gap, inside = (self._theme.px(size) for size in (_BELOW, _GAP, _CHIP))
        placed, x, y = list[PlacedPiece](), left, top
        for piece in row.pieces:
            is_chip = piece.kind == "moment"
            metrics = self._stamp_metrics if is_chip else self._small_metrics
            around = 2 * inside if is_chip else 0
            text = one_line(piece.text)
            taken = metrics.horizontalAdvance(text) + around + 1
            if taken > width:
                text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, width - around - 1)
                taken = metrics.horizontalAdvance(text) + around + 1
            if x > left and x + taken > left + width:
                x, y = left, y + pitch
            placed.append(PlacedPiece(piece, QRect(x, y, taken, pitch), text))
            x += taken + gap + (gap if piece.kind in ("keep", "remove") else 0)
        return placed, y + pitch

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Qt: the height of a row at the view's width."""
        row = self._rows.rows[index.row()]
        return QSize(100, self._theme.px(_HEADING) if row.task is None else self.layout_of(row).height)

    # What is where

    def is_box_at(self, row: TaskRow, point: QPoint) -> bool:
        """Whether the box to tick is at a point of a row; it is larger for a pointer than it is painted."""
        return row.task is not None and point.x() < self._theme.px(_TEXT) - self._theme.px(3)

    def piece_at(self, row: TaskRow, point: QPoint) -> Piece | None:
        """The piece that can be clicked at a point of a row."""
        if row.task is None:
            return None
        found = (one.piece for one in self.layout_of(row).pieces if one.rect.contains(point))
        return next((piece for piece in found if piece.kind not in ("text", "danger")), None)

    def helpEvent(
        self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: _Index
    ) -> bool:
        """Qt: what is elided is whole in a tool tip."""
        row = self._rows.rows[index.row()] if index.isValid() else None
        words = ""
        if row is not None and row.task is not None:
            point = event.pos() - option.rect.topLeft()
            at = next((one for one in self.layout_of(row).pieces if one.rect.contains(point)), None)
            if at is not None and at.piece.kind == "moment" and at.piece.source is not None:
                words = f"Open {at.piece.source.title} at {at.piece.text}"
            elif at is not None and at.text != one_line(at.piece.text):
                words = at.piece.text
            elif self._wrapping.line_count(one_line(row.title), self.layout_of(row).title.width()) > _MOST_LINES:
                words = row.title
        QToolTip.showText(event.globalPos(), plain_tool_tip(words), view)
        return True

    # Painting

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Qt: paint a row."""
        row, rect = self._rows.rows[index.row()], option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if row.task is None:
            self._paint_heading(painter, row, rect)
        else:
            is_current = bool(state & QStyle.StateFlag.State_Selected)
            if is_current:
                painter.fillRect(rect, self._theme.color("column"))
            painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), self._theme.color("line"))
            self._paint_task(painter, row, rect, is_current=is_current)
            paint_ring(painter, option, self._theme, self._view)
        painter.restore()

    def _paint_heading(self, painter: QPainter, row: TaskRow, rect: QRect) -> None:
        theme, px = self._theme, self._theme.px
        painter.setFont(theme.font(11, 700))
        painter.setPen(theme.color("second"))
        inner = rect.adjusted(px(_SIDE), px(8), -px(_SIDE), 0)
        text = painter.fontMetrics().elidedText(one_line(row.title), Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter, text)

    def _paint_task(self, painter: QPainter, row: TaskRow, rect: QRect, *, is_current: bool) -> None:
        theme, place = self._theme, self.layout_of(row)
        self._paint_box(painter, row, rect)
        title = self._wrapping.layout(one_line(row.title), place.title.width())
        painter.setPen(theme.color("second" if row.is_done or row.is_hidden else "text"))
        painter.setClipRect(place.title.translated(rect.topLeft()))
        title.draw(painter, QPointF(rect.topLeft() + place.title.topLeft()))
        if row.is_done:
            self._strike(painter, title, rect.topLeft() + place.title.topLeft())
        painter.setClipping(False)
        for one in place.pieces:
            self._paint_piece(painter, one, one.rect.translated(rect.topLeft()), is_current=is_current)
        self._paint_due(painter, row, place, place.due.translated(rect.topLeft()))

    def _strike(self, painter: QPainter, title: QTextLayout, origin: QPoint) -> None:
        pitch = self._theme.px(_TITLE)
        for number in range(title.lineCount()):
            y = origin.y() + number * pitch + pitch // 2
            painter.drawLine(origin.x(), y, origin.x() + int(title.lineAt(number).naturalTextWidth()), y)

    def _paint_box(self, painter: QPainter, row: TaskRow, rect: QRect) -> None:
        theme, px = self._theme, self._theme.px
        side = px(_BOX)
        top = rect.top() + (rect.height() - side) / 2 if rect.height() < px(80) else rect.top() + px(_PADDING + 4)
        box = QRectF(rect.left() + px(_SIDE) + 0.5, int(top) + 0.5, side, side)
        painter.setPen(QPen(theme.color("accent" if row.is_done else "second"), max(1.0, px(1.3))))
        painter.setBrush(theme.color("accent") if row.is_done else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box, px(4), px(4))
        if row.is_done:
            painter.setPen(QPen(theme.color("on_accent"), max(1.5, px(1.6))))
            x, y, unit = box.x(), box.y(), side / 14
            painter.drawPolyline([QPointF(x + a * unit, y + b * unit) for a, b in ((3.5, 7.2), (6, 9.8), (10.5, 4.5))])

    def _paint_piece(self, painter: QPainter, one: PlacedPiece, rect: QRect, *, is_current: bool) -> None:
        theme, px, kind = self._theme, self._theme.px, one.piece.kind
        painter.setFont(self._stamp if kind == "moment" else self._small)
        if kind == "moment":
            chip = QRectF(rect).adjusted(0, px(1), 0, -px(1))
            is_chosen = is_current and one.piece is self.chosen_piece
            painter.setPen(QPen(theme.color("accent"), 2) if is_chosen else Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("soft"))
            painter.drawRoundedRect(chip, px(6), px(6))
        painter.setPen(theme.color(_INKS[kind]))
        centre = Qt.AlignmentFlag.AlignHCenter if kind == "moment" else Qt.AlignmentFlag.AlignLeft
        painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | centre, one.text)

    def _paint_due(self, painter: QPainter, row: TaskRow, place: RowLayout, rect: QRect) -> None:
        theme, pitch = self._theme, self._theme.px(_BELOW)
        side = Qt.AlignmentFlag.AlignLeft if place.is_due_below else Qt.AlignmentFlag.AlignRight
        painter.setFont(self._due)
        for number, (text, role) in enumerate(((row.due, _TONES[row.tone]), (row.note, "second"))):
            painter.setPen(theme.color(role))
            line = QRect(rect.left(), rect.top() + number * pitch, rect.width(), pitch)
            shown = painter.fontMetrics().elidedText(one_line(text), Qt.TextElideMode.ElideRight, rect.width())
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | side, shown)
