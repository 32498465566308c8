"""The words of one line of a transcript as text: its words can be selected and copied, or the line be corrected."""

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence, QTextBlockFormat, QTextCursor, QTextOption
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QWidget

from app.core.plain_text import one_line
from app.ui.calls.commands import place_of_speaker
from app.ui.runtime import clipboard
from app.ui.style.theme import Theme
from app.ui.widgets.text_offsets import in_qt

_LINE_PITCH = 21  # design pixels, as in the transcript
_MOVES = QTextCursor.MoveOperation


class LineWords(QPlainTextEdit):
    """Lies over a line while its words are selected; `closed` when the person is done with them.

    One that `is_editable` can be typed in: `written` says what it holds then, if that is another text than before.
    Escape leaves the line as it was; Enter at an end, or going elsewhere, takes what was typed. Enter in between asks
    for the line to be split there, Backspace at its start to be joined to the one before, Ctrl 1 to 9 to be given
    to a speaker, and Enter in an emptied line to be removed.
    """

    closed = Signal()
    written = Signal(str)
    split_wanted = Signal(str, str)  # what the two lines are to say
    join_wanted = Signal(str)  # what the line says by now
    removal_wanted = Signal()
    giving_wanted = Signal(int)  # the place of the speaker in the call, from 1

    def __init__(self, theme: Theme, text: str, parent: QWidget, *, is_editable: bool = False) -> None:
        super().__init__(parent)
        self._before = text
        self._is_done = not is_editable
        self.setProperty("kind", "correction" if is_editable else "words")
        if is_editable:
            self.setTabChangesFocus(True)
        else:
            self.setReadOnly(True)
            self.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
            )
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName("Words of the line")
        self.viewport().setAccessibleName("Words of the line")
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setFont(theme.font(14))
        self.document().setDocumentMargin(0)
        self.setPlainText(text)
        form = QTextBlockFormat()
        form.setLineHeight(theme.px(_LINE_PITCH), QTextBlockFormat.LineHeightTypes.FixedHeight.value)
        whole = QTextCursor(self.document())
        whole.select(QTextCursor.SelectionType.Document)
        whole.mergeBlockFormat(form)
        self.document().setUndoRedoEnabled(is_editable)  # anew: how it is laid out is nothing to undo

    @property
    def is_editable(self) -> bool:
        """Whether the line can be corrected in it."""
        return not self.isReadOnly()

    def give_up(self) -> str:
        """What was typed, which is then not written."""
        self._is_done = True
        return one_line(self.toPlainText())

    def finish(self) -> None:
        """Take what was typed, once."""
        if not self._is_done:
            self._is_done = True
            text = one_line(self.toPlainText())
            if text and text != one_line(self._before):
                self.written.emit(text)

    def put_cursor(self, at: int | None) -> None:
        """Put the cursor before a character, by its place in the text; at the end without one."""
        cursor = self.textCursor()
        cursor.movePosition(_MOVES.End)
        if at is not None:
            cursor.setPosition(in_qt(self.toPlainText(), at))
        self.setTextCursor(cursor)

    def select_word_at(self, point: QPoint) -> None:
        """Select the word at a point of it."""
        cursor = self.cursorForPosition(point)
        cursor.select(QTextCursor.SelectionType.WordUnderCursor)
        self.setTextCursor(cursor)

    def copy_selected(self) -> None:
        """Copy what is selected; it leaves the clipboard after a while, as everything that is copied here."""
        if text := self.textCursor().selectedText():
            clipboard.copy_text(text)

    def event(self, event: QEvent) -> bool:
        """Qt: Escape is this field's before it is the window's."""
        is_override = event.type() is QEvent.Type.ShortcutOverride
        if is_override and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt: copy through the window's clipboard; Escape and Enter are the end of it."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_selected()
        elif event.key() == Qt.Key.Key_Escape:
            self._is_done = True
            self.closed.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._end_or_split()
        elif event.key() == Qt.Key.Key_Backspace and self.is_editable and self._is_at_start():
            # Pressed for this, not held until the line was empty: what is before is no part of that.
            if not event.isAutoRepeat() and event.modifiers() == Qt.KeyboardModifier.NoModifier:
                self._is_done = True
                self.join_wanted.emit(one_line(self.toPlainText()))
        elif self.is_editable and (place := place_of_speaker(event)):
            self.giving_wanted.emit(place)
        else:
            super().keyPressEvent(event)

    def _is_at_start(self) -> bool:
        cursor = self.textCursor()
        return not cursor.hasSelection() and cursor.position() == 0

    def _text_from_cursor_to(self, end: QTextCursor.MoveOperation) -> str:
        cursor = self.textCursor()
        cursor.clearSelection()
        cursor.movePosition(end, QTextCursor.MoveMode.KeepAnchor)
        return one_line(cursor.selectedText())

    def _end_or_split(self) -> None:
        first, second = (self._text_from_cursor_to(end) for end in (_MOVES.Start, _MOVES.End))
        if self._is_done:  # its words are only selected
            self.closed.emit()
        elif first and second and not self.textCursor().hasSelection():
            self._is_done = True
            self.split_wanted.emit(first, second)
        elif not first and not second:
            self._is_done = True
            self.removal_wanted.emit()
        else:
            self.finish()
            self.closed.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Qt: the person went elsewhere."""
        super().focusOutEvent(event)
        if event.reason() is not Qt.FocusReason.ActiveWindowFocusReason:
            self.finish()
            self.closed.emit()
