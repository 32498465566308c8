"""A long text of a stranger, folded away until somebody wants to read it; always plain."""

from PySide6.QtWidgets import QPlainTextEdit, QWidget

from app.ui.style.theme import Theme
from app.ui.widgets.basics import button
from app.ui.widgets.form_rows import SettingRow

_LONGEST = 40_000  # characters that are shown: laying out more would hold the window up
_TALL = 260  # at most
_LINE = 17
_AROUND = 26


class FoldedText(SettingRow):
    """A row with a button that shows the text, and hides it again."""

    def __init__(self, theme: Theme, parent: QWidget, title: str) -> None:
        super().__init__(theme, parent, title, "")
        self._title = title
        self._text = ""
        self.fold_button = button("Show", self, "plain", self.turn)
        self.control(self.fold_button)
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
        """Say what it is, and keep the text ready; without one there is nothing to unfold."""
        self.words.set_text(words)
        more = len(text) - _LONGEST
        self._text = f"{text[:_LONGEST]}\n… and {more:,} more characters" if more > 0 else text
        self.fold()

    @property
    def is_open(self) -> bool:
        """Whether the text is shown."""
        return not self.view.isHidden()

    def turn(self) -> None:
        """Show the text, or hide it."""
        if self.is_open:
            self.fold()
        else:
            self.view.setPlainText(self._text)
            lines = self.view.blockCount() + 1  # and one for a line that wraps
            self.view.setFixedHeight(self._theme.px(min(_TALL, lines * _LINE + _AROUND)))
            self.view.show()
            self._say("Hide")

    def fold(self) -> None:
        """Hide the text."""
        self.view.hide()
        self.view.clear()
        self.fold_button.setVisible(bool(self._text))
        self._say("Show")

    def _say(self, does: str) -> None:
        self.fold_button.setText(does)
        self.fold_button.setAccessibleName(f"{does}: {self._title}")
