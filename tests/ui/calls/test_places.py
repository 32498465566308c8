"""A call is where it was left: its transcript, its tab, its summary; and one that is read again stays in place."""

from collections.abc import Callable

import pytest
from PySide6.QtGui import QFontMetrics

from app.services.application import Application
from app.ui.main_window import MainWindow
from app.ui.shell.workspace import Workspace
from app.ui.widgets.basics import PressButton
from tests.ui.doubles import SessionDouble, as_tacit
from tests.ui.example_calls import call
from tests.ui.stage import enter, settle, until


@pytest.fixture
def desk(show: Callable[[Application], MainWindow]) -> Workspace:
    """The desk with two long calls."""
    session = SessionDouble()
    for title in ("One", "Two"):
        session.library.add(call(title, lines=80), lines=80)
    made = enter(show(as_tacit(session)))
    until(lambda: len(made.calls.list.rows.rows) == 2)
    return made


def opened(desk: Workspace, title: str) -> None:
    row = next(row for row in desk.calls.list.rows.rows if row.title == title)
    desk.calls.open(row.call)
    until(lambda: desk.calls.call.call is not None and desk.calls.call.call.title == title)
    settle(0.2)


def test_a_call_is_where_it_was_left(desk: Workspace) -> None:
    opened(desk, "One")
    shown = desk.calls.call.transcript
    shown.verticalScrollBar().setValue(777)
    desk.calls.call.side.ask_tab.click()
    place = shown.place()
    opened(desk, "Two")
    assert shown.verticalScrollBar().value() == 0
    assert desk.calls.call.side.summary_tab.isChecked()
    shown.verticalScrollBar().setValue(333)
    opened(desk, "One")
    assert (shown.place(), shown.verticalScrollBar().value()) == (place, 777)
    assert desk.calls.call.side.ask_tab.isChecked()
    desk.calls.close_call()
    opened(desk, "Two")
    assert shown.verticalScrollBar().value() == 333


def test_a_call_that_is_read_again_stays_in_place(desk: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(desk, "One")
    page = desk.calls.call
    page.transcript.verticalScrollBar().setValue(777)
    buttons = page.side.summary.findChildren(PressButton)
    assert buttons
    known = page.call
    assert known is not None
    page._services.library.name_speakers(known.id, ["Leonard"])
    until(lambda: "Leonard" in page.transcript.lines.as_text([0, 1]))
    settle(0.1)
    assert page.transcript.verticalScrollBar().value() == 777
    buttons = page.side.summary.findChildren(PressButton)
    laid_out: list[bool] = []
    monkeypatch.setattr(page.transcript, "doItemsLayout", lambda: laid_out.append(True))
    page.read_again()
    settle(0.5)
    assert laid_out == [], "nothing has changed"
    assert page.transcript.verticalScrollBar().value() == 777
    assert page.side.summary.findChildren(PressButton) == buttons, "nothing flashes"


def test_a_tab_has_room_for_its_bold_title(desk: Workspace) -> None:
    opened(desk, "One")
    side = desk.calls.call.side
    for tab in (side.summary_tab, side.ask_tab):
        tab.click()
        settle(0.1)
        bold = QFontMetrics(side._theme.font(14, 600)).horizontalAdvance(tab.text())
        assert bold <= tab.width() - 4, "less its border"
