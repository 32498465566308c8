"""The bar above a text that can't be edited: why, and what can be done."""

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from app.ui.style.theme import Theme
from app.ui.widgets.basics import button
from app.ui.widgets.flow import Flow
from app.ui.widgets.rich_text import RichText

Action = tuple[str, str, Callable[[], object]]
"""What a button says, its kind, and what it does."""


class NoteBar(QFrame):
    """Words and buttons; hidden while there is nothing to say."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("part", "notice")
        self.setProperty("tone", "note")
        self.setAccessibleName("About this text")
        px = theme.px
        column = QVBoxLayout(self)
        column.setContentsMargins(px(14), px(9), px(14), px(9))
        column.setSpacing(px(8))
        self.words = RichText(theme, self, size=13, line=19)
        column.addWidget(self.words)
        self._gap = px(8)
        self._column = column
        self._actions: Flow | None = None
        self.hide()

    def show_words(self, words: str, actions: Sequence[Action]) -> None:
        """Say something, with what can be done."""
        self.words.set_text(words)
        self.setAccessibleName(words)
        if self._actions is not None:
            self._actions.hide()
            self._actions.deleteLater()
        self._actions = Flow(self, "What can be done", self._gap)
        for text, kind, does in actions:
            self._actions.add(button(text, self._actions, kind, does))
        self._column.addWidget(self._actions)
        self._actions.setVisible(bool(actions))
        self.show()
