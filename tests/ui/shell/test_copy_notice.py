"""What the window tells of the vault by itself: a copy that was not made, a header or a database that was put back."""

from collections.abc import Callable

from app.core.errors import NotEnoughSpace, VaultDamaged
from app.services.application import Application
from app.storage.safety.copy_failure import copy_failure
from app.storage.safety.put_back import database_put_back, header_put_back
from app.ui.main_window import MainWindow
from tests.ui.doubles import SessionDouble, as_tacit
from tests.ui.stage import enter, until


def test_it_is_told_once_for_each_reason_and_leads_to_the_settings(
    show: Callable[[Application], MainWindow],
) -> None:
    session = SessionDouble()
    desk = enter(show(as_tacit(session)))
    until(lambda: session.maintenance.copies and session.lanes.is_idle, 20, "the first attempt")

    def attempt(problem: Exception | None) -> str:
        session.maintenance.copy_problem = problem
        made = len(session.maintenance.copies)
        desk.notice.hide()
        desk._make_daily_copy()
        until(lambda: len(session.maintenance.copies) > made and session.lanes.is_idle, 20, "the attempt")
        desk.bridge.deliver()
        return desk.notice.text

    damaged = copy_failure(VaultDamaged())
    assert attempt(damaged).startswith("The daily copy of the vault met damage")
    assert attempt(damaged) == "", "it was told an hour ago"
    assert attempt(copy_failure(NotEnoughSpace())).startswith("There was no room")
    assert attempt(None) == ""
    assert attempt(damaged).startswith("The daily copy")
    assert desk.notice._action.text() == "Settings"


def test_a_header_and_a_database_that_were_put_back_are_told_until_closed(
    show: Callable[[Application], MainWindow],
) -> None:
    session = SessionDouble()
    session.maintenance.warnings = [header_put_back(), database_put_back(3)]
    desk = enter(show(as_tacit(session)))
    assert "header is one from before a change" in desk.notice.text
    assert "sound of 3 calls" in desk.notice.text
    assert desk.notice._action.text() == "Settings"
