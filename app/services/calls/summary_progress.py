"""How many lines of a transcript are summarised, told while the model reads and writes."""

import math
import time
from collections.abc import Callable

from app.core.engines import Delta, Generated
from app.core.job import JobContext, Progress

_READING_SHARE = 0.5  # of the time that a chunk takes, until the first one has shown it
_REPLY_LENGTH = 1_000  # characters of a chunk's reply, until the first one has shown it


class SummaryProgress:
    """Counts the lines of chunks that are read and written about, as parts of a line so that it moves steadily."""

    def __init__(self, context: JobContext, lines: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._context, self._total, self._clock = context, lines, clock
        self._before = self._lines = 0
        self._shown = 0.0
        self._written = 0
        self._began = self._read_at = 0.0
        self._reading_share, self._reply_length = _READING_SHARE, _REPLY_LENGTH

    def begin(self, lines: int) -> None:
        """A chunk of so many lines is given to the model."""
        self._lines, self._written, self._began, self._read_at = lines, 0, self._clock(), 0.0
        self._report(0.0)

    def take(self, value: Progress | Delta | Generated) -> None:
        """Take what the model reports."""
        if isinstance(value, Progress):
            self._report(self._reading_share * (value.fraction or 0.0))
        elif isinstance(value, Delta):
            self._read_at = self._read_at or self._clock()
            self._written += len(value.text)
            written = 1 - math.exp(-2 * self._written / self._reply_length)  # it never arrives before the reply ends
            self._report(self._reading_share + (1 - self._reading_share) * written)

    def finish(self) -> None:
        """The chunk's reply is whole; the next ones go by what it took."""
        seconds = self._clock() - self._began
        if self._read_at and seconds > 0:
            self._reading_share = min(0.9, max(0.1, (self._read_at - self._began) / seconds))
            self._reply_length = max(1, self._written)
        self._before += self._lines
        self._lines = 0
        self._report(0.0)

    def _report(self, share: float) -> None:
        done = min(self._total, self._before + share * self._lines)
        self._shown = max(self._shown, done)  # half a chunk that is done again takes nothing back
        self._context.report(Progress("Summarizing", self._shown, self._total, "lines"))
