"""The list of notes: the view, its rows, and the delegate that paints them."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetrics, QHelpEvent, QKeyEvent, QKeySequence, QPainter, QPainterPath
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
    QWidget,
)

from app.core.ids import NoteId
from app.core.note import NoteEntry, shown_title
from app.ui.style.phrases import short_day
from app.ui.style.theme import Theme
from app.ui.widgets.basics import plain_tool_tip
from app.ui.widgets.long_text import one_line
from app.ui.widgets.row_list import RowList, paint_ring
from app.ui.widgets.text_wrapping import TextWrapping

_Index = QModelIndex | QPersistentModelIndex
_ROOT = QModelIndex()
_PADDING, _TITLE, _DETAIL, _TAG, _MOST_LINES = 16, 23, 18, 18, 2  # design pixels, and lines of the excerpt


class NoteListModel(QAbstractListModel):
    """Holds the entries in their order."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.entries: list[NoteEntry] = []

    def show_entries(self, entries: Sequence[NoteEntry]) -> bool:
        """Show these notes; False if they are the same ones in the same order."""
        if [entry.id for entry in entries] == [entry.id for entry in self.entries]:
            changed = [n for n, (old, new) in enumerate(zip(self.entries, entries, strict=True)) if old != new]
            self.entries = list(entries)
            for n in changed:
                self.dataChanged.emit(self.index(n), self.index(n))
            return False
        self.beginResetModel()
        self.entries = list(entries)
        self.endResetModel()
        return True

    def rowCount(self, parent: _Index = _ROOT) -> int:
        """Qt: the number of rows."""
        return 0 if parent.isValid() else len(self.entries)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Qt: a row as text for screen readers."""
        if index.isValid() and role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            entry = self.entries[index.row()]
            parts = [shown_title(entry.title), "pinned" if entry.is_pinned else "", aside_of(entry), entry.excerpt]
            return ", ".join(part for part in [*parts, *(f"tag {tag}" for tag in entry.tags)] if part)
        return None

    def row_of(self, note: NoteId | None) -> int:
        """The row of a note; -1 if it is not listed."""
        return next((n for n, entry in enumerate(self.entries) if entry.id == note), -1)


def aside_of(entry: NoteEntry) -> str:
    """What stands beside the title: when it was edited, or came into the trash."""
    return short_day(entry.deleted or entry.edited)


class NoteDelegate(QStyledItemDelegate):
    """Paints a row: the title, the day, the beginning of the text, and the tags."""

    def __init__(self, theme: Theme, rows: NoteListModel, parent: QListView) -> None:
        super().__init__(parent)
        self._theme, self._rows, self._list = theme, rows, parent
        self._wrapping = TextWrapping(theme.font(13), theme.px(_DETAIL))
        theme.changed.connect(self._renew)

    def _renew(self) -> None:
        self._wrapping = TextWrapping(self._theme.font(13), self._theme.px(_DETAIL))

    def _width(self) -> int:
        return max(1, self._list.viewport().width() - 2 * self._theme.px(_PADDING))

    def _excerpt(self, entry: NoteEntry) -> list[str]:
        """The rows of the excerpt; what does not fit the last is elided as it is painted."""
        text = one_line(entry.excerpt)
        if not text:
            return []
        layout = self._wrapping.layout(text, self._width())
        starts = [layout.lineAt(n).textStart() for n in range(min(layout.lineCount(), _MOST_LINES))]
        return [text[start:end] for start, end in zip(starts, [*starts[1:], len(text)], strict=True)]

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Qt: as high as what is there."""
        entry, px = self._rows.entries[index.row()], self._theme.px
        tags, text = px(_TAG + 3) if entry.tags else 0, one_line(entry.excerpt)
        lines = min(self._wrapping.line_count(text, self._width()), _MOST_LINES) if text else 0
        return QSize(100, px(12 + _TITLE + 12) + lines * px(_DETAIL) + tags)

    def helpEvent(
        self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: _Index
    ) -> bool:
        """Qt: a title that is elided is whole in a tool tip."""
        if event.type() != QEvent.Type.ToolTip or not index.isValid():
            return super().helpEvent(event, view, option, index)
        title = one_line(self._rows.entries[index.row()].title)
        is_whole = QFontMetrics(self._theme.font(14, 600)).horizontalAdvance(title) <= self._width() * 0.7
        QToolTip.showText(event.globalPos(), "" if is_whole else plain_tool_tip(title), view)
        return True

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Qt: paint a row."""
        theme, px, entry = self._theme, self._theme.px, self._rows.entries[index.row()]
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, theme.color("page"))
            painter.fillRect(QRect(rect.left(), rect.top(), px(3), rect.height()), theme.color("accent"))
        painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), theme.color("line"))
        left, width, top = rect.left() + px(_PADDING), self._width(), rect.top() + px(12)
        self._paint_title(painter, entry, QRect(left, top, width, px(_TITLE)))
        top += px(_TITLE)
        painter.setFont(theme.font(13))
        painter.setPen(theme.color("second"))
        for line in self._excerpt(entry):
            elided = painter.fontMetrics().elidedText(line.strip(), Qt.TextElideMode.ElideRight, width)
            painter.drawText(QRect(left, top, width, px(_DETAIL)), Qt.AlignmentFlag.AlignVCenter, elided)
            top += px(_DETAIL)
        self._paint_tags(painter, entry, left, top + px(2), width)
        paint_ring(painter, option, theme, self._list)
        painter.restore()

    def _paint_title(self, painter: QPainter, entry: NoteEntry, room: QRect) -> None:
        theme, px = self._theme, self._theme.px
        painter.setFont(theme.font(12, is_tabular=True))
        painter.setPen(theme.color("second"))
        aside = aside_of(entry)
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.drawText(room.adjusted(0, 0, 0, -2), right, aside)
        free = room.adjusted(0, 0, -painter.fontMetrics().horizontalAdvance(aside) - px(10), 0)
        if entry.is_pinned:
            self._paint_pin(painter, QRectF(free.left(), free.center().y() - px(5), px(8), px(11)))
            free.setLeft(free.left() + px(14))
        painter.setFont(theme.font(14, 600))
        painter.setPen(theme.color("text" if entry.title else "second"))
        title = one_line(shown_title(entry.title))
        elided = painter.fontMetrics().elidedText(title, Qt.TextElideMode.ElideRight, free.width())
        painter.drawText(free, Qt.AlignmentFlag.AlignVCenter, elided)

    def _paint_pin(self, painter: QPainter, room: QRectF) -> None:
        """A pin: a head, and a needle below it."""
        painter.save()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("accent"))
        shape = QPainterPath()
        width, height = room.width(), room.height()
        shape.addRoundedRect(QRectF(room.left(), room.top(), width, height * 0.55), 2, 2)
        shape.addRect(QRectF(room.center().x() - width * 0.08, room.top() + height * 0.5, width * 0.16, height * 0.5))
        painter.drawPath(shape)
        painter.restore()

    def _paint_tags(self, painter: QPainter, entry: NoteEntry, left: int, top: int, width: int) -> None:
        theme, px, at = self._theme, self._theme.px, left
        painter.setFont(theme.font(12))
        for tag in entry.tags:
            words = painter.fontMetrics().elidedText(one_line(tag), Qt.TextElideMode.ElideRight, width - px(12))
            chip = QRectF(at, top, painter.fontMetrics().horizontalAdvance(words) + px(12), px(_TAG))
            if chip.right() > left + width:
                break
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.color("soft"))
            painter.drawRoundedRect(chip, px(6), px(6))
            painter.setPen(theme.color("accent"))
            painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, words)
            at += round(chip.width()) + px(5)


class NoteList(RowList):
    """`opened` carries the id of the chosen note, `delete_wanted` that of one that goes to the trash."""

    opened = Signal(str)
    delete_wanted = Signal(str)
    paste_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        self.rows = NoteListModel(parent)
        super().__init__(theme, self.rows, "Notes", parent)
        self.setItemDelegate(NoteDelegate(theme, self.rows, self))
        self.clicked.connect(self._open)

    def show_entries(self, entries: Sequence[NoteEntry], chosen: NoteId | None) -> None:
        """Show these notes; the chosen one is selected, and the list stays where it is."""
        before = self.verticalScrollBar().value()
        if self.rows.show_entries(entries):
            self.doItemsLayout()
        self.select(chosen, reveals=False)
        self.verticalScrollBar().setValue(before)

    def select(self, note: NoteId | None, *, reveals: bool = True) -> None:
        """Select the row of a note without opening it."""
        self.select_row(self.rows.row_of(note), reveals=reveals)

    def _open(self, index: QModelIndex) -> None:
        if index.isValid():
            self.opened.emit(self.rows.entries[index.row()].id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt: Enter opens a row, Del moves it to the trash, and what is pasted becomes a note."""
        index = self.currentIndex()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open(index)
        elif event.key() == Qt.Key.Key_Delete and index.isValid():
            self.delete_wanted.emit(self.rows.entries[index.row()].id)
        elif event.matches(QKeySequence.StandardKey.Paste):
            self.paste_wanted.emit()
        else:
            super().keyPressEvent(event)
