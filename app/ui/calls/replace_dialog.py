"""The dialog that asks which words of transcripts are to give way to others."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QLineEdit, QWidget

from app.ui.style.theme import Theme
from app.ui.widgets.basics import label
from app.ui.widgets.dialogs import ConfirmDialog

_ADVICE = "Whole words, in the same letters. It can be undone in each call."


class ReplaceDialog(ConfirmDialog):
    """`accepted` is emitted once words to look for are there; `old`, `new` and `is_everywhere` say what."""

    def __init__(self, theme: Theme, parent: QWidget, old: str = "") -> None:
        super().__init__(theme, parent, "Replace words?", _ADVICE, "Replace", "main")
        self._old, self._new = self._field("Words", old), self._field("Replace with", "")
        self._everywhere = QCheckBox("In all calls", self)
        self._everywhere.setAccessibleName("Replace them in all calls")
        self.fields.addWidget(self._everywhere)
        self._old.textChanged.connect(self._allow)
        self._allow()
        (self._new if old else self._old).setFocus(Qt.FocusReason.OtherFocusReason)

    def _field(self, name: str, text: str) -> QLineEdit:
        self.fields.addWidget(label(name, "second", self))
        made = QLineEdit(text, self)
        made.setMaxLength(400)
        made.setAccessibleName(name)
        made.returnPressed.connect(self._take)
        self.fields.addWidget(made)
        return made

    def _allow(self) -> None:
        self.yes_button.setEnabled(bool(self.old))

    def _take(self) -> None:
        if self.old:
            self.accept()

    @property
    def old(self) -> str:
        """The words to look for."""
        return self._old.text().strip()

    @property
    def new(self) -> str:
        """The words in their place."""
        return self._new.text().strip()

    @property
    def is_everywhere(self) -> bool:
        """Whether they are replaced in all calls."""
        return self._everywhere.isChecked()
