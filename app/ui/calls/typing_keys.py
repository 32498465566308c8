"""The line below a transcript that says what keys do while a line is corrected."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.ui.calls.commands import TYPING_HINT
from app.ui.style.theme import Theme
from app.ui.widgets.rich_text import RichText

_LEAST_LINES = 4  # times as much for the lines and these words as for these


class TypingKeys(QWidget):
    """Shown only while somebody types."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("Keys while a line is corrected")
        self._margin = theme.px(22)
        column = QVBoxLayout(self)
        column.setContentsMargins(self._margin, theme.px(6), self._margin, theme.px(10))
        self._words = RichText(theme, self, size=13, line=19, role="second")
        self._words.set_text(TYPING_HINT)
        column.addWidget(self._words)
        self.hide()

    def tell(self, is_typing: bool) -> None:
        """Show the keys while somebody types, unless they would take the place of the lines."""
        page = self.parentWidget()
        is_room = page is not None and (
            self._words.heightForWidth(page.width() - 2 * self._margin) * _LEAST_LINES <= page.height()
        )
        self.setVisible(is_typing and is_room)
