"""Lanes: one job at a time, the most urgent first, and every job has one ending."""

import threading
import time
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from app.core.job import Job, JobContext, JobState, Lane
from app.services.jobs.lanes import Lanes


@pytest.fixture
def lanes() -> Iterator[Lanes]:
    made = Lanes()
    yield made
    made.close(2.0)


class Log:
    """What an observer is told, and a way to wait for endings."""

    def __init__(self, lanes: Lanes) -> None:
        self.events: list[tuple[str, object]] = []
        self._changed = threading.Condition()
        lanes.observe(self._note)

    def _note(self, job: Job[Any], event: object) -> None:
        with self._changed:
            self.events.append((job.title, event))
            self._changed.notify_all()

    def of(self, title: str) -> list[object]:
        return [event for name, event in self.events if name == title]

    def wait(self, title: str, state: JobState) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: (title, state) in self.events, 5), self.events


class Gate:
    """Work that holds a lane until it is let go."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.open = threading.Event()

    def __call__(self, context: JobContext) -> str:
        self.entered.set()
        while not self.open.wait(0.005):
            context.checkpoint()
        return "through"


def test_a_job_runs_reports_and_ends(lanes: Lanes) -> None:
    log = Log(lanes)

    def work(context: JobContext) -> int:
        context.checkpoint()
        context.report("half")
        return 7

    job = lanes.submit(Job("count", work, Lane.DISK))
    log.wait("count", JobState.DONE)
    assert log.of("count") == [JobState.WAITING, JobState.RUNNING, "half", JobState.DONE]
    assert (job.state, job.result, job.error) == (JobState.DONE, 7, None)
    assert lanes.live() == []


def said(order: list[str], title: str, _: JobContext) -> None:
    order.append(title)


def test_the_most_urgent_goes_first_and_equals_in_order(lanes: Lanes) -> None:
    log, gate, order = Log(lanes), Gate(), list[str]()
    lanes.submit(Job("gate", gate, Lane.LANGUAGE))
    gate.entered.wait(5)
    for title, priority in (("late", 9), ("a", 5), ("b", 5), ("question", 0)):
        lanes.submit(Job(title, partial(said, order, title), Lane.LANGUAGE, priority))
    assert {job.title for job in lanes.live()} == {"gate", "late", "a", "b", "question"}
    gate.open.set()
    log.wait("late", JobState.DONE)
    assert order == ["question", "a", "b", "late"]


def test_lanes_do_not_wait_for_each_other(lanes: Lanes) -> None:
    log, gate = Log(lanes), Gate()
    lanes.submit(Job("gate", gate, Lane.LANGUAGE))
    gate.entered.wait(5)
    lanes.submit(Job("other", lambda _: None, Lane.DISK))
    log.wait("other", JobState.DONE)
    gate.open.set()
    log.wait("gate", JobState.DONE)


def test_a_failure_is_the_jobs_ending_and_not_the_lanes(lanes: Lanes) -> None:
    log = Log(lanes)
    error = ValueError("no")

    def fail(_: JobContext) -> None:
        raise error

    job = lanes.submit(Job("bad", fail, Lane.DISK))
    lanes.submit(Job("good", lambda _: 1, Lane.DISK))
    log.wait("good", JobState.DONE)
    assert (job.state, job.error, job.result) == (JobState.FAILED, error, None)
    assert log.of("bad")[-1] is JobState.FAILED


def test_a_running_job_is_cancelled_at_its_next_checkpoint(lanes: Lanes) -> None:
    log, gate = Log(lanes), Gate()
    job = lanes.submit(Job("gate", gate, Lane.DISK))
    gate.entered.wait(5)
    job.cancel()
    log.wait("gate", JobState.CANCELLED)
    assert (job.state, job.error) == (JobState.CANCELLED, None)


def test_a_waiting_job_that_is_cancelled_never_runs(lanes: Lanes) -> None:
    log, gate, ran = Log(lanes), Gate(), list[int]()
    lanes.submit(Job("gate", gate, Lane.DISK))
    gate.entered.wait(5)
    job = lanes.submit(Job("never", lambda _: ran.append(1), Lane.DISK))
    job.cancel()
    gate.open.set()
    log.wait("never", JobState.CANCELLED)
    assert ran == []


def test_close_cancels_what_runs_and_what_waits(lanes: Lanes) -> None:
    log, gate, ran = Log(lanes), Gate(), list[int]()
    running = lanes.submit(Job("gate", gate, Lane.DISK))
    gate.entered.wait(5)
    waiting = lanes.submit(Job("waits", lambda _: ran.append(1), Lane.DISK))
    assert lanes.close(5.0)
    assert (running.state, waiting.state) == (JobState.CANCELLED, JobState.CANCELLED)
    late = lanes.submit(Job("late", lambda _: ran.append(2), Lane.DISK))
    assert late.state is JobState.CANCELLED
    assert ran == []
    assert lanes.live() == []
    assert log.of("late") == [JobState.CANCELLED]


@pytest.mark.alone
def test_close_says_if_a_job_does_not_end(lanes: Lanes) -> None:
    free, entered = threading.Event(), threading.Event()

    def deaf(_: JobContext) -> None:
        entered.set()
        free.wait(5)

    lanes.submit(Job("deaf", deaf, Lane.DISK))
    entered.wait(5)
    began = time.monotonic()
    assert not lanes.close(0.05)
    assert time.monotonic() - began < 1
    free.set()
    assert lanes.close(2.0)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")  # the next job tells
@pytest.mark.parametrize("when", ["half", JobState.RUNNING, JobState.DONE, "always"])
def test_an_observer_that_fails_does_not_stop_the_lane(lanes: Lanes, when: object) -> None:
    def broken(job: Job[Any], event: object) -> None:
        is_its_time = event == when or (
            when == "always" and event in (JobState.RUNNING, JobState.DONE, JobState.FAILED)
        )
        if job.title == "tells" and is_its_time:
            raise RuntimeError

    lanes.observe(broken)
    log = Log(lanes)
    lanes.submit(Job("tells", lambda context: context.report("half"), Lane.DISK))
    lanes.submit(Job("next", lambda _: None, Lane.DISK))
    log.wait("next", JobState.DONE)


def test_lanes_are_idle_only_when_what_comes_after_a_job_was_submitted(lanes: Lanes) -> None:
    idle: list[bool] = []

    def submit_another(job: Job[Any], event: object) -> None:
        if event is JobState.DONE and job.title == "first":
            idle.append(lanes.is_idle)
            assert lanes.live() == []
            lanes.submit(Job("second", lambda _: idle.append(lanes.is_idle), Lane.DISK))

    lanes.observe(submit_another)
    log = Log(lanes)
    lanes.submit(Job("first", lambda _: None, Lane.DISK))
    log.wait("second", JobState.DONE)
    until = time.monotonic() + 5
    while not lanes.is_idle and time.monotonic() < until:
        time.sleep(0.01)
    assert (idle, lanes.is_idle) == ([False, False], True)


def test_what_is_moved_first_is_next_and_runs_once(lanes: Lanes) -> None:
    log, gate = Log(lanes), Gate()
    lanes.submit(Job("running", gate, Lane.SPEECH))
    assert gate.entered.wait(5)
    jobs = [lanes.submit(Job(str(n), lambda _: None, Lane.SPEECH)) for n in range(4)]
    urgent = lanes.submit(Job("question", lambda _: None, Lane.SPEECH, 0))
    lanes.move_first(jobs[2])
    lanes.move_first(jobs[3])
    waiting = sorted([*jobs, urgent], key=lambda job: job.turn)
    assert [job.title for job in waiting] == ["question", "3", "2", "0", "1"]
    gate.open.set()
    log.wait("1", JobState.DONE)
    ran = [title for title, event in log.events if event is JobState.RUNNING]
    assert ran == ["running", "question", "3", "2", "0", "1"]
    lanes.move_first(jobs[0])
    assert jobs[0].state is JobState.DONE, "what is over stays so"


def test_what_waits_is_stopped_at_once_and_what_runs_at_its_next_checkpoint(lanes: Lanes) -> None:
    log, gate = Log(lanes), Gate()
    running = lanes.submit(Job("running", gate, Lane.SPEECH))
    assert gate.entered.wait(5)
    waiting = lanes.submit(Job("waiting", lambda _: None, Lane.SPEECH))
    lanes.stop(waiting)
    assert (waiting.state, running.state) == (JobState.CANCELLED, JobState.RUNNING)
    assert lanes.live() == [running]
    lanes.stop(running)
    log.wait("running", JobState.CANCELLED)
    last = lanes.submit(Job("last", lambda _: None, Lane.SPEECH))
    log.wait("last", JobState.DONE)
    lanes.stop(last)
    assert last.state is JobState.DONE
    assert log.of("waiting") == [JobState.WAITING, JobState.CANCELLED]


def test_a_lane_is_finished_or_what_waits_on_it_is_stopped(lanes: Lanes) -> None:
    gate, order = Gate(), list[str]()
    lanes.submit(Job("gate", gate, Lane.DRAFTS))
    lanes.submit(Job("late", partial(said, order, "late"), Lane.DRAFTS, 9))
    threading.Timer(0.05, gate.open.set).start()
    assert lanes.finish(Lane.DRAFTS, within=5)
    assert order == ["late"]
    log, gate = Log(lanes), Gate()
    lanes.submit(Job("gate", gate, Lane.DRAFTS))
    lanes.submit(Job("waiting", partial(said, order, "waiting"), Lane.DRAFTS))
    assert not lanes.finish(Lane.DRAFTS, within=0.05)
    log.wait("waiting", JobState.CANCELLED)
    log.wait("gate", JobState.CANCELLED)
    lanes.submit(Job("elsewhere", partial(said, order, "elsewhere"), Lane.DRAFTS))
    log.wait("elsewhere", JobState.DONE)
    assert order == ["late", "elsewhere"]
