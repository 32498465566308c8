"""The question field: it grows with its text, and one button sends it or stops the reply."""

from PySide6.QtCore import QEvent, QMimeData, QObject, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QToolTip, QVBoxLayout, QWidget

from app.ui.style.theme import Theme
from app.ui.widgets.basics import button, glyph, restyle
from app.ui.widgets.long_text import shown_length

_MOST_LINES = 6
_SHARE = 0.22  # of the window's height: the most that the field takes of it
_MOST_CHARACTERS = 20_000  # a longer line would hold the window with each key


class _Field(QPlainTextEdit):
    """A field that takes as much of a paste as it can lay out while somebody types."""

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Qt: paste or drop text; of more than a model reads at once the beginning."""
        room = max(0, _MOST_CHARACTERS - self.document().characterCount())
        text = source.text()
        if len(text) <= room:
            super().insertFromMimeData(source)
            return
        taken = shown_length(text, room, _MOST_CHARACTERS)
        self.insertPlainText(text[:taken])
        left_out = f"Only the first {taken:,} characters were taken: no model reads more at once."
        QToolTip.showText(self.mapToGlobal(QPoint(0, 0)), left_out, self)


class Composer(QFrame):
    """Enter sends, Shift+Enter breaks the line. The text is the draft whose key is set by the page."""

    sent = Signal(str)  # the question
    stop_wanted = Signal()  # the reply is to be stopped
    draft_key_changed = Signal(bool)  # the draft's key has changed; True: the text stays, under its new key

    def __init__(self, theme: Theme, parent: QWidget, placeholder: str, send: str = "Ask") -> None:
        super().__init__(parent)
        self._theme = theme
        self._is_running = False
        self.draft_key = ""
        self.setProperty("part", "composer")
        self.setAccessibleName("Question")
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(0)
        row = self.row = QHBoxLayout()
        self.column.addLayout(row)
        row.setContentsMargins(theme.px(13), theme.px(6), theme.px(6), theme.px(6))
        row.setSpacing(theme.px(8))
        self.field: QPlainTextEdit = _Field(self)
        self.field.setProperty("kind", "bare")
        self.field.setPlaceholderText(placeholder)
        self.field.setAccessibleName(placeholder.rstrip("…"))
        self.field.viewport().setAccessibleName(placeholder.rstrip("…"))
        self.field.setTabChangesFocus(True)
        self.field.setAcceptDrops(False)  # a file dropped here is imported, not pasted as text
        self.field.viewport().setAcceptDrops(False)
        self.field.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.field.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.field.document().setDocumentMargin(theme.px(3))
        self.field.installEventFilter(self)
        self.field.textChanged.connect(self._fit_height)
        self.send_button = button(send, self, "main", self._send, send)
        self.stop_button = button("Stop", self, "main", self.stop_wanted.emit, "Stop the answer")
        at_bottom = Qt.AlignmentFlag.AlignBottom
        for action_button in (self.send_button, self.stop_button):
            action_button.setProperty("size", "small")
            action_button.setFixedHeight(theme.px(28))
        row.addWidget(self.field, 1)
        row.addWidget(self.send_button, 0, at_bottom)
        row.addWidget(self.stop_button, 0, at_bottom)
        self.stop_button.setIconSize(QSize(theme.px(10), theme.px(10)))
        theme.changed.connect(self._draw_icon)
        self._draw_icon()
        self.show_running(False)
        self._fit_height()

    def show_running(self, is_running: bool) -> None:
        """Show Stop while a reply is being written."""
        self.stop_button.setVisible(is_running)
        self.send_button.setVisible(not is_running and bool(self.field.toPlainText().strip()))
        self._is_running = is_running

    def set_draft_key(self, key: str, *, is_same: bool = False) -> None:
        """Switch to the draft with this key; with `is_same`, the current draft goes on under a new key."""
        if key != self.draft_key:
            self.draft_key = key
            self.draft_key_changed.emit(is_same)

    def _draw_icon(self) -> None:
        self.stop_button.setIcon(glyph(self._theme, "stop", "on_accent", 10))

    def _fit_height(self) -> None:
        room = int(self.window().height() * _SHARE / self.field.fontMetrics().lineSpacing())
        lines = min(_MOST_LINES, max(1, room), max(1, int(self.field.document().size().height())))
        needed = lines * self.field.fontMetrics().lineSpacing() + 2 * self._theme.px(3) + 2
        self.field.setFixedHeight(max(needed, self._theme.px(28)))
        self.send_button.setVisible(not self.stop_button.isVisibleTo(self) and bool(self.field.toPlainText().strip()))

    def _send(self) -> None:
        text = self.field.toPlainText().strip()
        if text and not self._is_running:
            self.field.clear()
            self.sent.emit(text)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt: Enter sends; the frame shows the field's focus."""
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.setProperty("isFocused", "true" if event.type() == QEvent.Type.FocusIn else "false")
            restyle(self)
        if (
            event.type() == QEvent.Type.KeyPress
            and isinstance(event, QKeyEvent)
            and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            and not event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        ):
            self._send()
            return True
        return super().eventFilter(watched, event)
