"""The choices beside the player, which are remembered: how fast it plays, and whether it jumps over pauses."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from app.core.playback import SPEEDS, speed_text
from app.ui.calls.commands import FASTER, SKIP, SLOWER
from app.ui.widgets.basics import button, label
from app.ui.widgets.form_rows import ChoiceButton

_SPEED_NAME = "Speed of playing"


class PlaybackChoices(QWidget):
    """`chosen` carries the name of a setting and its new value."""

    chosen = Signal(str, object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("How it plays")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        speeds = [(speed_text(speed), speed) for speed in SPEEDS]
        self.speed = ChoiceButton(self, _SPEED_NAME, speeds, 1.0)
        self.speed.setProperty("kind", "link")
        self.speed.setToolTip(f"{_SPEED_NAME}: {SLOWER.hint} is slower, {FASTER.hint} is faster")
        self.speed.chosen.connect(lambda speed: self.chosen.emit("playback_speed", speed))
        row.addWidget(self.speed)
        row.addWidget(label("·", "second", self))
        self.skipping: QPushButton = button("skip silence", self, "link", name="Skip silence")
        self.skipping.setCheckable(True)
        self.skipping.setToolTip(SKIP.with_hint("Jump over pauses while it plays"))
        self.skipping.clicked.connect(lambda is_on: self.chosen.emit("skips_silence", is_on))
        row.addWidget(self.skipping)
        row.addStretch(1)

    def show_speed(self, speed: float) -> None:
        """Show the speed that the player has."""
        self.speed.show_value(speed)
        self.speed.setText(speed_text(speed))

    def show_skipping(self, skips: bool) -> None:
        """Show whether the player jumps over pauses."""
        self.skipping.setChecked(skips)
