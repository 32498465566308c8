"""A long-running job, described without threads: its work, its progress and its outcome."""

import math
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Annotated, Generic, Protocol, TypeVar

import msgspec

T = TypeVar("T")


class Cancelled(Exception):
    """Raised at a checkpoint after `cancel()`; an outcome, not an error."""


class Progress(msgspec.Struct, frozen=True, tag=True):
    """How far a step has come: `done` of `total` in `unit` ("s" of audio, "bytes", "lines", "tokens", "parts").

    `total` is None while it is unknown. `step` is one word for what is being done.
    """

    step: str
    done: Annotated[float, msgspec.Meta(ge=0, le=1e18)]
    total: Annotated[float, msgspec.Meta(ge=0, le=1e18)] | None = None
    unit: str = ""

    @property
    def fraction(self) -> float | None:
        """Between 0 and 1, or None while the total is unknown."""
        if not self.total:
            return None
        return min(1.0, max(0.0, self.done / self.total))


class JobContext(Protocol):
    """What running work sees of the job around it."""

    def checkpoint(self) -> None:
        """Raise `Cancelled` if the user has stopped the job."""

    def report(self, event: object) -> None:
        """Pass an event to the observer: a `Progress`, or part of the result."""


class NullContext(JobContext):
    """The context of a job that nobody observes and nobody stops."""

    def checkpoint(self) -> None:
        """Never cancel."""

    def report(self, event: object) -> None:
        """Discard the event."""


class Lane(Enum):
    """A queue of jobs that share one scarce resource and so run one after the other."""

    DISK = "disk"
    SPEECH = "speech"
    LANGUAGE = "language"
    NETWORK = "network"
    BACKGROUND = "background"  # copies, checks and the like, which nobody waits for
    INDEX = "index"  # passages of calls, while nobody waits for anything
    DRAFTS = "drafts"  # saving what is being typed, which must not wait for an import


class JobKind(Enum):
    """What a job is for. The title is for people; this is what code asks."""

    IMPORT = "import"
    STEP = "step"  # takes a call one step further
    DOWNLOAD = "download"
    INDEX = "index"  # makes what search by meaning reads; nobody asked for it
    CHANGE = "change"  # changes a call on request; its next step follows, however this ends
    REQUEST = "request"  # what a page asks for: an answer, its contents, a check


class JobState(Enum):
    """The state of a job."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(eq=False)
class Job(Generic[T]):
    """A unit of long work on one lane; a lower `priority` runs first, and `subject` is the id of what it works on.

    Of those that wait on a lane the one with the least `turn` is next.
    """

    title: str
    work: Callable[[JobContext], T]
    lane: Lane
    priority: int = 5
    subject: str = ""
    kind: JobKind = JobKind.REQUEST
    state: JobState = JobState.WAITING
    result: T | None = None
    error: Exception | None = None
    turn: tuple[int, int] = (0, 0)
    _stop: threading.Event = field(default_factory=threading.Event, repr=False)

    @property
    def is_over(self) -> bool:
        """Whether it ended, well or not."""
        return self.state in (JobState.DONE, JobState.FAILED, JobState.CANCELLED)

    @property
    def is_stopping(self) -> bool:
        """Whether `cancel()` was called."""
        return self._stop.is_set()

    def cancel(self) -> None:
        """Ask the job to end at its next checkpoint."""
        self._stop.set()

    def checkpoint(self) -> None:
        """Raise `Cancelled` if `cancel()` was called."""
        if self._stop.is_set():
            raise Cancelled


_MEANS_NOTHING = 2.0  # seconds in which too little has happened to tell the rest from it
_LEAST_SHARE = 0.02  # of the whole that must have been done, or else:
_LONG_ENOUGH = 15.0  # seconds after which even less says something
_SHORTEST_WINDOW = 20.0  # seconds that the speed is averaged over
_INERTIA = 8.0  # seconds in which the shown time follows what is measured now by two thirds


class RemainingTime:
    """Estimates the time left of a step from how it has gone so far; give it each `Progress`.

    The speed is that of the later half of the step, so that what is slow at first, such as loading, soon stops to
    count. The estimate runs down with the clock and follows that speed slowly, so that it does not jump: a person
    looks at it to know whether to wait.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._step = ""
        self._since = 0.0
        self._first = 0.0
        self._asked = 0.0
        self._end: float | None = None
        self._samples: deque[tuple[float, float]] = deque()

    def seconds(self, progress: Progress) -> float | None:
        """Seconds left, or None while they mean nothing: at the beginning, and while the total is unknown."""
        now = self._clock()
        if progress.step != self._step or progress.done < self._first:
            self._step, self._since, self._first, self._end = progress.step, now, progress.done, None
            self._samples.clear()
        self._samples.append((now, progress.done))
        passed, moved = now - self._since, progress.done - self._first
        if not progress.total or moved <= 0 or passed < _MEANS_NOTHING:
            return None
        if moved < _LEAST_SHARE * (progress.total - self._first) and passed < _LONG_ENOUGH:
            return None
        window = max(_SHORTEST_WINDOW, passed / 2)
        while len(self._samples) > 2 and self._samples[1][0] <= now - window and self._samples[1][1] < progress.done:
            self._samples.popleft()
        then, before = self._samples[0]
        end = now + (now - then) / (progress.done - before) * max(0.0, progress.total - progress.done)
        if self._end is None:
            self._end = end
        else:
            self._end += (end - self._end) * (1 - math.exp(-(now - self._asked) / _INERTIA))
        self._asked = now
        return max(0.0, self._end - now) if progress.done < progress.total else 0.0
