"""The page of tasks as the window opens."""

from collections.abc import Callable

import pytest

from app.core.summary import ActionItem, Evidence
from app.core.task import Task
from app.services.application import Application
from app.ui.main_window import MainWindow
from tests.call_summaries import call_summary
from tests.ui.doubles import SessionDouble, as_tacit
from tests.ui.example_calls import call, line_id
from tests.ui.stage import enter, settle, until

Show = Callable[[Application], MainWindow]
PLACE = (Evidence(line_id(6), 50.0, 55.0),)


def test_tasks_are_read_once_the_window_is_there_and_not_before(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.ui.todo.todo_page._AFTER_START", 4_000)
    session, reads = SessionDouble(), list[int]()
    items = (ActionItem("Send it", "", "", PLACE),)
    session.library.add(call("A"), summary=call_summary("A", "Prose.", action_items=items))
    really_reads = session.tasks.all

    def read() -> list[Task]:
        reads.append(1)
        return really_reads()

    monkeypatch.setattr(session.tasks, "all", read)
    desk = enter(show(as_tacit(session)))
    settle(0.3)
    assert reads == [], "loading what reads dates would hold up the start"
    until(lambda: desk.side_bar.rows["todo"].accessibleName() == "To do 1", 10, "the number of tasks")
    assert len(reads) == 1
