"""The only path between the window's thread and all others."""

import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal

from app.core import diagnostics
from app.core.errors import AssistantError
from app.core.job import Job, JobContext, JobState, Lane, Progress
from app.services.jobs.lanes import Lanes
from app.ui.runtime.unexpected_errors import report_unexpected

if TYPE_CHECKING:
    from app.core.change import Change
    from app.services.session import Session

T = TypeVar("T")
_HZ = 30
_ENDS = (JobState.DONE, JobState.FAILED, JobState.CANCELLED)


class JobRequest(Generic[T]):
    """A job that the window asked for, and what to call in the window's thread as it goes on.

    Callbacks can be added until the window's thread turns to its next event, which is when the first ones are called.
    """

    def __init__(self, job: Job[T], then: Callable[[T], None], failed: Callable[[Exception], None]) -> None:
        self.job = job
        self._then, self._failed = then, failed
        self._cancelled: Callable[[], None] = lambda: None
        self._on_text: Callable[[str], None] = lambda _: None
        self._on_event: Callable[[object], None] = lambda _: None

    def cancelled(self, callback: Callable[[], None]) -> "JobRequest[T]":
        """Call it once the job has ended because it was cancelled."""
        self._cancelled = callback
        return self

    def on_text(self, callback: Callable[[str], None]) -> "JobRequest[T]":
        """Call it with the text of a reply as that arrives."""
        self._on_text = callback
        return self

    def on_event(self, callback: Callable[[object], None]) -> "JobRequest[T]":
        """Call it with everything else that the job reports, such as its progress."""
        self._on_event = callback
        return self

    def deliver(self, events: list[object]) -> bool:
        """Call what is to be called for these events; True once the job has ended."""
        from app.core.engines import Delta  # late: no job runs behind the lock screen

        text = "".join(event.text for event in events if isinstance(event, Delta))
        if text:
            self._on_text(text)
        for event in events:
            if not isinstance(event, JobState | Delta):
                self._on_event(event)
        return any(event in _ENDS for event in events if isinstance(event, JobState))

    def end(self) -> None:
        """Pass on the result of the ended job, its error, or that it was cancelled."""
        if self.job.state is JobState.DONE:
            result: Any = self.job.result
            self._then(result)
        elif self.job.state is JobState.CANCELLED:
            self._cancelled()
        elif self.job.error is not None:
            self._failed(self.job.error)


def catch_unexpected_in_threads() -> None:
    """Record exceptions that nothing caught on other threads; Python's own hook would print what they say."""

    def hook(arguments: threading.ExceptHookArgs) -> None:
        if arguments.exc_value is not None:
            report_unexpected(arguments.exc_value)

    threading.excepthook = hook


class Bridge(QObject):
    """Carries events from lane threads to the window's thread, thirty times a second.

    `job_changed` carries a job and its events since the last delivery, with only the newest progress;
    `vault_changed` carries a list of `Change`. Work that the window itself requested is reported
    to its callbacks instead. Callbacks and signals always run in the window's thread.
    """

    job_changed = Signal(object, object)
    vault_changed = Signal(object)
    failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._job_events: deque[tuple[Job[Any], object]] = deque()
        self._changes: deque[Change] = deque()
        self._calls: deque[Callable[[], None]] = deque()
        self._own_jobs: dict[int, JobRequest[Any]] = {}
        self._session: Session | None = None
        self._runner: Lanes | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(1000 // _HZ)
        self._timer.timeout.connect(self.deliver)
        self._timer.start()

    def attach(self, session: "Session") -> None:
        """Start listening to a session."""
        self._drop_runner()
        self._session = session
        session.lanes.observe(self._post)
        session.observe_changes(self._changes.append)

    def detach(self) -> None:
        """Drop the session, and every undelivered event and callback."""
        self._session = None
        self._drop_runner()
        for queue in (self._job_events, self._changes, self._calls):
            queue.clear()
        self._own_jobs.clear()

    def _post(self, job: Job[Any], event: object) -> None:
        self._job_events.append((job, event))  # on any thread: appending is atomic, and no Qt call is made

    def run_job(
        self,
        work: Callable[[JobContext], T],
        then: Callable[[T], None] = lambda _: None,
        failed: Callable[[Exception], None] | None = None,
        *,
        lane: Lane = Lane.DISK,
        priority: int = 0,
        title: str = "Reading",
    ) -> JobRequest[T]:
        """Run `work` on a lane, and pass its result to `then` in the window's thread.

        Without `failed`, an error is emitted as `Bridge.failed`. What else is to be called is added to the
        request. Before there is a session, the bridge uses a lane of its own.
        """
        job: Job[T] = Job(title, work, lane=lane, priority=priority)
        request = self._own_jobs[id(job)] = JobRequest(job, then, failed or self.failed.emit)
        (self._session.lanes if self._session is not None else self._own_runner()).submit(job)
        return request

    def _drop_runner(self) -> None:
        if self._runner is not None:
            self._runner.close(timeout=0.0)
            self._runner = None

    def _own_runner(self) -> Lanes:
        if self._runner is None:
            self._runner = Lanes((Lane.DISK,))
            self._runner.observe(self._post)
        return self._runner

    def run_in_thread(
        self,
        work: Callable[[], T],
        then: Callable[[T], None],
        failed: Callable[[Exception], None] | None = None,
    ) -> threading.Thread:
        """Run `work` on a thread of its own, as is needed before a session opens and while it closes."""
        on_failure = failed or self.failed.emit

        def run() -> None:
            try:
                result = work()
            except Exception as error:  # noqa: BLE001 - `on_failure` shows it to the person
                if not isinstance(error, AssistantError):
                    diagnostics.record(error, "window")
                caught = error
                self._calls.append(lambda: on_failure(caught))
            else:
                self._calls.append(lambda: then(result))

        thread = threading.Thread(target=run, name="apart", daemon=True)
        thread.start()
        return thread

    def call_in_window(self, callback: Callable[[], None]) -> None:
        """Call `callback` in the window's thread soon; may be used from any thread."""
        self._calls.append(callback)

    def exit_after(self, seconds: float, status: int) -> None:
        """End the process with `status` after `seconds`, even if something hangs."""

        def end() -> None:
            time.sleep(seconds)
            os._exit(status)

        threading.Thread(target=end, name="deadline", daemon=True).start()

    def deliver(self) -> None:
        """Deliver what has arrived since the last time; the timer calls this."""
        while self._calls:
            self._call_safely(self._calls.popleft())
        batch: dict[int, tuple[Job[Any], list[object]]] = {}
        while self._job_events:
            job, event = self._job_events.popleft()
            events = batch.setdefault(id(job), (job, []))[1]
            if isinstance(event, Progress) and events and isinstance(events[-1], Progress):
                events[-1] = event
            else:
                events.append(event)
        for job, events in batch.values():
            if id(job) in self._own_jobs:
                self._call_safely(partial(self._deliver_own, job, events))
            else:
                self.job_changed.emit(job, events)
        if self._changes:
            changes = list(dict.fromkeys(self._changes.popleft() for _ in range(len(self._changes))))
            self.vault_changed.emit(changes)

    def _call_safely(self, callback: Callable[[], None]) -> None:
        """Call it, so that a bug in one callback does not stop the others."""
        try:
            callback()
        except Exception as error:  # noqa: BLE001 - shown as any other bug
            sys.excepthook(type(error), error, error.__traceback__)

    def _deliver_own(self, job: Job[Any], events: list[object]) -> None:
        request = self._own_jobs[id(job)]
        if request.deliver(events):
            del self._own_jobs[id(job)]
            request.end()
