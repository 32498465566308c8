"""The page of tasks: what it shows, what keys and clicks do, and how each change is taken back."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QMenu

from app.core.errors import NotEnoughSpace
from app.core.ids import CallId, new_speaker_id
from app.core.job import Job, Lane
from app.core.summary import ActionItem, Evidence
from app.core.transcript import Speaker
from app.services.application import Application
from app.services.tasks.search_groups import TaskGroups
from app.ui.calls.commands import SEARCH
from app.ui.calls.page import PAGE as CALLS
from app.ui.main_window import MainWindow
from app.ui.todo.edit_dialog import EditDialog
from app.ui.todo.page import PAGE as TODO
from tests.call_summaries import call_summary
from tests.ui.doubles import SessionDouble, as_tacit
from tests.ui.example_calls import SPEAKERS, call, line_id
from tests.ui.stage import enter, settle, until

Show = Callable[[Application], MainWindow]
FRIDAY = date(2026, 11, 20)
PLACE = (Evidence(line_id(6), 50.0, 55.0),)


class Desk:
    """A window with the page of tasks of two calls, on Friday 20 November 2026."""

    def __init__(self, show: Show) -> None:
        self.session = SessionDouble()
        self.session.tasks.today = lambda: FRIDAY
        supply = self.add(
            "Supply contract", ActionItem("Send the price list", "Leo", "by Friday", PLACE, SPEAKERS[0].id),
            ActionItem("Check the insurance papers", "Hannah", "", PLACE), ActionItem("Book a room", "", ""),
            ActionItem("Order the tiles", "", "end of the month", PLACE),
        )  # fmt: skip
        self.supply = supply
        self.factory = self.add("Factory, damaged boxes", ActionItem("send the price lists", "", "", PLACE))
        self.window = show(as_tacit(self.session))
        self.desk = enter(self.window)
        self.page = self.desk.show_page(TODO)
        until(lambda: self.titles(), what="the tasks")

    def add(self, title: str, *items: ActionItem) -> CallId:
        made = msgspec.structs.replace(
            call(title), date=datetime(2026, 11, 19, 12 + len(self.session.library.kept), tzinfo=UTC)
        )
        self.session.library.add(made, summary=call_summary(title, "Prose.", action_items=items))
        return made.id

    def titles(self) -> list[str]:
        return [row.title for row in self.page.list.rows.rows]

    def choose(self, title: str) -> None:
        self.page.list.select(self.titles().index(title))

    def key(self, key: Qt.Key) -> None:
        QTest.keyClick(self.page.list, key)

    def click(self, title: str, kind: str) -> None:
        row = self.page.list.rows.rows[self.titles().index(title)]
        rect = self.page.list.visualRect(self.page.list.rows.index(self.titles().index(title)))
        point = QPoint(28, rect.height() // 2)
        if kind != "box":
            placed = self.page.list.delegate.layout_of(row).pieces
            point = next(one.rect.center() for one in placed if one.piece.kind == kind)
        QTest.mouseClick(self.page.list.viewport(), Qt.MouseButton.LeftButton, pos=rect.topLeft() + point)

    def undo(self) -> None:
        self.page.notice._action.click()


@pytest.fixture
def desk(show: Show) -> Desk:
    return Desk(show)


ALL = [
    "Today, Friday 20 November", "Send the price list", "Later", "Order the tiles", "Waiting for others",
    "Hannah: Check the insurance papers", "Not found in the call", "Book a room",
]  # fmt: skip


def test_the_tasks_stand_in_their_groups_with_what_says_them(desk: Desk) -> None:
    assert desk.titles() == ALL
    rows = {row.title: row for row in desk.page.list.rows.rows}
    send = rows["Send the price list"]
    assert [piece.text for piece in send.pieces] == [
        "Supply contract", "0:50", "· Factory, damaged boxes", "0:50", "· said twice"
    ]  # fmt: skip
    assert (send.due, send.tone) == ("by Friday", "near")
    assert (rows["Order the tiles"].due, rows["Order the tiles"].note) == ("Mon 30 Nov", "end of the month")
    assert desk.page.count.text() == "2 open, 1 of them due by today · 1 of others · from 2 calls"
    assert desk.desk.side_bar.rows["todo"].accessibleName() == "To do 2"
    assert "to do" in str(desk.page.list.rows.data(desk.page.list.rows.index(1)))


def _says(desk: Desk, said: str) -> bool:
    return desk.page.notice.text.startswith(said)


def _current(desk: Desk) -> str:
    row = desk.page.list.current
    return "" if row is None else row.title


def test_each_key_does_what_it_says_and_is_taken_back(desk: Desk) -> None:
    for key, said in ((Qt.Key.Key_Space, "Done."), (Qt.Key.Key_Delete, "Removed.")):
        desk.choose("Send the price list")
        desk.key(key)
        until(partial(_says, desk, said), what=said)
        until(lambda: desk.titles() != ALL, what="the change")
        desk.undo()
        until(lambda: desk.titles() == ALL, what="the change taken back")
    assert desk.session.task_store.kept == {}


def test_one_task_after_the_other_is_ticked(desk: Desk) -> None:
    desk.choose("Send the price list")
    for done in (1, 2):
        desk.key(Qt.Key.Key_Space)
        until(lambda: sum(row.is_done for row in desk.page.list.rows.rows) == done, what="the tasks done")  # noqa: B023
        assert not desk.page.list.current.is_done  # type: ignore[union-attr]


def test_arrows_pass_over_headings_and_enter_opens_the_chosen_moment(desk: Desk) -> None:
    desk.choose("Send the price list")
    desk.key(Qt.Key.Key_Down)
    assert _current(desk) == "Order the tiles"
    desk.key(Qt.Key.Key_Up)
    desk.key(Qt.Key.Key_Up)
    assert _current(desk) == "Send the price list"
    desk.key(Qt.Key.Key_Right)
    desk.key(Qt.Key.Key_Return)
    until(lambda: desk.desk.is_shown(CALLS) and desk.desk.calls.open_call_id == desk.factory, what="the second call")
    until(lambda: QApplication.focusWidget() is desk.desk.calls.call.transcript, what="the focus, which Lock had")


def test_a_click_ticks_or_opens_or_keeps(desk: Desk) -> None:
    desk.click("Send the price list", "box")
    until(lambda: "Done this week" in desk.titles(), what="the group of what is done")
    assert desk.titles().count("Send the price list") == 1
    desk.click("Book a room", "keep")
    until(lambda: "Not found in the call" not in desk.titles(), what="the task that was kept")
    desk.undo()
    until(lambda: "Not found in the call" in desk.titles(), what="the task that was not")
    desk.click("Book a room", "remove")
    until(lambda: "Book a room" not in desk.titles(), what="the task that was removed")
    desk.click("Order the tiles", "moment")
    until(lambda: desk.desk.is_shown(CALLS) and desk.desk.calls.open_call_id == desk.supply, what="the call")


def test_a_task_is_snoozed_and_can_be_seen_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[QMenu] = []
    monkeypatch.setattr(QMenu, "popup", lambda menu, _: shown.append(menu))  # offscreen there are no popups
    desk.choose("Order the tiles")
    desk.key(Qt.Key.Key_S)
    shown[0].actions()[2].trigger()
    until(lambda: "Order the tiles" not in desk.titles(), what="the task to be hidden")
    assert "Fri 27 Nov" in desk.page.notice.text
    desk.page.hidden_action.setChecked(True)
    assert "Snoozed" in desk.titles()
    desk.choose("Order the tiles")
    desk.key(Qt.Key.Key_Space)
    until(lambda: "Snoozed" not in desk.titles(), what="the task to be awake")


def test_a_task_is_added_with_its_day(desk: Desk) -> None:
    QTest.keySequence(desk.desk, "Ctrl+Shift+D")
    assert isinstance(QApplication.focusWidget(), QLineEdit)
    desk.page.add_line.field.setText("Fax it")
    desk.page.add_line.due_field.setText("tomorrow")
    QTest.keyClick(desk.page.add_line.due_field, Qt.Key.Key_Return)
    until(lambda: "Fax it" in desk.titles(), what="the new task")
    assert "Sat 21 Nov" in desk.page.notice.text
    assert (desk.page.add_line.field.text(), desk.page.add_line.due_field.text()) == ("", "")
    until(lambda: _current(desk) == "Fax it", what="the new task to be the current one")
    desk.undo()
    until(lambda: "Fax it" not in desk.titles(), what="the new task to be gone")


def test_a_task_is_added_once_and_at_once_while_an_import_runs(desk: Desk) -> None:
    goes_on = threading.Event()
    desk.session.lanes.submit(Job("Importing", lambda _: goes_on.wait(20), Lane.DISK))
    try:
        desk.page.add_line.field.setText("Fax it")
        desk.page.add_line.due_field.setText("tomorrow")
        for _ in range(2):
            QTest.keyClick(desk.page.add_line.field, Qt.Key.Key_Return)
        assert (desk.page.add_line.field.text(), desk.page.add_line.due_field.text()) == ("", ""), (
            "the next words have room"
        )
        until(lambda: [mark.said.task for mark in desk.session.task_store.marks()] == ["Fax it"], 5, "the one task")
    finally:
        goes_on.set()
    until(lambda: desk.titles().count("Fax it") == 1, what="the new task")


def test_words_that_could_not_be_added_stand_in_the_line_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise NotEnoughSpace

    monkeypatch.setattr(desk.session.task_store, "put", full)
    desk.page.add_line.field.setText("Fax it")
    desk.page.add_line.due_field.setText("tomorrow")
    QTest.keyClick(desk.page.add_line.field, Qt.Key.Key_Return)
    assert desk.page.add_line.field.text() == ""
    until(lambda: desk.page.notice.text, what="the failure")
    assert (desk.page.add_line.field.text(), desk.page.add_line.due_field.text()) == ("Fax it", "tomorrow")
    desk.page.add_line.send()
    desk.page.add_line.field.setText("Something else")
    settle(0.3)
    assert desk.page.add_line.field.text() == "Something else", "what is typed meanwhile stays"


def test_a_task_is_edited(desk: Desk) -> None:
    desk.choose("Hannah: Check the insurance papers")
    desk.key(Qt.Key.Key_E)
    dialog = desk.window.findChild(EditDialog)
    assert isinstance(dialog, EditDialog)
    dialog.field.setText("Check all papers")
    dialog.owner_field.setText("")
    dialog.due_field.setText("today")
    dialog.yes_button.click()
    until(lambda: "Check all papers" in desk.titles(), what="the edited task")
    assert desk.titles().index("Check all papers") < desk.titles().index("Later"), "it is mine, and due today"
    desk.undo()
    until(lambda: desk.titles() == ALL, what="the task as it was")


def test_choices_show_some_of_the_tasks(desk: Desk) -> None:
    menu = desk.page.whose_button.menu()
    menu.actions()[1].trigger()
    assert "Waiting for others" not in desk.titles()
    menu.actions()[2].trigger()
    assert desk.titles() == ["Waiting for others", "Hannah: Check the insurance papers"]
    menu.actions()[0].trigger()
    desk.page.order_button.menu().actions()[1].trigger()
    assert set(desk.titles()) >= {"Supply contract", "Send the price list"}
    assert "Later" not in desk.titles()
    assert desk.page.order_button.text() == "By call ▾"


def test_the_menu_of_a_task_has_all_that_can_be_done(desk: Desk) -> None:
    desk.choose("Book a room")
    row = desk.page.list.current
    assert row is not None
    titles = [action.text().partition("\t")[0] for action in desk.page.list.menu_of(row).actions()]
    assert titles == ["Done", "Keep", "Edit…", "Snooze", "Remove"]
    desk.choose("Send the price list")
    row = desk.page.list.current
    assert row is not None
    titles = [action.text().partition("\t")[0] for action in desk.page.list.menu_of(row).actions()]
    assert titles[1:3] == ["Open Supply contract at 0:50", "Open Factory, damaged boxes at 0:50"]


def test_the_owner_of_a_task_can_be_the_person(desk: Desk) -> None:
    hannah = Speaker(new_speaker_id(), "Hannah")
    known = desk.session.library.kept[desk.supply]
    desk.session.library.kept[desk.supply] = msgspec.structs.replace(known, speakers=(hannah,))
    desk.page.read()
    title = "Hannah: Check the insurance papers"
    until(lambda: desk.page.list.rows.rows[desk.titles().index(title)].task.sources[0].owner, what="the speaker")  # type: ignore[union-attr]
    desk.choose(title)
    row = desk.page.list.current
    assert row is not None
    (action,) = [one for one in desk.page.list.menu_of(row).actions() if one.text() == "I am Hannah"]
    action.trigger()
    until(lambda: "Check the insurance papers" in desk.titles(), what="the task to be mine")
    desk.undo()
    until(lambda: title in desk.titles(), what="the task to be hers")


def test_what_is_shown_is_exported(desk: Desk, tmp_path: Path) -> None:
    desk.page.export_button.menu().actions()[0].trigger()
    dialog = desk.window.findChild(QFileDialog)
    assert isinstance(dialog, QFileDialog)
    assert [Path(name).name for name in dialog.selectedFiles()] == ["To do.ics"]
    dialog.fileSelected.emit(str(tmp_path / "To do.ics"))
    dialog.reject()
    until(lambda: desk.page.notice.text.startswith("Exported."), what="the export")
    assert b"SUMMARY:Send the price list" in (tmp_path / "To do.ics").read_bytes()


def test_the_search_over_everything_finds_tasks(desk: Desk) -> None:
    desk.desk.show_page(CALLS)
    desk.desk.palette_card._sources = (TaskGroups(desk.session.tasks),)
    desk.desk.run(SEARCH)
    desk.desk.palette_card.field.setText("insurance")
    until(lambda: any(row.group for row in desk.desk.palette_card.rows.rows), what="what is found")
    QTest.keyClick(desk.desk.palette_card.field, Qt.Key.Key_Return)
    until(lambda: desk.desk.is_shown(TODO), what="the page of tasks")
    until(lambda: _current(desk).startswith("Hannah"), what="the task")


def test_a_hidden_task_that_was_searched_for_is_shown(desk: Desk) -> None:
    snoozed = desk.session.tasks.find(next(t.id for t in desk.session.tasks.all() if t.text == "Order the tiles"))
    desk.session.tasks.snooze(snoozed.id, FRIDAY + timedelta(days=9))
    until(lambda: "Order the tiles" not in desk.titles(), what="the task to be hidden")
    desk.page.show_task(snoozed.id)
    until(lambda: _current(desk) == "Order the tiles", what="the task")
    assert desk.page.hidden_action.isChecked()


def test_escape_clears_the_line_first(desk: Desk) -> None:
    desk.page.write_new()
    desk.page.add_line.field.setText("Fax")
    QTest.keySequence(desk.desk, "Escape")
    assert (desk.page.add_line.field.text(), desk.desk.is_shown(TODO)) == ("", True)
    QTest.keySequence(desk.desk, "Escape")
    assert desk.desk.is_shown(CALLS)


def test_on_a_narrow_page_until_when_is_asked_once_there_is_a_task(desk: Desk) -> None:
    desk.window.resize(720, 640)
    settle(0.1)
    assert not desk.page.add_line.due_field.isVisible()
    desk.page.add_line.field.setText("Fax it")
    assert desk.page.add_line.due_field.isVisible()
    row = desk.page.list.rows.rows[desk.titles().index("Send the price list")]
    place = desk.page.list.delegate.layout_of(row)
    assert place.is_due_below
    assert place.due.right() <= desk.page.list.width()


def test_no_date_is_cut(desk: Desk) -> None:
    delegate, theme = desk.page.list.delegate, desk.window.theme
    metrics = QFontMetrics(theme.font(13, is_tabular=True))
    for due in ("Thu 10 Dec", "Wed 11 Nov", "tomorrow, said on Thursday", "no date"):
        row = replace(desk.page.list.rows.rows[1], due=due)
        place = delegate.layout_of(row).due
        assert metrics.elidedText(due, Qt.TextElideMode.ElideRight, place.width()) == due


def test_without_tasks_the_page_says_where_they_come_from(show: Show) -> None:
    session = SessionDouble()
    desk = enter(show(as_tacit(session)))
    page = desk.show_page(TODO)
    until(lambda: page.nothing.isVisible(), what="the words")
    assert page.nothing.plain_text().startswith("Nothing to do.")
    assert desk.side_bar.rows["todo"].accessibleName() == "To do Ctrl D"


def test_another_day_moves_tasks_to_other_groups(desk: Desk) -> None:
    desk.session.tasks.today = lambda: FRIDAY + timedelta(days=1)
    desk.page._look_at_the_day()
    until(lambda: "Overdue" in desk.titles(), what="the group of what is overdue")


@pytest.mark.alone
def test_thousands_of_tasks_are_shown_and_scrolled_in_no_time(desk: Desk) -> None:
    items = tuple(ActionItem(f"Task {n} with some more words than fit", "", "by Friday", PLACE) for n in range(5000))
    desk.add("Many", *items)
    began = time.monotonic()
    desk.session.tasks.all()
    desk.session.tasks.all()
    assert time.monotonic() - began < 8, "away from the window"
    desk.page.read()
    until(lambda: len(desk.titles()) > 5000, what="the tasks")
    settle(0.1)
    slow = []
    for _ in range(3):  # others may have the processor for a while
        frames = []
        for step in range(40):
            began = time.perf_counter()
            desk.page.list.verticalScrollBar().setValue(step * 5000)
            desk.page.list.viewport().repaint()
            frames.append(time.perf_counter() - began)
        slow.append(sorted(frames)[-3])
    assert min(slow) < 0.033, "seconds of a frame"
    shown = []
    for _ in range(3):
        began = time.perf_counter()
        desk.page._show()
        shown.append(time.perf_counter() - began)
    assert min(shown) < 0.5, "seconds after a change"
