"""Earlier texts of a note, and notes that are thrown away, come back; what is deleted for good is asked about."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.ui.main_window import MainWindow
from app.ui.notes.notes_page import NotesPage
from app.ui.shell.workspace import Workspace
from tests.ui.notes.steps import answer, opened, press, rows_beside, stored, titles
from tests.ui.stage import settle, until

Key = Qt.Key


def test_a_version_is_shown_and_put_back(desk: Workspace, page: NotesPage) -> None:
    note = desk.session.notes.add("the first words of this note")
    desk.session.notes.save(note, "")
    desk.session.notes.save(note, "second")
    opened(page, note)
    until(lambda: page.note.header.versions_button.text() == "1 version")
    page.note.header.versions_button.click()
    until(lambda: rows_beside(page))
    rows_beside(page)[0].click()
    until(lambda: page.note.editor.text() == "the first words of this note")
    assert page.note.editor.isReadOnly()
    assert not page.can_change
    assert page.unconfirmed() == []
    desk.escape()
    until(lambda: page.note.editor.text() == "second")
    until(lambda: rows_beside(page))
    rows_beside(page)[0].click()
    until(page.note.bar.isVisible)
    press(page, "Put it back")
    until(lambda: page.note.editor.text() == "the first words of this note" and page.can_change)
    until(lambda: page.note.header.versions_button.text() == "2 versions")
    assert desk.session.notes.note(note).text == "the first words of this note"


def test_a_note_goes_to_the_trash_and_comes_back(window: MainWindow, desk: Workspace, page: NotesPage) -> None:
    note = desk.session.notes.add("# One")
    opened(page, note)
    desk.run_by_id("note.delete")
    until(lambda: page.notice.text.startswith("Moved to the trash."))
    until(lambda: not titles(page))
    assert not page.has_note
    press(page, "Undo")
    until(lambda: page.note.id == note and page.can_change)
    until(lambda: titles(page) == ["One"])
    page.list.setFocus()
    QTest.keyClick(page.list, Key.Key_Delete)
    until(lambda: not titles(page))
    page.column.trash_button.click()
    until(lambda: titles(page) == ["One"])
    page.open(note)
    until(lambda: "in the trash until" in page.note.bar.words.plain_text())
    assert page.note.editor.isReadOnly()
    assert not page.can_change
    press(page, "Delete for good…")
    answer(window, is_yes=False)
    press(page, "Restore")
    until(lambda: [entry.title for entry in stored(desk)] == ["One"])
    desk.escape()
    desk.escape()
    assert not page.column.is_trash
    until(lambda: titles(page) == ["One"])


def test_the_trash_is_emptied_after_a_question(window: MainWindow, desk: Workspace, page: NotesPage) -> None:
    for text in ("# One", "# Two"):
        desk.session.notes.delete(desk.session.notes.add(text))
    page.show_trash(True)
    until(lambda: len(titles(page)) == 2)
    page.open(page.list.rows.entries[0].id)
    until(page.note.bar.isVisible)
    page.column.empty_button.click()
    answer(window, is_yes=False)
    settle(0.1)
    assert len(desk.session.notes.entries(in_trash=True)) == 2
    page.column.empty_button.click()
    answer(window)
    until(lambda: page.notice.text.startswith("2 notes were deleted."))
    until(lambda: not titles(page))
    assert page.column._nothing.isVisible()
    until(lambda: not page.has_note, what="the open note to be closed")
    assert page.note.id is None


def test_a_note_is_forgotten_after_a_question(window: MainWindow, desk: Workspace, page: NotesPage) -> None:
    note = desk.session.notes.add("# One")
    desk.session.notes.delete(note)
    page.show_trash(True)
    until(lambda: titles(page) == ["One"])
    page.open(note)
    until(page.note.bar.isVisible)
    page.list.setFocus()
    QTest.keyClick(page.list, Key.Key_Delete)
    answer(window)
    until(lambda: not titles(page) and not page.has_note)
    assert not page.note.notice.isVisible()
    assert desk.session.notes.entry(note) is None
