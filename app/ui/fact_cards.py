"""What this computer has, in small cards that wrap where there is no room."""

from collections.abc import Sequence

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QVBoxLayout, QWidget

from app.services.computer import Computer
from app.ui.pieces import label, say
from app.ui.theme import Theme


def facts_of(computer: Computer) -> list[tuple[str, str]]:
    """What each card says: the fact, and what it is of."""
    cores = f"{computer.cores} core{'s' if computer.cores != 1 else ''}"
    memory = f"{computer.memory / 2**30:.0f} GB, {computer.free_memory / 2**30:.1f} free"
    return [
        (", ".join(filter(None, (cores, computer.features))), "processor"),
        (memory, "memory"),
        (f"{computer.free_disk / 1e9:.0f} GB free", "disk"),
    ]


class FactCards(QWidget):
    """One card for each fact, placed by hand: Qt has no layout that wraps."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("This computer")
        self._theme = theme
        self._cards: list[tuple[QFrame, QLabel, QLabel]] = []
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
        self._place(self.width())
        self.updateGeometry()

    def _card(self) -> tuple[QFrame, QLabel, QLabel]:
        px = self._theme.px
        made = QFrame(self)
        made.setProperty("part", "fact")
        made.setAccessibleName("Fact")
        column = QVBoxLayout(made)
        column.setContentsMargins(px(14), px(10), px(14), px(10))
        column.setSpacing(px(1))
        first, second = label("", "strong", made), label("", "second", made)
        column.addWidget(first)
        column.addWidget(second)
        return made, first, second

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
        x, y, line, gap = 0, 0, 0, self._theme.px(10)
        for card, _, _ in self._cards:
            if card.isHidden():
                continue
            wanted = card.sizeHint()
            if x and x + wanted.width() > width:
                x, y, line = 0, y + line + gap, 0
            if not is_trial:
                card.setGeometry(x, y, wanted.width(), wanted.height())
            x += wanted.width() + gap
            line = max(line, wanted.height())
        return y + line
