"""Which calls are being worked on, how far each is, and which ended badly."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from app.core.job import Job, Progress, RemainingTime, State
from app.ui.style.phrases import at_work

if TYPE_CHECKING:
    from app.ui.runtime.bridge import Bridge


@dataclass(eq=False)
class Work:
    """One job on one call: what is shown of it."""

    job: Job[Any]
    progress: Progress | None = None
    seconds: float | None = None
    _clock: RemainingTime = field(default_factory=RemainingTime)

    def take(self, progress: Progress) -> None:
        """Keep the newest progress, and how long the rest will take."""
        self.progress = progress
        self.seconds = self._clock.seconds(progress)

    @property
    def words(self) -> str:
        """What the list says."""
        if self.job.is_stopping:
            return "Stopping"
        if self.job.state is State.WAITING:
            return f"{self.job.title}, waiting for its turn"
        return at_work(self.job.title, self.progress, self.seconds)

    @property
    def fraction(self) -> float | None:
        """How far it is, between 0 and 1, if that is known."""
        return self.progress.fraction if self.progress else None


class WorkInHand(QObject):
    """Follows the session's own jobs; `changed` says that something is to be shown anew.

    `failed` brings a job whose error nobody has seen; errors stay in `errors` by recording until the next try.
    """

    changed = Signal()
    started_or_ended = Signal()
    failed = Signal(object)

    def __init__(self, bridge: "Bridge", parent: QObject) -> None:
        super().__init__(parent)
        self._works: dict[int, Work] = {}
        self.errors: dict[str, Exception] = {}
        bridge.job_changed.connect(self._take)

    def _take(self, job: Job[Any], events: list[object]) -> None:
        if job.lane == "network":
            return  # a model's download is no work on a call
        work = self._works.get(id(job))
        is_over = job.state in (State.DONE, State.FAILED, State.CANCELLED)
        if work is None and not is_over:
            work = self._works[id(job)] = Work(job)
            if job.subject:
                self.errors.pop(job.subject, None)
            self.started_or_ended.emit()
        for event in events:
            if isinstance(event, Progress) and work is not None:
                work.take(event)
        if is_over and any(isinstance(event, State) for event in events):
            self._works.pop(id(job), None)
            if job.state is State.FAILED and job.error is not None:
                if job.subject:
                    self.errors[job.subject] = job.error
                self.failed.emit(job)
            self.started_or_ended.emit()
        self.changed.emit()

    def of(self, recording: str) -> Work | None:
        """What is being done with a recording now; running before waiting."""
        found = [work for work in self._works.values() if work.job.subject == recording]
        found.sort(key=lambda work: work.job.state is not State.RUNNING)
        return found[0] if found else None

    def nameless(self) -> list[Work]:
        """Imports of which no recording is known yet."""
        return [work for work in self._works.values() if not work.job.subject and work.job.title == "Importing"]

    def all(self) -> list[Work]:
        """Everything in hand."""
        return list(self._works.values())
