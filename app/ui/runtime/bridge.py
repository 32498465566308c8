"""The one crossing between the window's thread and all others."""

import os
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal

from app.core.engines import Delta
from app.core.job import Context, Job, Progress, State
from app.services.jobs.lanes import Runner

if TYPE_CHECKING:
    from app.core.change import Change
    from app.services.session import Session

T = TypeVar("T")
_HZ = 30
_ENDS = (State.DONE, State.FAILED, State.CANCELLED)


class _Waiting:
    """What is to be called in the window's thread as a job of its own goes on."""

    def __init__(
        self,
        then: Callable[[Any], None],
        failed: Callable[[Exception], None],
        cancelled: Callable[[], None],
        delta: Callable[[str], None],
        event: Callable[[object], None],
    ) -> None:
        self.then, self.failed, self.cancelled, self.delta, self.event = then, failed, cancelled, delta, event


class Bridge(QObject):
    """Carries events from lane threads to the window's thread, thirty times a second.

    `job_changed` brings a job and its events since the last time (progress only the newest);
    `vault_changed` brings a list of `Change`. Work that the window itself asked for is reported
    to its own callbacks instead. Callbacks and signals always run in the window's thread.
    """

    job_changed = Signal(object, object)
    vault_changed = Signal(object)
    failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._mail: deque[tuple[Job[Any], object]] = deque()
        self._changes: deque[Change] = deque()
        self._answers: deque[Callable[[], None]] = deque()
        self._own: dict[int, tuple[Job[Any], _Waiting]] = {}
        self._session: Session | None = None
        self._runner: Runner | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(1000 // _HZ)
        self._timer.timeout.connect(self.deliver)
        self._timer.start()

    def attach(self, session: "Session") -> None:
        """Listen to a session from now on."""
        self._drop_runner()
        self._session = session
        session.runner.observe(self._post)
        session.observe_changes(self._changes.append)

    def detach(self) -> None:
        """Forget the session and everything that was asked of it."""
        self._session = None
        self._drop_runner()
        for letters in (self._mail, self._changes, self._answers):
            letters.clear()
        self._own.clear()

    def _post(self, job: Job[Any], event: object) -> None:
        self._mail.append((job, event))  # any thread; appending is atomic, and no Qt call is made here

    def ask(
        self,
        work: Callable[[Context], T],
        then: Callable[[T], None] = lambda _: None,
        failed: Callable[[Exception], None] | None = None,
        *,
        cancelled: Callable[[], None] = lambda: None,
        delta: Callable[[str], None] = lambda _: None,
        event: Callable[[object], None] = lambda _: None,
        lane: str = "disk",
        priority: int = 0,
        title: str = "Reading",
    ) -> Job[T]:
        """Do `work` on a lane and hand its result to `then` in the window's thread.

        Without `failed`, an error is emitted as `Bridge.failed`. `delta` gets pieces of a reply as they come, `event`
        everything else that is reported. Before there is a session the lanes are the bridge's own.
        """
        job: Job[T] = Job(title, work, lane=lane, priority=priority)
        self._own[id(job)] = (job, _Waiting(then, failed or self.failed.emit, cancelled, delta, event))
        (self._session.runner if self._session is not None else self._own_runner()).submit(job)
        return job

    def _drop_runner(self) -> None:
        if self._runner is not None:
            self._runner.close(timeout=0.0)
            self._runner = None

    def _own_runner(self) -> Runner:
        if self._runner is None:
            self._runner = Runner(("disk",))
            self._runner.observe(self._post)
        return self._runner

    def apart(
        self,
        work: Callable[[], T],
        then: Callable[[T], None],
        failed: Callable[[Exception], None] | None = None,
    ) -> threading.Thread:
        """Do `work` on a thread of its own: for what happens before there is a session, and for its closing."""
        on_failure = failed or self.failed.emit

        def run() -> None:
            try:
                result = work()
            except Exception as error:  # noqa: BLE001 - told to the person by `on_failure`
                kept = error
                self._answers.append(lambda: on_failure(kept))
            else:
                self._answers.append(lambda: then(result))

        thread = threading.Thread(target=run, name="apart", daemon=True)
        thread.start()
        return thread

    def hand_over(self, callback: Callable[[], None]) -> None:
        """Call this in the window's thread soon; may be asked from any thread."""
        self._answers.append(callback)

    def end_by(self, seconds: float, status: int) -> None:
        """End the process after that time, whatever hangs then."""

        def end() -> None:
            time.sleep(seconds)
            os._exit(status)

        threading.Thread(target=end, name="deadline", daemon=True).start()

    def deliver(self) -> None:
        """Hand out what has come since the last time; the timer calls it."""
        while self._answers:
            self._safely(self._answers.popleft())
        batch: dict[int, tuple[Job[Any], list[object]]] = {}
        while self._mail:
            job, event = self._mail.popleft()
            events = batch.setdefault(id(job), (job, []))[1]
            if isinstance(event, Progress) and events and isinstance(events[-1], Progress):
                events[-1] = event
            else:
                events.append(event)
        for job, events in batch.values():
            if id(job) in self._own:
                self._safely(partial(self._deliver_own, job, events))
            else:
                self.job_changed.emit(job, events)
        if self._changes:
            changes = list(dict.fromkeys(self._changes.popleft() for _ in range(len(self._changes))))
            self.vault_changed.emit(changes)

    def _safely(self, callback: Callable[[], None]) -> None:
        """One callback's bug must not swallow what came for the others."""
        try:
            callback()
        except Exception as error:  # noqa: BLE001 - shown as any other bug
            sys.excepthook(type(error), error, error.__traceback__)

    def _deliver_own(self, job: Job[Any], events: list[object]) -> None:
        waiting = self._own[id(job)][1]
        text = "".join(event.text for event in events if isinstance(event, Delta))
        if text:
            waiting.delta(text)
        for event in events:
            if not isinstance(event, State | Delta):
                waiting.event(event)
        if not any(event in _ENDS for event in events if isinstance(event, State)):
            return
        del self._own[id(job)]
        if job.state is State.DONE:
            waiting.then(job.result)
        elif job.state is State.CANCELLED:
            waiting.cancelled()
        elif job.error is not None:
            waiting.failed(job.error)
