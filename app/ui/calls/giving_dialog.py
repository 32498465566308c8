"""The dialog that asks who says some lines."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QWidget

from app.core.ids import new_speaker_id
from app.core.plain_text import one_line
from app.core.transcript import Speaker, Utterance
from app.ui.calls.commands import GIVING_HINT
from app.ui.style.theme import Theme
from app.ui.widgets.basics import label
from app.ui.widgets.choice_box import ChoiceBox
from app.ui.widgets.dialogs import ConfirmDialog

_ADVICE = f"The summary and the answers that are there stay as they are. {GIVING_HINT}"


class GivingDialog(ConfirmDialog):
    """`accepted` is emitted once the person has chosen; `speaker` says whom, known to the call or new."""

    def __init__(self, theme: Theme, parent: QWidget, known: Sequence[Speaker], lines: Sequence[Utterance]) -> None:
        asked = "Who says this line?" if len(lines) == 1 else f"Who says these {len(lines)} lines?"
        super().__init__(theme, parent, asked, _ADVICE, "Give", "main")
        self._known = known
        self.fields.addWidget(label("Speaker", "second", self))
        self.speakers = ChoiceBox(theme, self)
        self.speakers.setAccessibleName(asked)
        for speaker in known:
            self.speakers.addItem(one_line(speaker.name))
        self.speakers.addItem("Somebody else")
        self.fields.addWidget(self.speakers)
        self._asks_name = label("Name of somebody else", "second", self)
        self.fields.addWidget(self._asks_name)
        self.name = QLineEdit(f"Speaker {len(known) + 1}", self)
        self.name.setMaxLength(60)
        self.name.setAccessibleName("Name of somebody else")
        self.name.returnPressed.connect(self.accept)
        self.fields.addWidget(self.name)
        for part in (self._asks_name, self.name):  # the dialog keeps its size
            policy = part.sizePolicy()
            policy.setRetainSizeWhenHidden(True)
            part.setSizePolicy(policy)
        self.speakers.currentIndexChanged.connect(self._offer_name)
        others = [place for place, one in enumerate(known) if any(said.speaker != one.id for said in lines)]
        self.speakers.setCurrentIndex(min(others, default=len(known)))
        self._offer_name()
        self.speakers.setFocus(Qt.FocusReason.OtherFocusReason)

    def _offer_name(self) -> None:
        for part in (self._asks_name, self.name):
            part.setVisible(self.speakers.currentIndex() == len(self._known))

    @property
    def speaker(self) -> Speaker:
        """The speaker chosen."""
        place = self.speakers.currentIndex()
        if place < len(self._known):
            return self._known[place]
        return Speaker(new_speaker_id(), one_line(self.name.text()) or f"Speaker {place + 1}")
