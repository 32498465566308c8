"""The list of calls: the view, and the delegate that paints its rows."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QCursor, QFontMetrics, QHelpEvent, QKeyEvent, QPainter, QTextLayout, QTextOption
from PySide6.QtWidgets import (
    QAbstractItemView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolTip,
    QVBoxLayout,
    QWidget,
)

from app.ui.calls.call_list_model import CallListModel, CallListRow
from app.ui.calls.commands import COMMANDS
from app.ui.navigation.command import command_for_key
from app.ui.style.theme import Theme
from app.ui.widgets.basics import button, plain_tool_tip
from app.ui.widgets.long_text import one_line
from app.ui.widgets.row_list import RowList, paint_ring

if TYPE_CHECKING:
    from app.ui.calls.call_jobs import CallJob

_Index = QModelIndex | QPersistentModelIndex
_MAX_DETAIL_LINES = 2
_PADDING, _TITLE_HEIGHT, _DETAIL_HEIGHT, _BUTTONS = 16, 21, 18, 70  # design pixels


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
        layout = QTextLayout(one_line(row.detail), font)
        option = QTextOption()
        option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        layout.setTextOption(option)
        width = self._width() - (self._theme.px(_BUTTONS) if row.has_buttons else 0)
        lines: list[str] = []
        layout.beginLayout()
        while (line := layout.createLine()).isValid() and len(lines) < _MAX_DETAIL_LINES:
            line.setLineWidth(width)
            start = line.textStart()
            is_last = len(lines) == _MAX_DETAIL_LINES - 1
            lines.append(layout.text()[start:] if is_last else layout.text()[start : start + line.textLength()])
        layout.endLayout()
        return lines

    def _title_width(self, row: CallListRow) -> int:
        day = QFontMetrics(self._theme.font(12, is_tabular=True)).horizontalAdvance(row.aside)
        return self._width() - day - self._theme.px(10)

    def helpEvent(
        self, event: QHelpEvent, view: QAbstractItemView, option: QStyleOptionViewItem, index: _Index
    ) -> bool:
        """Qt: a title that is elided is whole in a tool tip."""
        if event.type() != QEvent.Type.ToolTip or not index.isValid():
            return super().helpEvent(event, view, option, index)
        row = self._rows.rows[index.row()]
        title = one_line(row.title)
        is_whole = QFontMetrics(self._theme.font(14, 600)).horizontalAdvance(title) <= self._title_width(row)
        QToolTip.showText(event.globalPos(), "" if is_whole else plain_tool_tip(title), view)
        return True

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        """Qt: all are equally high, so that none moves or lies on another when its words or its work change."""
        px = self._theme.px
        return QSize(100, px(12 + _TITLE_HEIGHT + _MAX_DETAIL_LINES * _DETAIL_HEIGHT + 19))

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
        free_width = self._title_width(row)
        painter.setFont(theme.font(14, 600))
        painter.setPen(theme.color("text"))
        title = painter.fontMetrics().elidedText(one_line(row.title), Qt.TextElideMode.ElideMiddle, free_width)
        painter.drawText(QRect(left, top, free_width, px(_TITLE_HEIGHT)), Qt.AlignmentFlag.AlignVCenter, title)
        painter.setFont(theme.font(13))
        painter.setPen(theme.color("danger" if row.is_error else "second"))
        y = top + px(_TITLE_HEIGHT)
        free_width = width - (px(_BUTTONS) if row.has_buttons else 0)
        for line in self._wrap_detail(row):
            elided = painter.fontMetrics().elidedText(line.strip(), Qt.TextElideMode.ElideRight, free_width)
            painter.drawText(
                QRect(left, y, free_width + px(4), px(_DETAIL_HEIGHT)), Qt.AlignmentFlag.AlignVCenter, elided
            )
            y += px(_DETAIL_HEIGHT)
        if row.work is not None and not row.work.can_go_first:  # else its second button has that place
            painter.setPen(Qt.PenStyle.NoPen)
            track = QRectF(left, rect.bottom() - px(14), width, px(4))
            painter.setBrush(theme.color("line"))
            painter.drawRoundedRect(track, 2, 2)
            if row.fraction:
                painter.setBrush(theme.color("accent"))
                track.setWidth(width * row.fraction)
                painter.drawRoundedRect(track, 2, 2)
        paint_ring(painter, option, theme, self._list)
        painter.restore()


class _WorkStrip(QWidget):
    """Lies over a row, and holds at the right what can be done with its work: stop it, do it next, take it up again."""

    def __init__(self, theme: Theme, parent: "CallList") -> None:
        super().__init__(parent.viewport())
        self._row: CallListRow | None = None
        self.setAccessibleName("Work in hand")
        self.setAttribute(Qt.WidgetAttribute.WA_NoMousePropagation, on=False)
        column = QVBoxLayout(self)
        px = theme.px
        column.setContentsMargins(0, px(12 + _TITLE_HEIGHT) - 2, px(_PADDING) - px(5), 0)
        column.setSpacing(0)
        self.stop_button = button("Cancel", self, "link", lambda: parent.cancel_wanted.emit(self._work), "Cancel")
        self.next_button = button("Do next", self, "link", lambda: parent.next_wanted.emit(self._work), "Do this next")
        self.again_button = button("Go on", self, "link", lambda: parent.again_wanted.emit(self._call), "Go on")
        for one in (self.stop_button, self.next_button, self.again_button):
            column.addWidget(one, 0, Qt.AlignmentFlag.AlignRight)
        column.addStretch(1)

    @property
    def _work(self) -> "CallJob | None":
        return None if self._row is None else self._row.work

    @property
    def _call(self) -> str:
        return "" if self._row is None else self._row.call

    def show_row(self, row: CallListRow) -> None:
        """Show what can be done with the work of this row."""
        self._row, work = row, row.work
        stop = "Pause" if work is not None and work.can_pause else "Cancel"
        self.stop_button.setText(stop)
        self.stop_button.setVisible(work is not None)
        self.next_button.setVisible(work is not None and work.can_go_first)
        self.again_button.setText(row.again)
        self.again_button.setVisible(work is None and bool(row.again))
        named = ((self.stop_button, stop), (self.next_button, "Do this next"), (self.again_button, row.again))
        for one, what in named:
            one.setAccessibleName(f"{what}: {row.title}")


class CallList(RowList):
    """`opened` carries the chosen row; `cancel_wanted` the work to stop, `next_wanted` the work to do next.

    `again_wanted` carries the id of a call whose work is to be taken up again.
    """

    opened = Signal(object)
    cancel_wanted = Signal(object)
    next_wanted = Signal(object)
    again_wanted = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        self.rows = CallListModel(parent)
        super().__init__(theme, self.rows, "Calls", parent)
        self._theme = theme
        self.setItemDelegate(CallDelegate(theme, self.rows, self))
        self.setUniformItemSizes(True)
        self.clicked.connect(self._open)
        self._is_of_calls = True
        self._awaits_new = False
        self._with_buttons: set[str] = set()  # the keys of the rows that have some
        self._place_in_calls = 0  # where the list of calls was scrolled to before a search took its place

    def await_new(self) -> None:
        """Show the top of the list with the next row that comes: the person has just brought it."""
        self._awaits_new = True

    def show_rows(self, rows: list[CallListRow], *, is_of_calls: bool = True) -> None:
        """Show these rows, calls or what was found; over each row with work lie its buttons.

        What is under the pointer stays under it; else what is at the top stays there, unless that is the first row.
        """
        held, bar = self._held_row(), self.verticalScrollBar()
        if is_of_calls is not self._is_of_calls and self._is_of_calls:
            self._place_in_calls = bar.value()
        shown = [row.key for row in self.rows.rows]
        self.rows.show_rows(rows)
        self._show_buttons(rows)
        if shown == [row.key for row in rows]:
            return
        self.doItemsLayout()
        if is_of_calls is not self._is_of_calls:
            self._is_of_calls = is_of_calls
            bar.setValue(self._place_in_calls if is_of_calls else 0)
        elif self._awaits_new and set(shown) < {row.key for row in rows}:
            self._awaits_new = False
            self.scrollToTop()
        elif held is not None:
            key, top = held
            row = next((n for n, known in enumerate(rows) if known.key == key), -1)
            if row >= 0:
                bar.setValue(bar.value() + self.visualRect(self.rows.index(row)).top() - top)

    def _held_row(self) -> tuple[str, int] | None:
        """The key of the row that is not to move, and its y position; None at the top of the list."""
        viewport = self.viewport()
        pointer = viewport.mapFromGlobal(QCursor.pos())
        is_over = self.isVisible() and viewport.rect().contains(pointer) and self.window().isActiveWindow()
        if not is_over and not self.verticalScrollBar().value():
            return None
        index = self.indexAt(pointer) if is_over else QModelIndex()
        index = index if index.isValid() else self.indexAt(viewport.rect().topLeft())
        return (self.rows.rows[index.row()].key, self.visualRect(index).top()) if index.isValid() else None

    def _show_buttons(self, rows: list[CallListRow]) -> None:
        with_buttons = {row.key for row in rows if row.has_buttons}
        for n, row in enumerate(rows):
            if row.key not in with_buttons and row.key not in self._with_buttons:
                continue
            index = self.rows.index(n)
            strip = self.indexWidget(index)
            if not row.has_buttons:
                if strip is not None:
                    self.setIndexWidget(index, None)  # type: ignore[arg-type]
                continue
            if not isinstance(strip, _WorkStrip):
                strip = _WorkStrip(self._theme, self)
                self.setIndexWidget(index, strip)
            strip.show_row(row)
        self._with_buttons = with_buttons

    def select(self, call: str, line: int = 0, *, reveals: bool = True) -> None:
        """Select the row of a call without opening it; `reveals` scrolls to it if it is not there already."""
        self.select_row(self.rows.row_of(call, line), reveals=reveals)

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
