"""Lanes: one thread each, most urgent job first, so that one scarce thing does one job at a time."""

import itertools
import queue
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from app.core.job import Cancelled, Job, State

T = TypeVar("T")
Observer = Callable[[Job[Any], object], None]

# "keeping": copies, which nobody waits for; "typing": what is typed, which waits for no import
LANES = ("disk", "speech", "language", "network", "keeping", "typing")
_LAST = 1 << 30


class Runner:
    """Runs each lane's jobs in order of priority and tells its observers, on the lane's thread."""

    def __init__(self, lanes: tuple[str, ...] = LANES) -> None:
        self._order = itertools.count()
        self._queues: dict[str, queue.PriorityQueue[tuple[int, int, Job[Any] | None]]] = {
            lane: queue.PriorityQueue() for lane in lanes
        }
        self._observers: list[Observer] = []
        self._live: set[Job[Any]] = set()
        self._mutex = threading.Lock()
        self._is_closed = False
        self._threads = [
            threading.Thread(target=self._serve, args=(lane,), name=f"lane-{lane}", daemon=True) for lane in lanes
        ]
        for thread in self._threads:
            thread.start()

    def observe(self, observer: Observer) -> None:
        """Call `observer(job, event)` for each change of state and each report, on the lane's thread."""
        self._observers.append(observer)

    def submit(self, job: Job[T]) -> Job[T]:
        """Queue a job; after `close()` it is cancelled at once."""
        with self._mutex:
            self._live.add(job)
            is_closed = self._is_closed
        if is_closed:
            job.cancel()
            self._end(job, State.CANCELLED)
            return job
        self._tell(job, job.state)
        self._queues[job.lane].put((job.priority, next(self._order), job))
        return job

    def live(self) -> list[Job[Any]]:
        """The jobs that wait or run."""
        with self._mutex:
            return list(self._live)

    def close(self, timeout: float = 10.0) -> bool:
        """Cancel everything and end the threads; False if one did not end in time."""
        with self._mutex:
            self._is_closed = True
            for job in self._live:
                job.cancel()
        for lane in self._queues.values():
            lane.put((_LAST, next(self._order), None))
        for thread in self._threads:
            thread.join(timeout)
        return not any(thread.is_alive() for thread in self._threads)

    def _serve(self, lane: str) -> None:
        while True:
            job = self._queues[lane].get()[2]
            if job is None:
                return
            self._run(job)

    def _run(self, job: Job[Any]) -> None:
        try:
            job.checkpoint()
            job.state = State.RUNNING
            self._tell(job, job.state)
            job.result = job.work(_Here(self, job))
            self._end(job, State.DONE)
        except Cancelled:
            self._end(job, State.CANCELLED)
        except Exception as error:  # noqa: BLE001 - a lane survives every job; the error is the job's ending
            job.error = error
            self._end(job, State.FAILED)

    def _end(self, job: Job[Any], state: State) -> None:
        job.state = state
        with self._mutex:
            self._live.discard(job)
        self._tell(job, state)

    def _tell(self, job: Job[Any], event: object) -> None:
        for observer in self._observers:
            try:
                observer(job, event)
            except Exception as error:  # noqa: BLE001 - a fault of an observer is told, and is not the job's
                threading.excepthook(threading.ExceptHookArgs((type(error), error, error.__traceback__, None)))


class _Here:
    """What a job's work sees of it."""

    def __init__(self, runner: Runner, job: Job[Any]) -> None:
        self._runner = runner
        self._job = job

    def checkpoint(self) -> None:
        """Raise `Cancelled` if the job was cancelled."""
        self._job.checkpoint()

    def report(self, event: object) -> None:
        """Tell the observers."""
        self._runner._tell(self._job, event)
