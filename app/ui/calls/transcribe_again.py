"""The dialog that asks by which speech model and in which language a call is transcribed again."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QWidget

from app.core.languages.codes import LANGUAGE_CODES
from app.ui.style.theme import Theme
from app.ui.widgets.basics import label
from app.ui.widgets.choice_box import ChoiceBox
from app.ui.widgets.dialogs import ConfirmDialog

if TYPE_CHECKING:
    from app.services.models.listing import SpeechChoice

_KEPT = (
    "The transcript that is here stays until the new one is whole, also if you stop it. Then the summary is written "
    "anew; answers stay, and show the words that they quoted."
)
_CORRECTED = "A line that you corrected keeps your words where the same is heard again."
_ADVICE = "Choose the model and the language that is spoken."


class TranscribeAgainDialog(ConfirmDialog):
    """`accepted` is emitted once the person has chosen; `model` and `language` say what.

    `choices` are the speech models that are here, the one in use first; `has_transcript` says that there is something
    to lose, and `corrections` of how many lines a person's own words.
    """

    def __init__(
        self,
        theme: Theme,
        parent: QWidget,
        choices: Sequence["SpeechChoice"],
        *,
        has_transcript: bool,
        corrections: int = 0,
    ) -> None:
        advice = _KEPT if has_transcript else _ADVICE
        if corrections:
            advice = f"{_CORRECTED} {advice}"
        self._theme = theme
        super().__init__(theme, parent, "Transcribe again?", advice, "Transcribe again", "main")
        self.models = self._box("Speech model", "Speech model that hears the call")
        for choice in choices:
            self.models.addItem(choice.title, choice.name)
        self.languages = self._box("Language", "Language that is spoken")
        self.languages.addItem("Detect it", "")
        for name, code in sorted((_name(code), code) for code in LANGUAGE_CODES):
            self.languages.addItem(name, code)

    def _box(self, text: str, name: str) -> ChoiceBox:
        self.fields.addWidget(label(text, "second", self))
        box = ChoiceBox(self._theme, self)
        box.setAccessibleName(name)
        self.fields.addWidget(box)
        return box

    @property
    def model(self) -> str:
        """The name of the model chosen; empty if there is none."""
        return str(self.models.currentData() or "")

    @property
    def language(self) -> str:
        """The code of the language chosen; empty if it is to be detected."""
        return str(self.languages.currentData())


def _name(code: str) -> str:
    """`German`; the code itself where Qt knows no name for it."""
    name = QLocale.languageToString(QLocale.codeToLanguage(code))
    return code if name in ("", "C") else name
