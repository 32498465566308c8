"""The dialog that changes what a task says, who does it, and until when."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QWidget

from app.core.task import Task
from app.ui.style.theme import Theme
from app.ui.widgets.basics import label
from app.ui.widgets.dialogs import ConfirmDialog

_ADVICE = "The summary of the call stays as it is. Without an owner the task is yours."


class EditDialog(ConfirmDialog):
    """`accepted` is emitted once the person has changed a task; the properties say what changed, None what did not."""

    def __init__(self, theme: Theme, parent: QWidget, task: Task) -> None:
        super().__init__(theme, parent, "Edit this task", _ADVICE, "Save", "main")
        self.task = task
        self.field = self._add("What is to be done", task.text, 500)
        self.owner_field = self._add("Who does it", task.owner, 60)
        self.due_field = self._add("Until when, such as “by Friday” or 2026-12-01", task.due, 100)
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _add(self, name: str, value: str, most: int) -> QLineEdit:
        self.fields.addWidget(label(name, "second", self))
        field = QLineEdit(value, self)
        field.setAccessibleName(name)
        field.setMaxLength(most)
        field.setAcceptDrops(False)
        field.returnPressed.connect(self.accept)
        self.fields.addWidget(field)
        return field

    @property
    def text(self) -> str | None:
        """What is to be done."""
        return _changed(self.field, self.task.text)

    @property
    def owner(self) -> str | None:
        """Who does it."""
        return _changed(self.owner_field, self.task.owner)

    @property
    def due(self) -> str | None:
        """Until when, in words."""
        return _changed(self.due_field, self.task.due)


def _changed(field: QLineEdit, before: str) -> str | None:
    return None if field.text().strip() == before.strip() else field.text()
