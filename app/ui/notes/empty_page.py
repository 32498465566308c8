"""The placeholder shown while no note is open: how to begin one."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.ui.notes.commands import NEW
from app.ui.style.theme import Theme
from app.ui.widgets.basics import button, centred
from app.ui.widgets.flow import Flow
from app.ui.widgets.rich_text import RichText
from app.ui.widgets.scroll_panes import ScrollPane

_WIDTH = 380  # design pixels


class EmptyNotePage(QWidget):
    """Says what a note is, and offers to begin one."""

    new_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("No note is open")
        px = theme.px
        around = QWidget(self)
        outer = QVBoxLayout(around)
        outer.setContentsMargins(px(22), px(22), px(22), px(22))
        outer.addStretch(1)
        middle = QWidget(around)
        middle.setAccessibleName("No note is open")
        middle.setMaximumWidth(px(_WIDTH))
        outer.addLayout(centred(middle))
        outer.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(ScrollPane(self, around, "No note is open"))
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(8))
        self._title = RichText(theme, middle, size=20, line=27, weight=700)
        column.addWidget(self._title)
        self._words = RichText(theme, middle, role="second")
        column.addWidget(self._words)
        column.addSpacing(px(8))
        actions = Flow(middle, "Actions", px(8))
        self.new_button = button(NEW.title, actions, "main", self.new_wanted.emit)
        self.new_button.setMinimumHeight(px(36))
        actions.add(self.new_button)
        column.addWidget(actions)
        self.show_state(has_notes=False, is_trash=False)

    def show_state(self, *, has_notes: bool, is_trash: bool) -> None:
        """Invite the person to write a note, or to choose one if there are any."""
        if is_trash:
            title, words = "The trash", "A note that you delete is kept here for 30 days. Choose one to restore it."
        elif has_notes:
            title, words = "Choose a note", f"Or begin another one: {NEW.hint}. Find notes by words and by #tags."
        else:
            title = "Write a note"
            words = (
                "Its first line is the title. [[ links to another note or to a moment of a call, # makes a tag, "
                "- [ ] a task. It is saved as you type, encrypted, on this computer. Drop a .md or .txt file here and "
                "it becomes a note."
            )
        self._title.set_text(title)
        self._words.set_text(words)
        self.new_button.setVisible(not is_trash)
