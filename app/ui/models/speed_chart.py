"""A small line chart of one figure over time, with its newest value in words."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.core.figures import speed_figure
from app.ui.style.phrases import short_day
from app.ui.style.theme import Theme

_MAX_VALUES = 40
_WIDTH, _HEIGHT = 560, 128
_HEAD, _FOOT = 16, 20  # space above for the best value, below for the days
_LINE_SHARE = 0.8  # of the height between them: the most that the line takes


class SpeedChart(QWidget):
    """Evenly spaced values above a zero baseline; hidden while there are fewer than two."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._values: list[float] = []
        self._days = ("", "")
        self._unit = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMaximumWidth(theme.px(_WIDTH))
        self.setAccessibleName("Speed over time")
        theme.changed.connect(self.update)
        self.hide()

    def show_values(self, values: Sequence[float], times: Sequence[datetime], unit: str) -> None:
        """Show the newest of these values, which are ordered oldest first."""
        self._values, self._unit = list(values[-_MAX_VALUES:]), unit
        self.setVisible(len(self._values) > 1)
        if len(self._values) < 2:
            return
        first, last = short_day(times[-len(self._values)]), short_day(times[-1])
        self._days = (first, last)
        figures = ", ".join(speed_figure(value) for value in self._values)
        self.setAccessibleDescription(f"{len(self._values)} measurements in {unit}, from {first} to {last}: {figures}")
        self.update()

    def sizeHint(self) -> QSize:
        """Qt: the size in the design."""
        return QSize(self._theme.px(_WIDTH), self._theme.px(_HEIGHT))

    def minimumSizeHint(self) -> QSize:
        """Qt: it can be narrow."""
        return QSize(self._theme.px(220), self._theme.px(_HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt: paint the line, its last dot, and the words around it."""
        theme, px = self._theme, self._theme.px
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        small, strong = theme.font(11, is_tabular=True), theme.font(12, 600, is_tabular=True)
        newest = f"{speed_figure(self._values[-1])} {self._unit}"
        right = self.width() - QFontMetricsF(strong).horizontalAdvance(newest) - px(20)
        top, bottom = float(px(_HEAD)), float(self.height() - px(_FOOT))
        best = max(self._values) or 1.0
        step = (right - px(6)) / (len(self._values) - 1)
        dots = [
            QPointF(px(6) + n * step, bottom - (bottom - top) * _LINE_SHARE * value / best)
            for n, value in enumerate(self._values)
        ]
        painter.setPen(QPen(theme.color("line"), 1))
        painter.drawLine(QPointF(0, bottom), QPointF(right, bottom))
        best_y = min(dot.y() for dot in dots)
        painter.setPen(QPen(theme.color("line"), 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(0, best_y), QPointF(right, best_y))
        painter.setFont(small)
        painter.setPen(theme.color("second"))
        painter.drawText(QPointF(0, best_y - px(6)), f"best {speed_figure(best)}")
        below = QRectF(0, bottom + px(3), right + px(5), px(_FOOT))
        painter.drawText(below, Qt.AlignmentFlag.AlignLeft, self._days[0])
        painter.drawText(below, Qt.AlignmentFlag.AlignRight, self._days[1])
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.color("accent"), px(2)))
        painter.drawPolyline(QPolygonF(dots))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.color("accent"))
        for dot in dots[:-1]:
            painter.drawEllipse(dot, px(2.5), px(2.5))
        painter.setPen(QPen(theme.color("page"), px(2)))
        painter.drawEllipse(dots[-1], px(6), px(6))
        painter.setFont(strong)
        painter.setPen(theme.color("text"))
        painter.drawText(QPointF(dots[-1].x() + px(12), dots[-1].y() + px(4)), newest)
        painter.end()
