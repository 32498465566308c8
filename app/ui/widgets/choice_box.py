"""A list to choose one of, shown closed."""

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QComboBox, QWidget

from app.ui.style.theme import Theme


class ChoiceBox(QComboBox):
    """A list to choose from, with an arrow that has the size of the text."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt: the box, and the arrow."""
        super().paintEvent(event)
        unit = self._theme.px(4)
        middle = QPointF(self.width() - 4 * unit, self.height() / 2)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self._theme.color("second"), max(1.5, unit * 0.4)))
        painter.drawPolyline([middle + QPointF(x * unit, y * unit / 2) for x, y in ((-1, -1), (0, 1), (1, -1))])
        painter.end()
