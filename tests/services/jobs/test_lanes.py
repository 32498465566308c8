"""Lanes: one job at a time, the most urgent first, and every job has one ending."""

import threading
import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from app.core.job import Context, Job, State
from app.services.jobs.lanes import Runner


@pytest.fixture
def runner() -> Iterator[Runner]:
    made = Runner()
    yield made
    made.close(2.0)


class Log:
    """What an observer is told, and a way to wait for endings."""

    def __init__(self, runner: Runner) -> None:
        self.events: list[tuple[str, object]] = []
        self._changed = threading.Condition()
        runner.observe(self._note)

    def _note(self, job: Job[Any], event: object) -> None:
        with self._changed:
            self.events.append((job.title, event))
            self._changed.notify_all()

    def of(self, title: str) -> list[object]:
        return [event for name, event in self.events if name == title]

    def wait(self, title: str, state: State) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: (title, state) in self.events, 5), self.events


class Gate:
    """Work that holds a lane until it is let go."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.open = threading.Event()

    def __call__(self, context: Context) -> str:
        self.entered.set()
        while not self.open.wait(0.005):
            context.checkpoint()
        return "through"


def test_a_job_runs_reports_and_ends(runner: Runner) -> None:
    log = Log(runner)

    def work(context: Context) -> int:
        context.checkpoint()
        context.report("half")
        return 7

    job = runner.submit(Job("count", work, "disk"))
    log.wait("count", State.DONE)
    assert log.of("count") == [State.WAITING, State.RUNNING, "half", State.DONE]
    assert (job.state, job.result, job.error) == (State.DONE, 7, None)
    assert runner.live() == []


def said(order: list[str], title: str, _: Context) -> None:
    order.append(title)


def test_the_most_urgent_goes_first_and_equals_in_order(runner: Runner) -> None:
    log, gate, order = Log(runner), Gate(), list[str]()
    runner.submit(Job("gate", gate, "language"))
    gate.entered.wait(5)
    for title, priority in (("late", 9), ("a", 5), ("b", 5), ("question", 0)):
        runner.submit(Job(title, partial(said, order, title), "language", priority))
    assert {job.title for job in runner.live()} == {"gate", "late", "a", "b", "question"}
    gate.open.set()
    log.wait("late", State.DONE)
    assert order == ["question", "a", "b", "late"]


def test_lanes_do_not_wait_for_each_other(runner: Runner) -> None:
    log, gate = Log(runner), Gate()
    runner.submit(Job("gate", gate, "language"))
    gate.entered.wait(5)
    runner.submit(Job("other", lambda _: None, "disk"))
    log.wait("other", State.DONE)
    gate.open.set()
    log.wait("gate", State.DONE)


def test_a_failure_is_the_jobs_ending_and_not_the_lanes(runner: Runner) -> None:
    log = Log(runner)
    error = ValueError("no")

    def fail(_: Context) -> None:
        raise error

    job = runner.submit(Job("bad", fail, "disk"))
    runner.submit(Job("good", lambda _: 1, "disk"))
    log.wait("good", State.DONE)
    assert (job.state, job.error, job.result) == (State.FAILED, error, None)
    assert log.of("bad")[-1] is State.FAILED


def test_a_running_job_is_cancelled_at_its_next_checkpoint(runner: Runner) -> None:
    log, gate = Log(runner), Gate()
    job = runner.submit(Job("gate", gate, "disk"))
    gate.entered.wait(5)
    job.cancel()
    log.wait("gate", State.CANCELLED)
    assert (job.state, job.error) == (State.CANCELLED, None)


def test_a_waiting_job_that_is_cancelled_never_runs(runner: Runner) -> None:
    log, gate, ran = Log(runner), Gate(), list[int]()
    runner.submit(Job("gate", gate, "disk"))
    gate.entered.wait(5)
    job = runner.submit(Job("never", lambda _: ran.append(1), "disk"))
    job.cancel()
    gate.open.set()
    log.wait("never", State.CANCELLED)
    assert ran == []


def test_close_cancels_what_runs_and_what_waits(runner: Runner) -> None:
    log, gate, ran = Log(runner), Gate(), list[int]()
    running = runner.submit(Job("gate", gate, "disk"))
    gate.entered.wait(5)
    waiting = runner.submit(Job("waits", lambda _: ran.append(1), "disk"))
    assert runner.close(5.0)
    assert (running.state, waiting.state) == (State.CANCELLED, State.CANCELLED)
    late = runner.submit(Job("late", lambda _: ran.append(2), "disk"))
    assert late.state is State.CANCELLED
    assert ran == []
    assert runner.live() == []
    assert log.of("late") == [State.CANCELLED]


def test_close_says_if_a_job_does_not_end(runner: Runner) -> None:
    free, entered = threading.Event(), threading.Event()

    def deaf(_: Context) -> None:
        entered.set()
        free.wait(5)

    runner.submit(Job("deaf", deaf, "disk"))
    entered.wait(5)
    began = time.monotonic()
    assert not runner.close(0.05)
    assert time.monotonic() - began < 1
    free.set()
    assert runner.close(2.0)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")  # the next job tells
@pytest.mark.parametrize("when", ["half", State.RUNNING, State.DONE, "always"])
def test_an_observer_that_fails_does_not_stop_the_lane(runner: Runner, when: object) -> None:
    def broken(job: Job[Any], event: object) -> None:
        is_its_time = event == when or (when == "always" and event in (State.RUNNING, State.DONE, State.FAILED))
        if job.title == "tells" and is_its_time:
            raise RuntimeError

    runner.observe(broken)
    log = Log(runner)
    runner.submit(Job("tells", lambda context: context.report("half"), "disk"))
    runner.submit(Job("next", lambda _: None, "disk"))
    log.wait("next", State.DONE)
