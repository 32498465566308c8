"""How the lines of a transcript are laid out and painted."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QHelpEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QAbstractScrollArea,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
)

from app.core.word_places import WordPlace
from app.ui.calls.transcript_model import TranscriptModel, stamp_of
from app.ui.calls.word_marks import WordMarks, word_under
from app.ui.style.focus_ring import has_ring
from app.ui.style.theme import Theme
from app.ui.widgets.long_text import one_line
from app.ui.widgets.text_wrapping import TextWrapping

MARGIN, LINE_PITCH, PADDING, END_SPACE = 22, 21, 5, 12
"""Design pixels: beside lines, from one row of text to the next, above and below a line, before the first and last."""
_TIME_WIDTH, _HIGHLIGHT_BLEED = 50, 8  # design pixels
_DOUBT = "The speech model was only {:.0%} sure of this word. Corrected, it is not underlined any more."
_Index = QModelIndex | QPersistentModelIndex


class TranscriptDelegate(QStyledItemDelegate):
    """Paints a line: time, speaker, text.

    All rows are laid out and painted for one width, which changes when the view lays them all out: a row that was
    painted for another width than it was laid out for would lie on the next.
    """

    def __init__(self, theme: Theme, model: TranscriptModel, parent: QAbstractScrollArea) -> None:
        super().__init__(parent)
        self._theme, self._model, self._view = theme, model, parent
        self._heights: dict[int, int] = {}
        self._width = -1
        self._room = (-1, 0)  # the row over whose words a field lies, and the pixels that it is higher than they are
        self.playing_row = -1
        self.marks = WordMarks(theme)
        self._strong = theme.font(14, 600)
        self._stamp = theme.font(13, is_tabular=True)
        self._wrapping = TextWrapping(theme.font(14), theme.px(LINE_PITCH))
        model.modelReset.connect(self._heights.clear)
        model.rowsInserted.connect(self._forget_last_height)
        model.dataChanged.connect(self._forget_height)

    def _forget_last_height(self, _: QModelIndex, first: int) -> None:
        self._heights.pop(first - 1, None)

    def _forget_height(self, index: QModelIndex) -> None:
        self._heights.pop(index.row(), None)
        self.sizeHintChanged.emit(index)

    def give_room(self, row: int, height: int) -> None:
        """Leave out a row's words, over which a field lies, and make it higher by so many pixels; -1: no row's."""
        before, self._room = self._room, (row, max(0, height))
        if before != self._room:
            for changed in {before[0], row} & set(range(self._model.rowCount())):
                self._heights.pop(changed, None)
                self.sizeHintChanged.emit(self._model.index(changed))

    def _heading_height(self, row: int) -> int:
        """The height of the line with the speaker's name; 0 where none is shown."""
        return self._theme.px(LINE_PITCH) if self._model.heading(row) else 0

    @property
    def text_left(self) -> int:
        """The x position where the text column begins."""
        px = self._theme.px
        wide = QFontMetrics(self._stamp).horizontalAdvance("0:00:00") if self._has_hours() else 0
        return px(MARGIN) + max(px(_TIME_WIDTH), wide + px(10))

    def _has_hours(self) -> bool:
        rows = self._model.rowCount()
        return rows > 0 and self._model.utterance(rows - 1).start >= 3600

    def take_width(self) -> None:
        """Lay out and paint all rows for the view's width from now on."""
        width = max(60, self._view.viewport().width() - self.text_left - self._theme.px(MARGIN))
        if width != self._width:
            self._width = width
            self._heights.clear()

    def _text_width(self) -> int:
        if self._width < 0:
            self.take_width()
        return self._width

    def _space_above(self, row: int) -> int:
        """Extra space above a row; only the first has any."""
        return self._theme.px(END_SPACE) if row == 0 else 0

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Qt: the height of a line at the view's width."""
        width = self._text_width()
        row = index.row()
        height = self._heights.get(row)
        if height is None:
            count = self._wrapping.line_count(self._model.utterance(row).text, width)
            height = count * self._theme.px(LINE_PITCH) + self._heading_height(row) + 2 * self._theme.px(PADDING)
            height += self._room[1] if row == self._room[0] else 0
            height += self._space_above(row) + (self._theme.px(END_SPACE) if row == self._model.rowCount() - 1 else 0)
            self._heights[row] = height
        return QSize(width, height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Qt: paint a line."""
        theme, utterance = self._theme, self._model.utterance(index.row())
        px = theme.px
        rect: QRect = option.rect
        below = px(END_SPACE) if index.row() == self._model.rowCount() - 1 else 0
        rect = rect.adjusted(0, self._space_above(index.row()), 0, -below)
        state: QStyle.StateFlag = option.state
        is_playing = index.row() == self.playing_row
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        background = QRectF(rect).adjusted(px(MARGIN - _HIGHLIGHT_BLEED), 0, -px(MARGIN - _HIGHLIGHT_BLEED), 0)
        painter.setPen(Qt.PenStyle.NoPen)
        if is_playing or state & QStyle.StateFlag.State_Selected:
            painter.setBrush(theme.color("playing" if is_playing else "soft"))
            painter.drawRoundedRect(background, px(6), px(6))
        if state & QStyle.StateFlag.State_HasFocus and has_ring(self._view):
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.color("accent"), 2))
            painter.drawRoundedRect(background.adjusted(1, 1, -1, -1), px(6), px(6))
        pitch, top = px(LINE_PITCH), rect.top() + px(PADDING)
        painter.setFont(self._stamp)
        painter.setPen(theme.color("text" if is_playing else "second"))
        stamp = QRect(px(MARGIN), top, self.text_left, pitch)
        painter.drawText(stamp, Qt.AlignmentFlag.AlignVCenter, stamp_of(utterance))
        painter.setFont(self._strong)
        painter.setPen(theme.color(self._model.ink(index.row())))
        width = self._text_width()
        heading = self.heading(index.row(), width)
        painter.drawText(QRect(self.text_left, top, width, pitch), Qt.AlignmentFlag.AlignVCenter, heading)
        if index.row() == self._room[0]:  # a field lies over its words
            painter.restore()
            return
        layout = self._wrapping.layout(utterance.text, width)
        origin = QPointF(self.text_left, top + self._heading_height(index.row()))
        painter.setPen(theme.color("text"))
        layout.draw(painter, origin, self.marks.formats(utterance, is_playing=is_playing))
        self.marks.underline(painter, layout, utterance, origin)
        painter.restore()

    def heading(self, row: int, width: int) -> str:
        """The heading of a row in so many pixels: a long name is cut, the mark of the language never."""
        name, mark = one_line(self._model.name(row)), self._model.mark(row)
        metrics, end = QFontMetrics(self._strong), f" · {mark}" if name and mark else mark
        room = max(0, width - metrics.horizontalAdvance(end))
        return metrics.elidedText(name, Qt.TextElideMode.ElideRight, room) + end

    def words_rect(self, row: int, rect: QRect) -> QRect:
        """Where the words of a row stand, given the row's rectangle."""
        top = rect.top() + self._space_above(row) + self._theme.px(PADDING) + self._heading_height(row)
        count = self._wrapping.line_count(self._model.utterance(row).text, self._text_width())
        return QRect(self.text_left, top, self._text_width(), count * self._theme.px(LINE_PITCH))

    def is_time_at(self, row: int, point: QPoint) -> bool:
        """Whether the time of a row stands at a point of it."""
        height = self._space_above(row) + self._theme.px(LINE_PITCH + PADDING)
        return point.x() <= self.text_left - 2 and point.y() <= height

    def word_at(self, row: int, rect: QRect, point: QPoint) -> WordPlace | None:
        """The word of a row at a point, given the row's rectangle; None beside its words."""
        place, said = self.words_rect(row, rect), self._model.utterance(row)
        return word_under(self._wrapping.layout(said.text, self._text_width()), said, QPointF(point - place.topLeft()))

    def helpEvent(
        self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: _Index
    ) -> bool:
        """Qt: say why a doubtful word is underlined."""
        word = self.word_at(index.row(), option.rect, event.pos()) if index.isValid() else None
        QToolTip.showText(event.globalPos(), _DOUBT.format(word.probability) if word and word.is_doubtful else "", view)
        return True
