"""The words of one line of a transcript as text in which words can be selected and copied."""

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence, QTextBlockFormat, QTextCursor, QTextOption
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QWidget

from app.ui.runtime import clipboard
from app.ui.style.theme import Theme

_LINE_PITCH = 21  # design pixels, as in the transcript


class LineWords(QPlainTextEdit):
    """Lies over a line while its words are selected; `closed` when the person is done with them."""

    closed = Signal()

    def __init__(self, theme: Theme, text: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("kind", "words")
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

    def select_word_at(self, point: QPoint) -> None:
        """Select the word at a point of it."""
        cursor = self.cursorForPosition(point)
        cursor.select(QTextCursor.SelectionType.WordUnderCursor)
        self.setTextCursor(cursor)

    def copy_selected(self) -> None:
        """Copy what is selected; it leaves the clipboard after a while, as everything that is copied here."""
        if text := self.textCursor().selectedText():
            clipboard.copy_text(text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt: copy through the window's clipboard; Escape and Enter are the end of it."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_selected()
        elif event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Qt: the person went elsewhere."""
        super().focusOutEvent(event)
        if event.reason() is not Qt.FocusReason.ActiveWindowFocusReason:
            self.closed.emit()
