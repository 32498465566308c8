"""A long-running job, described without threads: its work, its progress and its outcome."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Generic, Protocol, TypeVar

import msgspec

T = TypeVar("T")


class Cancelled(Exception):
    """Raised at a checkpoint after `cancel()`; an outcome, not an error."""


class Progress(msgspec.Struct, frozen=True, tag=True):
    """How far a step has come: `done` of `total` in `unit` ("s" of audio, "bytes", "lines", "tokens", "parts").

    `total` is None while it is unknown. `step` is one word for what is being done.
    """

    step: str
    done: float
    total: float | None = None
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
    DRAFTS = "drafts"  # saving what is being typed, which must not wait for an import


class JobKind(Enum):
    """What a job is for. The title is for people; this is what code asks."""

    IMPORT = "import"
    STEP = "step"  # takes a call one step further
    DOWNLOAD = "download"
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
    """A unit of long work on one lane; a lower `priority` runs first, and `subject` is the id of what it works on."""

    title: str
    work: Callable[[JobContext], T]
    lane: Lane
    priority: int = 5
    subject: str = ""
    kind: JobKind = JobKind.REQUEST
    state: JobState = JobState.WAITING
    result: T | None = None
    error: Exception | None = None
    _stop: threading.Event = field(default_factory=threading.Event, repr=False)

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


class RemainingTime:
    """Estimates the time left of a step from its speed so far; give it each `Progress`."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._step = ""
        self._since = 0.0
        self._first = 0.0

    def seconds(self, progress: Progress) -> float | None:
        """Seconds left, or None during the first second and while the total is unknown."""
        now = self._clock()
        if progress.step != self._step:
            self._step, self._since, self._first = progress.step, now, progress.done
        passed, moved = now - self._since, progress.done - self._first
        if not progress.total or passed < 1.0 or moved <= 0:
            return None
        return passed / moved * max(0.0, progress.total - progress.done)
