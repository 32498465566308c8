"""The list of tasks: what is done to them by keys, by clicks and by a menu."""

from datetime import date, timedelta
from functools import partial

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QMenu, QWidget

from app.ui.style.theme import Theme
from app.ui.todo.task_delegate import TaskDelegate
from app.ui.todo.task_rows import Piece, TaskModel, TaskRow
from app.ui.widgets.long_text import one_line
from app.ui.widgets.row_list import RowList
from app.ui.widgets.screen_fit import keep_on_screen

_STEPS = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}
_TITLE_IN_MENU = 180  # design pixels
_SNOOZES = (("Until tomorrow", 1), ("For three days", 3), ("For a week", 7), ("For a month", 30))


class TaskList(RowList):
    """Each signal carries the task that something is done to; `opened` carries a piece: its moment is to be shown."""

    ticked = Signal(object)
    removed = Signal(object)
    kept = Signal(object)
    claimed = Signal(object)  # the owner of this task is the person
    edit_wanted = Signal(object)
    snoozed = Signal(object, object)  # the task, and the day until which it is hidden
    opened = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        self.rows = TaskModel(parent)
        super().__init__(theme, self.rows, "Tasks", parent)
        self._theme = theme
        self.today = date.min
        self._title_room = theme.px(_TITLE_IN_MENU)
        self.delegate = TaskDelegate(theme, self.rows, self)
        self.setItemDelegate(self.delegate)
        self.setMouseTracking(True)

    # Rows

    @property
    def current(self) -> TaskRow | None:
        """The row of the current task."""
        index = self.currentIndex()
        row = self.rows.rows[index.row()] if index.isValid() and index.row() < len(self.rows.rows) else None
        return row if row is not None and row.task is not None else None

    def show_rows(self, rows: list[TaskRow]) -> None:
        """Show these rows; the current task stays the current one, but for one just done: then it is the one below."""
        bar, known = self.verticalScrollBar(), self.current
        place, at = bar.value(), self.currentIndex().row()
        self.rows.show_rows(rows)
        self.doItemsLayout()
        bar.setValue(place)
        if known is None:
            return
        again = self.rows.row_of(known.key)
        if again < 0 or (rows[again].is_done and not known.is_done):
            again = self.rows.next_row(min(at, len(rows)) - 1, 1)
            again = again if 0 <= again < len(rows) and rows[again].task else self.rows.next_row(len(rows), -1)
        self.select(again)

    def select(self, row: int) -> None:
        """Make the task of a row the current one."""
        if 0 <= row < len(self.rows.rows) and self.rows.rows[row].task is not None:
            self.setCurrentIndex(self.rows.index(row))
            moments = self.rows.rows[row].moments
            self.delegate.chosen_piece = moments[0] if moments else None
            # With the first task its heading is seen too.
            self.scrollTo(self.rows.index(0 if row == self.rows.next_row(-1, 1) else row))

    def select_key(self, key: str) -> bool:
        """Make the task with this key the current one; False if it is not listed."""
        row = self.rows.row_of(key)
        self.select(row)
        return row >= 0

    # Keys, clicks and the menu

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt: arrows move, Space ticks, Delete removes, S snoozes, E edits, K keeps, Enter opens the moment."""
        key, row = Qt.Key(event.key()), self.current
        plain = not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if plain and key in _STEPS:
            self.select(self.rows.next_row(self.currentIndex().row(), _STEPS[key]))
        elif plain and row is not None and key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._choose_moment(row, 1 if key == Qt.Key.Key_Right else -1)
        elif not (plain and row is not None and self._does(key, row)):
            super().keyPressEvent(event)

    def _does(self, key: Qt.Key, row: TaskRow) -> bool:
        """Do what a key does to a task; False if it does nothing."""
        if key == Qt.Key.Key_Space:
            self.ticked.emit(row.task)
        elif key == Qt.Key.Key_Delete:
            self.removed.emit(row.task)
        elif key == Qt.Key.Key_S:
            self._show_menu(self._snooze_menu(row), row)
        elif key in (Qt.Key.Key_E, Qt.Key.Key_F2):
            self.edit_wanted.emit(row.task)
        elif key == Qt.Key.Key_K and any(piece.kind == "keep" for piece in row.pieces):
            self.kept.emit(row.task)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open_moment(row)
        else:
            return False
        return True

    def _open_moment(self, row: TaskRow) -> None:
        moments = row.moments
        chosen = self.delegate.chosen_piece
        if moments:
            self.opened.emit(chosen if chosen in moments else moments[0])
        else:  # no line bears it: its call is shown
            piece = next((one for one in row.pieces if one.source is not None and one.source.id), None)
            if piece is not None:
                self.opened.emit(piece)

    def _choose_moment(self, row: TaskRow, step: int) -> None:
        moments = row.moments
        if moments:
            chosen = self.delegate.chosen_piece
            at = next((n for n, one in enumerate(moments) if one is chosen), 0)
            self.delegate.chosen_piece = moments[min(max(0, at + step), len(moments) - 1)]
            self.viewport().update()

    def _at(self, point: QPoint) -> tuple[TaskRow, QPoint] | None:
        """The row at a point of the viewport, and the point within it."""
        index = self.indexAt(point)
        if not index.isValid():
            return None
        return self.rows.rows[index.row()], point - self.visualRect(index).topLeft()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Qt: a click on the box ticks, one on a moment opens it."""
        super().mouseReleaseEvent(event)
        found = self._at(event.position().toPoint())
        if found is None or event.button() != Qt.MouseButton.LeftButton:
            return
        row, point = found
        if row.task is None:
            return
        piece = self.delegate.piece_at(row, point)
        if self.delegate.is_box_at(row, point):
            self.ticked.emit(row.task)
        elif piece is not None:
            self._click(row, piece)

    def _click(self, row: TaskRow, piece: Piece) -> None:
        if piece.kind == "moment":
            self.opened.emit(piece)
        else:
            (self.kept if piece.kind == "keep" else self.removed).emit(row.task)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Qt: a double click on the words edits them."""
        found = self._at(event.position().toPoint())
        is_on_words = found is not None and found[0].task is not None and not self.delegate.is_box_at(*found)
        if found is not None and is_on_words and self.delegate.piece_at(*found) is None:
            self.edit_wanted.emit(found[0].task)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Qt: a hand over what can be clicked."""
        super().mouseMoveEvent(event)
        found = self._at(event.position().toPoint())
        can_be = found is not None and (self.delegate.is_box_at(*found) or self.delegate.piece_at(*found) is not None)
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor if can_be else Qt.CursorShape.ArrowCursor)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Qt: all that can be done to a task, with its keys."""
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            self.select(self.indexAt(event.pos()).row())
        if (row := self.current) is not None:
            self._show_menu(self.menu_of(row), row)

    def menu_of(self, row: TaskRow) -> QMenu:
        """The menu of all that can be done to a task."""
        menu = self._menu("What to do with this task")
        task = row.task
        menu.addAction("Not done\tSpace" if row.is_done else "Done\tSpace", partial(self.ticked.emit, task))
        for piece in row.moments:
            title = self._cut(menu, piece.source.title if piece.source is not None else "")
            menu.addAction(f"Open {title} at {piece.text}", partial(self.opened.emit, piece))
        if any(piece.kind == "keep" for piece in row.pieces):
            menu.addAction("Keep\tK", partial(self.kept.emit, task))
        if task is not None and any(source.owner is not None for source in task.sources):
            menu.addAction(f"I am {self._cut(menu, task.owner)}", partial(self.claimed.emit, task))
        menu.addAction("Edit…\tE", partial(self.edit_wanted.emit, task))
        snoozing = self._snooze_menu(row)
        snoozing.setTitle("Snooze\tS")
        menu.addMenu(snoozing)
        menu.addAction("Remove\tDel", partial(self.removed.emit, task))
        return menu

    def _cut(self, menu: QMenu, text: str) -> str:
        """Somebody's words as a part of an entry of a menu."""
        elides = Qt.TextElideMode.ElideMiddle
        return menu.fontMetrics().elidedText(one_line(text), elides, self._title_room).replace("&", "&&")

    def _snooze_menu(self, row: TaskRow) -> QMenu:
        menu = self._menu("Snooze")
        for title, days in _SNOOZES:
            menu.addAction(title, partial(self.snoozed.emit, row.task, self.today + timedelta(days=days)))
        return menu

    def _menu(self, name: str) -> QMenu:
        menu = QMenu(self)
        menu.setAccessibleName(name)
        keep_on_screen(menu)
        return menu

    def _show_menu(self, menu: QMenu, row: TaskRow) -> None:
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        rect = self.visualRect(self.rows.index(self.rows.row_of(row.key)))
        menu.popup(self.viewport().mapToGlobal(rect.topLeft() + QPoint(self._theme.px(45), self._theme.px(31))))
