"""The lanes: one thread each, most urgent job first, so that each scarce resource serves one job at a time."""

import itertools
import queue
import threading
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from app.core import diagnostics
from app.core.errors import AssistantError
from app.core.job import Cancelled, Job, JobState, Lane

T = TypeVar("T")
Observer = Callable[[Job[Any], object], None]

_LOWEST_PRIORITY = 1 << 30
_LAST = _LOWEST_PRIORITY - 1
MOVED_FIRST = 1
"""The priority of what a person has moved first: behind what is asked in a page, before all other work."""


class Lanes:
    """Runs each lane's jobs in order of priority and notifies the observers on the lane's thread."""

    def __init__(self, lanes: Sequence[Lane] = tuple(Lane)) -> None:
        self._order = itertools.count()
        self._queues: dict[Lane, queue.PriorityQueue[tuple[int, int, Job[Any] | None]]] = {
            lane: queue.PriorityQueue() for lane in lanes
        }
        self._observers: list[Observer] = []
        self._live: set[Job[Any]] = set()
        self._mutex = threading.Lock()
        self._is_closed = False
        self._threads = [
            threading.Thread(target=self._serve, args=(lane,), name=f"lane-{lane.value}", daemon=True) for lane in lanes
        ]
        for thread in self._threads:
            thread.start()

    def observe(self, observer: Observer) -> None:
        """Call `observer(job, event)` for each change of state and each report, on the lane's thread."""
        self._observers.append(observer)

    def submit(self, job: Job[T]) -> Job[T]:
        """Queue a job; after `close()` it is cancelled immediately."""
        with self._mutex:
            self._live.add(job)
            is_closed = self._is_closed
        if is_closed:
            job.cancel()
            self._end(job, JobState.CANCELLED)
            return job
        self._notify(job, job.state)
        self._put(job, next(self._order))
        return job

    def move_first(self, job: Job[Any]) -> None:
        """Let a job that waits be the next of its lane, and what it leads to go before other work."""
        if job.state is JobState.WAITING and not job.is_stopping:
            job.priority = min(job.priority, MOVED_FIRST)
            self._put(job, -next(self._order))  # its earlier place is passed over when it comes
            self._notify(job, job.state)

    def _put(self, job: Job[Any], order: int) -> None:
        job.turn = (job.priority, order)
        self._queues[job.lane].put((*job.turn, job))

    def live(self) -> list[Job[Any]]:
        """The waiting and running jobs."""
        with self._mutex:
            return [job for job in self._live if not job.is_over]

    @property
    def is_idle(self) -> bool:
        """Whether no job waits or runs, and what comes after each that ended, such as a next one, was submitted."""
        with self._mutex:
            return not self._live

    def finish(self, lane: Lane, within: float) -> bool:
        """Wait until a lane has done what it has to do; what is not done in so many seconds is stopped, and False."""
        is_done = threading.Event()
        self.submit(Job("Finishing", lambda _: is_done.set(), lane, _LAST))
        if is_done.wait(within):
            return True
        for job in self.live():
            if job.lane is lane:
                self.stop(job)
        return False

    def close(self, timeout: float = 10.0) -> bool:
        """Cancel every job and end the threads, each within `timeout` seconds; False if one did not end in time."""
        with self._mutex:
            self._is_closed = True
            for job in self._live:
                job.cancel()
        for lane in self._queues.values():
            lane.put((_LOWEST_PRIORITY, next(self._order), None))
        for thread in self._threads:
            thread.join(timeout)
        return not any(thread.is_alive() for thread in self._threads)

    def _serve(self, lane: Lane) -> None:
        while True:
            job = self._queues[lane].get()[2]
            if job is None:
                return
            if self._is_begun(job):
                self._run(job)

    def stop(self, job: Job[Any]) -> None:
        """Cancel a job; one that waits ends here and now, on the calling thread, and not when its turn comes."""
        job.cancel()
        with self._mutex:
            has_waited = job.state is JobState.WAITING and job in self._live
            if has_waited:
                job.state = JobState.CANCELLED
        if has_waited:
            self._end(job, JobState.CANCELLED)

    def _is_begun(self, job: Job[Any]) -> bool:
        """Begin a job, unless it was begun or has ended already."""
        with self._mutex:
            if job.state is not JobState.WAITING:
                return False
            job.state = JobState.RUNNING
            return True

    def _run(self, job: Job[Any]) -> None:
        try:
            job.checkpoint()
            self._notify(job, job.state)
            job.result = job.work(_JobContext(self, job))
            self._end(job, JobState.DONE)
        except Cancelled:
            self._end(job, JobState.CANCELLED)
        except Exception as error:  # noqa: BLE001 - a lane survives every job; the error belongs to the job
            if not isinstance(error, AssistantError):
                diagnostics.record(error, f"{job.lane.value} lane")
            job.error = error
            self._end(job, JobState.FAILED)

    def _end(self, job: Job[Any], state: JobState) -> None:
        job.state = state
        self._notify(job, state)
        with self._mutex:
            self._live.discard(job)

    def _notify(self, job: Job[Any], event: object) -> None:
        for observer in self._observers:
            try:
                observer(job, event)
            except Exception as error:  # noqa: BLE001 - an observer's error is reported, and must not fail the job
                threading.excepthook(threading.ExceptHookArgs((type(error), error, error.__traceback__, None)))


class _JobContext:
    """The job as its work sees it."""

    def __init__(self, lanes: Lanes, job: Job[Any]) -> None:
        self._runner = lanes
        self._job = job

    def checkpoint(self) -> None:
        """Raise `Cancelled` if the job was cancelled."""
        self._job.checkpoint()

    def report(self, event: object) -> None:
        """Notify the observers."""
        self._runner._notify(self._job, event)
