"""Words for a wait of which nothing is known but how long it has lasted."""

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from app.core.figures import so_far


class WaitingWords(QObject):
    """Says what is waited for, and after two seconds for how long."""

    def __init__(self, say: Callable[[str], object], parent: QObject) -> None:
        super().__init__(parent)
        self._say, self._words, self._began = say, "", 0.0
        self._timer = QTimer(self)
        self._timer.setInterval(500)
        self._timer.timeout.connect(self._say_again)

    def show(self, waiting: str, otherwise: str) -> None:
        """Say what is waited for, or what to say while nothing is."""
        if waiting:
            self.begin(waiting)
        else:
            self.end(otherwise)

    def begin(self, words: str) -> None:
        """Say these words, and go on counting until the end."""
        self._words, self._began = words, time.monotonic()
        self._say(words)
        self._timer.start()

    def end(self, words: str) -> None:
        """Say these words instead."""
        self._timer.stop()
        self._say(words)

    def _say_again(self) -> None:
        self._say(" ".join(part for part in (self._words, so_far(time.monotonic() - self._began)) if part))
