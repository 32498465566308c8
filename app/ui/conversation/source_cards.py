"""The cards below an answer that say which call and moment it rests on."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from app.core.conversation import Citation
from app.ui.style.theme import Theme
from app.ui.widgets.basics import PressButton, plain_tool_tip
from app.ui.widgets.long_text import one_line

_COLUMNS = 2
_SIZE = 260, 52  # design pixels


@dataclass(frozen=True, slots=True)
class Source:
    """What a card says: the number and title of a call, then its day, time and words."""

    citation: Citation
    title: str
    detail: str


class SourceCards(QWidget):
    """Cards, two in a row."""

    citation_clicked = Signal(object)  # the citation of the clicked card

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("Sources")
        self._theme = theme
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, theme.px(2), 0, 0)
        self._grid.setSpacing(theme.px(8))

    def show_sources(self, sources: Sequence[Source]) -> None:
        """Replace the cards."""
        while (item := self._grid.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        for n, source in enumerate(sources):
            card = TwoLineCard(self._theme, source.title, source.detail, self, _SIZE)
            card.setAccessibleName(f"Open {source.title}. {source.detail}")
            card.clicked.connect(lambda _=False, citation=source.citation: self.citation_clicked.emit(citation))
            self._grid.addWidget(card, n // _COLUMNS, n % _COLUMNS)
        self._grid.setColumnStretch(_COLUMNS, 1)


class TwoLineCard(PressButton):
    """A button with two lines of text, each elided if it does not fit; `size` is in design pixels."""

    def __init__(self, theme: Theme, title: str, detail: str, parent: QWidget, size: tuple[int, int]) -> None:
        super().__init__(parent)
        self._theme, self._title, self._detail, self._size = theme, title, detail, size
        self.setProperty("kind", "source")
        self.setAccessibleName(f"{title}. {detail}")
        self.setToolTip(plain_tool_tip(f"{one_line(title)}\n{one_line(detail)}"))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Qt: two lines tall."""
        return QSize(self._theme.px(self._size[0]), self._theme.px(self._size[1]))

    def minimumSizeHint(self) -> QSize:
        """Qt: it can be narrow."""
        return QSize(self._theme.px(80), self._theme.px(self._size[1]))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt: the frame, then the two lines."""
        super().paintEvent(event)
        painter = QPainter(self)
        inner = self.rect().adjusted(self._theme.px(11), self._theme.px(7), -self._theme.px(11), -self._theme.px(7))
        half = inner.height() // 2
        title, second = self._theme.font(13, 600), self._theme.font(12)
        for font, role, text, top, elided in (
            (title, "text", self._title, inner.top(), Qt.TextElideMode.ElideMiddle),
            (second, "second", self._detail, inner.top() + half, Qt.TextElideMode.ElideRight),
        ):
            painter.setFont(font)
            painter.setPen(self._theme.color("text" if role == "text" else "second"))
            line = inner.adjusted(0, 0, 0, 0)
            line.setTop(top)
            line.setHeight(half)
            fitting = painter.fontMetrics().elidedText(one_line(text), elided, inner.width())
            painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, fitting)
        painter.end()
