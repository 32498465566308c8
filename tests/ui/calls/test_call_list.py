"""The list of calls: what is on top, and that nothing moves, flashes or goes when it is read again."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec
import pytest
from PySide6.QtCore import QEvent, QPoint, QRect
from PySide6.QtGui import QCursor, QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip, QWidget

from app.core.call import Call
from app.core.ids import CallId
from app.core.job import Job, Lane
from app.services.application import Application
from app.ui.calls.call_jobs import CallJob
from app.ui.calls.call_list import CallList
from app.ui.calls.call_list_model import CallListRow, in_list_order
from app.ui.main_window import MainWindow
from app.ui.style.theme import Theme
from tests.ui.doubles import SessionDouble, as_tacit
from tests.ui.example_calls import call
from tests.ui.stage import enter, settle, until

if TYPE_CHECKING:
    from app.ui.shell.workspace import Workspace

Show = Callable[[Application], MainWindow]
LONG_AGO = "0000001aaaaa"  # the id of a call that was imported in 2020


def rows(*names: str) -> list[CallListRow]:
    return [CallListRow(name, name, "Tue", "What was said", name) for name in names]


def known(title: str, days_ago: float, id_: str = "") -> Call:
    made = call(title)
    date = datetime.now(UTC) - timedelta(days=days_ago)
    return msgspec.structs.replace(made, date=date, id=CallId(id_) if id_ else made.id)


@pytest.fixture
def shown(theme: Theme, screen: QApplication) -> Iterator[CallList]:
    """A list of sixty calls, scrolled down, one of them open."""
    around = QWidget()
    around.setGeometry(0, 0, 300, 600)
    made = CallList(theme, around)
    made.setGeometry(0, 0, 296, 600)
    around.show()
    made.show_rows(rows(*(f"call {n}" for n in range(60))))
    made.select("call 20")
    made.verticalScrollBar().setValue(1_234)
    QCursor.setPos(900, 850)
    settle(0.05)
    yield made
    around.close()


def place_of(shown: CallList, key: str) -> QRect:
    number = next(n for n, row in enumerate(shown.rows.rows) if row.key == key)
    return shown.visualRect(shown.rows.index(number))


def test_what_was_imported_last_is_on_top_for_a_day() -> None:
    old = known("Recorded and brought long ago", 30, LONG_AGO)
    recent = known("Recorded yesterday, brought long ago", 1, "0000002aaaaa")
    brought = known("Recorded in 2019, brought now", 2_500)
    ordered = in_list_order([recent, old, brought])
    assert [one.title for one in ordered] == [brought.title, recent.title, old.title]
    later = in_list_order([recent, old, brought], datetime.now(UTC) + timedelta(days=1, seconds=2))
    assert [one.title for one in later] == [recent.title, old.title, brought.title], "then it falls to its place"


def test_a_new_import_of_an_old_recording_is_the_first_row(show: Show) -> None:
    session = SessionDouble()
    session.library.add(known("Yesterday", 1, LONG_AGO))
    desk: Workspace = enter(show(as_tacit(session)))
    until(lambda: desk.calls.list.rows.rows)
    session.library.add(known("Of 2019", 2_500))
    desk.calls.read_again()
    until(lambda: len(desk.calls.list.rows.rows) == 2)
    assert desk.calls.list.rows.rows[0].title == "Of 2019"


@pytest.mark.parametrize(
    "changed",
    [
        ["fresh", *(f"call {n}" for n in range(60))],
        [f"call {n}" for n in range(60) if n not in (2, 3)],
        ["call 50", *(f"call {n}" for n in range(60) if n != 50)],
        [*(f"call {n}" for n in range(1, 60)), "call 0"],
        ["fresh", "fresher", *(f"call {n}" for n in range(60) if n != 5)],
    ],
    ids=["one came", "two went", "one rose", "one fell", "all of it"],
)
@pytest.mark.parametrize("is_pointed_at", [False, True])
def test_a_list_that_is_read_again_stays_where_it_is(shown: CallList, changed: list[str], is_pointed_at: bool) -> None:
    if is_pointed_at:
        QCursor.setPos(shown.viewport().mapToGlobal(QPoint(100, 300)))
        settle(0.05)
    seen = [shown.indexAt(QPoint(20, y)) for y in (5, 300, 590)]
    before = {shown.rows.rows[index.row()].key: shown.visualRect(index) for index in seen}
    selected = shown.rows.rows[shown.currentIndex().row()].key
    shown.show_rows(rows(*changed))
    assert {key: place_of(shown, key) for key in before} == before, "at once"
    settle(0.1)
    assert {key: place_of(shown, key) for key in before} == before, "and after it was painted"
    assert shown.rows.rows[shown.currentIndex().row()].key == selected == "call 20"
    assert [shown.rows.rows[index.row()].key for index in shown.selectedIndexes()] == [selected]


def test_the_top_of_the_list_shows_what_comes(shown: CallList) -> None:
    shown.verticalScrollBar().setValue(0)
    shown.show_rows(rows("fresh", *(f"call {n}" for n in range(60))))
    assert place_of(shown, "fresh").top() == 0


def test_what_the_person_brings_is_shown_also_from_further_down(shown: CallList) -> None:
    shown.await_new()
    shown.show_rows(rows("fresh", *(f"call {n}" for n in range(60))))
    assert place_of(shown, "fresh").top() == 0


def test_a_search_gives_the_list_back_as_it_was(shown: CallList) -> None:
    place = place_of(shown, "call 20")
    shown.show_rows(rows("found 1", "found 2"), is_of_calls=False)
    assert place_of(shown, "found 1").top() == 0
    shown.show_rows(rows(*(f"call {n}" for n in range(60))))
    settle(0.05)
    assert place_of(shown, "call 20") == place


def test_a_cancel_button_is_the_same_while_rows_come_and_go(shown: CallList) -> None:
    def with_work(names: list[str], job: Job[object]) -> list[CallListRow]:
        return [
            CallListRow(n, n, "now", "Transcribing", n, work=CallJob(job) if n == "call 20" else None) for n in names
        ]

    names = [f"call {n}" for n in range(60)]
    job: Job[object] = Job("Transcribing", lambda _: None, Lane.SPEECH)
    shown.show_rows(with_work(names, job))
    strip = shown.indexWidget(shown.rows.index(20))
    shown.show_rows(with_work(["fresh", *names], job))
    settle(0.05)
    assert shown.indexWidget(shown.rows.index(21)) is strip
    assert strip.geometry().top() == place_of(shown, "call 20").top(), "it lies over its row"
    shown.show_rows(rows("fresh", *names))
    assert shown.indexWidget(shown.rows.index(21)) is None


def test_a_title_that_is_elided_is_whole_in_a_tool_tip(shown: CallList) -> None:
    long = "Quarterly review of the <b>supply</b> contracts with everybody in the northern region"
    shown.show_rows([CallListRow("a", long, "Tue", ""), CallListRow("b", "Short", "Tue", "")])
    for key, tip in (("a", long.replace("<", "&lt;").replace(">", "&gt;")), ("b", "")):
        point = place_of(shown, key).center()
        event = QHelpEvent(QEvent.Type.ToolTip, point, shown.viewport().mapToGlobal(point))
        QApplication.sendEvent(shown.viewport(), event)
        settle(0.5 if not tip else 0.0)  # Qt hides one a little later
        assert QToolTip.text().removeprefix("<qt>").removesuffix("</qt>") == tip
