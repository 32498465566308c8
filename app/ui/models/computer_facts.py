"""What this computer has, in small cards that wrap where there is no room."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QVBoxLayout, QWidget

from app.core.measurement import Measurement
from app.services.hardware.computer import Computer
from app.ui.style.phrases import day, figure
from app.ui.style.theme import Theme
from app.ui.widgets.basics import button, label, say


def facts_of(computer: Computer, measured: Sequence[Measurement] = ()) -> list[tuple[str, str]]:
    """What each card says: the fact, and what it is of; `measured` are the newest measurements of what is in use."""
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
    """How fast they write and hear, and when that was measured; of several the oldest says when."""
    parts = [
        f"{figure(m.tokens_out)} tokens/s" if m.tokens_out else f"{figure(m.realtime)}× real time" for m in measured
    ]
    return " · ".join(parts), f"measured here {day(datetime.fromisoformat(min(m.at for m in measured)))}"


class FactCards(QWidget):
    """One card for each fact, placed by hand: Qt has no layout that wraps.

    The last one offers to measure, where nothing was measured.
    """

    measure_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("This computer")
        self._theme = theme
        self._cards: list[tuple[QFrame, QLabel, QLabel]] = []
        self._offer = self._frame(around=10, above=6)
        self._offer.setAccessibleName("Speed")
        self.measure_button = button("Measure the speed", self._offer, "inline", self.measure_wanted.emit)
        inside = self._offer.layout()
        assert inside is not None
        words = label("takes some seconds", "second", self._offer)
        words.setIndent(theme.px(6))  # as far in as the button's text
        inside.addWidget(self.measure_button)
        inside.addWidget(words)
        self._offer.hide()
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def show_facts(self, facts: Sequence[tuple[str, str]]) -> None:
        """Show these; cards that are there are kept."""
        while len(self._cards) < len(facts):
            self._cards.append(self._card())
        for n, (card, first, second) in enumerate(self._cards):
            card.setVisible(n < len(facts))
            if n < len(facts):
                say(first, facts[n][0])
                say(second, facts[n][1])
                card.setAccessibleName(f"{facts[n][1]}: {facts[n][0]}")
        self._settle()

    def offer_measuring(self, *, is_offered: bool, is_busy: bool) -> None:
        """Offer to measure, or say that it is done now."""
        self.measure_button.setEnabled(not is_busy)
        self.measure_button.setText("Measuring…" if is_busy else "Measure the speed")
        self._offer.setVisible(is_offered or is_busy)
        self._settle()

    def _settle(self) -> None:
        self._place(self.width())
        self.updateGeometry()

    def _card(self) -> tuple[QFrame, QLabel, QLabel]:
        made = self._frame()
        inside = made.layout()
        assert inside is not None
        first, second = label("", "strong", made), label("", "second", made)
        inside.addWidget(first)
        inside.addWidget(second)
        return made, first, second

    def _frame(self, around: int = 14, above: int = 10) -> QFrame:
        px = self._theme.px
        made = QFrame(self)
        made.setProperty("part", "fact")
        made.setAccessibleName("Fact")
        column = QVBoxLayout(made)
        column.setContentsMargins(px(around), px(above), px(around), px(10))
        column.setSpacing(px(1))
        return made

    def heightForWidth(self, width: int) -> int:
        """Qt: as many lines as they need."""
        return self._place(width, is_trial=True)

    def sizeHint(self) -> QSize:
        """Qt: one line, or more."""
        return QSize(self.width(), self.heightForWidth(self.width()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt: wrap anew."""
        super().resizeEvent(event)
        self._place(self.width())

    def _place(self, width: int, *, is_trial: bool = False) -> int:
        x, y, gap = 0, 0, self._theme.px(10)
        shown = [card for card in [*(card for card, _, _ in self._cards), self._offer] if not card.isHidden()]
        line = max((card.sizeHint().height() for card in shown), default=0)
        for card in shown:
            wide = card.sizeHint().width()
            if x and x + wide > width:
                x, y = 0, y + line + gap
            if not is_trial:
                card.setGeometry(x, y, wide, line)
            x += wide + gap
        return y + line
