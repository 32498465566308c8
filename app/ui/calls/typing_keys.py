"""The line below a transcript that says what keys do while a line is corrected."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.ui.calls.commands import TYPING_HINT
from app.ui.style.theme import Theme
from app.ui.widgets.rich_text import RichText


class TypingKeys(QWidget):
    """Shown only while somebody types."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("Keys while a line is corrected")
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.px(22), theme.px(6), theme.px(22), theme.px(10))
        words = RichText(theme, self, size=13, line=19, role="second")
        words.set_text(TYPING_HINT)
        column.addWidget(words)
        self.hide()
