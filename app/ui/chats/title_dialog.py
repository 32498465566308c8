"""The dialog that asks what a chat is to be called."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QWidget

from app.core.plain_text import one_line
from app.ui.style.theme import Theme
from app.ui.widgets.dialogs import ConfirmDialog

_MOST_LETTERS = 80


class TitleDialog(ConfirmDialog):
    """`accepted` is emitted once the person has written a title."""

    def __init__(self, theme: Theme, parent: QWidget, title: str) -> None:
        super().__init__(theme, parent, "Rename this chat", "It is listed under this name.", "Rename", "main")
        self.field = QLineEdit(one_line(title)[:_MOST_LETTERS], self)
        self.field.setMaxLength(_MOST_LETTERS)
        self.field.setAccessibleName("Name of the chat")
        self.field.returnPressed.connect(self.accept)
        self.field.selectAll()
        self.fields.addWidget(self.field)
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    @property
    def chosen(self) -> str:
        """What it is to be called; empty if nothing was written."""
        return one_line(self.field.text())
