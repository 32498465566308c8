"""The line of work as people see it: whose turn is when, and what is done next, paused, taken up and tried again."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtWidgets import QPushButton

from app.core.errors import EngineCrashed
from app.core.ids import CallId
from app.core.job import Job, JobContext, JobKind, JobState, Lane, Progress
from app.services.application import Application
from app.ui.calls.call_list_model import CallListRow
from app.ui.main_window import MainWindow
from app.ui.shell.workspace import Workspace
from tests.ui.doubles import SessionDouble, as_tacit
from tests.ui.example_calls import call
from tests.ui.stage import enter, until


class Line:
    """Five calls that wait to be transcribed; the first one runs until it is let go."""

    def __init__(self, desk: Workspace, session: SessionDouble) -> None:
        self.desk, self.session = desk, session
        self.open = threading.Event()
        self.calls = [session.library.add(call(f"Call {n}")) for n in range(5)]
        self.jobs = [session.lanes.submit(self._job(known.id)) for known in self.calls]
        desk.calls.read_again()
        until(lambda: self.row(0).detail.startswith("Transcribing, 0:1"))

    def _job(self, known: CallId) -> Job[Any]:
        def work(context: JobContext) -> None:
            context.report(Progress("Transcribing", 10, 60, "s"))
            while not self.open.wait(0.005):
                context.checkpoint()

        return Job("Transcribing", work, Lane.SPEECH, subject=known, kind=JobKind.STEP)

    def row(self, number: int) -> CallListRow:
        rows = self.desk.calls.list.rows.rows
        return next((row for row in rows if row.call == self.calls[number].id), CallListRow("", "", "", ""))

    def button(self, number: int, name: str) -> QPushButton | None:
        """The button of this name over the row of a call, if it is shown."""
        wanted = f"{name}: {self.calls[number].title}"
        found = self.desk.calls.list.findChildren(QPushButton)
        return next((one for one in found if one.accessibleName() == wanted and one.isVisible()), None)

    def click(self, number: int, name: str) -> None:
        until(lambda: self.button(number, name) is not None)
        found = self.button(number, name)
        assert found is not None
        found.click()


@pytest.fixture
def line(show: Callable[[Application], MainWindow]) -> Iterator[Line]:
    session = SessionDouble()
    made = Line(enter(show(as_tacit(session))), session)
    yield made
    made.open.set()


def places(line: Line) -> list[str]:
    return [line.row(number).detail.removeprefix("Transcribing, ") for number in range(1, 5)]


def test_each_call_says_its_place_and_one_can_be_done_next(line: Line) -> None:
    until(lambda: places(line) == ["next in line", "2nd in line", "3rd in line", "4th in line"])
    assert line.button(1, "Do this next") is None, "it is next already"
    line.click(4, "Do this next")
    until(lambda: places(line) == ["2nd in line", "3rd in line", "4th in line", "next in line"])
    assert line.button(0, "Do this next") is None
    line.open.set()
    until(lambda: all(job.state is JobState.DONE for job in line.jobs))


def test_a_call_is_paused_at_once_and_taken_up_again(line: Line) -> None:
    line.click(2, "Pause")
    until(lambda: line.row(2).detail.startswith("Paused."))
    until(lambda: places(line)[2:] == ["2nd in line", "3rd in line"])
    line.click(0, "Pause")
    until(lambda: line.row(0).detail.startswith("Paused."))
    until(lambda: line.row(1).detail.startswith("Transcribing, 0:10"))
    line.click(2, "Go on")
    until(lambda: line.session.advanced == [line.calls[2].id])


def test_a_call_that_failed_can_be_tried_again(line: Line) -> None:
    def fail(_: JobContext) -> None:
        raise EngineCrashed

    line.click(0, "Pause")
    line.open.set()
    line.session.lanes.submit(Job("Transcribing", fail, Lane.SPEECH, subject=line.calls[1].id, kind=JobKind.STEP))
    until(lambda: line.row(1).is_error)
    line.click(1, "Try again")
    until(lambda: line.session.advanced == [line.calls[1].id])


def test_the_time_of_the_whole_line_is_said_once_it_is_measured(line: Line) -> None:
    words = line.desk.calls.line
    until(lambda: words.isVisible() and words.text() == "5 in line")
    line.desk.calls.work._speeds.add("Transcribing", 60, 600)
    line.desk.calls.work._speeds.add("Summarizing", 60, 60)
    line.desk.calls.work.all()[0].clock.seconds_left = 30.0
    line.desk.calls.work.changed.emit()
    until(lambda: words.text().startswith("5 in line, about "))
    line.open.set()
    until(lambda: not words.isVisible())
