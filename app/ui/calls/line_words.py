"""The words of one line of a transcript as text: its words can be selected and copied, or the line be corrected."""

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence, QTextBlockFormat, QTextCursor, QTextOption
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QWidget

from app.ui.runtime import clipboard
from app.ui.style.theme import Theme

_LINE_PITCH = 21  # design pixels, as in the transcript


class LineWords(QPlainTextEdit):
    """Lies over a line while its words are selected; `closed` when the person is done with them.

    One that `is_editable` can be typed in: `written` says what it holds then, if that is another text than before.
    Escape leaves the line as it was; Enter, or going elsewhere, takes what was typed.
    """

    closed = Signal()
    written = Signal(str)

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

    def finish(self) -> None:
        """Take what was typed, once."""
        if not self._is_done:
            self._is_done = True
            text = " ".join(self.toPlainText().split())
            if text != " ".join(self._before.split()):
                self.written.emit(text)

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
        elif event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if event.key() == Qt.Key.Key_Escape:
                self._is_done = True
            self.finish()
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Qt: the person went elsewhere."""
        super().focusOutEvent(event)
        if event.reason() is not Qt.FocusReason.ActiveWindowFocusReason:
            self.finish()
            self.closed.emit()
