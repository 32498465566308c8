"""Notes while the lane that saves them is slow: what is shown, what is written to, and what is kept."""

import threading
from collections.abc import Callable
from datetime import datetime

import pytest
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest

from app.core.errors import NotEnoughSpace
from app.core.ids import NoteId
from app.services.application import Application
from app.storage.tables.notes import NoteStore
from app.ui.main_window import MainWindow
from app.ui.notes.notes_page import NotesPage
from app.ui.notes.page import PAGE as NOTES
from app.ui.shell.workspace import Workspace
from app.ui.todo.page import PAGE as TODO
from tests.ui.notes.steps import held, opened
from tests.ui.stage import close, enter, settle, until

Show = Callable[[Application], MainWindow]
End = QTextCursor.MoveOperation.End


def test_nothing_can_be_written_between_two_notes(desk: Workspace, page: NotesPage) -> None:
    one, two = desk.session.notes.add("# One\n[[Two]]"), desk.session.notes.add("# Two")
    opened(page, one)
    page.note.editor.setFocus()
    with held(desk):
        page.open(two)
        assert page.note.editor.text() == ""
        QTest.keyClicks(page.note.editor, "lost")
        assert (page.note.editor.text(), page.note.header.title.text()) == ("", "")
    until(lambda: page.note.editor.text() == "# Two")
    page.note.editor.moveCursor(End)
    QTest.keyClicks(page.note.editor, " and more")
    until(lambda: desk.session.notes.note(two).text == "# Two and more")
    assert desk.session.notes.note(one).text == "# One\n[[Two]]"


def test_a_new_note_after_another_can_be_written(desk: Workspace, page: NotesPage) -> None:
    opened(page, desk.session.notes.add("# One"))
    page.new()
    QTest.keyClicks(page.note.editor, "new")
    assert page.note.editor.text() == "new"


def test_a_note_that_cannot_be_read_is_told_and_not_written_over(
    desk: Workspace, page: NotesPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = desk.session.notes.add("# One"), desk.session.notes.add("# Two")
    opened(page, one)

    def unread(*_: object) -> None:
        raise NotEnoughSpace

    monkeypatch.setattr(NoteStore, "get", unread)
    page.open(two)
    until(lambda: page.note.notice.text.startswith(NotEnoughSpace().title), what="the error")
    QTest.keyClicks(page.note.editor, "lost")
    assert (page.note.editor.text(), page.unconfirmed()) == ("", [])
    monkeypatch.undo()
    assert [desk.session.notes.note(note).text for note in (one, two)] == ["# One", "# Two"]


def test_a_reading_that_was_asked_for_before_a_save_shows_no_older_text(desk: Workspace, page: NotesPage) -> None:
    note = desk.session.notes.add("one")
    opened(page, note)
    until(lambda: desk.session.lanes.is_idle, what="what was read beside it")
    shown: list[str] = []
    with held(desk):
        page.note.read_again()
        page.note.editor.moveCursor(End)
        QTest.keyClicks(page.note.editor, " and two")
        page.note.saver.flush()
        page.note.editor.textChanged.connect(lambda: shown.append(page.note.editor.text()))
    until(lambda: page.unconfirmed() == [], what="the save")
    until(lambda: desk.session.lanes.is_idle, what="what is read after it")
    settle(0.2)
    assert (shown, page.note.editor.text()) == ([], "one and two")


def closed(window: MainWindow) -> None:
    """Close the vault as a lock does, but for the end of the process."""
    session = window.session
    assert session is not None
    window._is_locking = True
    window._close_session()
    until(lambda: not session._vault._connections, what="the end of the vault")
    close(window)


def texts(made: Application, show: Show) -> list[str]:
    """The texts of all notes, once the vault is open again."""
    notes = enter(show(made)).session.notes
    return [notes.note(entry.id).text for entry in notes.entries()]


@pytest.mark.parametrize("is_in_time", [True, False])
def test_what_waits_on_the_lane_as_the_vault_closes_is_not_lost(
    made: Application, show: Show, is_in_time: bool
) -> None:
    window = show(made)
    desk = enter(window)
    page = desk.show_page(NOTES)
    with held(desk) as goes_on:
        page.new()
        QTest.keyClicks(page.note.editor, "words")
        page.note.saver.flush()
        QTest.keyClicks(page.note.editor, " and more")
        assert desk.session.notes.entries() == [], "the save waits"
        if is_in_time:
            threading.Timer(0.1, goes_on).start()
        closed(window)
    assert texts(made, show) == ["words and more"]


def test_an_older_save_does_not_land_after_the_one_of_the_close(
    made: Application, show: Show, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = show(made)
    desk = enter(window)
    page = desk.show_page(NOTES)
    opened(page, desk.session.notes.add("one"))
    really_saves, goes_on, has_begun = NoteStore.save, threading.Event(), threading.Event()

    def save(self: NoteStore, note: NoteId, text: str, now: datetime, *, keeps: bool = False) -> bool:
        if text == "one two":
            has_begun.set()
            goes_on.wait(5)
        return really_saves(self, note, text, now, keeps=keeps)

    monkeypatch.setattr(NoteStore, "save", save)
    page.note.editor.moveCursor(End)
    QTest.keyClicks(page.note.editor, " two")
    page.note.saver.flush()
    assert has_begun.wait(5)
    QTest.keyClicks(page.note.editor, " three")
    threading.Timer(0.2, goes_on.set).start()
    closed(window)
    assert texts(made, show) == ["one two three"]


def test_what_is_being_done_as_the_vault_closes_is_done(made: Application, show: Show) -> None:
    window = show(made)
    desk = enter(window)
    desk.show_page(TODO)
    with held(desk) as goes_on:
        desk.page(TODO).add_line.field.setText("Fax it")
        desk.page(TODO).add_line.send()
        threading.Timer(0.1, goes_on).start()
        closed(window)
    assert [task.text for task in enter(show(made)).session.tasks.all()] == ["Fax it"]
