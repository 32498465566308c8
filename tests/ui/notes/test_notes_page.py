"""The page of notes on a real vault: written, found, linked, thrown away and brought back by mouse and keys."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication, QTextCursor
from PySide6.QtTest import QTest

from app.core.errors import NotEnoughSpace
from app.core.job import Lane
from app.core.note_links import call_link
from app.services.application import Application
from app.storage.tables.notes import NoteStore
from app.ui.calls.page import PAGE as CALLS
from app.ui.main_window import MainWindow
from app.ui.notes.notes_page import NotesPage
from app.ui.notes.page import PAGE as NOTES
from app.ui.shell.workspace import Workspace
from tests.ui.notes.steps import held, opened, press, rows_beside, stored, titles
from tests.ui.stage import close, enter, everything, settle, until

Key, CTRL = Qt.Key, Qt.KeyboardModifier.ControlModifier
Show = Callable[[Application], MainWindow]


def test_a_note_is_saved_within_a_second_and_listed(desk: Workspace, page: NotesPage) -> None:
    assert page.empty.isVisible()
    QTest.keySequence(desk, "Ctrl+Shift+N")
    until(page.note.editor.hasFocus)
    settle(0.6)
    assert stored(desk) == [], "a note without words is not stored"
    QTest.keyClicks(page.note.editor, "Supplier review")
    until(lambda: [entry.title for entry in stored(desk)] == ["Supplier review"], 1.0, "the save")
    QTest.keyClick(page.note.editor, Key.Key_Return)
    QTest.keyClicks(page.note.editor, "- [ ] Ask Leo #work")
    until(lambda: stored(desk)[0].tags == ("work",), 1.0, "the second save")
    until(lambda: titles(page) == ["Supplier review"])
    assert page.note.header.title.text() == "Supplier review"
    until(lambda: page.note.header.facts.text() == "Edited just now · work")
    assert desk.side_bar.rows["notes"].accessibleName() == "Notes 1"
    assert page.list.currentIndex().row() == 0


def test_what_was_typed_last_is_saved_as_the_vault_closes(made: Application, show: Show) -> None:
    window = show(made)
    desk = enter(window)
    desk.show_page(NOTES).new()
    QTest.keyClicks(desk.notes.note.editor, "the last words")
    session = window.session
    assert session is not None
    window._is_locking = True
    window._close_session()
    until(lambda: not session._vault._connections, what="the end of the vault")
    close(window)
    again = enter(show(made))
    assert [entry.title for entry in again.session.notes.entries()] == ["the last words"]


def test_a_save_that_fails_is_told_and_tried_again(
    desk: Workspace, page: NotesPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.new()

    def full(*_: object) -> None:
        raise NotEnoughSpace

    monkeypatch.setattr(NoteStore, "add", full)
    monkeypatch.setattr("app.ui.notes.note_saver._RETRY", 100)
    QTest.keyClicks(page.note.editor, "words")
    until(lambda: page.note.notice.text, what="the failure")
    assert page.note.editor.text() == "words"
    assert [one.text for one in page.unconfirmed()] == ["words"]
    monkeypatch.undo()
    until(lambda: [entry.title for entry in stored(desk)] == ["words"], 10)
    until(lambda: page.unconfirmed() == [])


def test_after_a_save_that_failed_what_is_typed_is_saved_as_soon_as_ever(
    desk: Workspace, page: NotesPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(page, note := desk.session.notes.add("one"))

    def full(*_: object) -> None:
        raise NotEnoughSpace

    monkeypatch.setattr(NoteStore, "save", full)
    monkeypatch.setattr("app.ui.notes.note_saver._RETRY", 60_000)
    page.note.editor.setPlainText("one two")
    until(lambda: page.note.notice.text, what="the failure")
    monkeypatch.undo()
    page.note.editor.setPlainText("one two three")
    until(lambda: desk.session.notes.note(note).text == "one two three", 5, "the save")
    until(lambda: page.unconfirmed() == [])


def test_a_note_whose_save_failed_may_be_left_and_opened_again(
    desk: Workspace, page: NotesPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = desk.session.notes.add("one"), desk.session.notes.add("two")

    def full(*_: object) -> None:
        raise NotEnoughSpace

    opened(page, one)
    monkeypatch.setattr(NoteStore, "save", full)
    monkeypatch.setattr("app.ui.notes.note_saver._RETRY", 60_000)
    page.note.editor.setPlainText("one and more")
    opened(page, two)
    until(lambda: page.note.saver.failed_text(one))
    opened(page, one)
    assert page.note.editor.text() == "one and more"
    assert [(note.note, note.text) for note in page.unconfirmed()] == [(one, "one and more")]
    monkeypatch.undo()
    page.note.saver.flush()
    until(lambda: desk.session.notes.note(one).text == "one and more")
    until(lambda: page.unconfirmed() == [])


def test_another_note_is_opened_and_each_keeps_its_words(desk: Workspace, page: NotesPage) -> None:
    one, two = desk.session.notes.add("# One"), desk.session.notes.add("# Two")
    until(lambda: titles(page) == ["Two", "One"])
    opened(page, one)
    page.note.editor.moveCursor(QTextCursor.MoveOperation.End)
    QTest.keyClicks(page.note.editor, " of mine")
    page.list.setFocus()
    page.list.setCurrentIndex(page.list.rows.index(page.list.rows.row_of(two)))
    QTest.keyClick(page.list, Key.Key_Return)
    until(lambda: page.note.editor.text() == "# Two")
    assert desk.session.notes.note(one).text == "# One of mine"
    assert desk.session.notes.note(two).text == "# Two"


def test_notes_are_found_by_words_and_tags(desk: Workspace, page: NotesPage) -> None:
    desk.session.notes.add("Price list #work")
    note = desk.session.notes.add("Oven #kitchen")
    until(lambda: len(titles(page)) == 2)
    QTest.keySequence(desk, "Ctrl+F")
    assert page.column.search.hasFocus()
    QTest.keyClicks(page.column.search, "pri")
    until(lambda: titles(page) == ["Price list #work"])
    page.column.search.setText("#kitchen")
    until(lambda: titles(page) == ["Oven #kitchen"])
    QTest.keyClick(page.column.search, Key.Key_Return)
    until(lambda: page.note.id == note)
    page.column.search.setText("absent")
    until(page.column._nothing.isVisible)
    desk.escape()
    until(lambda: len(titles(page)) == 2)
    page.note.editor.tag_wanted.emit("work")
    until(lambda: titles(page) == ["Price list #work"])


def test_links_are_followed_and_what_leads_nowhere_is_offered(desk: Workspace, page: NotesPage) -> None:
    call = desk.session.library.calls()[0]
    kitchen = desk.session.notes.add("# Kitchen")
    text = f"# Plan\n[[Kitchen]] {call_link(call.id, call.title, 3.0)} [[Bath]] [[call:06fp3fzb2aaa|gone]]"
    plan = desk.session.notes.add(text)
    opened(page, plan)
    until(lambda: "kitchen" in page.note.editor.targets.titles)
    (_, _), (_, line) = page.note.editor.marks.blocks()
    links = [page.note.editor._link(line, span) for span in line.spans]
    assert [page.note.editor.targets.has(link) for link in links] == [True, True, False, False]
    page.note.editor.link_wanted.emit(links[0])
    until(lambda: page.note.id == kitchen)
    until(lambda: [row.accessibleName() for row in rows_beside(page)] == ["Open the note Plan"])
    next(row for row in rows_beside(page) if row.text() == "Plan").click()
    until(lambda: page.note.id == plan and page.note.can_change)
    page.note.editor.link_wanted.emit(links[3])
    until(lambda: page.note.notice.text.startswith("This call was deleted."))
    page.note.editor.link_wanted.emit(links[2])
    until(lambda: page.note.notice.text.startswith("No note or call has this title."))
    press(page, "Write it")
    until(lambda: any(entry.title == "Bath" for entry in stored(desk)))
    page.note.editor.link_wanted.emit(links[1])
    until(lambda: desk.is_shown(CALLS) and desk.calls.open_call_id == call.id)


def test_links_follow_a_title_once_the_caret_has_left_it(desk: Workspace, page: NotesPage) -> None:
    kitchen = desk.session.notes.add("Kitchen\n")
    plan = desk.session.notes.add("Plan [[Kitchen]]")
    opened(page, kitchen)
    editor = page.note.editor
    editor.setFocus()
    editor.moveCursor(QTextCursor.MoveOperation.Start)
    editor.moveCursor(QTextCursor.MoveOperation.EndOfBlock)
    QTest.keyClicks(editor, " colours")
    settle(0.7)
    assert desk.session.notes.note(plan).text == "Plan [[Kitchen]]", "not with each letter"
    QTest.keyClick(editor, Key.Key_Down)
    until(lambda: desk.session.notes.note(plan).text == "Plan [[Kitchen colours]]")


def test_a_link_is_completed_by_keys(desk: Workspace, page: NotesPage) -> None:
    desk.session.notes.add("# Kitchen")
    page.new()
    editor, offered = page.note.editor, page.note.completion
    QTest.keyClicks(editor, "see [[k")
    until(offered.isVisible)
    assert offered.item(0).text() == "Note   Kitchen"
    QTest.keyClick(editor, Key.Key_Return)
    assert editor.text() == "see [[Kitchen]]"
    assert not offered.isVisible()
    call = desk.session.library.calls()[0]
    QTest.keyClicks(editor, f" [[{call.title} 0:03")
    until(lambda: offered.isVisible() and offered.count() == 1)
    QTest.keyClick(editor, Key.Key_Tab)
    assert editor.text() == f"see [[Kitchen]] [[call:{call.id}@3|{call.title} 0:03]]"
    QTest.keyClicks(editor, " [[")
    until(offered.isVisible)
    QTest.keySequence(editor, "Escape")
    assert not offered.isVisible()
    assert page.has_note, "Escape closed the list and no more"


def test_a_pinned_note_stays_on_top(desk: Workspace, page: NotesPage) -> None:
    one = desk.session.notes.add("# One")
    desk.session.notes.add("# Two")
    opened(page, one)
    assert desk.can_run(desk.commands["note.pin"])
    assert not desk.can_run(desk.commands["note.unpin"])
    desk.run_by_id("note.pin")
    until(lambda: titles(page) == ["One", "Two"])
    until(lambda: desk.can_run(desk.commands["note.unpin"]))
    desk.run_by_id("note.unpin")
    until(lambda: titles(page) == ["Two", "One"])


def drop(desk: Workspace, *paths: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    action, button = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    desk.dropEvent(QDropEvent(QPointF(10, 10), action, data, button, Qt.KeyboardModifier.NoModifier))


def test_text_files_that_are_dropped_become_notes(desk: Workspace, page: NotesPage, tmp_path: Path) -> None:
    (tmp_path / "a plan.txt").write_bytes(b"first\r\nsecond")
    (tmp_path / "b.md").write_text("# With a title\n\nwords")
    (tmp_path / "c.md").write_bytes(b"\xff\xfe\x00")
    drop(desk, *(tmp_path / name for name in ("a plan.txt", "b.md", "c.md")))
    until(lambda: len(stored(desk)) == 2)
    texts = {desk.session.notes.note(entry.id).text for entry in stored(desk)}
    assert texts == {"# a plan\n\nfirst\nsecond", "# With a title\n\nwords"}
    until(lambda: page.has_note and page.note.editor.text().startswith("# a plan"))
    until(lambda: page.notice.text.startswith("This file is no text in UTF-8."))
    assert len(desk.session.library.calls()) == 2, "no call was made of them"


def test_text_files_become_notes_while_an_import_runs(desk: Workspace, page: NotesPage, tmp_path: Path) -> None:
    (tmp_path / "b.md").write_text("# With a title")
    with held(desk, Lane.DISK):
        page.take_in([tmp_path / "b.md"])
        until(lambda: [entry.title for entry in stored(desk)] == ["With a title"], 5, "the note")
    until(lambda: page.can_change)


def test_what_is_pasted_into_the_list_becomes_a_note(desk: Workspace, page: NotesPage) -> None:
    QGuiApplication.clipboard().setText("pasted words\nand more")
    page.list.setFocus()
    QTest.keyClick(page.list, Key.Key_V, CTRL)
    until(lambda: [entry.title for entry in stored(desk)] == ["pasted words"])


def test_a_note_is_found_by_the_search_over_everything(desk: Workspace, page: NotesPage) -> None:
    note = desk.session.notes.add("# Plan\n\none\nthe zanzibar line\n")
    desk.show_page(CALLS)
    QTest.keySequence(desk, "Ctrl+K")
    desk.palette_card.field.setText("zanzi")
    until(lambda: [row.text for row in desk.palette_card.rows.rows][:3] == ["Notes", "Plan", "the zanzibar line"])
    desk.palette_card._open(2)
    until(lambda: desk.is_shown(NOTES) and page.note.id == note and page.note.can_change)
    assert page.note.editor.textCursor().block().text() == "the zanzibar line"


def test_the_open_note_comes_back_after_a_lock(desk: Workspace, page: NotesPage) -> None:
    note = desk.session.notes.add("# One")
    opened(page, note)
    under_way = desk.under_way()
    assert under_way.here == f"notes {note}"
    page.close_note()
    desk.show_page(CALLS)
    desk._resume_where_left(under_way)
    until(lambda: desk.is_shown(NOTES) and page.note.id == note and page.can_change)


def test_everything_in_sight_has_a_name(window: MainWindow, desk: Workspace, page: NotesPage) -> None:
    note = desk.session.notes.add("# One #tag")
    desk.session.notes.add("[[One #tag]]")
    opened(page, note)
    settle(0.5)
    for widget in everything(window):
        if not widget.objectName().startswith("qt_"):
            assert widget.accessibleName(), (type(widget).__name__, type(widget.parent()).__name__)


@pytest.mark.parametrize("keys", ["Ctrl+K", "Ctrl+N", "Ctrl+F"])
def test_the_windows_keys_work_while_a_note_is_written(desk: Workspace, page: NotesPage, keys: str) -> None:
    page.new()
    QTest.keyClicks(page.note.editor, "words here")
    QTest.keyClick(page.note.editor, Key.Key_Home)
    QTest.keySequence(page.note.editor, keys)
    settle(0.1)
    assert page.note.editor.text() == "words here"
    assert not page.note.editor.hasFocus()


def test_a_narrow_page_shows_the_list_or_the_note(window: MainWindow, desk: Workspace, page: NotesPage) -> None:
    note = desk.session.notes.add("# One")
    window.resize(700, 640)
    settle(0.1)
    assert page.column.isVisible() != page.stack.isVisible() or not stored(desk)
    until(lambda: titles(page) == ["One"])
    opened(page, note)
    assert not page.column.isVisible()
    assert page.note.header.back_button.isVisible()
    page.note.header.beside_button.click()
    assert page.note.side.isVisible()
    assert not page.note.editor.isVisible()
    page.note.header.beside_button.click()
    assert page.note.editor.isVisible()
    page.note.header.back_button.click()
    assert page.column.isVisible()
    assert not page.stack.isVisible()
