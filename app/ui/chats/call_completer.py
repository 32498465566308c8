"""Choosing a call by its name while one writes: `@` and a part of its title."""

import re

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QTextCursor
from PySide6.QtWidgets import QAbstractItemView, QListWidget, QListWidgetItem, QPlainTextEdit, QWidget

from app.core.call import Call
from app.core.ids import CallId
from app.ui.style.phrases import short_day
from app.ui.style.theme import Theme
from app.ui.widgets.long_text import one_line

_NAMED = re.compile(r"(?:^|(?<=\s))@((?:[^\s@][^\n@]{0,59})?)$")
_MOST_SHOWN = 8
_ID, _TITLE = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1
_STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
_TAKES = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab)


class CallCompleter(QListWidget):
    """Lists above the field the calls whose title has what stands behind an `@`; the chosen one takes its place."""

    chosen = Signal(str)  # the id of a call
    titles_wanted = Signal()  # an `@` was written: the list should be current

    def __init__(self, theme: Theme, field: QPlainTextEdit, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme, self._field, self._page = theme, field, parent
        self._calls: list[Call] = []
        self.setProperty("part", "completer")
        self.setAccessibleName("Calls")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # one goes on writing
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.itemClicked.connect(self._take)
        field.cursorPositionChanged.connect(self._look)  # also after what is written
        self.hide()

    def take_calls(self, calls: list[Call]) -> None:
        """Know these calls, in the order in which they are offered."""
        self._calls = calls
        if self.isVisible() or self._named() == "":
            self._look()

    def begin(self) -> None:
        """Write an `@` where the cursor is, which shows the list."""
        cursor = self._field.textCursor()
        before = self._field.toPlainText()[: cursor.position()]
        self._field.setFocus(Qt.FocusReason.OtherFocusReason)
        cursor.insertText("@" if not before or before[-1].isspace() else " @")

    def takes_key(self, event: QKeyEvent) -> bool:
        """Go on in the list, choose or close it, if it is shown and this is a key for that."""
        key = Qt.Key(event.key())
        if not self.isVisible() or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return False
        if key in _STEPS:
            self.setCurrentRow((self.currentRow() + _STEPS[key]) % self.count())
        elif key in _TAKES:
            self._take(self.currentItem())
        elif key == Qt.Key.Key_Escape:
            self.hide()
        else:
            return False
        return True

    def _named(self) -> str | None:
        cursor = self._field.textCursor()
        found = _NAMED.search(cursor.block().text()[: cursor.positionInBlock()])
        return None if found is None else found[1]

    def _look(self) -> None:
        named = self._named() if self._field.hasFocus() else None
        if named == "" and not self.isVisible():
            self.titles_wanted.emit()
        asked = (named or "").casefold()
        fitting = [] if named is None else [call for call in self._calls if asked in call.title.casefold()]
        if not fitting:
            self.hide()
            return
        self.clear()
        for call in fitting:
            item = QListWidgetItem(f"{one_line(call.title)} · {short_day(call.date)}", self)
            item.setData(_ID, call.id)
            item.setData(_TITLE, one_line(call.title))
        self.setCurrentRow(0)
        self._place(min(len(fitting), _MOST_SHOWN))

    def _place(self, rows: int) -> None:
        """Show so many rows above the line that is written."""
        px, page = self._theme.px, self._page
        self.setFixedSize(px(360), rows * max(1, self.sizeHintForRow(0)) + px(10))
        corner = self._field.mapTo(page, self._field.cursorRect().topLeft())
        left = max(0, min(corner.x(), page.width() - self.width() - px(8)))
        self.move(QPoint(left, max(0, corner.y() - self.height() - px(4))))
        self.show()
        self.raise_()

    def _take(self, item: QListWidgetItem) -> None:
        named, cursor = self._named(), self._field.textCursor()
        if named is None:
            self.hide()
            return
        behind = len(named) + 1
        cursor.movePosition(QTextCursor.MoveOperation.Left, QTextCursor.MoveMode.KeepAnchor, behind)
        cursor.insertText(item.data(_TITLE))  # so that the sentence still says of what it speaks
        self.hide()
        self.chosen.emit(CallId(item.data(_ID)))
