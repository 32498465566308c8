"""How far a job's step is, for how long it has lasted, and how much time is left of it."""

import time
from collections.abc import Callable
from typing import Any

from app.core.figures import progress_line
from app.core.job import Job, JobState, Progress, RemainingTime


class StepClock:
    """Follows the steps of one job; `seconds_left` is None while it means nothing."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.progress: Progress | None = None
        self.seconds_left: float | None = None
        self._clock = clock
        self._began = clock()
        self._remaining = RemainingTime(clock)

    def take(self, progress: Progress) -> None:
        """Take the latest progress."""
        if self.progress is None or progress.step != self.progress.step:
            self._began = self._clock()
        self.progress, self.seconds_left = progress, self._remaining.seconds(progress)

    def line(self, title: str) -> str:
        """How far the step is; `title` says what is done until a step is known."""
        said = title if self.progress is None else self.progress.step
        return progress_line(said, self.progress, self.seconds_left, self._clock() - self._began)

    def line_of(self, job: Job[Any], waits: str) -> str:
        """What is to be said of a job: how far it is, or `waits` until its turn; "" until it says something itself."""
        if job.is_stopping:
            return "Stopping…"
        if job.state is JobState.WAITING:
            return waits
        return self.line("") if self.progress is not None else ""
