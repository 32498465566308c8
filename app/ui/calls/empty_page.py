"""The placeholder shown while no call is open: how to import one."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.ui.calls.commands import SEARCH
from app.ui.style.theme import Theme
from app.ui.widgets.basics import button
from app.ui.widgets.placeholder_page import PlaceholderPage


class EmptyPage(PlaceholderPage):
    """Says that a recording can be dropped here, and offers the demo call."""

    import_wanted = Signal()
    demo_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, parent, "No call is open")
        self.import_button = button("Import…", self.buttons, "main", self.import_wanted.emit, "Import recordings")
        self.demo_button = button("Try the demo call", self.buttons, "plain", self.demo_wanted.emit)
        self.add_action(self.import_button)
        self.add_action(self.demo_button)
        self._has_calls: bool | None = None
        self.show_state(has_calls=False)

    def show_state(self, *, has_calls: bool) -> None:
        """Invite the user to import a call, or to choose one if there are any."""
        if has_calls is self._has_calls:
            return
        self._has_calls = has_calls
        if has_calls:
            words = "Its words, its summary and its moments are shown here. "
            self.show_words("Choose a call", f"{words}{SEARCH.hint} searches calls, chats and notes.")
        else:
            self.show_words(
                "Drop a recording here",
                "A call, a meeting, a voice message: it is encrypted, transcribed and summarized on this computer. "
                "The file itself stays where it is.",
            )
        self.buttons.setVisible(not has_calls)
