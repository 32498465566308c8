"""Facts about this computer, in small cards that wrap to the width."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout, QWidget

from app.core.figures import size, speech_speed, token_speed
from app.core.measurement import Measurement
from app.core.plain_text import counted
from app.services.hardware.computer import Computer
from app.ui.style.phrases import day
from app.ui.style.theme import Theme
from app.ui.widgets.basics import button, label, set_label_text
from app.ui.widgets.flow import Flow


def facts_of(computer: Computer, measured: Sequence[Measurement] = ()) -> list[tuple[str, str]]:
    """Each card's value and label; `measured` are the newest measurements of the models in use."""
    cores = counted(computer.cores, "core")
    memory = f"{computer.memory / 2**30:.0f} GB, {computer.free_memory / 2**30:.1f} free"
    return [
        (", ".join(filter(None, (cores, computer.features))), "processor"),
        (memory, "memory"),
        (computer.graphics or "None", "graphics, not used" if computer.graphics else "graphics"),
        (f"{size(computer.free_disk)} free", "disk"),
        *([_speed(measured)] if measured else []),
    ]


def speed_of(found: Measurement) -> str:
    """The speed of one model: tokens a second written, or times real time heard."""
    return token_speed(found.tokens_out) if found.tokens_out else speech_speed(found.realtime)


def _speed(measured: Sequence[Measurement]) -> tuple[str, str]:
    """The speeds of the models in use, and when they were measured; of several dates, the oldest."""
    parts = [speed_of(one) for one in measured]
    return " · ".join(parts), f"measured here {day(datetime.fromisoformat(min(m.at for m in measured)))}"


_TAKES = "takes some seconds"


class FactCards(Flow):
    """One card for each fact; the last offers to measure, if nothing has been measured."""

    measure_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent, "This computer", theme.px(10))
        self._theme = theme
        self._cards: list[tuple[QFrame, QLabel, QLabel]] = []
        self._measure_card = self._make_frame(around=10, above=6)
        self._measure_card.setAccessibleName("Speed")
        self.measure_button = button("Measure the speed", self._measure_card, "inline", self.measure_wanted.emit)
        card_layout = self._measure_card.layout()
        assert card_layout is not None
        words = self.measure_words = label(_TAKES, "second", self._measure_card)
        words.setIndent(theme.px(6))  # aligned with the button's text
        card_layout.addWidget(self.measure_button)
        card_layout.addWidget(words)
        self._measure_card.hide()
        self.add(self._measure_card)

    def show_facts(self, facts: Sequence[tuple[str, str]]) -> None:
        """Show these facts; existing cards are reused."""
        while len(self._cards) < len(facts):
            self._cards.append(self._make_card())
            self.add(self._cards[-1][0], len(self._cards) - 1)
        for n, (card, first, second) in enumerate(self._cards):
            card.setVisible(n < len(facts))
            if n < len(facts):
                set_label_text(first, facts[n][0])
                set_label_text(second, facts[n][1])
                card.setAccessibleName(f"{facts[n][1]}: {facts[n][0]}")
        self.lay_out_again()

    def offer_measuring(self, *, is_offered: bool, is_busy: bool) -> None:
        """Offer to measure, or say that it is being done."""
        self.measure_button.setEnabled(not is_busy)
        self.measure_button.setText("Measuring…" if is_busy else "Measure the speed")
        set_label_text(self.measure_words, _TAKES)
        self._measure_card.setVisible(is_offered or is_busy)
        self.lay_out_again()

    def show_measuring(self, text: str) -> None:
        """Say how far the measurement is."""
        set_label_text(self.measure_words, text)
        self.lay_out_again()

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
