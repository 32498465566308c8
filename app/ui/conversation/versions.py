"""The two arrows that show what was written in the place of a message before and after."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.core.conversation import MessageVersion
from app.ui.style.theme import Theme
from app.ui.widgets.basics import button, label, set_label_text


class Versions(QWidget):
    """Shows which version of a message this is; only a message that has several has one."""

    turned = Signal(int)  # -1 for the version before, 1 for the one after

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("Versions")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self.before = button("‹", self, "link", lambda: self.turned.emit(-1), "The version before")
        self.after = button("›", self, "link", lambda: self.turned.emit(1), "The version after")
        self.count = label("", "second", self)
        for part in (self.before, self.count, self.after):
            row.addWidget(part)

    def focus_arrow(self, step: int) -> None:
        """Focus the arrow that goes on in this direction, or at the end the other one."""
        ahead, back = (self.before, self.after) if step < 0 else (self.after, self.before)
        (ahead if ahead.isEnabled() else back).setFocus(Qt.FocusReason.OtherFocusReason)

    def show_version(self, version: MessageVersion) -> None:
        """Show the number of this version."""
        set_label_text(self.count, f"{version.position}/{version.count}")
        self.before.setEnabled(version.position > 1)
        self.after.setEnabled(version.position < version.count)
        self.setVisible(version.count > 1)
