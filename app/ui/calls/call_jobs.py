"""The jobs on calls: which are waiting or running, how far each has come, and which failed."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from app.core.call import SUMMARIZE, Call
from app.core.figures import ordinal, remaining
from app.core.ids import CallId
from app.core.job import Job, JobKind, JobState, Lane, Progress
from app.core.queue_time import StepSpeeds, seconds_left
from app.ui.runtime.step_clock import StepClock

if TYPE_CHECKING:
    from app.ui.runtime.bridge import Bridge

_SUMMARIZING = "Summarizing"  # the title of that step


def _awaits_summary(call: Call) -> bool:
    return call.wants_summary and SUMMARIZE not in call.steps_done


@dataclass(eq=False)
class CallJob:
    """What is shown of one job on one call; `place` is how many of its lane come before it, and itself."""

    job: Job[Any]
    clock: StepClock = field(default_factory=StepClock)
    place: int = 1
    began: float = 0.0
    skipped: float = 0.0  # seconds of the call that were done before

    def take(self, progress: Progress) -> None:
        """Store the latest progress and the estimated time left."""
        if self.progress is None and progress.unit == "s":
            self.skipped = progress.done
        self.clock.take(progress)

    @property
    def progress(self) -> Progress | None:
        """The latest progress."""
        return self.clock.progress

    @property
    def status(self) -> str:
        """The status line in the list of calls."""
        if self.job.is_stopping:
            return "Stopping"
        if self.job.state is JobState.WAITING:
            return f"{self.job.title}, {'next' if self.place == 1 else ordinal(self.place)} in line"
        return self.clock.line(self.job.title)

    @property
    def can_go_first(self) -> bool:
        """Whether it waits behind others."""
        return self.job.state is JobState.WAITING and self.place > 1 and not self.job.is_stopping

    @property
    def can_pause(self) -> bool:
        """Whether it can be stopped without loss: what a step has done is kept, and it goes on from there."""
        return self.job.kind is JobKind.STEP

    @property
    def fraction(self) -> float | None:
        """Progress between 0 and 1, or None if unknown."""
        return self.progress.fraction if self.progress else None


class CallJobs(QObject):
    """Follows the session's own jobs; `changed` means that something must be redrawn.

    `failed` carries a job whose error has not been shown yet; `errors` keeps the last error of each call, by its id,
    until the next attempt, and `paused` the ids of those that a person has stopped.
    """

    changed = Signal()
    started_or_ended = Signal()
    failed = Signal(object)

    def __init__(self, bridge: "Bridge", parent: QObject) -> None:
        super().__init__(parent)
        self._work_by_job: dict[int, CallJob] = {}
        self.errors: dict[str, Exception] = {}
        self.paused: set[str] = set()
        self._speeds = StepSpeeds()
        self._calls: dict[CallId, Call] = {}
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
                self.paused.discard(job.subject)
            self._clock.start()
            self.started_or_ended.emit()
        for event in events:
            if isinstance(event, Progress) and work is not None:
                work.take(event)
        if is_over and job.state in events:  # an earlier state's event may come late, when the job is over already
            self._end(self._work_by_job.pop(id(job), None))
            if job.state is JobState.FAILED and job.error is not None:
                if job.subject:
                    self.errors[job.subject] = job.error
                self.failed.emit(job)
            self.started_or_ended.emit()
        elif work is not None and JobState.RUNNING in events:
            work.began = time.monotonic()
        if any(isinstance(event, JobState) for event in events):
            self._number()
        self.changed.emit()

    def _end(self, work: CallJob | None) -> None:
        if work is None:
            return
        job, call = work.job, self._calls.get(CallId(work.job.subject))
        if job.state is JobState.CANCELLED and work.can_pause:
            self.paused.add(job.subject)
        if job.state is JobState.DONE and work.began and call is not None:
            self._speeds.add(job.title, call.duration - work.skipped, time.monotonic() - work.began)

    def _number(self) -> None:
        """Count how many of each lane come before each job that waits."""
        places: dict[Lane, int] = {}
        for work in sorted(self.all(), key=lambda known: known.job.turn):
            if work.job.state is JobState.WAITING and not work.job.is_stopping:
                work.place = places[work.job.lane] = places.get(work.job.lane, 0) + 1

    def show_calls(self, calls: Iterable[Call]) -> None:
        """Note the calls as they are now: how long they are, and which are to be summarized."""
        self._calls = {call.id: call for call in calls}

    def line_in_words(self) -> str:
        """`12 in line, about 40 min left`; the time as soon as it is known, and "" while one piece of work is alone."""
        line = [work for work in self.all() if work.job.kind in (JobKind.IMPORT, JobKind.STEP)]
        if len(line) < 2:
            return ""
        lanes: dict[str, list[float | None]] = {}
        for work in line:
            call = self._calls.get(CallId(work.job.subject))
            lanes.setdefault(work.job.lane.value, []).append(self._seconds(work, call))
            if call is not None and work.job.title != _SUMMARIZING and _awaits_summary(call):
                seconds = self._speeds.seconds(_SUMMARIZING, call.duration)
                lanes.setdefault(Lane.LANGUAGE.value, []).append(seconds)
        left = seconds_left(lanes)
        return f"{len(line)} in line" + (f", {remaining(left)}" if left is not None else "")

    def _seconds(self, work: CallJob, call: Call | None) -> float | None:
        if call is None:  # an import, of which nobody knows yet how long it is
            return None
        if work.clock.seconds_left is not None:
            return work.clock.seconds_left
        is_speech = work.job.lane is Lane.SPEECH
        rest = call.duration - (call.transcribed_until if is_speech else 0.0)
        return self._speeds.seconds(work.job.title, max(0.0, rest))

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
