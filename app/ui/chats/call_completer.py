"""Choosing a call by its name while one writes: `@` and the beginning of a word of its title."""

import re

from PySide6.QtCore import QModelIndex, QObject, Qt, Signal
from PySide6.QtGui import QStandardItem, QStandardItemModel, QTextCursor
from PySide6.QtWidgets import QCompleter, QListView, QPlainTextEdit

from app.core.call import Call
from app.core.ids import CallId
from app.ui.style.phrases import short_day
from app.ui.widgets.long_text import one_line

_NAMED = re.compile(r"(?:^|(?<=\s))@([^\n@]{0,60})$")
_MOST_SHOWN = 8


class CallCompleter(QObject):
    """Shows the calls whose title has what stands behind an `@`; the one that is chosen takes its place."""

    chosen = Signal(str)  # the id of a call
    titles_wanted = Signal()  # an `@` was written: the list should be current

    def __init__(self, field: QPlainTextEdit, width: int) -> None:
        super().__init__(field)
        self._field, self._width = field, width
        self._model = QStandardItemModel(self)
        self._completer = QCompleter(self._model, self)
        self._completer.setWidget(field)
        self._completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self._completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        self._completer.setMaxVisibleItems(_MOST_SHOWN)
        self._list = QListView()
        self._list.setAccessibleName("Calls")
        self._completer.setPopup(self._list)
        self._completer.activated[QModelIndex].connect(self._take)  # type: ignore[index]  # the stubs know one form
        field.textChanged.connect(self._look)

    @property
    def is_open(self) -> bool:
        """Whether the list is shown; Enter and Escape are its keys then."""
        return self._list.isVisible()

    def take_calls(self, calls: list[Call]) -> None:
        """Know these calls, in the order in which they are offered."""
        self._model.clear()
        for call in calls:
            item = QStandardItem(f"{one_line(call.title)} · {short_day(call.date)}")
            item.setData(call.id, Qt.ItemDataRole.UserRole)
            self._model.appendRow(item)
        if self._named() is not None:
            self._look()

    def begin(self) -> None:
        """Write an `@` where the cursor is, which shows the list."""
        cursor = self._field.textCursor()
        before = self._field.toPlainText()[: cursor.position()]
        self._field.setFocus(Qt.FocusReason.OtherFocusReason)
        cursor.insertText("@" if not before or before[-1].isspace() else " @")

    def _named(self) -> str | None:
        cursor = self._field.textCursor()
        line = cursor.block().text()[: cursor.positionInBlock()]
        found = _NAMED.search(line)
        return None if found is None else found[1]

    def _look(self) -> None:
        named = self._named() if self._field.hasFocus() else None
        if named is None:
            self._list.hide()
            return
        if not named:
            self.titles_wanted.emit()
        self._completer.setCompletionPrefix(named)
        if not self._completer.completionCount():
            self._list.hide()
            return
        place = self._field.cursorRect()
        place.setWidth(self._width)
        self._completer.complete(place)
        self._list.setCurrentIndex(self._completer.completionModel().index(0, 0))

    def _take(self, index: QModelIndex) -> None:
        call = index.data(Qt.ItemDataRole.UserRole)
        cursor = self._field.textCursor()
        cursor.movePosition(
            QTextCursor.MoveOperation.Left, QTextCursor.MoveMode.KeepAnchor, len(self._named() or "") + 1
        )
        cursor.removeSelectedText()
        self.chosen.emit(CallId(call))
