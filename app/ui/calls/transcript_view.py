"""The transcript view: how lines are laid out and painted, and what clicks and keys on them do."""

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
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from app.core.ids import UtteranceId
from app.core.transcript import Utterance
from app.ui.calls.commands import COMMANDS
from app.ui.calls.line_words import LineWords
from app.ui.calls.transcript_model import TranscriptModel, stamp_of, unsure_spans
from app.ui.navigation.command import command_for_key
from app.ui.runtime import clipboard
from app.ui.style.focus_ring import has_ring
from app.ui.style.theme import Theme
from app.ui.widgets.long_text import one_line
from app.ui.widgets.text_wrapping import TextWrapping

_PATIENCE = 300  # milliseconds in which a second click makes a double click; longer, and playing would feel slow
_Index = QModelIndex | QPersistentModelIndex
_MARGIN, _TIME_WIDTH, _PADDING, _LINE_PITCH, _HIGHLIGHT_BLEED, _END_SPACE = 22, 50, 5, 21, 8, 12  # design pixels


class TranscriptDelegate(QStyledItemDelegate):
    """Paints a line: time, speaker, text.

    All rows are laid out and painted for one width, which changes when the view lays them all out: a row that was
    painted for another width than it was laid out for would lie on the next.
    """

    def __init__(self, theme: Theme, model: TranscriptModel, parent: "TranscriptView") -> None:
        super().__init__(parent)
        self._theme, self._model, self._view = theme, model, parent
        self._heights: dict[int, int] = {}
        self._width = -1
        self.playing_row = -1
        self._strong = theme.font(14, 600)
        self._stamp = theme.font(13, is_tabular=True)
        self._wrapping = TextWrapping(theme.font(14), theme.px(_LINE_PITCH))
        model.modelReset.connect(self._heights.clear)
        model.rowsInserted.connect(self._forget_last_height)
        model.dataChanged.connect(self._forget_height)

    def _forget_last_height(self, _: QModelIndex, first: int) -> None:
        self._heights.pop(first - 1, None)

    def _forget_height(self, index: QModelIndex) -> None:
        self._heights.pop(index.row(), None)
        self.sizeHintChanged.emit(index)

    def _heading_height(self, row: int) -> int:
        """The height of the line with the speaker's name; 0 where none is shown."""
        return self._theme.px(_LINE_PITCH) if self._model.heading(row) else 0

    @property
    def text_left(self) -> int:
        """The x position where the text column begins."""
        px = self._theme.px
        wide = QFontMetrics(self._stamp).horizontalAdvance("0:00:00") if self._has_hours() else 0
        return px(_MARGIN) + max(px(_TIME_WIDTH), wide + px(10))

    def _has_hours(self) -> bool:
        rows = self._model.rowCount()
        return rows > 0 and self._model.utterance(rows - 1).start >= 3600

    def take_width(self) -> None:
        """Lay out and paint all rows for the view's width from now on."""
        width = max(60, self._view.viewport().width() - self.text_left - self._theme.px(_MARGIN))
        if width != self._width:
            self._width = width
            self._heights.clear()

    def _text_width(self) -> int:
        if self._width < 0:
            self.take_width()
        return self._width

    def _space_above(self, row: int) -> int:
        """Extra space above a row; only the first has any."""
        return self._theme.px(_END_SPACE) if row == 0 else 0

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Qt: the height of a line at the view's width."""
        width = self._text_width()
        row = index.row()
        height = self._heights.get(row)
        if height is None:
            count = self._wrapping.line_count(self._model.utterance(row).text, width)
            height = count * self._theme.px(_LINE_PITCH) + self._heading_height(row) + 2 * self._theme.px(_PADDING)
            height += self._space_above(row) + (self._theme.px(_END_SPACE) if row == self._model.rowCount() - 1 else 0)
            self._heights[row] = height
        return QSize(width, height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Qt: paint a line."""
        theme, utterance = self._theme, self._model.utterance(index.row())
        px = theme.px
        rect: QRect = option.rect
        below = px(_END_SPACE) if index.row() == self._model.rowCount() - 1 else 0
        rect = rect.adjusted(0, self._space_above(index.row()), 0, -below)
        state: QStyle.StateFlag = option.state
        is_playing = index.row() == self.playing_row
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        background = QRectF(rect).adjusted(px(_MARGIN - _HIGHLIGHT_BLEED), 0, -px(_MARGIN - _HIGHLIGHT_BLEED), 0)
        painter.setPen(Qt.PenStyle.NoPen)
        if is_playing or state & QStyle.StateFlag.State_Selected:
            painter.setBrush(theme.color("playing" if is_playing else "soft"))
            painter.drawRoundedRect(background, px(6), px(6))
        if state & QStyle.StateFlag.State_HasFocus and has_ring(self._view):
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.color("accent"), 2))
            painter.drawRoundedRect(background.adjusted(1, 1, -1, -1), px(6), px(6))
        pitch, top = px(_LINE_PITCH), rect.top() + px(_PADDING)
        painter.setFont(self._stamp)
        painter.setPen(theme.color("text" if is_playing else "second"))
        stamp = QRect(px(_MARGIN), top, self.text_left, pitch)
        painter.drawText(stamp, Qt.AlignmentFlag.AlignVCenter, stamp_of(utterance))
        painter.setFont(self._strong)
        painter.setPen(theme.color("accent" if self._model.is_own(index.row()) else "other"))
        width = self._text_width()
        heading = self.heading(index.row(), width)
        painter.drawText(QRect(self.text_left, top, width, pitch), Qt.AlignmentFlag.AlignVCenter, heading)
        layout = self._wrapping.layout(utterance.text, width)
        origin = QPointF(self.text_left, top + self._heading_height(index.row()))
        painter.setPen(theme.color("text"))
        layout.draw(painter, origin)
        self._underline(painter, layout, utterance, origin)
        painter.restore()

    def heading(self, row: int, width: int) -> str:
        """The heading of a row in so many pixels: a long name is cut, the mark of the language never."""
        name, mark = one_line(self._model.name(row)), self._model.mark(row)
        metrics, end = QFontMetrics(self._strong), f" · {mark}" if name and mark else mark
        room = max(0, width - metrics.horizontalAdvance(end))
        return metrics.elidedText(name, Qt.TextElideMode.ElideRight, room) + end

    def words_rect(self, row: int, rect: QRect) -> QRect:
        """Where the words of a row stand, given the row's rectangle."""
        top = rect.top() + self._space_above(row) + self._theme.px(_PADDING) + self._heading_height(row)
        count = self._wrapping.line_count(self._model.utterance(row).text, self._text_width())
        return QRect(self.text_left, top, self._text_width(), count * self._theme.px(_LINE_PITCH))

    def _underline(self, painter: QPainter, layout: QTextLayout, utterance: Utterance, origin: QPointF) -> None:
        """Draw a dotted line below each word recognised with low probability."""
        pen = QPen(self._theme.color("warning"), max(1.5, self._theme.scale * 1.6))
        pen.setStyle(Qt.PenStyle.CustomDashLine)
        pen.setDashPattern([1.1, 1.1])
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        for start, end in unsure_spans(utterance):
            line = layout.lineForTextPosition(start)
            stop = min(end, line.textStart() + line.textLength())
            edges = [_x_of(line.cursorToX(offset)) for offset in (start, stop)]
            y = origin.y() + line.y() + line.ascent() + self._theme.px(4)
            painter.drawLine(QPointF(origin.x() + edges[0], y), QPointF(origin.x() + edges[1], y))


def _x_of(cursor_x: object) -> float:
    return float(cursor_x[0] if isinstance(cursor_x, tuple) else cursor_x)  # type: ignore[arg-type]


class TranscriptView(QListView):
    """The transcript as a list of lines."""

    seek_wanted = Signal(float)  # seconds: the start of the line whose time was clicked, or that was chosen by Enter

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
        self.verticalScrollBar().setSingleStep(theme.px(_LINE_PITCH) * 2)
        self.viewport().setMouseTracking(True)
        self.plays_on_click = True
        self._pressed: QPoint | None = None
        self._words: LineWords | None = None
        self._click_timer = QTimer(self)  # a double click is not also a click
        self._click_timer.setSingleShot(True)
        self._click_timer.setInterval(min(_PATIENCE, QApplication.doubleClickInterval()))
        self._click_timer.timeout.connect(self._play_clicked)
        self._clicked_row = -1
        self.setAccessibleName("Transcript")
        self.viewport().setAccessibleName("Transcript")
        self._settle_timer = QTimer(self)
        self._settle_timer.setSingleShot(True)
        self._settle_timer.setInterval(60)
        self._settle_timer.timeout.connect(self._lay_out_rows)
        theme.changed.connect(self.viewport().update)

    def set_plays_on_click(self, plays: bool) -> None:
        """Choose whether a click on a line plays it."""
        self.plays_on_click = plays

    def mark(self, row: int, follows: bool) -> None:
        """Mark the playing line; with `follows`, scroll it into view."""
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
        """The row marked as playing, or -1."""
        return self._delegate.playing_row

    def reveal(self, row: int, is_centred: bool = False) -> None:
        """Scroll a row into view."""
        hints = QAbstractItemView.ScrollHint
        self.scrollTo(self.lines.index(row), hints.PositionAtCenter if is_centred else hints.EnsureVisible)

    def place(self) -> tuple[UtteranceId, int] | None:
        """The line at the top and the pixels from its top; None at the beginning of the transcript."""
        index = self.indexAt(QPoint(self._theme.px(_MARGIN), 1))
        if not self.verticalScrollBar().value() or not index.isValid():
            return None
        return self.lines.utterance(index.row()).id, -self.visualRect(index).top()

    def go_to(self, place: tuple[UtteranceId, int] | None) -> None:
        """Scroll to a place, or to the beginning."""
        row, offset = (-1, 0) if place is None else (self.lines.row_of(place[0]), place[1])
        self.doItemsLayout()
        bar = self.verticalScrollBar()
        bar.setValue(0 if row < 0 else bar.value() + self.visualRect(self.lines.index(row)).top() + offset)

    def copy(self) -> None:
        """Copy the selected lines to the clipboard."""
        rows = {index.row() for index in self.selectedIndexes()}
        if rows:
            clipboard.copy_text(self.lines.as_text(rows))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt: lay the lines out again once the width has settled."""
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self._settle_timer.start()

    def doItemsLayout(self) -> None:
        """Qt: lay out all rows, for the width that the view has now."""
        self._delegate.take_width()
        super().doItemsLayout()

    def _lay_out_rows(self) -> None:
        self.go_to(self.place())

    def _is_over_time(self, point: QPoint) -> bool:
        index = self.indexAt(point)
        if not index.isValid() or point.x() > self._delegate.text_left - 2:
            return False
        height = _LINE_PITCH + _PADDING + (_END_SPACE if index.row() == 0 else 0)
        return point.y() - self.visualRect(index).top() <= self._theme.px(height)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Qt: a click on a time seeks to it, elsewhere it selects; released where it was pressed, it plays the line."""
        point = event.position().toPoint()
        self._close_words()
        self._click_timer.stop()
        has_modifier = event.modifiers() != Qt.KeyboardModifier.NoModifier
        is_click = event.button() == Qt.MouseButton.LeftButton and not has_modifier
        self._pressed = point if is_click and not self._is_over_time(point) else None
        if event.button() == Qt.MouseButton.LeftButton and self._is_over_time(point):
            self.seek_wanted.emit(self.lines.utterance(self.indexAt(point).row()).start)
            return
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Qt: a click on a line plays it, unless it was dragged over several or is the first of two."""
        super().mouseReleaseEvent(event)
        pressed, self._pressed = self._pressed, None
        point = event.position().toPoint()
        index = self.indexAt(point)
        if pressed is None or not index.isValid() or self.indexAt(pressed) != index:
            return
        if (point - pressed).manhattanLength() < QApplication.startDragDistance() and self.plays_on_click:
            self._clicked_row = index.row()
            self._click_timer.start()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Qt: a double click selects the word under it, in a field from which words can be copied."""
        self._click_timer.stop()
        self._pressed = None
        index = self.indexAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and index.isValid():
            self._open_words(index.row(), event.position().toPoint())

    def _play_clicked(self) -> None:
        if 0 <= self._clicked_row < self.lines.rowCount():
            self.seek_wanted.emit(self.lines.utterance(self._clicked_row).start)

    def _open_words(self, row: int, point: QPoint) -> None:
        """Lay a field with the words of a line over it, with the word at a point selected."""
        self._close_words()
        place = self._delegate.words_rect(row, self.visualRect(self.lines.index(row)))
        self._words = LineWords(self._theme, self.lines.utterance(row).text, self.viewport())
        self._words.setGeometry(place)
        self._words.show()
        self._words.setFocus(Qt.FocusReason.MouseFocusReason)
        self._words.select_word_at(point - place.topLeft())
        self._words.closed.connect(self._close_words)

    def _close_words(self) -> None:
        words, self._words = self._words, None
        if words is not None:
            words.hide()
            words.deleteLater()

    @property
    def words(self) -> "LineWords | None":
        """The field with the words of one line, while they are being selected."""
        return self._words

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        """Qt: the field with words is on its line only until that moves."""
        self._close_words()
        super().scrollContentsBy(dx, dy)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Qt: show a link's cursor over times."""
        is_over_time = self._is_over_time(event.position().toPoint())
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if is_over_time else Qt.CursorShape.ArrowCursor)
        super().mouseMoveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt: copy, play from the current line, and pass the keys of commands on."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.seek_wanted.emit(self.lines.utterance(self.currentIndex().row()).start)
        elif command_for_key(COMMANDS, event) is not None:
            event.ignore()
        else:
            super().keyPressEvent(event)
