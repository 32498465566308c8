"""When the window locks itself: after a time without input, with the screen, and when the computer sleeps."""

import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QWindow

from app.ui.shell.commands import LOCK

if TYPE_CHECKING:
    from app.services.settings import SettingsFile
    from app.ui.runtime.bridge import Bridge

_CHECK_INTERVAL = 5.0  # seconds between two checks of the clock
_SLEEP_GAP = 60.0  # seconds between checks that mean the computer was asleep
_ACTIVITY = frozenset(
    {
        QEvent.Type.KeyPress, QEvent.Type.KeyRelease, QEvent.Type.MouseButtonPress, QEvent.Type.MouseMove,
        QEvent.Type.Wheel, QEvent.Type.TouchBegin, QEvent.Type.TouchUpdate, QEvent.Type.TabletMove,
        QEvent.Type.TabletPress,
    }
)  # fmt: skip


def seconds_including_sleep() -> float:
    """Seconds on a clock that keeps running while the computer sleeps."""
    for name in ("CLOCK_BOOTTIME", "CLOCK_MONOTONIC"):  # Linux; macOS, where `time.monotonic` stops during sleep
        if hasattr(time, name):
            return time.clock_gettime(getattr(time, name))
    return time.monotonic()


class AutoLock(QObject):
    """Emits `wanted` when the window should lock; settings are read at each check, so changes apply at once.

    `is_held` tells whether a person is likely present without touching keys or mouse, such as while listening. That
    restarts the idle time; a locked screen and sleep still lock.
    """

    lock_wanted = Signal()

    def __init__(
        self,
        settings: "SettingsFile",
        bridge: "Bridge",
        is_held: Callable[[], bool],
        parent: QObject,
        clock: Callable[[], float] = seconds_including_sleep,
    ) -> None:
        super().__init__(parent)
        self._settings, self._bridge, self._is_held, self._clock = settings, bridge, is_held, clock
        self._last_activity = self._last_check = clock()
        # Filter events on the native windows, not the application: that would call Python for every object's events.
        app = QGuiApplication.instance()
        assert isinstance(app, QGuiApplication)
        app.focusWindowChanged.connect(self._watch)
        for window in QGuiApplication.topLevelWindows():
            self._watch(window)
        self._timer = QTimer(self)
        self._timer.setInterval(int(_CHECK_INTERVAL * 1000))
        self._timer.timeout.connect(self.check_clock)
        self._timer.start()
        if sys.platform == "linux":
            QTimer.singleShot(0, self, self._listen)

    def _listen(self) -> None:
        from app.ui.shell.system_lock import ScreenLock  # imported late: unlocking the vault needs no bus

        self.screen = ScreenLock(self._bridge, self)
        self.screen.locked.connect(self._lock_with_screen)
        self.screen.asleep.connect(self._before_sleep)

    def _lock_with_screen(self) -> None:
        if self._settings.current.locks_with_screen:
            self.lock_wanted.emit()

    def _before_sleep(self) -> None:
        if self._settings.current.locks_with_screen:
            self.lock_wanted.emit()  # the process ends, and the system sleeps as soon as it has
        else:
            self.screen.let_sleep()

    def check_clock(self) -> None:
        """Check the clock, and lock if it is time; the timer calls this."""
        now, before = self._clock(), self._last_check
        self._last_check = now
        if now - before > _SLEEP_GAP:
            self._lock_with_screen()
        if self._is_held():
            self._last_activity = now
        minutes = self._settings.current.lock_after_minutes
        if minutes and now - self._last_activity >= 60 * minutes:
            self.lock_wanted.emit()

    def _watch(self, window: QWindow | None) -> None:
        if window is not None:
            window.installEventFilter(self)  # installing it twice has no further effect

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt: note activity; the keys of `LOCK` lock from every window, even with a dialog open."""
        kind = event.type()
        if kind in _ACTIVITY:
            self._last_activity = self._clock()
            if kind == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and LOCK.has_key(event):
                self.lock_wanted.emit()
                return True
        return False
