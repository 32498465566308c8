"""The player of one call: play, pause, the waveform, the time, and whether there is sound at all."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, QTimer, Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from app.core.export import clock
from app.core.recording import Recording, Survey
from app.ui.calls.waveform import WaveformView
from app.ui.runtime.unexpected_errors import told
from app.ui.style.theme import Theme
from app.ui.widgets.basics import button, glyph, label, say
from app.ui.widgets.rich_text import Prose

if TYPE_CHECKING:
    from app.services.session import Session

_HZ = 30


class PlayerBar(QWidget):
    """Drives the session's player; `moved` emits the second it stands at, whenever that changes."""

    moved = Signal(float)

    def __init__(self, theme: Theme, session: "Session", parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("Player")
        self._theme, self._session = theme, session
        self._duration = 0.0
        self._shown = -1.0
        self._was_playing: bool | None = None
        grid = QGridLayout(self)
        grid.setContentsMargins(theme.px(22), theme.px(11), theme.px(22), theme.px(11))
        grid.setHorizontalSpacing(theme.px(14))
        grid.setVerticalSpacing(theme.px(4))
        self.play_button = button("", self, "main", self.toggle, "Play")
        side = theme.px(36)
        self.play_button.setFixedSize(side, side)
        self.play_button.setStyleSheet(f"border-radius: {side // 2}px; padding: 0;")
        self.play_button.setIconSize(QSize(theme.px(14), theme.px(14)))
        self.waveform = WaveformView(theme, self)
        self.times = label("", "second", self)
        self.times.setFont(theme.font(13, is_tabular=True))
        self.problem = Prose(theme, self, size=13, line=19, role="second")
        grid.addWidget(self.play_button, 0, 0)
        grid.addWidget(self.waveform, 0, 1)
        grid.addWidget(self.times, 0, 2)
        grid.addWidget(self.problem, 1, 1, 1, 2)
        grid.setColumnStretch(1, 1)
        self.problem.hide()
        self.waveform.sought.connect(self.seek)
        theme.changed.connect(self._draw_button)
        self._timer = QTimer(self)
        self._timer.setInterval(1000 // _HZ)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    @property
    def position(self) -> float:
        """The second that is shown."""
        return max(0.0, self._shown)

    def open(self, recording: Recording) -> None:
        """Take a recording in, from its beginning."""
        self._duration = recording.duration
        self._shown = -1.0
        self.waveform.show_survey(None, recording.duration, recording.layout, recording.speakers)
        self._session.player.open(recording)
        self.look()

    def show_survey(self, survey: Survey | None, recording: Recording) -> None:
        """Draw the waveform of the recording that is open."""
        self._duration = recording.duration
        self.waveform.show_survey(survey, recording.duration, recording.layout, recording.speakers)

    def close_recording(self) -> None:
        """Let go of the recording; closing the player would wait for its thread, so it only falls silent."""
        self._duration = 0.0
        self._session.player.pause()

    def toggle(self) -> None:
        """Play, or pause."""
        player = self._session.player
        if player.is_playing:
            player.pause()
        else:
            if self._duration and player.position >= self._duration - 0.05:
                player.seek(0.0)
            player.play()
        self.look()

    def play_from(self, seconds: float) -> None:
        """Play a moment."""
        self._session.player.seek(seconds)
        if not self._session.player.is_playing:
            self._session.player.play()
        self.look()

    def seek(self, seconds: float) -> None:
        """Go to a second, playing or not."""
        self._session.player.seek(min(max(0.0, seconds), self._duration))
        self.look()

    def skip(self, seconds: float) -> None:
        """Go some seconds on or back."""
        self.seek(self._session.player.position + seconds)

    def look(self) -> None:
        """Show where the player stands; the timer calls it."""
        if not self._duration:
            return
        player = self._session.player
        position = player.position
        if player.is_playing is not self._was_playing:
            self._draw_button()
        if position != self._shown:
            self._shown = position
            self.waveform.show_position(position)
            say(self.times, f"{clock(position)} / {clock(self._duration)}")
            self.moved.emit(position)
        problem = player.problem
        if (problem is None) is not self.problem.isHidden():
            self.problem.set_text("" if problem is None else " ".join(told(problem)))
            self.problem.setVisible(problem is not None)

    def _draw_button(self) -> None:
        self._was_playing = self._session.player.is_playing
        self.play_button.setIcon(glyph(self._theme, "pause" if self._was_playing else "play", "on_accent", 14))
        self.play_button.setAccessibleName("Pause" if self._was_playing else "Play")
        self.play_button.setToolTip("Pause (Space)" if self._was_playing else "Play (Space)")
