"""The card that shows a recovery key: its groups, each under its number."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QWidget

from app.ui.style.theme import Theme
from app.ui.widgets.basics import label

_COLUMNS = 4


class RecoveryKeyCard(QFrame):
    """Shows the groups in rows of four; the numbers are what the page asks by when it wants some of them back."""

    def __init__(self, theme: Theme, recovery_key: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setProperty("part", "card")
        self.setAccessibleName(f"Recovery key: {recovery_key}")
        px = theme.px
        grid = QGridLayout(self)
        grid.setContentsMargins(px(18), px(14), px(18), px(16))
        grid.setHorizontalSpacing(px(14))
        grid.setVerticalSpacing(px(1))
        self.groups: list[QLabel] = []
        for n, group in enumerate(recovery_key.split("-")):
            row, column = divmod(n, _COLUMNS)
            number = label(str(n + 1), "small", self)
            shown = label(group, "key", self)
            shown.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
            )
            shown.setAccessibleName(f"Group {n + 1}: {group}")
            grid.addWidget(number, 3 * row, column)
            grid.addWidget(shown, 3 * row + 1, column)
            grid.setRowMinimumHeight(3 * row + 2, px(6))
            self.groups.append(shown)
        grid.setColumnStretch(_COLUMNS, 1)

    def text(self) -> str:
        """The key as it is shown."""
        return "-".join(shown.text() for shown in self.groups)

    def clear(self) -> None:
        """Show nothing of it any more."""
        self.setAccessibleName("Recovery key")
        for n, shown in enumerate(self.groups, 1):
            shown.setText("")
            shown.setAccessibleName(f"Group {n}")
