"""The slider, in minutes, for how long a call the language model reads in one piece."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QBoxLayout, QSizePolicy, QSlider, QVBoxLayout, QWidget

from app.core.fit import CALL_MINUTES, selectable_minutes, tokens_for
from app.ui.style.theme import Theme
from app.ui.widgets.basics import label, set_label_text
from app.ui.widgets.rich_text import RichText

_PAUSE = 250  # milliseconds at rest before the forecasts are computed again
_TEXT_WIDTH, _SLIDER_WIDTH = 232, 320  # design pixels


class MinutesSlider(QSlider):
    """Its value is in minutes, in steps of five, so that a screen reader says minutes."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setRange(CALL_MINUTES[0], CALL_MINUTES[-1])
        self.setSingleStep(CALL_MINUTES.step)
        self.setPageStep(3 * CALL_MINUTES.step)
        self.setAccessibleName("Minutes of call in one piece")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def sliderChange(self, change: QSlider.SliderChange) -> None:
        """Qt: snap to the nearest step."""
        step = CALL_MINUTES.step
        if change is QSlider.SliderChange.SliderValueChange and self.value() % step:
            self.setValue(round(self.value() / step) * step)
            return
        super().sliderChange(change)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Qt: the wheel scrolls the page, not a slider that it happens to pass over."""
        event.ignore()


class ContextChoice(QWidget):
    """`chosen` carries the context in tokens, once the slider is at rest."""

    chosen = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("Length of call")
        px = theme.px
        column = QVBoxLayout(self)
        column.setContentsMargins(0, px(10), 0, 0)
        column.setSpacing(px(2))
        row = self._row = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        row.setSpacing(px(14))
        self._theme = theme
        self.said = label("", "strong", self)
        self.said.setWordWrap(True)
        self.said.setMinimumWidth(px(_TEXT_WIDTH))  # so that the slider stays put when the text changes
        self.slider = MinutesSlider(self)
        self.slider.setMaximumWidth(px(_SLIDER_WIDTH))
        self.slider.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        row.addWidget(self.said)
        row.addWidget(self.slider, 10_000)
        row.addStretch(1)
        column.addLayout(row)
        self.words = RichText(theme, self, size=13, line=19, role="second")
        column.addWidget(self.words)
        self._rest_timer = QTimer(self)
        self._rest_timer.setSingleShot(True)
        self._rest_timer.setInterval(_PAUSE)
        self._rest_timer.timeout.connect(lambda: self.chosen.emit(tokens_for(self.slider.value())))
        self.slider.valueChanged.connect(self._on_moved)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt: in a narrow row the slider stands under its words."""
        super().resizeEvent(event)
        ways = QBoxLayout.Direction
        is_narrow = self.width() < self._theme.px(_TEXT_WIDTH + _SLIDER_WIDTH // 2)
        self.said.setMinimumWidth(0 if is_narrow else self._theme.px(_TEXT_WIDTH))
        self._row.setDirection(ways.TopToBottom if is_narrow else ways.LeftToRight)

    def show_context(self, context_tokens: int) -> None:
        """Show the current context, unless another one is being chosen."""
        if self._rest_timer.isActive():
            return
        self.slider.blockSignals(True)
        self.slider.setValue(selectable_minutes(context_tokens))
        self.slider.blockSignals(False)
        self._show_words(context_tokens)

    def _on_moved(self, minutes: int) -> None:
        self._show_words(tokens_for(minutes))
        self._rest_timer.start()

    def _show_words(self, context_tokens: int) -> None:
        set_label_text(self.said, f"For calls up to about {selectable_minutes(context_tokens)} minutes")
        self.slider.setAccessibleDescription(self.said.text())
        self.words.set_text(
            f"{context_tokens:,} tokens at once; longer calls are read in several pieces. More needs more memory."
        )
