"""A daily copy that was not made is told in the window, once for each reason."""

from collections.abc import Callable

from app.core.errors import NotEnoughSpace, VaultDamaged
from app.services.application import Application
from app.storage.safety.copy_failure import copy_failure
from app.ui.main_window import MainWindow
from tests.ui.doubles import SessionDouble, as_tacit
from tests.ui.stage import enter, until


def test_it_is_told_once_for_each_reason_and_leads_to_the_settings(
    show: Callable[[Application], MainWindow],
) -> None:
    session = SessionDouble()
    desk = enter(show(as_tacit(session)))
    until(lambda: session.copies and not session.lanes.live(), 20, "the first attempt")

    def attempt(problem: Exception | None) -> str:
        session.maintenance.copy_problem = problem
        made = len(session.copies)
        desk.notice.hide()
        desk._make_daily_copy()
        until(lambda: len(session.copies) > made and not session.lanes.live(), 20, "the attempt")
        desk.bridge.deliver()
        return desk.notice.text

    damaged = copy_failure(VaultDamaged())
    assert attempt(damaged).startswith("The daily copy of the vault met damage")
    assert attempt(damaged) == "", "it was told an hour ago"
    assert attempt(copy_failure(NotEnoughSpace())).startswith("There was no room")
    assert attempt(None) == ""
    assert attempt(damaged).startswith("The daily copy")
    assert desk.notice._action.text() == "Settings"
