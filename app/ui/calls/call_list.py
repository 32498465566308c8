"""The list of calls: the view, and the delegate that paints its rows."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPen, QTextLayout, QTextOption
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app.ui.calls.call_list_model import CallListModel, CallListRow
from app.ui.calls.commands import COMMANDS
from app.ui.navigation.command import command_for_key
from app.ui.style.theme import Theme
from app.ui.widgets.basics import button

_Index = QModelIndex | QPersistentModelIndex
_MAX_DETAIL_LINES = 2
_PADDING, _TITLE_HEIGHT, _DETAIL_HEIGHT = 16, 21, 18  # design pixels


class CallDelegate(QStyledItemDelegate):
    """Paints a row: title, day, up to two lines of detail, and progress."""

    def __init__(self, theme: Theme, rows: CallListModel, parent: "CallList") -> None:
        super().__init__(parent)
        self._theme, self._rows, self._list = theme, rows, parent

    def _width(self) -> int:
        return max(60, self._list.viewport().width() - 2 * self._theme.px(_PADDING))

    def _wrap_detail(self, row: CallListRow) -> list[str]:
        """The detail wrapped into lines; the last holds all the rest, to be elided when painted."""
        font = self._theme.font(13)
        layout = QTextLayout(row.detail.replace("\n", " "), font)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(option)
        width = self._width() - (self._theme.px(64) if row.work else 0)
        lines: list[str] = []
        layout.beginLayout()
        while (line := layout.createLine()).isValid() and len(lines) < _MAX_DETAIL_LINES:
            line.setLineWidth(width)
            start = line.textStart()
            is_last = len(lines) == _MAX_DETAIL_LINES - 1
            lines.append(layout.text()[start:] if is_last else layout.text()[start : start + line.textLength()])
        layout.endLayout()
        return lines

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Qt: as tall as its lines need."""
        row = self._rows.rows[index.row()]
        px = self._theme.px
        height = px(12) + px(_TITLE_HEIGHT) + len(self._wrap_detail(row)) * px(_DETAIL_HEIGHT) + px(9)
        if row.work is not None:
            height += px(10)
        return QSize(100, max(height, px(54)))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Qt: paint a row."""
        theme, px = self._theme, self._theme.px
        row = self._rows.rows[index.row()]
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, theme.color("page"))
            painter.fillRect(QRect(rect.left(), rect.top(), px(3), rect.height()), theme.color("accent"))
        painter.fillRect(QRect(rect.left(), rect.bottom(), rect.width(), 1), theme.color("line"))
        left, width, top = rect.left() + px(_PADDING), self._width(), rect.top() + px(12)
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.setFont(theme.font(12, is_tabular=True))
        painter.setPen(theme.color("second"))
        painter.drawText(QRect(left, top, width, px(_TITLE_HEIGHT) - 2), right, row.aside)
        free_width = width - painter.fontMetrics().horizontalAdvance(row.aside) - px(10)
        painter.setFont(theme.font(14, 600))
        painter.setPen(theme.color("text"))
        title = painter.fontMetrics().elidedText(row.title, Qt.TextElideMode.ElideRight, free_width)
        painter.drawText(QRect(left, top, free_width, px(_TITLE_HEIGHT)), Qt.AlignmentFlag.AlignVCenter, title)
        painter.setFont(theme.font(13))
        painter.setPen(theme.color("danger" if row.is_error else "second"))
        y = top + px(_TITLE_HEIGHT)
        free_width = width - (px(64) if row.work else 0)
        for line in self._wrap_detail(row):
            elided = painter.fontMetrics().elidedText(line.strip(), Qt.TextElideMode.ElideRight, free_width)
            painter.drawText(
                QRect(left, y, free_width + px(4), px(_DETAIL_HEIGHT)), Qt.AlignmentFlag.AlignVCenter, elided
            )
            y += px(_DETAIL_HEIGHT)
        if row.work is not None:
            painter.setPen(Qt.PenStyle.NoPen)
            track = QRectF(left, rect.bottom() - px(14), width, px(4))
            painter.setBrush(theme.color("line"))
            painter.drawRoundedRect(track, 2, 2)
            if row.fraction:
                painter.setBrush(theme.color("accent"))
                track.setWidth(width * row.fraction)
                painter.drawRoundedRect(track, 2, 2)
        if state & QStyle.StateFlag.State_HasFocus and self._list.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.color("accent"), 2))
            painter.drawRoundedRect(QRectF(rect).adjusted(2, 2, -2, -3), px(6), px(6))
        painter.restore()


class CallList(QListView):
    """`opened` carries the chosen row; `cancel_wanted` the work to cancel."""

    opened = Signal(object)
    cancel_wanted = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.rows = CallListModel(self)
        self.setModel(self.rows)
        self.setItemDelegate(CallDelegate(theme, self.rows, self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setLayoutMode(QListView.LayoutMode.Batched)
        self.setBatchSize(200)
        self.setAccessibleName("Calls")
        self.viewport().setAccessibleName("Calls")
        self.clicked.connect(self._open)
        self._buttons: dict[str, QWidget] = {}
        theme.changed.connect(self.viewport().update)

    def show_rows(self, rows: list[CallListRow]) -> None:
        """Show these rows; each row with a job gets a Cancel button."""
        current_index = self.currentIndex()
        current = self.rows.rows[current_index.row()].key if current_index.isValid() else ""
        before = [(row.key, row.work is None, len(row.detail) > 40) for row in self.rows.rows]
        self.rows.show_rows(rows)
        if before != [(row.key, row.work is None, len(row.detail) > 40) for row in rows]:
            for n, row in enumerate(rows):
                self.setIndexWidget(self.rows.index(n), self._make_cancel_strip(row) if row.work else None)  # type: ignore[arg-type]
            self.scheduleDelayedItemsLayout()
            position = next((n for n, row in enumerate(rows) if row.key == current), -1)
            if position >= 0:
                self.setCurrentIndex(self.rows.index(position))

    def _make_cancel_strip(self, row: CallListRow) -> QWidget:
        """Make the overlay that holds a row's Cancel button at the right."""
        strip = QWidget(self.viewport())
        strip.setAccessibleName("Work in hand")
        strip.setAttribute(Qt.WidgetAttribute.WA_NoMousePropagation, on=False)
        column = QVBoxLayout(strip)
        px = self._theme.px
        column.setContentsMargins(0, px(12 + _TITLE_HEIGHT) - 2, px(_PADDING) - px(5), 0)
        across = QHBoxLayout()
        across.addStretch(1)
        work = row.work
        across.addWidget(button("Cancel", strip, "link", lambda: self.cancel_wanted.emit(work), f"Cancel: {row.title}"))
        column.addLayout(across)
        column.addStretch(1)
        return strip

    def select(self, call: str, line: int = 0) -> None:
        """Select the row of a call without opening it."""
        position = self.rows.row_of(call, line)
        if position < 0:
            self.clearSelection()
            self.setCurrentIndex(QModelIndex())
        else:
            self.setCurrentIndex(self.rows.index(position))

    def _open(self, index: QModelIndex) -> None:
        if index.isValid():
            self.opened.emit(self.rows.rows[index.row()])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt: Enter opens a row; the keys of commands are passed on."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open(self.currentIndex())
        elif command_for_key(COMMANDS, event) is not None:
            event.ignore()
        else:
            super().keyPressEvent(event)
