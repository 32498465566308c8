"""The line that adds a task: what is to be done, and until when."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLineEdit, QWidget

from app.ui.style.theme import Theme
from app.ui.widgets.basics import button

_DUE_WIDTH = 150  # design pixels


class AddLine(QWidget):
    """Two fields and a button; what was typed leaves the fields at once, so that the next words have room."""

    wanted = Signal(str, str)  # a task, and until when in words

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("Add a task")
        self._theme = theme
        self._is_narrow = False
        px = theme.px
        self._across = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._across.setContentsMargins(px(22), 0, px(22), px(14))
        self._across.setSpacing(px(8))
        self.field = self._field("Add a task", "What is to be done", 500)
        self._across.addWidget(self.field, 1)
        self._rest = QWidget(self)
        self._rest.setAccessibleName("Until when")
        rest = QHBoxLayout(self._rest)
        rest.setContentsMargins(0, 0, 0, 0)
        rest.setSpacing(px(8))
        self.due_field = self._field("Until when", "Until when, such as “by Friday”", 100)
        self.due_field.setMinimumWidth(px(_DUE_WIDTH))
        rest.addWidget(self.due_field, 1)
        self.add_button = button("Add", self, "plain", self.send, "Add this task")
        self.add_button.setMinimumHeight(px(36))
        rest.addWidget(self.add_button)
        self._across.addWidget(self._rest)
        self.field.textChanged.connect(self._fit_rest)

    def _field(self, shown: str, name: str, most: int) -> QLineEdit:
        field = QLineEdit(self)
        field.setPlaceholderText(shown)
        field.setAccessibleName(name)
        field.setMaxLength(most)
        field.setAcceptDrops(False)
        field.setMinimumHeight(self._theme.px(37))
        field.returnPressed.connect(self.send)
        return field

    def send(self) -> None:
        """Pass on what was typed."""
        text, due = self.field.text(), self.due_field.text()
        if text.strip():
            self.clear()
            self.wanted.emit(text, due)
        else:
            self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def clear(self) -> bool:
        """Clear both fields; False if nothing was in them."""
        had_words = bool(self.field.text() or self.due_field.text())
        self.field.clear()
        self.due_field.clear()
        return had_words

    def put_back(self, text: str, due: str) -> None:
        """Show again what could not be added, unless something else was typed since."""
        if not self.field.text():
            self.field.setText(text)
            self.due_field.setText(due)

    def fit(self, way: QBoxLayout.Direction) -> None:
        """Lay the parts out beside or below each other."""
        self._is_narrow = way is QBoxLayout.Direction.TopToBottom
        self._across.setDirection(way)
        self._fit_rest()

    def _fit_rest(self) -> None:
        """On a narrow page, show until when only once there is a task: its room belongs to the list."""
        self._rest.setVisible(not self._is_narrow or bool(self.field.text()))
