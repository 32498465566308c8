"""The small dialogs: a confirmation, a deletion, and the names of the speakers."""

from collections.abc import Mapping

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QDialog, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from app.core.call import Call
from app.core.deletion import Consequences
from app.core.ids import SpeakerId
from app.core.transcript import Layout, Speaker, speaking
from app.ui.style.phrases import full_date
from app.ui.style.theme import Theme
from app.ui.widgets.basics import button, glyph, label
from app.ui.widgets.rich_text import RichText
from app.ui.widgets.screen_fit import ScreenFit, room_for
from app.ui.widgets.scroll_panes import ScrollPane

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
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, px(18))
        whole.setSpacing(px(16))
        body = self._body = QWidget(self)
        self.column = QVBoxLayout(body)
        self.column.setContentsMargins(px(22), px(20), px(22), 0)
        self.column.setSpacing(px(8))
        heading = RichText(theme, body, size=17, line=24, weight=700)
        heading.set_text(title)
        self.column.addWidget(heading)
        self.words = RichText(theme, body)
        self.words.set_text(advice)
        self.column.addWidget(self.words)
        self.fields = QVBoxLayout()
        self.fields.setSpacing(px(6))
        self.column.addLayout(self.fields)
        self.column.addStretch(1)
        whole.addWidget(ScrollPane(self, body, title), 1)
        row = QHBoxLayout()
        row.setContentsMargins(px(22), 0, px(22), 0)
        row.addStretch(1)
        self.no_button = button("Cancel", self, "plain", self.reject)
        self.yes_button = button(yes, self, kind, self.accept)
        row.addWidget(self.no_button)
        row.addWidget(self.yes_button)
        whole.addLayout(row)
        self._width = px(_WIDTH)
        self._screen_fit = ScreenFit(self, QSize(1, 1))
        self.no_button.setFocus(Qt.FocusReason.OtherFocusReason)

    def setVisible(self, is_visible: bool) -> None:
        """Qt: open as high as the contents need, or as the screen has room for; then they scroll."""
        layout = self.layout()
        if is_visible and not self.isVisible() and layout is not None:
            room = room_for(self)
            width = min(self._width, room.width())
            margins = layout.contentsMargins()
            rest = self.yes_button.sizeHint().height() + margins.top() + margins.bottom() + layout.spacing()
            height = self._body.heightForWidth(width) + rest
            self.resize(width, min(height, room.height()))
        super().setVisible(is_visible)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt: Enter in a list of choices takes what is chosen there, as it does in a field."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and isinstance(self.focusWidget(), QComboBox):
            self.accept()
        else:
            super().keyPressEvent(event)


class DeleteDialog(ConfirmDialog):
    """Asks before something is deleted, and says where it may remain for a while."""

    def __init__(self, theme: Theme, parent: QWidget, noun: str, loss: str, means: Consequences) -> None:
        sentences = (loss, means.answers_sentence, means.copies_sentence(full_date), means.elsewhere_sentence)
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
    """Asks for the name of each speaker who can be heard.

    Whoever is in `samples` can be listened to there, from a second to another.
    """

    hear_wanted = Signal(float, float)  # the seconds from which and to which to play

    def __init__(
        self, theme: Theme, parent: QWidget, call: Call, samples: Mapping[SpeakerId, tuple[float, float]]
    ) -> None:
        self._theme, self._samples = theme, samples
        super().__init__(
            theme, parent, "Who speaks?", "The names stand in the transcript, the summary and each export.",
            "Save", "main",
        )  # fmt: skip
        heard = {speaker.id for speaker in speaking(call.layout, call.speakers)}
        sides = ("Left side", "Right side") if call.layout is Layout.TWO_SIDED else ()
        self._before = [speaker.name for speaker in call.speakers]
        self.edits: dict[int, QLineEdit] = {}  # by the place of the speaker in the call
        for place, speaker in enumerate(call.speakers):
            number = f"Speaker {place + 1}" if len(heard) > 1 else "Speaker"
            if speaker.id in heard:
                self.edits[place] = self._field(sides[place] if place < len(sides) else number, speaker)
        self.edits[min(self.edits)].setFocus(Qt.FocusReason.OtherFocusReason)
        self.edits[min(self.edits)].selectAll()

    def _field(self, who: str, speaker: Speaker) -> QLineEdit:
        self.fields.addWidget(label(f"{who} (you)" if speaker.is_you else who, "second", self))
        edit = QLineEdit(self)
        edit.setMaxLength(max(60, len(speaker.name)))  # one that came with a text may be longer
        edit.setText(speaker.name)
        edit.setAccessibleName(f"Name of {who[0].lower()}{who[1:]}")
        edit.returnPressed.connect(self.accept)
        row = QHBoxLayout()
        row.addWidget(edit, 1)
        sample = self._samples.get(speaker.id)
        if sample is not None:
            hear = button("", self, "plain", lambda: self.hear_wanted.emit(*sample), f"Hear {who[0].lower()}{who[1:]}")
            hear.setIcon(glyph(self._theme, "play", "text", 12))
            row.addWidget(hear)
        self.fields.addLayout(row)
        return edit

    @property
    def names(self) -> list[str]:
        """The names entered, in the order of the call's speakers; "" for one that stays as it is."""
        texts = [self.edits[place].text() if place in self.edits else "" for place in range(len(self._before))]
        return ["" if text == before else text.strip() for text, before in zip(texts, self._before, strict=True)]
