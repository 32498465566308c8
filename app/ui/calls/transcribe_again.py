"""The dialog that asks in which language a call is transcribed again."""

from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QComboBox, QWidget

from app.core.languages.codes import LANGUAGE_CODES
from app.ui.style.theme import Theme
from app.ui.widgets.basics import label
from app.ui.widgets.dialogs import ConfirmDialog

_ADVICE = "Choose the language that is spoken. Another speech model can be chosen on the Models page first."


class TranscribeAgainDialog(ConfirmDialog):
    """`accepted` is emitted once the person has chosen; `language` says what."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(theme, parent, "Transcribe again?", _ADVICE, "Transcribe", "main")
        self.fields.addWidget(label("Language", "second", self))
        self.languages = QComboBox(self)
        self.languages.setAccessibleName("Language that is spoken")
        self.languages.addItem("Detect it", "")
        for name, code in sorted((_name(code), code) for code in LANGUAGE_CODES):
            self.languages.addItem(name, code)
        self.fields.addWidget(self.languages)

    @property
    def language(self) -> str:
        """The code of the language chosen; empty if it is to be detected."""
        return str(self.languages.currentData())


def _name(code: str) -> str:
    """`German`; the code itself where Qt knows no name for it."""
    name = QLocale.languageToString(QLocale.codeToLanguage(code))
    return code if name in ("", "C") else name
