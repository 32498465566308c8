"""The placeholder shown while no call is open: how to import one."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.ui.calls.commands import SEARCH
from app.ui.style.theme import Theme
from app.ui.widgets.basics import button, centred
from app.ui.widgets.flow import Flow
from app.ui.widgets.rich_text import RichText
from app.ui.widgets.scroll_panes import ScrollPane

_WIDTH = 380


class EmptyPage(QWidget):
    """Says that a recording can be dropped here, and offers the demo call."""

    import_wanted = Signal()
    demo_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("No call is open")
        px = theme.px
        around = QWidget(self)
        outer = QVBoxLayout(around)
        outer.setContentsMargins(px(22), px(22), px(22), px(22))
        outer.addStretch(1)
        middle = QWidget(around)
        middle.setAccessibleName("No call is open")
        middle.setMaximumWidth(px(_WIDTH))
        outer.addLayout(centred(middle))
        outer.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(ScrollPane(self, around, "No call is open"))
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(8))
        self._title = RichText(theme, middle, size=20, line=27, weight=700)
        column.addWidget(self._title)
        self._words = RichText(theme, middle, role="second")
        column.addWidget(self._words)
        column.addSpacing(px(8))
        self._actions = Flow(middle, "Actions", px(8))
        self.import_button = button("Import…", self._actions, "main", self.import_wanted.emit, "Import recordings")
        self.demo_button = button("Try the demo call", self._actions, "plain", self.demo_wanted.emit)
        for action_button in (self.import_button, self.demo_button):
            action_button.setMinimumHeight(px(36))
            self._actions.add(action_button)
        column.addWidget(self._actions)
        self._has_calls: bool | None = None
        self.show_state(has_calls=False)

    def show_state(self, *, has_calls: bool) -> None:
        """Invite the user to import a call, or to choose one if there are any."""
        if has_calls is self._has_calls:
            return
        self._has_calls = has_calls
        self._title.set_text("Choose a call" if has_calls else "Drop a recording here")
        self._words.set_text(
            f"Its words, its summary and its moments are shown here. {SEARCH.hint} searches calls, chats and notes."
            if has_calls
            else "A call, a meeting, a voice message: it is encrypted, transcribed and summarized on this computer. "
            "The file itself stays where it is."
        )
        self._actions.setVisible(not has_calls)
