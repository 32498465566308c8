"""An input field for passphrases and keys."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QWidget

from app.ui.style.theme import Theme


def secret_field(theme: Theme, parent: QWidget, placeholder: str, kind: str = "unlock") -> QLineEdit:
    """A field that shows dots instead of what is typed."""
    made = QLineEdit(parent)
    made.setProperty("kind", kind)
    made.setEchoMode(QLineEdit.EchoMode.Password)
    made.setPlaceholderText(placeholder)
    made.setAccessibleName(placeholder)
    made.setInputMethodHints(Qt.InputMethodHint.ImhHiddenText | Qt.InputMethodHint.ImhNoPredictiveText)
    if kind == "unlock":
        made.setMinimumHeight(theme.px(47))
    return made
