"""The placeholder shown while no note is open: how to begin one."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.ui.notes.commands import NEW
from app.ui.style.theme import Theme
from app.ui.widgets.basics import button
from app.ui.widgets.placeholder_page import PlaceholderPage


class EmptyNotePage(PlaceholderPage):
    """Says what a note is, and offers to begin one."""

    new_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, parent, "No note is open")
        self.new_button = button(NEW.title, self.buttons, "main", self.new_wanted.emit)
        self.add_action(self.new_button)
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
        self.show_words(title, words)
        self.new_button.setVisible(not is_trash)
