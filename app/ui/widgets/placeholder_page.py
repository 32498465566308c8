"""The page that stands where nothing is open: a heading, what to do, and buttons for it."""

from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from app.ui.style.theme import Theme
from app.ui.widgets.basics import centred
from app.ui.widgets.flow import Flow
from app.ui.widgets.rich_text import RichText
from app.ui.widgets.scroll_panes import ScrollPane

_WIDTH = 380  # design pixels


class PlaceholderPage(QWidget):
    """Centres its words, and scrolls where there is no room for them; `name` is for screen readers."""

    def __init__(self, theme: Theme, parent: QWidget, name: str) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        px = self._px = theme.px
        around = QWidget(self)
        outer = QVBoxLayout(around)
        outer.setContentsMargins(px(22), px(22), px(22), px(22))
        outer.addStretch(1)
        middle = QWidget(around)
        middle.setAccessibleName(name)
        middle.setMaximumWidth(px(_WIDTH))
        outer.addLayout(centred(middle))
        outer.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(ScrollPane(self, around, name))
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(8))
        self._title = RichText(theme, middle, size=20, line=27, weight=700)
        column.addWidget(self._title)
        self._words = RichText(theme, middle, role="second")
        column.addWidget(self._words)
        column.addSpacing(px(8))
        self.buttons = Flow(middle, "Actions", px(8))
        column.addWidget(self.buttons)

    def add_action(self, action: QPushButton) -> None:
        """Add a button, whose parent is `buttons`."""
        action.setMinimumHeight(self._px(36))
        self.buttons.add(action)

    def show_words(self, title: str, words: str) -> None:
        """Show this heading, and this below it."""
        self._title.set_text(title)
        self._words.set_text(words)
