"""The small dialogs: a confirmation, a deletion, and the names of the speakers."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.core.call import Call
from app.core.deletion import Consequences
from app.core.transcript import Layout
from app.ui.style.theme import Theme
from app.ui.widgets.basics import button, label
from app.ui.widgets.rich_text import RichText

_WIDTH = 420


class ConfirmDialog(QDialog):
    """A title, a sentence and two buttons; `accepted` is emitted for yes. Cancel has the focus."""

    def __init__(self, theme: Theme, parent: QWidget, title: str, advice: str, yes: str, kind: str = "danger") -> None:
        super().__init__(parent)
        self.setModal(True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        px = theme.px
        self.setMinimumWidth(px(_WIDTH))
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(px(22), px(20), px(22), px(18))
        self.column.setSpacing(px(8))
        self.column.addWidget(label(title, "column", self))
        words = RichText(theme, self)
        words.set_text(advice)
        words.setMinimumHeight(words.heightForWidth(px(_WIDTH - 44)))  # a dialog opens before its layout asks for it
        self.column.addWidget(words)
        self.fields = QVBoxLayout()
        self.fields.setSpacing(px(6))
        self.column.addLayout(self.fields)
        self.column.addSpacing(px(8))
        row = QHBoxLayout()
        row.addStretch(1)
        self.no_button = button("Cancel", self, "plain", self.reject)
        self.yes_button = button(yes, self, kind, self.accept)
        row.addWidget(self.no_button)
        row.addWidget(self.yes_button)
        self.column.addLayout(row)
        self.no_button.setFocus(Qt.FocusReason.OtherFocusReason)


class DeleteDialog(ConfirmDialog):
    """Asks before something is deleted, and says where it may remain for a while."""

    def __init__(self, theme: Theme, parent: QWidget, noun: str, loss: str, means: Consequences) -> None:
        sentences = (loss, means.answers_sentence, means.copies_sentence)
        super().__init__(theme, parent, f"Delete this {noun}?", " ".join(filter(None, sentences)), "Delete")
        self.rewrite_box: QCheckBox | None = None
        if means.copies_until is not None:
            self.rewrite_box = QCheckBox("Rewrite the copies now", self)
            self.rewrite_box.setAccessibleName("Rewrite the copies now, so that they forget it too")
            self.fields.addWidget(self.rewrite_box)

    @property
    def rewrites_copies(self) -> bool:
        """Whether it should be removed from the copies at once."""
        return self.rewrite_box is not None and self.rewrite_box.isChecked()


class SpeakersDialog(ConfirmDialog):
    """Asks for the name of the speaker on each channel."""

    def __init__(self, theme: Theme, parent: QWidget, call: Call) -> None:
        super().__init__(
            theme, parent, "Who speaks?", "The names stand in the transcript, the summary and each export.",
            "Save", "main",
        )  # fmt: skip
        self.edits: dict[int, QLineEdit] = {}
        sides = (
            {0: "Left side", 1: "Right side"}
            if call.layout is Layout.TWO_SIDED
            else {call.layout.channels[0]: "Speaker"}
        )
        for channel, side in sides.items():
            self.fields.addWidget(label(f"{side} (you)" if channel == call.own_track else side, "second", self))
            edit = QLineEdit(call.name_on(channel), self)
            edit.setMaxLength(60)
            edit.setAccessibleName(f"Name of {side.lower()}")
            edit.returnPressed.connect(self.accept)
            self.fields.addWidget(edit)
            self.edits[channel] = edit
        self.edits[min(self.edits)].setFocus(Qt.FocusReason.OtherFocusReason)
        self.edits[min(self.edits)].selectAll()

    def name(self, channel: int) -> str:
        """The name entered for a channel; empty if it was not asked for."""
        return self.edits[channel].text().strip() if channel in self.edits else ""
