"""When the window locks, and that what was typed is there again; the lock itself: tests/acceptance/test_locking.py."""

import threading
from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.core.job import Job, Lane
from app.services.application import Application
from app.services.chats.drafts import NEW, UnderWay
from app.ui.chats.commands import NEW as NEW_CHAT
from app.ui.main_window import MainWindow
from app.ui.shell.auto_lock import AutoLock
from tests.ui import doubles, example_calls, stage
from tests.ui.stage import enter, settle, until

Show = Callable[[Application], MainWindow]


class Clock:
    """Time that is set."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


class Watched:
    """A lock on a clock of its own, and how often it was wanted."""

    def __init__(self, tacit: Application, window: MainWindow) -> None:
        self.clock, self.is_held, self.times = Clock(), False, 0
        self.locking = AutoLock(tacit.settings, window.bridge, lambda: self.is_held, window, self.clock)
        self.locking.lock_wanted.connect(self._count)
        self.window = window

    def _count(self) -> None:
        self.times += 1

    def wait(self, minutes: float) -> None:
        """Let time pass, looked at every half a minute."""
        for _ in range(int(minutes * 2)):
            self.clock.now += 30
            self.locking.check_clock()


@pytest.fixture
def watched(tacit: Application, show: Show) -> Watched:
    """A window that locks after five minutes."""
    tacit.settings.change(lock_after_minutes=5)
    return Watched(tacit, show(tacit))


def test_it_locks_after_the_time_without_a_person(watched: Watched) -> None:
    watched.wait(4.5)
    assert watched.times == 0
    watched.wait(0.5)
    assert watched.times == 1


@pytest.mark.parametrize("sign", ["key", "mouse", "wheel"])
def test_a_person_s_sign_begins_the_time_anew(watched: Watched, sign: str) -> None:
    watched.wait(4)
    handle = watched.window.windowHandle()
    assert handle is not None
    if sign == "key":
        QTest.keyClick(handle, Qt.Key.Key_Shift)
    elif sign == "mouse":
        QTest.mouseMove(handle, handle.geometry().center())
    else:
        QTest.wheelEvent(handle, handle.geometry().center().toPointF(), handle.geometry().center())
    settle(0.05)
    watched.wait(4.5)
    assert watched.times == 0
    watched.wait(0.5)
    assert watched.times == 1


def test_who_listens_is_not_locked_out(watched: Watched) -> None:
    watched.is_held = True
    watched.wait(60)
    assert watched.times == 0
    watched.is_held = False
    watched.wait(5)
    assert watched.times == 1


def test_never_means_never(watched: Watched, tacit: Application) -> None:
    tacit.settings.change(lock_after_minutes=0)
    watched.wait(600)
    assert watched.times == 0


@pytest.mark.parametrize(("obeys", "times"), [(True, 1), (False, 0)])
def test_a_computer_that_has_slept_is_locked_when_it_wakes(
    watched: Watched, tacit: Application, obeys: bool, times: int
) -> None:
    tacit.settings.change(locks_with_screen=obeys, lock_after_minutes=0)
    watched.clock.now += 600
    watched.locking.check_clock()
    assert watched.times == times


def test_ctrl_l_locks_also_where_a_question_is_open(show: Show) -> None:
    session = doubles.SessionDouble()
    session.library.add(example_calls.call("Supply contract"))
    window = show(doubles.as_tacit(session))
    locks: list[bool] = []
    window.lock = lambda: locks.append(True)  # type: ignore[method-assign]
    desk = enter(window)
    settle(0.1)
    assert window.focusWidget() is desk.calls.list, "a Space after unlocking must not lock again"
    until(lambda: desk.calls.list.rows.rows, what="the calls")
    desk.calls.open(desk.calls.list.rows.rows[0].call)
    until(lambda: desk.calls.call.call is not None, what="the call")
    desk.calls.call.on_call.ask_to_delete()
    settle(0.1)
    dialog = QApplication.activeModalWidget()
    assert dialog is not None
    handle = dialog.windowHandle()
    assert handle is not None
    QTest.keyClick(handle, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert locks == [True]
    dialog.close()
    desk.side_bar.lock_button.click()
    assert locks == [True, True]


def test_each_place_has_its_own_draft_and_a_sent_one_is_gone(tacit: Application, show: Show) -> None:
    window = show(tacit)
    desk = enter(window)
    field, session = desk.chats.composer.field, window.session
    assert session is not None
    chat = session.answering.start()
    desk.run(NEW_CHAT)
    field.setPlainText("for a new chat")
    desk.open_conversation(chat.id)
    assert field.toPlainText() == ""
    field.setPlainText("for the old one")
    desk.run(NEW_CHAT)
    assert field.toPlainText() == "for a new chat"
    until(lambda: session.drafts.load()[0] == {NEW: "for a new chat", chat.id: "for the old one"}, 8, "the save")
    desk.chats.composer.send_button.click()
    assert field.toPlainText() == ""
    field.setPlainText("and one more thing")  # while the answer comes, and the chat gets its id
    until(lambda: desk.chats.current is not None and not desk.chats.reply_stream.is_running, 60, "the answer")
    current = desk.chats.current
    until(lambda: session.drafts.load()[0].get(str(current)) == "and one more thing", 8, "the save")
    assert NEW not in session.drafts.load()[0]
    session.answering.delete(chat.id)
    assert chat.id not in session.drafts.load()[0]


def test_what_is_typed_waits_for_no_import_and_stays_unsaved_until_it_is_saved(tacit: Application, show: Show) -> None:
    window = show(tacit)
    desk = enter(window)
    session, goes_on = window.session, threading.Event()
    assert session is not None
    desk.run(NEW_CHAT)
    try:
        session.lanes.submit(Job("a long import", lambda _: goes_on.wait(60), Lane.DISK))
        desk.chats.composer.field.setPlainText("typed during an import")
        until(lambda: session.drafts.load()[0] == {NEW: "typed during an import"}, 8, "the save")
        until(lambda: not desk.drafts.unsaved(), 5, "the word of it")
        session.lanes.submit(Job("hangs", lambda _: goes_on.wait(60), Lane.DRAFTS))
        desk.chats.composer.field.setPlainText("and more")
        settle(2.5)
        assert desk.drafts.unsaved() == {NEW: "and more"}, "a lock would lose it"
    finally:
        goes_on.set()


def test_closing_keeps_drafts_and_a_fresh_window_shows_them(
    tacit: Application, show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = show(tacit)
    desk = enter(window)
    desk.run(NEW_CHAT)
    desk.chats.composer.field.setPlainText("not sent yet")
    ends: list[bool] = []
    monkeypatch.setattr(window, "_quit", lambda: ends.append(True))
    window.close()
    until(lambda: ends, 10, "the end")
    again = show(tacit)
    desk = enter(again)
    until(lambda: desk.chats.composer.field.toPlainText() == "not sent yet", 5, "the draft")
    assert desk.stack.currentWidget() is desk.calls  # where one was is known after a lock only
    session = again.session
    assert session is not None
    session.drafts.leave({}, UnderWay("chats ", ()))
    stage.close(again)
    desk = enter(show(tacit))
    until(lambda: desk.stack.currentWidget() is desk.chats, 5, "the page that was open")
