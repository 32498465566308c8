"""Facts about this computer, in small cards that wrap to the width."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QVBoxLayout, QWidget

from app.core.measurement import Measurement
from app.services.hardware.computer import Computer
from app.ui.style.phrases import day, speed_figure
from app.ui.style.theme import Theme
from app.ui.widgets.basics import button, label, set_label_text


def facts_of(computer: Computer, measured: Sequence[Measurement] = ()) -> list[tuple[str, str]]:
    """Each card's value and label; `measured` are the newest measurements of the models in use."""
    cores = f"{computer.cores} core{'s' if computer.cores != 1 else ''}"
    memory = f"{computer.memory / 2**30:.0f} GB, {computer.free_memory / 2**30:.1f} free"
    return [
        (", ".join(filter(None, (cores, computer.features))), "processor"),
        (memory, "memory"),
        (computer.graphics or "None", "graphics, not used" if computer.graphics else "graphics"),
        (f"{computer.free_disk / 1e9:.0f} GB free", "disk"),
        *([_speed(measured)] if measured else []),
    ]


def _speed(measured: Sequence[Measurement]) -> tuple[str, str]:
    """The speeds of the models in use, and when they were measured; of several dates, the oldest."""
    parts = [
        f"{speed_figure(m.tokens_out)} tokens/s" if m.tokens_out else f"{speed_figure(m.realtime)}× real time"
        for m in measured
    ]
    return " · ".join(parts), f"measured here {day(datetime.fromisoformat(min(m.at for m in measured)))}"


class FactCards(QWidget):
    """One card for each fact, positioned by hand: Qt has no layout that wraps.

    The last card offers to measure, if nothing has been measured.
    """

    measure_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("This computer")
        self._theme = theme
        self._cards: list[tuple[QFrame, QLabel, QLabel]] = []
        self._measure_card = self._make_frame(around=10, above=6)
        self._measure_card.setAccessibleName("Speed")
        self.measure_button = button("Measure the speed", self._measure_card, "inline", self.measure_wanted.emit)
        card_layout = self._measure_card.layout()
        assert card_layout is not None
        words = label("takes some seconds", "second", self._measure_card)
        words.setIndent(theme.px(6))  # aligned with the button's text
        card_layout.addWidget(self.measure_button)
        card_layout.addWidget(words)
        self._measure_card.hide()
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_facts(self, facts: Sequence[tuple[str, str]]) -> None:
        """Show these facts; existing cards are reused."""
        while len(self._cards) < len(facts):
            self._cards.append(self._make_card())
        for n, (card, first, second) in enumerate(self._cards):
            card.setVisible(n < len(facts))
            if n < len(facts):
                set_label_text(first, facts[n][0])
                set_label_text(second, facts[n][1])
                card.setAccessibleName(f"{facts[n][1]}: {facts[n][0]}")
        self._relayout()

    def offer_measuring(self, *, is_offered: bool, is_busy: bool) -> None:
        """Offer to measure, or say that it is being done."""
        self.measure_button.setEnabled(not is_busy)
        self.measure_button.setText("Measuring…" if is_busy else "Measure the speed")
        self._measure_card.setVisible(is_offered or is_busy)
        self._relayout()

    def _relayout(self) -> None:
        self._lay_out(self.width())
        self.updateGeometry()

    def _make_card(self) -> tuple[QFrame, QLabel, QLabel]:
        frame = self._make_frame()
        card_layout = frame.layout()
        assert card_layout is not None
        first, second = label("", "strong", frame), label("", "second", frame)
        card_layout.addWidget(first)
        card_layout.addWidget(second)
        return frame, first, second

    def _make_frame(self, around: int = 14, above: int = 10) -> QFrame:
        px = self._theme.px
        frame = QFrame(self)
        frame.setProperty("part", "fact")
        frame.setAccessibleName("Fact")
        column = QVBoxLayout(frame)
        column.setContentsMargins(px(around), px(above), px(around), px(10))
        column.setSpacing(px(1))
        return frame

    def heightForWidth(self, width: int) -> int:
        """Qt: as many rows as the cards need."""
        return self._lay_out(width, is_trial=True)

    def sizeHint(self) -> QSize:
        """Qt: the current width, and the height it needs."""
        return QSize(self.width(), self.heightForWidth(self.width()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt: wrap again."""
        super().resizeEvent(event)
        self._lay_out(self.width())

    def _lay_out(self, width: int, *, is_trial: bool = False) -> int:
        x, y, gap = 0, 0, self._theme.px(10)
        shown = [card for card in [*(card for card, _, _ in self._cards), self._measure_card] if not card.isHidden()]
        row_height = max((card.sizeHint().height() for card in shown), default=0)
        for card in shown:
            card_width = card.sizeHint().width()
            if x and x + card_width > width:
                x, y = 0, y + row_height + gap
            if not is_trial:
                card.setGeometry(x, y, card_width, row_height)
            x += card_width + gap
        return y + row_height
