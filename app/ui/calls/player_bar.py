"""The player of one call: play and pause, waveform, time, and any problem with the sound."""

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from app.core.call import Call, Survey
from app.core.durations import format_time
from app.core.errors import AssistantError
from app.ui.calls.commands import PLAY
from app.ui.calls.playback_choices import PlaybackChoices
from app.ui.calls.waveform import WaveformView
from app.ui.runtime.unexpected_errors import error_sentences
from app.ui.style.theme import Theme
from app.ui.widgets.basics import button, glyph, label, set_label_text
from app.ui.widgets.notice_bar import NoticeText

_REFRESH_HZ = 30


class Playback(Protocol):
    """What plays the sound of one call. Positions are in seconds; no method waits."""

    @property
    def position(self) -> float:
        """Where it is."""

    @property
    def is_playing(self) -> bool:
        """Whether it plays."""

    @property
    def problem(self) -> AssistantError | None:
        """Why it can't play, if so."""

    @property
    def speed(self) -> float:
        """How many seconds of a call it plays in a second."""

    def set_speed(self, speed: float, /) -> None:
        """Play at another speed, the nearest that it has."""

    @property
    def skips_silence(self) -> bool:
        """Whether it jumps over pauses."""

    def set_skips_silence(self, skips: bool, /) -> None:
        """Jump over pauses, or no longer."""

    def open(self, call: Call, /) -> None:
        """Take a call, at its beginning."""

    def play(self) -> None:
        """Play on."""

    def pause(self) -> None:
        """Pause."""

    def seek(self, seconds: float, /) -> None:
        """Go to a position, playing or not."""


class PlayerBar(QWidget):
    """Drives the player and shows its state."""

    position_changed = Signal(float)  # the new position in seconds

    def __init__(self, theme: Theme, player: Playback, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName("Player")
        self._theme, self._player = theme, player
        self._duration = 0.0
        self._shown_position = -1.0
        self._was_playing: bool | None = None
        self._sample_end: float | None = None  # seconds
        grid = QGridLayout(self)
        grid.setContentsMargins(theme.px(22), theme.px(11), theme.px(22), theme.px(11))
        grid.setHorizontalSpacing(theme.px(14))
        grid.setVerticalSpacing(theme.px(4))
        self.play_button = button("", self, "main", self.toggle, "Play")
        diameter = theme.px(36)
        self.play_button.setFixedSize(diameter, diameter)
        self.play_button.setStyleSheet(f"border-radius: {diameter // 2}px; padding: 0;")
        self.play_button.setIconSize(QSize(theme.px(14), theme.px(14)))
        self.waveform = WaveformView(theme, self)
        self.times = label("", "second", self)
        self.times.setFont(theme.font(13, is_tabular=True))
        self.times.setIndent(theme.px(4) + 2)  # as far as the text of the buttons below it
        self.choices: PlaybackChoices = PlaybackChoices(self)
        self.choices.chosen.connect(self.take_choice)
        beside = QVBoxLayout()
        beside.setSpacing(0)
        beside.addWidget(self.times)
        beside.addWidget(self.choices)
        self.problem = NoticeText(theme, self, size=13, line=19, role="second")
        grid.addWidget(self.play_button, 0, 0)
        grid.addWidget(self.waveform, 0, 1)
        grid.addLayout(beside, 0, 2, Qt.AlignmentFlag.AlignVCenter)
        grid.addWidget(self.problem, 1, 1, 1, 2)
        grid.setColumnStretch(1, 1)
        self.problem.hide()
        self.waveform.seek_wanted.connect(self.seek)
        theme.changed.connect(self._draw_button)
        self._timer = QTimer(self)
        self._timer.setInterval(1000 // _REFRESH_HZ)
        self._timer.timeout.connect(self.refresh)
        self._timer.start()

    @property
    def position(self) -> float:
        """The displayed position in seconds."""
        return max(0.0, self._shown_position)

    def open(self, call: Call) -> None:
        """Load a call, at its beginning."""
        self._duration = call.duration
        self._shown_position = -1.0
        self.waveform.show_survey(None, call.duration, call.layout, call.own_track)
        self._player.open(call)
        self.refresh()

    def show_survey(self, survey: Survey | None, call: Call) -> None:
        """Draw the waveform of the open call."""
        self._duration = call.duration
        self.waveform.show_survey(survey, call.duration, call.layout, call.own_track)

    def close_call(self) -> None:
        """Release the call; the player is only paused, as closing it would wait for its thread."""
        self._duration = 0.0
        self._player.pause()

    def toggle(self) -> None:
        """Play or pause."""
        player = self._player
        self._sample_end = None
        if player.is_playing:
            player.pause()
        else:
            if self._duration and player.position >= self._duration - 0.05:
                player.seek(0.0)
            player.play()
        self.refresh()

    def play_from(self, seconds: float) -> None:
        """Play from a position in seconds."""
        self._sample_end = None
        self._player.seek(seconds)
        if not self._player.is_playing:
            self._player.play()
        self.refresh()

    def play_sample(self, start: float, end: float) -> None:
        """Play from a second to another."""
        self.play_from(start)
        self._sample_end = end

    def end_sample(self) -> None:
        """Pause if it is a sample that plays."""
        if self._sample_end is not None:
            self._sample_end = None
            self._player.pause()
            self.refresh()

    def seek(self, seconds: float) -> None:
        """Move to a position in seconds, playing or not."""
        self._sample_end = None
        self._player.seek(min(max(0.0, seconds), self._duration))
        self.refresh()

    def skip(self, seconds: float) -> None:
        """Move by some seconds; a negative number moves back."""
        self.seek(self._player.position + seconds)

    def take_choice(self, setting: str, value: object) -> None:
        """Play as it is chosen, or as it was the last time; the setting is named as in `core.settings`."""
        if setting == "playback_speed" and isinstance(value, float):
            self._player.set_speed(value)
            self.choices.show_speed(self._player.speed)
        elif setting == "skips_silence":
            self._player.set_skips_silence(bool(value))
            self.choices.show_skipping(self._player.skips_silence)

    def change_speed(self, step: Callable[[float], float]) -> None:
        """Play at the speed that a step makes of the present one."""
        self.choices.speed.choose(step(self._player.speed))

    def refresh(self) -> None:
        """Show the player's current state; called by the timer."""
        if not self._duration:
            return
        player = self._player
        position = player.position
        if self._sample_end is not None and position >= self._sample_end:
            self.end_sample()
        if player.is_playing is not self._was_playing:
            self._draw_button()
        if position != self._shown_position:
            self._shown_position = position
            self.waveform.show_position(position)
            set_label_text(self.times, f"{format_time(position)} / {format_time(self._duration)}")
            self.position_changed.emit(position)
        problem = player.problem
        if (problem is None) is not self.problem.isHidden():
            self.problem.set_text("" if problem is None else " ".join(error_sentences(problem)))
            self.problem.setVisible(problem is not None)

    def _draw_button(self) -> None:
        self._was_playing = self._player.is_playing
        self.play_button.setIcon(glyph(self._theme, "pause" if self._was_playing else "play", "on_accent", 14))
        self.play_button.setAccessibleName("Pause" if self._was_playing else "Play")
        self.play_button.setToolTip(PLAY.with_hint("Pause" if self._was_playing else "Play"))
