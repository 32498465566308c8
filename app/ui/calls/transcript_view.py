"""How the lines of a transcript are laid out and painted, and what a click or key on them does."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QPointF, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QFontMetrics,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPen,
    QResizeEvent,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from app.core.export import clock
from app.core.transcript import Utterance
from app.ui.calls.transcript_model import TranscriptModel, unsure_words
from app.ui.runtime import clipboard
from app.ui.style.theme import Theme
from app.ui.widgets.basics import PASSED_ON

_Index = QModelIndex | QPersistentModelIndex
_OUTER, _TIME, _PAD, _PITCH, _BLEED, _ENDS = 22, 50, 5, 21, 8, 12  # of the design: margins, column of times, and so on


class TranscriptDelegate(QStyledItemDelegate):
    """Paints a line: time, speaker, text; heights are kept until the width changes."""

    def __init__(self, theme: Theme, model: TranscriptModel, parent: "TranscriptView") -> None:
        super().__init__(parent)
        self._theme, self._model, self._view = theme, model, parent
        self._heights: dict[int, int] = {}
        self._width = -1
        self.playing_row = -1
        self._body = theme.font(14)
        self._strong = theme.font(14, 600)
        self._stamp = theme.font(13, is_tabular=True)
        self._option = QTextOption()
        self._option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        model.modelReset.connect(self._heights.clear)
        model.rowsInserted.connect(self._forget_last)

    def _forget_last(self, _: QModelIndex, first: int) -> None:
        self._heights.pop(first - 1, None)

    @property
    def text_left(self) -> int:
        """Where the column of text begins."""
        px = self._theme.px
        wide = QFontMetrics(self._stamp).horizontalAdvance("0:00:00") if self._has_hours() else 0
        return px(_OUTER) + max(px(_TIME), wide + px(10))

    def _has_hours(self) -> bool:
        rows = self._model.rowCount()
        return rows > 0 and self._model.utterance(rows - 1).start >= 3600

    def _text_width(self) -> int:
        return max(60, self._view.viewport().width() - self.text_left - self._theme.px(_OUTER))

    def _above(self, row: int) -> int:
        """Room above the first line."""
        return self._theme.px(_ENDS) if row == 0 else 0

    def _laid(self, text: str, width: int) -> tuple[QTextLayout, int]:
        layout = QTextLayout(text, self._body)
        layout.setTextOption(self._option)
        layout.beginLayout()
        pitch, count = self._theme.px(_PITCH), 0
        while (line := layout.createLine()).isValid():
            line.setLineWidth(width)
            line.setPosition(QPointF(0, count * pitch + (pitch - line.height()) / 2))
            count += 1
        layout.endLayout()
        return layout, count

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Qt: the height of a line at the view's width."""
        width = self._text_width()
        if width != self._width:
            self._width = width
            self._heights.clear()
        row = index.row()
        height = self._heights.get(row)
        if height is None:
            _, count = self._laid(self._model.utterance(row).text, width)
            height = (count + 1) * self._theme.px(_PITCH) + 2 * self._theme.px(_PAD)
            height += self._above(row) + (self._theme.px(_ENDS) if row == self._model.rowCount() - 1 else 0)
            self._heights[row] = height
        return QSize(width, height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Qt: paint a line."""
        theme, utterance = self._theme, self._model.utterance(index.row())
        px = theme.px
        rect: QRect = option.rect
        below = px(_ENDS) if index.row() == self._model.rowCount() - 1 else 0
        rect = rect.adjusted(0, self._above(index.row()), 0, -below)
        state: QStyle.StateFlag = option.state
        is_playing = index.row() == self.playing_row
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        back = QRectF(rect).adjusted(px(_OUTER - _BLEED), 0, -px(_OUTER - _BLEED), 0)
        painter.setPen(Qt.PenStyle.NoPen)
        if is_playing or state & QStyle.StateFlag.State_Selected:
            painter.setBrush(theme.color("playing" if is_playing else "soft"))
            painter.drawRoundedRect(back, px(6), px(6))
        if state & QStyle.StateFlag.State_HasFocus:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.color("accent"), 2))
            painter.drawRoundedRect(back.adjusted(1, 1, -1, -1), px(6), px(6))
        pitch, top = px(_PITCH), rect.top() + px(_PAD)
        painter.setFont(self._stamp)
        painter.setPen(theme.color("text" if is_playing else "second"))
        stamp = QRect(px(_OUTER), top, self.text_left, pitch)
        painter.drawText(stamp, Qt.AlignmentFlag.AlignVCenter, clock(utterance.start))
        you = self._model.speakers.you
        painter.setFont(self._strong)
        is_own = utterance.channel == you if you is not None else utterance.channel == 0
        painter.setPen(theme.color("accent" if is_own else "other"))
        name = self._model.speakers.name(utterance.channel)
        width = self._text_width()
        fitting = QFontMetrics(self._strong).elidedText(name, Qt.TextElideMode.ElideRight, width)
        painter.drawText(QRect(self.text_left, top, width, pitch), Qt.AlignmentFlag.AlignVCenter, fitting)
        layout, _ = self._laid(utterance.text, width)
        origin = QPointF(self.text_left, top + pitch)
        painter.setPen(theme.color("text"))
        layout.draw(painter, origin)
        self._underline(painter, layout, utterance, origin)
        painter.restore()

    def _underline(self, painter: QPainter, layout: QTextLayout, utterance: Utterance, origin: QPointF) -> None:
        """A dotted line below each word that was hardly recognised."""
        pen = QPen(self._theme.color("warning"), max(1.5, self._theme.scale * 1.6))
        pen.setStyle(Qt.PenStyle.CustomDashLine)
        pen.setDashPattern([1.1, 1.1])
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        for start, end in unsure_words(utterance):
            line = layout.lineForTextPosition(start)
            stop = min(end, line.textStart() + line.textLength())
            edges = [_x(line.cursorToX(place)) for place in (start, stop)]
            y = origin.y() + line.y() + line.ascent() + self._theme.px(4)
            painter.drawLine(QPointF(origin.x() + edges[0], y), QPointF(origin.x() + edges[1], y))


def _x(found: object) -> float:
    return float(found[0] if isinstance(found, tuple) else found)  # type: ignore[arg-type]


class TranscriptView(QListView):
    """The transcript as a list; `sought` emits the start of a line whose time was clicked."""

    sought = Signal(float)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.lines = TranscriptModel(self)
        self._delegate = TranscriptDelegate(theme, self.lines, self)
        self.setModel(self.lines)
        self.setItemDelegate(self._delegate)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setResizeMode(QListView.ResizeMode.Fixed)
        self.verticalScrollBar().setSingleStep(theme.px(_PITCH) * 2)
        self.viewport().setMouseTracking(True)
        self.setAccessibleName("Transcript")
        self.viewport().setAccessibleName("Transcript")
        self._settled = QTimer(self)
        self._settled.setSingleShot(True)
        self._settled.setInterval(60)
        self._settled.timeout.connect(self._lay_out_anew)
        theme.changed.connect(self.viewport().update)

    def mark(self, row: int, follows: bool) -> None:
        """Mark the line that plays; with `follows` it is scrolled into sight."""
        if row == self._delegate.playing_row:
            return
        old, self._delegate.playing_row = self._delegate.playing_row, row
        for changed in (old, row):
            if 0 <= changed < self.lines.rowCount():
                self.update(self.lines.index(changed))
        if follows and row >= 0:
            self.reveal(row)

    @property
    def marked_row(self) -> int:
        """The row that is marked as the one that plays, or -1."""
        return self._delegate.playing_row

    def reveal(self, row: int, is_centred: bool = False) -> None:
        """Scroll so that a row can be seen."""
        hints = QAbstractItemView.ScrollHint
        self.scrollTo(self.lines.index(row), hints.PositionAtCenter if is_centred else hints.EnsureVisible)

    def copy(self) -> None:
        """Put the selected lines on the clipboard."""
        rows = {index.row() for index in self.selectedIndexes()}
        if rows:
            clipboard.put(self.lines.as_text(rows))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt: lay the lines out anew once the width has settled."""
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self._settled.start()

    def _lay_out_anew(self) -> None:
        anchor = self.indexAt(QPoint(self._theme.px(_OUTER), 1))
        self.scheduleDelayedItemsLayout()
        if anchor.isValid() and anchor.row() > 0:
            self.scrollTo(anchor, QAbstractItemView.ScrollHint.PositionAtTop)

    def _is_on_time(self, point: QPoint) -> bool:
        index = self.indexAt(point)
        if not index.isValid() or point.x() > self._delegate.text_left - 2:
            return False
        deep = _PITCH + _PAD + (_ENDS if index.row() == 0 else 0)
        return point.y() - self.visualRect(index).top() <= self._theme.px(deep)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Qt: a click on a time goes there, elsewhere it selects."""
        point = event.position().toPoint()
        if event.button() == Qt.MouseButton.LeftButton and self._is_on_time(point):
            self.sought.emit(self.lines.utterance(self.indexAt(point).row()).start)
            return
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Qt: times look like links."""
        on_time = self._is_on_time(event.position().toPoint())
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if on_time else Qt.CursorShape.ArrowCursor)
        super().mouseMoveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt: copy, play from the line, and leave the player's keys to the player."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.sought.emit(self.lines.utterance(self.currentIndex().row()).start)
        elif event.key() in PASSED_ON:
            event.ignore()
        else:
            super().keyPressEvent(event)
