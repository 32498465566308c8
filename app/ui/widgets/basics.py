"""The small widgets that every page is built from: labels, buttons and rules."""

from collections.abc import Callable
from html import escape
from typing import Literal

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QKeyEvent, QPainter, QPainterPath, QPen, QPixmap, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from app.ui.style.theme import Role, Theme
from app.ui.widgets.long_text import one_line, short

Ground = Literal["side", "column", "page"]
Glyph = Literal["play", "pause", "stop", "dots", "eye", "eye_closed"]


def label(text: str, role: str, parent: QWidget) -> QLabel:
    """A line of plain text; never markup, since the text may come from a stranger."""
    made = QLabel(parent)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setText(short(text))
    made.setProperty("role", role)
    made.setAccessibleName(short(text) or role)
    return made


def set_label_text(made: QLabel, text: str) -> None:
    """Change a label's text, for screen readers too."""
    made.setText(short(text))
    made.setAccessibleName(short(text) or "empty")


class PressButton(QPushButton):
    """A button that Enter presses too, as Space does."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt: Enter presses it, or opens its menu."""
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter) or event.isAutoRepeat():
            super().keyPressEvent(event)
        elif self.menu() is not None:
            self.showMenu()
        else:
            self.click()


def button(
    text: str, parent: QWidget, kind: str = "plain", does: Callable[[], object] | None = None, name: str = ""
) -> QPushButton:
    """A button; `kind` selects its style, `name` is for screen readers where the text is not enough."""
    made = PressButton(text, parent)
    made.setProperty("kind", kind)
    made.setAccessibleName(name or text)
    made.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    made.setAutoDefault(False)
    made.setCursor(Qt.CursorShape.PointingHandCursor)
    if name and not text:
        made.setToolTip(name)  # our own text, never a call's title: Qt renders tool tips that look like markup
    if does is not None:
        made.clicked.connect(lambda: does())
    return made


def rule(parent: QWidget) -> QFrame:
    """A thin horizontal line."""
    made = QFrame(parent)
    made.setProperty("part", "rule")
    made.setFixedHeight(1)
    made.setAccessibleName("line")
    return made


def panel(parent: QWidget, ground: Ground, edge: str = "", name: str = "panel") -> QFrame:
    """A frame with a background, and an optional line along one edge."""
    made = QFrame(parent)
    made.setProperty("ground", ground)
    if edge:
        made.setProperty("edge", edge)
    made.setAccessibleName(name)
    return made


def centred(content: QWidget) -> QHBoxLayout:
    """A layout that centres the content at its maximum width; unlike an alignment, it keeps height-for-width."""
    made = QHBoxLayout()
    made.addStretch(1)
    made.addWidget(content, 10_000)
    made.addStretch(1)
    return made


def restyle(made: QWidget) -> None:
    """Redraw a widget after one of its style properties has changed."""
    made.style().unpolish(made)
    made.style().polish(made)
    made.update()


def plain_tool_tip(text: str) -> str:
    """Words of a person or a file, so that Qt shows them as they are: what looks like markup it would render."""
    return f"<qt>{escape(text)}</qt>" if "<" in text else text


class ElidedLabel(QLabel):
    """One line of plain text that is elided where it does not fit, a title in the middle; a tool tip has all of it."""

    def __init__(self, parent: QWidget, role: str, elides: Qt.TextElideMode = Qt.TextElideMode.ElideMiddle) -> None:
        super().__init__(parent)
        self._elides = elides
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", role)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setAccessibleName(role)

    def show_text(self, text: str) -> None:
        """Show this text."""
        self.setText(one_line(text))
        self.setAccessibleName(one_line(text) or "empty")
        self._show_tip()

    def _show_tip(self) -> None:
        is_elided = self.fontMetrics().horizontalAdvance(self.text()) > self.width()
        self.setToolTip(plain_tool_tip(self.text()) if is_elided else "")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt: a tool tip only where the text is elided."""
        super().resizeEvent(event)
        self._show_tip()

    def minimumSizeHint(self) -> QSize:
        """Qt: it can be narrow."""
        return QSize(20, super().minimumSizeHint().height())

    def paintEvent(self, event: object) -> None:
        """Qt: paint what fits."""
        painter = QPainter(self)
        painter.setFont(self.font())
        painter.setPen(self.palette().color(self.foregroundRole()))
        fitting = self.fontMetrics().elidedText(self.text(), self._elides, self.width())
        side = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignAbsolute  # a title in Arabic too is on the left here
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | side, fitting)
        painter.end()


def glyph(theme: Theme, shape: Glyph, role: Role, size: float = 16) -> QIcon:
    """An icon drawn in a colour of the palette."""
    side = theme.px(size)
    ratio = 2.0
    drawn = QPixmap(int(side * ratio), int(side * ratio))
    drawn.setDevicePixelRatio(ratio)
    drawn.fill(Qt.GlobalColor.transparent)
    painter = QPainter(drawn)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color(role))
    s = float(side)
    if shape == "play":
        corners = [QPointF(s * x, s * y) for x, y in ((0.2, 0.1), (0.9, 0.5), (0.2, 0.9))]
        painter.drawPolygon(QPolygonF(corners))
    elif shape == "pause":
        painter.drawRoundedRect(QRectF(s * 0.18, s * 0.12, s * 0.22, s * 0.76), 1, 1)
        painter.drawRoundedRect(QRectF(s * 0.60, s * 0.12, s * 0.22, s * 0.76), 1, 1)
    elif shape == "stop":
        painter.drawRect(QRectF(s * 0.15, s * 0.15, s * 0.7, s * 0.7))
    elif shape in ("eye", "eye_closed"):
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.color(role), s * 0.09))
        lid = QPainterPath(QPointF(s * 0.06, s * 0.5))
        lid.quadTo(QPointF(s * 0.5, s * 0.02), QPointF(s * 0.94, s * 0.5))
        lid.quadTo(QPointF(s * 0.5, s * 0.98), QPointF(s * 0.06, s * 0.5))
        painter.drawPath(lid)
        painter.drawEllipse(QPointF(s * 0.5, s * 0.5), s * 0.13, s * 0.13)
        if shape == "eye_closed":
            painter.drawLine(QPointF(s * 0.14, s * 0.9), QPointF(s * 0.86, s * 0.1))
    else:
        for centre in (0.12, 0.5, 0.88):
            painter.drawEllipse(QPointF(s * centre, s * 0.5), s * 0.13, s * 0.13)
    painter.end()
    return QIcon(drawn)
