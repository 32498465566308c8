"""The text of a note is rewritten: replaced, added to, proofread; undone by one key, and never over what was typed."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QPushButton

from app.core.errors import EngineCrashed
from app.core.ids import NoteId
from app.core.note import title_of
from app.core.note_links import link_key
from app.core.writing.action import TextAction
from app.ui.notes.commands import CONTINUE, FORMAL, PROOFREAD, TASKS, TRANSLATE
from app.ui.notes.notes_page import NotesPage
from app.ui.shell.workspace import Workspace
from tests.ui.notes.steps import opened, stored
from tests.ui.stage import settle, until
from tests.ui.writing.text_writing import TextWriting

OLD = "# Delivery 🙂\n\nThe last one were late.\nThree boxes is damaged."
NEW = OLD.replace("were", "was").replace("is damaged", "were damaged")


@pytest.fixture
def writing(writing: TextWriting) -> TextWriting:
    writing.replace = {"were": "was", "is damaged": "were damaged"}
    return writing


@pytest.fixture
def note(writing: TextWriting, desk: Workspace, page: NotesPage) -> NoteId:
    made = desk.session.notes.add(OLD)
    opened(page, made)
    return made


def select(page: NotesPage, words: str) -> None:
    cursor = page.note.editor.document().find(words)
    assert cursor.hasSelection()
    page.note.editor.setTextCursor(cursor)


def type_at(page: NotesPage, words: str, where: QTextCursor.MoveOperation) -> None:
    page.note.editor.setFocus()
    page.note.editor.moveCursor(where)
    QTest.keyClicks(page.note.editor, words)


def finish(page: NotesPage) -> None:
    until(lambda: page.note.writing.card.written is not None, what="the result")


def press(page: NotesPage, text: str) -> None:
    shown = page.note.writing.card.findChildren(QPushButton)
    next(one for one in shown if one.text() == text and one.isVisible()).click()


def buttons(page: NotesPage) -> list[str]:
    return [one.text() for one in page.note.writing.card.findChildren(QPushButton) if one.isVisible()]


def test_a_rewritten_note_takes_the_place_of_the_old_one_and_one_key_brings_that_back(
    desk: Workspace, page: NotesPage, note: NoteId
) -> None:
    desk.run(FORMAL)
    finish(page)
    assert page.note.editor.text() == OLD, "nothing is replaced before a person says so"
    press(page, "Replace")
    assert page.note.editor.text() == NEW
    assert not page.note.writing.pane.isVisible()
    assert page.note.editor.hasFocus()
    until(lambda: desk.session.notes.note(note).text == NEW, what="the save")
    QTest.keyClick(page.note.editor, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert page.note.editor.text() == OLD


def test_what_is_selected_is_rewritten_and_nothing_else(desk: Workspace, page: NotesPage, note: NoteId) -> None:
    select(page, "Three boxes is damaged.")
    desk.run(FORMAL)
    finish(page)
    press(page, "Replace")
    assert page.note.editor.text() == OLD.replace("is damaged", "were damaged")


def test_a_result_is_put_below_what_it_was_made_of(desk: Workspace, page: NotesPage, note: NoteId) -> None:
    select(page, "one were")
    desk.run(FORMAL)
    finish(page)
    press(page, "Insert below")
    assert page.note.editor.text() == OLD.replace("late.\n", "late.\n\none was\n")
    QTest.keyClick(page.note.editor, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert page.note.editor.text() == OLD


def test_a_result_is_copied(desk: Workspace, page: NotesPage, note: NoteId) -> None:
    desk.run(FORMAL)
    finish(page)
    press(page, "Copy")
    assert QGuiApplication.clipboard().text() == NEW
    assert page.note.editor.text() == OLD


def test_of_a_proofread_note_only_what_was_taken_is_changed(desk: Workspace, page: NotesPage, note: NoteId) -> None:
    desk.run(PROOFREAD)
    finish(page)
    assert buttons(page) == ["Accept all", "One by one", "Leave it"]
    for text in ("One by one", "Leave", "Take", "Done"):
        press(page, text)
    assert page.note.editor.text() == OLD.replace("is damaged", "were damaged")
    desk.run(PROOFREAD)
    finish(page)
    press(page, "Leave it")
    assert page.note.editor.text() == OLD.replace("is damaged", "were damaged")


@pytest.mark.parametrize("command", [FORMAL, PROOFREAD], ids=lambda command: command.id)
def test_what_was_typed_meanwhile_is_not_replaced(
    desk: Workspace, page: NotesPage, note: NoteId, writing: TextWriting, command: object
) -> None:
    writing.gate.clear()
    desk.run(command)  # type: ignore[arg-type]
    until(lambda: page.note.writing.card.words.plain_text(), what="the first words")
    page.note.editor.setTextCursor(page.note.editor.document().find("late"))
    page.note.editor.setFocus()
    QTest.keyClicks(page.note.editor, "early")
    writing.gate.set()
    finish(page)
    assert page.note.editor.hasFocus(), "whoever writes goes on writing"
    press(page, "Replace" if command is FORMAL else "Accept all")
    changed = OLD.replace("late", "early")
    assert page.note.editor.text() == changed
    assert "changed meanwhile" in page.note.writing.card.notes.plain_text()
    assert buttons(page) == ["Insert below", "Copy", "Leave it"]
    press(page, "Insert below")
    assert page.note.editor.text() == f"{changed}\n\n{NEW}"


@pytest.mark.parametrize("where", ["Start", "End"])
def test_what_is_typed_elsewhere_meanwhile_stays(
    desk: Workspace, page: NotesPage, note: NoteId, writing: TextWriting, where: str
) -> None:
    writing.gate.clear()
    desk.run(FORMAL)
    type_at(page, "typed", QTextCursor.MoveOperation[where])
    writing.gate.set()
    finish(page)
    press(page, "Replace")
    assert page.note.editor.text() == (f"typed{NEW}" if where == "Start" else f"{NEW}typed")


def test_it_is_seen_how_far_it_is_and_can_be_stopped(
    desk: Workspace, page: NotesPage, note: NoteId, writing: TextWriting
) -> None:
    until(lambda: link_key(title_of(OLD)) in page.note.editor.targets.titles, what="what is read of the new note")
    writing.gate.clear()
    desk.run(FORMAL)
    card = page.note.writing.card
    until(lambda: "0 of 2 parts" in card.status.text(), what="how far it is")
    assert card.stop_button.hasFocus()
    press(page, "Stop")
    until(lambda: "Stopped" in page.note.notice.text)
    assert not card.isVisible()
    assert page.note.editor.text() == OLD
    assert not desk.session.lanes.live()


@pytest.mark.parametrize("way", ["another", "closed", "deleted", "version"])
def test_the_note_is_left_and_the_work_on_it_ends(
    desk: Workspace, page: NotesPage, note: NoteId, writing: TextWriting, way: str
) -> None:
    other = desk.session.notes.add("other")
    if way == "version":
        desk.session.notes.save(note, "short")
        until(lambda: page.note.editor.text() == "short")
    writing.gate.clear()
    desk.run(FORMAL)
    until(lambda: writing.asked, what="the work")
    if way == "another":
        opened(page, other)
    elif way == "closed":
        page.close_note()
    elif way == "deleted":
        desk.session.notes.delete(note)
    else:
        page.note._show_version(desk.session.notes.versions(note)[0])
    until(lambda: not page.note.writing.job.is_running, what="the end of the job")
    assert page.note.writing.card.isHidden()
    assert "Stopped" not in page.note.notice.text
    writing.gate.set()
    settle(0.1)
    assert page.note.writing.card.isHidden()


def test_the_language_to_translate_into_is_chosen_in_a_menu(
    desk: Workspace, page: NotesPage, note: NoteId, writing: TextWriting, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[QMenu] = []
    monkeypatch.setattr(page.note.header, "show_menu", shown.append)
    desk.run(TRANSLATE)
    (menu,) = shown
    names = [action.text() for action in menu.actions()]
    assert "English" not in names, "it is in English already"
    menu.actions()[names.index("French")].trigger()
    finish(page)
    assert writing.asked == [(TextAction.TRANSLATE, "fr")]


@pytest.mark.parametrize("command", [TASKS, CONTINUE], ids=lambda command: command.id)
def test_what_is_no_other_wording_can_only_be_added(
    desk: Workspace, page: NotesPage, note: NoteId, command: object
) -> None:
    desk.run(command)  # type: ignore[arg-type]
    finish(page)
    assert buttons(page) == ["Insert below", "Copy", "Leave it"]
    assert page.note.writing.card.place_buttons["insert"].hasFocus()


def test_an_error_is_told_and_the_note_stays(
    desk: Workspace, page: NotesPage, note: NoteId, writing: TextWriting
) -> None:
    writing.error = EngineCrashed()
    desk.run(FORMAL)
    until(lambda: page.note.notice.text)
    assert EngineCrashed().title in page.note.notice.text
    assert page.note.writing.card.isHidden()
    assert page.note.editor.text() == OLD


def test_an_empty_note_has_nothing_to_be_rewritten(desk: Workspace, page: NotesPage) -> None:
    page.new()
    assert not desk.can_run(FORMAL)
    assert stored(desk) == []
