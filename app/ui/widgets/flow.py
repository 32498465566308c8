"""A row of widgets that wraps to the width it has."""

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget


class Flow(QWidget):
    """Lays its parts side by side, and begins another row where there is no room: Qt has no layout that wraps.

    `gap` is in pixels, between the parts and between the rows; with `is_even` all parts are as high as the highest.
    """

    def __init__(self, parent: QWidget, name: str, gap: int, *, is_even: bool = True) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._gap, self._is_even = gap, is_even
        self._parts: list[QWidget] = []
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def add(self, part: QWidget, position: int | None = None) -> None:
        """Add a part, whose parent this is, at the end or at a position."""
        self._parts.insert(len(self._parts) if position is None else position, part)
        self.lay_out_again()

    def remove(self, part: QWidget) -> None:
        """Take a part away."""
        self._parts.remove(part)
        self.lay_out_again()

    def lay_out_again(self) -> None:
        """Lay out again, as after a part was shown, hidden or given other words."""
        self._lay_out(self.width())
        self.updateGeometry()

    def heightForWidth(self, width: int) -> int:
        """Qt: as many rows as the parts need."""
        return self._lay_out(width, is_trial=True)

    def sizeHint(self) -> QSize:
        """Qt: all in one row, and the height that the current width needs."""
        wide = sum(part.sizeHint().width() + self._gap for part in self._shown()) - self._gap
        return QSize(max(0, wide), self.heightForWidth(self.width()))

    def minimumSizeHint(self) -> QSize:
        """Qt: one part in a row."""
        return QSize(1, self.heightForWidth(self.width()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt: wrap again."""
        super().resizeEvent(event)
        self._lay_out(self.width())

    def _shown(self) -> list[QWidget]:
        return [part for part in self._parts if not part.isHidden()]

    def _lay_out(self, width: int, *, is_trial: bool = False) -> int:
        x, y, row_height = 0, 0, 0
        sizes = {part: part.sizeHint().expandedTo(part.minimumSize()) for part in self._shown()}
        highest = max((size.height() for size in sizes.values()), default=0)
        for part, size in sizes.items():
            part_width = min(size.width(), max(1, width))
            part_height = highest if self._is_even else size.height()
            if part.hasHeightForWidth() and part_width < size.width():
                part_height = max(part_height, part.heightForWidth(part_width))
            if x and x + part_width > width:
                x, y, row_height = 0, y + row_height + self._gap, 0
            if not is_trial:
                part.setGeometry(x, y, part_width, part_height)
            x, row_height = x + part_width + self._gap, max(row_height, part_height)
        return y + row_height
