"""The dialog that asks how many people speak in a call, before their voices are told apart."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from app.core.voices import MOST_SPEAKERS
from app.ui.style.theme import Theme
from app.ui.widgets.basics import label
from app.ui.widgets.choice_box import ChoiceBox
from app.ui.widgets.dialogs import ConfirmDialog

_ADVICE = (
    "Each line goes to the one whose voice is heard in it, and is split where the voice changes. Names that you gave "
    "stay with their voices, and all of it can be undone."
)


class FindingDialog(ConfirmDialog):
    """`accepted` is emitted once the person has chosen; `count` says how many people, 0 for as many as are heard."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, parent, "How many people speak?", _ADVICE, "Find them", "main")
        self.fields.addWidget(label("People", "second", self))
        self.counts = ChoiceBox(theme, self)
        self.counts.setAccessibleName("How many people speak")
        self.counts.addItem("As many as are heard", 0)
        for count in range(2, MOST_SPEAKERS + 1):
            self.counts.addItem(str(count), count)
        self.fields.addWidget(self.counts)
        self.counts.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def count(self) -> int:
        """How many people; 0 if nobody knows."""
        return int(self.counts.currentData())
