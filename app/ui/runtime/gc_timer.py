"""Garbage collection of cycles, on the thread of the window alone."""

import gc

from PySide6.QtCore import QObject, QTimer

_INTERVAL = 2_000  # milliseconds between looks at the counts
_FULL_EVERY = 15  # looks


class Collector(QObject):
    """Takes the cycle collector off all other threads: there it would destroy Qt objects, and crash."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._looks = 0
        self._timer = QTimer(self)
        self._timer.setInterval(_INTERVAL)
        self._timer.timeout.connect(self._look)

    def start(self) -> None:
        """Turn automatic collection off, and collect from a timer from now on."""
        gc.disable()
        self._timer.start()

    def stop(self) -> None:
        """Give collection back to Python."""
        self._timer.stop()
        gc.enable()

    def _look(self) -> None:
        self._looks += 1
        young, middle, _ = gc.get_count()
        if self._looks % _FULL_EVERY == 0:
            gc.collect()
        elif middle > 10:
            gc.collect(1)
        elif young > 700:
            gc.collect(0)
