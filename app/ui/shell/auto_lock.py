"""When the window locks itself: after a time without a person, with the screen, and when the computer sleeps."""

import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QWindow

if TYPE_CHECKING:
    from app.services.settings import SettingsKeeper
    from app.ui.runtime.bridge import Bridge

_LOOK = 5.0  # seconds between two looks at the clock
_SLEPT = 60.0  # seconds without a look after which the computer must have been asleep
_FELT = frozenset(
    {
        QEvent.Type.KeyPress, QEvent.Type.KeyRelease, QEvent.Type.MouseButtonPress, QEvent.Type.MouseMove,
        QEvent.Type.Wheel, QEvent.Type.TouchBegin, QEvent.Type.TouchUpdate, QEvent.Type.TabletMove,
        QEvent.Type.TabletPress,
    }
)  # fmt: skip


def awake_and_asleep() -> float:
    """Seconds on a clock that goes on while the computer sleeps."""
    for name in ("CLOCK_BOOTTIME", "CLOCK_MONOTONIC"):  # Linux; macOS, where `time.monotonic` stands still
        if hasattr(time, name):
            return time.clock_gettime(getattr(time, name))
    return time.monotonic()


class Locking(QObject):
    """`wanted` says that the window is to be locked now. Settings are read at each look, so that a change holds.

    `is_held` says that a person is there without a hand on keys or mouse: listening, say. Then the time without
    a person begins anew; the system's own signs are obeyed all the same.
    """

    wanted = Signal()

    def __init__(
        self,
        settings: "SettingsKeeper",
        bridge: "Bridge",
        is_held: Callable[[], bool],
        parent: QObject,
        clock: Callable[[], float] = awake_and_asleep,
    ) -> None:
        super().__init__(parent)
        self._settings, self._bridge, self._is_held, self._clock = settings, bridge, is_held, clock
        self._felt = self._looked = clock()
        # On the system's windows and not on the application: there Python would be called for every event of all.
        app = QGuiApplication.instance()
        assert isinstance(app, QGuiApplication)
        app.focusWindowChanged.connect(self._watch)
        for window in QGuiApplication.topLevelWindows():
            self._watch(window)
        self._timer = QTimer(self)
        self._timer.setInterval(int(_LOOK * 1000))
        self._timer.timeout.connect(self.look)
        self._timer.start()
        if sys.platform == "linux":
            QTimer.singleShot(0, self, self._listen)

    def _listen(self) -> None:
        from app.ui.shell.system_lock import ScreenLock  # late: what unlocks the vault needs no bus

        self.screen = ScreenLock(self._bridge, self)
        self.screen.locked.connect(self._with_screen)
        self.screen.asleep.connect(self._with_sleep)

    def _with_screen(self) -> None:
        if self._settings.current.locks_with_screen:
            self.wanted.emit()

    def _with_sleep(self) -> None:
        if self._settings.current.locks_with_screen:
            self.wanted.emit()  # the process ends, and the system sleeps as soon as it has
        else:
            self.screen.let_sleep()

    def look(self) -> None:
        """Look at the clock; the timer calls it."""
        now, before = self._clock(), self._looked
        self._looked = now
        if now - before > _SLEPT:
            self._with_screen()
        if self._is_held():
            self._felt = now
        minutes = self._settings.current.lock_after_minutes
        if minutes and now - self._felt >= 60 * minutes:
            self.wanted.emit()

    def _watch(self, window: QWindow | None) -> None:
        if window is not None:
            window.installEventFilter(self)  # again is as once

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt: note that a person is there; Ctrl+L locks in every window, also where a question is open."""
        kind = event.type()
        if kind in _FELT:
            self._felt = self._clock()
            if kind == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and _is_lock(event):
                self.wanted.emit()
                return True
        return False


def _is_lock(event: QKeyEvent) -> bool:
    return event.key() == Qt.Key.Key_L and event.modifiers() == Qt.KeyboardModifier.ControlModifier
