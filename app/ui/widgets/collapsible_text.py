"""A long text from a stranger, always plain, hidden until somebody wants to read it."""

from PySide6.QtWidgets import QPlainTextEdit, QWidget

from app.ui.style.theme import Theme
from app.ui.widgets.basics import button
from app.ui.widgets.form_rows import SettingRow
from app.ui.widgets.long_text import beginning

_MAX_HEIGHT = 260  # design pixels, as are the two below
_LINE_HEIGHT = 17
_PADDING = 26


class CollapsibleText(SettingRow):
    """A row with a button that shows the text, and hides it again."""

    def __init__(self, theme: Theme, parent: QWidget, title: str) -> None:
        super().__init__(theme, parent, title, "")
        self._title = title
        self._text = ""
        self.fold_button = button("Show", self, "plain", self.toggle)
        self.add_control(self.fold_button)
        self.view = QPlainTextEdit(self)
        self.view.setProperty("kind", "code")
        self.view.setReadOnly(True)
        self.view.setUndoRedoEnabled(False)
        self.view.setTabChangesFocus(True)
        self.view.setAccessibleName(title)
        self.view.viewport().setAccessibleName(title)
        self.view.verticalScrollBar().setAccessibleName(f"Scroll: {title}")
        self.below.addWidget(self.view)
        self.show_text("", "")

    def show_text(self, words: str, text: str) -> None:
        """Set the explanation and the text; without a text there is nothing to unfold."""
        self.words.set_text(words)
        self._text = beginning(text)
        self.fold()

    @property
    def is_open(self) -> bool:
        """Whether the text is shown."""
        return not self.view.isHidden()

    def toggle(self) -> None:
        """Show the text, or hide it if it is shown."""
        if self.is_open:
            self.fold()
        else:
            self.view.setPlainText(self._text)
            lines = self.view.blockCount() + 1  # plus one for a line that wraps
            self.view.setFixedHeight(self._theme.px(min(_MAX_HEIGHT, lines * _LINE_HEIGHT + _PADDING)))
            self.view.show()
            self._name_button("Hide")

    def fold(self) -> None:
        """Hide the text."""
        self.view.hide()
        self.view.clear()
        self.fold_button.setVisible(bool(self._text))
        self._name_button("Show")

    def _name_button(self, does: str) -> None:
        self.fold_button.setText(does)
        self.fold_button.setAccessibleName(f"{does}: {self._title}")
