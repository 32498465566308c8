"""The clock of a job's steps: each step is timed by itself, and the time left is said once it means something."""

from app.core.job import Job, JobContext, JobState, Lane, Progress
from app.ui.runtime.step_clock import StepClock


class Clock:
    """A clock that stands still."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def job(state: JobState = JobState.RUNNING, *, is_stopped: bool = False) -> Job[None]:
    def work(_: JobContext) -> None:
        """Do nothing."""

    made = Job("Writing", work, Lane.LANGUAGE)
    made.state = state
    if is_stopped:
        made.cancel()
    return made


def test_each_step_is_timed_by_itself() -> None:
    clock = Clock()
    step = StepClock(clock)
    clock.now += 5
    assert step.line("Writing") == "Writing, 5 s"
    step.take(Progress("Loading the model", 0))
    clock.now += 7
    step.take(Progress("Loading the model", 0))
    assert step.line("Writing") == "Loading the model, 7 s"
    step.take(Progress("Reading", 0))
    clock.now += 3
    assert step.line("Writing") == "Reading, 3 s"


def test_the_time_left_is_said() -> None:
    clock = Clock()
    step = StepClock(clock)
    for done in range(0, 60, 10):
        step.take(Progress("Reading", done, 200, "lines"))
        clock.now += 10
    assert step.seconds_left is not None
    assert step.line("").startswith("Reading, 50 of 200 lines, about ")


def test_what_is_said_of_a_job() -> None:
    step = StepClock()
    assert step.line_of(job(), "Waiting") == ""
    assert step.line_of(job(JobState.WAITING), "Waiting") == "Waiting"
    step.take(Progress("Reading", 2, 9, "lines"))
    assert step.line_of(job(), "Waiting") == "Reading, 2 of 9 lines"
    assert step.line_of(job(is_stopped=True), "Waiting") == "Stopping…"
