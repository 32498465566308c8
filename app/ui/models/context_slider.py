"""How long a call the language model shall read in one piece: a slider in minutes."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QSlider, QVBoxLayout, QWidget

from app.core.fit import CALL_MINUTES, chosen_minutes, tokens_for
from app.ui.style.theme import Theme
from app.ui.widgets.basics import label, say
from app.ui.widgets.rich_text import Prose

_PAUSE = 250  # milliseconds of rest before the models are weighed anew
_SAID, _SLIDER = 232, 320


class MinutesSlider(QSlider):
    """Its value is in minutes, in steps of five, which is also what a screen reader says."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setRange(CALL_MINUTES[0], CALL_MINUTES[-1])
        self.setSingleStep(CALL_MINUTES.step)
        self.setPageStep(3 * CALL_MINUTES.step)
        self.setAccessibleName("Minutes of call in one piece")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def sliderChange(self, change: QSlider.SliderChange) -> None:
        """Qt: a mouse can't stop between two steps."""
        step = CALL_MINUTES.step
        if change is QSlider.SliderChange.SliderValueChange and self.value() % step:
            self.setValue(round(self.value() / step) * step)
            return
        super().sliderChange(change)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Qt: a wheel scrolls the page, and does not move what it happens to pass over."""
        event.ignore()


class ContextChoice(QWidget):
    """`chosen` brings the context in tokens, once the slider rests."""

    chosen = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("Length of call")
        px = theme.px
        column = QVBoxLayout(self)
        column.setContentsMargins(0, px(10), 0, 0)
        column.setSpacing(px(2))
        row = QHBoxLayout()
        row.setSpacing(px(14))
        self.said = label("", "strong", self)
        self.said.setMinimumWidth(px(_SAID))  # so that the slider stays where it is
        self.slider = MinutesSlider(self)
        self.slider.setMaximumWidth(px(_SLIDER))
        self.slider.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        row.addWidget(self.said)
        row.addWidget(self.slider, 10_000)
        row.addStretch(1)
        column.addLayout(row)
        self.words = Prose(theme, self, size=13, line=19, role="second")
        column.addWidget(self.words)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_PAUSE)
        self._rest.timeout.connect(lambda: self.chosen.emit(tokens_for(self.slider.value())))
        self.slider.valueChanged.connect(self._move)

    def show_context(self, context_tokens: int) -> None:
        """Show the context that is in force, unless another one is being chosen."""
        if self._rest.isActive():
            return
        self.slider.blockSignals(True)
        self.slider.setValue(chosen_minutes(context_tokens))
        self.slider.blockSignals(False)
        self._say(context_tokens)

    def _move(self, minutes: int) -> None:
        self._say(tokens_for(minutes))
        self._rest.start()

    def _say(self, context_tokens: int) -> None:
        say(self.said, f"For calls up to about {chosen_minutes(context_tokens)} minutes")
        self.slider.setAccessibleDescription(self.said.text())
        self.words.set_text(
            f"{context_tokens:,} tokens at once; longer calls are read in several pieces. More needs more memory."
        )
