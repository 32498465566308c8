"""The jobs on calls: which are waiting or running, how far each has come, and which failed."""

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from app.core.figures import progress_line
from app.core.job import Job, JobKind, JobState, Progress, RemainingTime

if TYPE_CHECKING:
    from app.ui.runtime.bridge import Bridge


@dataclass(eq=False)
class CallJob:
    """What is shown of one job on one call."""

    job: Job[Any]
    progress: Progress | None = None
    remaining_seconds: float | None = None
    step_began: float = field(default_factory=time.monotonic)
    _remaining: RemainingTime = field(default_factory=RemainingTime)

    def take(self, progress: Progress) -> None:
        """Store the latest progress and the estimated time left."""
        if self.progress is None or progress.step != self.progress.step:
            self.step_began = time.monotonic()
        self.progress = progress
        self.remaining_seconds = self._remaining.seconds(progress)

    @property
    def status(self) -> str:
        """The status line in the list of calls."""
        if self.job.is_stopping:
            return "Stopping"
        if self.job.state is JobState.WAITING:
            return f"{self.job.title}, waiting for its turn"
        title = self.progress.step if self.progress is not None else self.job.title
        waited = time.monotonic() - self.step_began
        return progress_line(title, self.progress, self.remaining_seconds, waited)

    @property
    def fraction(self) -> float | None:
        """Progress between 0 and 1, or None if unknown."""
        return self.progress.fraction if self.progress else None


class CallJobs(QObject):
    """Follows the session's own jobs; `changed` means that something must be redrawn.

    `failed` carries a job whose error has not been shown yet; `errors` keeps the last error of each call, by its id,
    until the next attempt.
    """

    changed = Signal()
    started_or_ended = Signal()
    failed = Signal(object)

    def __init__(self, bridge: "Bridge", parent: QObject) -> None:
        super().__init__(parent)
        self._work_by_job: dict[int, CallJob] = {}
        self.errors: dict[str, Exception] = {}
        bridge.job_changed.connect(self._on_job_changed)
        self._clock = QTimer(self)  # a step that tells no amount is counted in seconds
        self._clock.setInterval(1_000)
        self._clock.timeout.connect(self._count)

    def _count(self) -> None:
        if not self._work_by_job:
            self._clock.stop()
        elif any(work.fraction is None and work.job.state is JobState.RUNNING for work in self.all()):
            self.changed.emit()

    def _on_job_changed(self, job: Job[Any], events: list[object]) -> None:
        if job.kind in (JobKind.DOWNLOAD, JobKind.INDEX):
            return  # a model download is not work on a call, and what nobody asked for is not shown
        work = self._work_by_job.get(id(job))
        is_over = job.state in (JobState.DONE, JobState.FAILED, JobState.CANCELLED)
        if work is None and not is_over:
            work = self._work_by_job[id(job)] = CallJob(job)
            if job.subject:
                self.errors.pop(job.subject, None)
            self._clock.start()
            self.started_or_ended.emit()
        for event in events:
            if isinstance(event, Progress) and work is not None:
                work.take(event)
        if is_over and job.state in events:  # an earlier state's event may come late, when the job is over already
            self._work_by_job.pop(id(job), None)
            if job.state is JobState.FAILED and job.error is not None:
                if job.subject:
                    self.errors[job.subject] = job.error
                self.failed.emit(job)
            self.started_or_ended.emit()
        self.changed.emit()

    def job_on(self, call: str) -> CallJob | None:
        """The job on this call, if any; a running one before a waiting one."""
        matching = [work for work in self._work_by_job.values() if work.job.subject == call]
        matching.sort(key=lambda work: work.job.state is not JobState.RUNNING)
        return matching[0] if matching else None

    def imports_without_call(self) -> list[CallJob]:
        """Imports that have no call in the vault yet."""
        return [work for work in self._work_by_job.values() if not work.job.subject and work.job.kind is JobKind.IMPORT]

    def all(self) -> list[CallJob]:
        """All jobs, waiting and running."""
        return list(self._work_by_job.values())
