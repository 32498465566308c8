"""A column of widgets whose height is worked out again only where its width or something in it has changed."""

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget


class CachedColumn(QWidget):
    """Holds some of the widgets of a long column, so that the others are not looked at when one of them changes.

    A box layout asks for the heights of all that it holds at several widths, but remembers that of one: through layouts
    in layouts it comes to each text of the column again and again. This has a fixed height for the layout around it.
    """

    def __init__(self, parent: QWidget, name: str, spacing: int = 0) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._has_width = False
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(spacing)

    def hasHeightForWidth(self) -> bool:
        """Qt: its height is the one that it has."""
        return False

    def event(self, event: QEvent) -> bool:
        """Qt: something in it asks for another place, or it became wider or narrower."""
        is_done = super().event(event)
        self._has_width = self._has_width or event.type() == QEvent.Type.Resize
        if self._has_width and event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize):
            height = max(0, self.column.totalHeightForWidth(self.width()))  # below 0 where nothing is shown in it
            if not self.minimumHeight() == self.maximumHeight() == height:
                self.setFixedHeight(height)
        return is_done
