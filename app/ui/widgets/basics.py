"""The small widgets that every page is built from: labels, buttons, rules and scrolling panes."""

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QKeyEvent, QPainter, QPixmap, QPolygonF
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QSizePolicy, QWidget

from app.ui.style.theme import Role, Theme

Ground = Literal["side", "column", "page"]
Glyph = Literal["play", "pause", "stop", "dots"]


def label(text: str, role: str, parent: QWidget) -> QLabel:
    """A line of plain text; never markup, since the text may come from a stranger."""
    made = QLabel(parent)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setText(text)
    made.setProperty("role", role)
    made.setAccessibleName(text or role)
    return made


def set_label_text(made: QLabel, text: str) -> None:
    """Change a label's text, for screen readers too."""
    made.setText(text)
    made.setAccessibleName(text or "empty")


def button(
    text: str, parent: QWidget, kind: str = "plain", does: Callable[[], object] | None = None, name: str = ""
) -> QPushButton:
    """A button; `kind` selects its style, `name` is for screen readers where the text is not enough."""
    made = QPushButton(text, parent)
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


class ScrollPane(QScrollArea):
    """Scrolls one widget vertically."""

    def __init__(self, parent: QWidget, content: QWidget, name: str) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(content)
        self.setAccessibleName(name)
        self.viewport().setAccessibleName(name)
        self.verticalScrollBar().setAccessibleName(f"Scroll: {name}")
        self.viewport().setAutoFillBackground(False)
        content.setAutoFillBackground(False)
        content.setAccessibleName(content.accessibleName() or name)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt: scroll vertically; the other arrow keys are left to commands."""
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            event.ignore()
        else:
            super().keyPressEvent(event)


class ElidedLabel(QLabel):
    """One line of plain text that ends in an ellipsis where it does not fit."""

    def __init__(self, parent: QWidget, role: str) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", role)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.setAccessibleName(role)

    def show_text(self, text: str) -> None:
        """Show this text, but in no tool tip, which Qt would render as markup if it looks like it."""
        self.setText(text)
        self.setAccessibleName(text or "empty")

    def minimumSizeHint(self) -> QSize:
        """Qt: it can be narrow."""
        return QSize(20, super().minimumSizeHint().height())

    def paintEvent(self, event: object) -> None:
        """Qt: paint what fits."""
        painter = QPainter(self)
        painter.setFont(self.font())
        painter.setPen(self.palette().color(self.foregroundRole()))
        fitting = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, fitting)
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
    else:
        for centre in (0.12, 0.5, 0.88):
            painter.drawEllipse(QPointF(s * centre, s * 0.5), s * 0.13, s * 0.13)
    painter.end()
    return QIcon(drawn)
