"""The waveform of a call as bars, with the playhead."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.core.call import PEAKS_PER_SECOND, Survey
from app.core.durations import format_time
from app.core.transcript import Layout
from app.ui.style.focus_ring import has_ring
from app.ui.style.theme import Role, Theme

_PITCH = 4.0  # pixels from one bar to the next
_BAR_WIDTH = 2.2
_QUIET = 0.04  # of full scale; quieter bars are drawn flat
_STEP = 5.0  # seconds that an arrow key moves the playhead


class WaveformView(QWidget):
    """Draws one side of a call above the centre line, the other below."""

    seek_wanted = Signal(float)  # the wanted position in seconds

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._tracks: list[tuple[bytes, bool, bool]] = []  # peaks, is_above, is_own
        self._bars: list[list[float]] = []
        self._duration = 0.0
        self._position = 0.0
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setMouseTracking(True)
        self.setAccessibleName("Sound of the call")
        self.setAccessibleDescription("Click to play from there; Left and Right move by five seconds.")
        theme.changed.connect(self.update)

    def show_survey(self, survey: Survey | None, duration: float, layout: Layout, own: int | None) -> None:
        """Show the peaks of a call, or a plain line until they are known; `own` is the user's track."""
        self._duration = duration
        self._tracks = []
        if survey is not None and survey.channels:
            tracks = [survey.peaks[c :: survey.channels] for c in range(survey.channels)]
            if layout is Layout.TWO_SIDED and len(tracks) >= 2:
                self._tracks = [(tracks[c], c == 0, own in (c, None)) for c in (0, 1)]
                if own is None:
                    self._tracks = [(tracks[0], True, True), (tracks[1], False, False)]
            else:
                mono_peaks = tracks[layout.channels[0]] if layout.channels[0] < len(tracks) else tracks[0]
                if layout is Layout.MONO and len(tracks) > 1:
                    mono_peaks = bytes(map(max, zip(*tracks, strict=False)))
                is_own = layout is Layout.MONO or own == layout.channels[0]
                self._tracks = [(mono_peaks, True, is_own), (mono_peaks, False, is_own)]
        self._compute_bars()
        self.update()

    def show_position(self, seconds: float) -> None:
        """Move the playhead."""
        if abs(seconds - self._position) >= 0.02:
            self._position = seconds
            self.update()

    def _compute_bars(self) -> None:
        """Set each bar to the loudest tenth of a second within it, relative to the loudest of all."""
        count = max(1, int(self.width() / _PITCH))
        self._bars = []
        for peaks, _, _ in self._tracks:
            peak_count = max(1, int(self._duration * PEAKS_PER_SECOND), len(peaks))
            bars = []
            for n in range(count):
                first = n * peak_count // count
                window = peaks[first : max(first + 1, (n + 1) * peak_count // count)]
                bars.append(max(window, default=0) / 255)
            self._bars.append(bars)
        loudest = max((max(bars, default=0.0) for bars in self._bars), default=0.0)
        if loudest > _QUIET:
            self._bars = [[bar / loudest for bar in bars] for bars in self._bars]

    def sizeHint(self) -> QSize:
        """Qt: as tall as in the design."""
        return QSize(400, self._theme.px(56))

    def minimumSizeHint(self) -> QSize:
        """Qt: it can be narrow."""
        return QSize(self._theme.px(36), self._theme.px(56))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt: compute the bars again."""
        self._compute_bars()
        super().resizeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Qt: paint bars and playhead."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        middle, max_height = self.height() / 2, self.height() / 2 - 3
        head = self._x_of(self._position)
        if not self._bars:
            painter.setBrush(self._theme.color("line"))
            painter.drawRect(QRectF(0, middle - 1, self.width(), 2))
        for (_, is_above, is_own), bars in zip(self._tracks, self._bars, strict=True):
            role: Role = "accent" if is_own else "other"
            play_wanted, ahead = self._theme.color(role), self._theme.blend(role, "page", 0.38)
            for n, bar in enumerate(bars):
                bar_height = bar * max_height if bar > _QUIET else (1.0 if is_above else 0.0)
                x = n * _PITCH
                painter.setBrush(play_wanted if x < head else ahead)
                painter.drawRoundedRect(
                    QRectF(x, middle - bar_height if is_above else middle, _BAR_WIDTH, bar_height), 1, 1
                )
        if self._duration:
            painter.setBrush(self._theme.color("text"))
            painter.drawRect(QRectF(min(head, self.width() - 2), 0, 2, self.height()))
        if has_ring(self):
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(self._theme.color("accent"), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)
        painter.end()

    def _x_of(self, seconds: float) -> float:
        return self.width() * min(1.0, seconds / self._duration) if self._duration else 0.0

    def _seek(self, seconds: float) -> None:
        if self._duration:
            self.seek_wanted.emit(min(max(0.0, seconds), self._duration))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Qt: seek to the position under the pointer."""
        self._seek(event.position().x() / max(1, self.width()) * self._duration)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Qt: drag the playhead, or show the time under the pointer."""
        seconds = min(max(0.0, event.position().x() / max(1, self.width())), 1.0) * self._duration
        self.setToolTip(format_time(seconds))
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._seek(seconds)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt: the keys of a slider."""
        moves = {Qt.Key.Key_Down: -_STEP, Qt.Key.Key_Up: _STEP, Qt.Key.Key_PageDown: -30.0, Qt.Key.Key_PageUp: 30.0}
        if event.key() in moves:
            self._seek(self._position + moves[Qt.Key(event.key())])
        elif event.key() in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self._seek(0.0 if event.key() == Qt.Key.Key_Home else self._duration)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: object) -> None:
        """Qt: draw the focus ring."""
        self.update()

    def focusOutEvent(self, event: object) -> None:
        """Qt: remove the focus ring."""
        self.update()
