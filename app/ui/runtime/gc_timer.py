"""Garbage collection of cycles, only on the window's thread."""

import gc

from PySide6.QtCore import QObject, QTimer

_INTERVAL = 2_000  # milliseconds between checks of the counts
_FULL_EVERY = 15  # checks


class GcTimer(QObject):
    """Keeps the cycle collector off all other threads, where destroying Qt objects would crash."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ticks = 0
        self._timer = QTimer(self)
        self._timer.setInterval(_INTERVAL)
        self._timer.timeout.connect(self._collect)

    def start(self) -> None:
        """Turn automatic collection off, and collect on a timer instead."""
        gc.disable()
        self._timer.start()

    def stop(self) -> None:
        """Turn automatic collection on again."""
        self._timer.stop()
        gc.enable()

    def _collect(self) -> None:
        self._ticks += 1
        young, middle, _ = gc.get_count()
        if self._ticks % _FULL_EVERY == 0:
            gc.collect()
        elif middle > 10:
            gc.collect(1)
        elif young > 700:
            gc.collect(0)
