"""The dialog in which a person writes what is said where no text is."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from app.core.durations import format_time
from app.core.speech import Speech
from app.ui.style.theme import Theme
from app.ui.widgets.basics import button
from app.ui.widgets.dialogs import ConfirmDialog

_ADVICE = "It becomes a line of the transcript there, and can be undone."


class WritingDialog(ConfirmDialog):
    """`accepted` is emitted once something was written; `text` says what."""

    hear_wanted = Signal(float, float)  # seconds, from and to

    def __init__(self, theme: Theme, parent: QWidget, place: Speech) -> None:
        asked = f"What is said at {format_time(place.start)}?"
        super().__init__(theme, parent, asked, _ADVICE, "Write", "main")
        self._text = QLineEdit(self)
        self._text.setMaxLength(4_000)
        self._text.setAccessibleName(asked)
        self._text.returnPressed.connect(self._take)
        self._text.textChanged.connect(self._allow)
        self.fields.addWidget(self._text)
        self.hear_button = button("Hear it again", self, "plain", lambda: self.hear_wanted.emit(place.start, place.end))
        self.fields.addWidget(self.hear_button, 0, Qt.AlignmentFlag.AlignLeft)
        self._allow()
        self._text.setFocus(Qt.FocusReason.OtherFocusReason)

    def _allow(self) -> None:
        self.yes_button.setEnabled(bool(self.text))

    def _take(self) -> None:
        if self.text:
            self.accept()

    @property
    def text(self) -> str:
        """What was written."""
        return self._text.text().strip()
