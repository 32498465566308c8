"""The views of the page of notes."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from PySide6.QtGui import QTextCursor

from app.core.errors import MediaDamaged
from app.core.ids import NoteId
from app.ui.main_window import MainWindow
from app.ui.notes.page import PAGE as NOTES
from tests.acceptance.views import View, dialogs, menu_of
from tests.ui.stage import settle, until

if TYPE_CHECKING:
    from app.ui.shell.workspace import Workspace


def notes(window: MainWindow, desk: "Workspace") -> Iterator[View]:
    """The list of notes, a note with what is beside it, its versions, a link that is typed, the trash."""
    page = desk.show_page(NOTES)
    until(lambda: page.list.rows.entries, what="the notes")
    settle(0.3)
    yield "notes", window
    page.open(page.list.rows.entries[-1].id)
    until(lambda: page.note.can_change, what="the note")
    settle(0.5)
    yield "note", window
    page.note.notice.show_error(MediaDamaged())
    page.notice.show_note("Moved to the trash.", "It is kept there for 30 days.", "Undo", lambda: None)
    page.note.show_links()
    settle(0.1)
    yield "note, what is beside it, notices", window
    page.note.notice.hide()
    page.notice.hide()
    page.note.show_versions()
    settle(0.1)
    yield "note, versions", window
    page.note._show_version(desk.session.notes.versions(page.note.id or NoteId(""))[0])
    until(lambda: not page.note.can_change, what="the version")
    settle(0.1)
    yield "note, a version", window
    desk.escape()
    until(lambda: page.note.can_change, what="the note")
    yield from menu_of(page.note.header.more_button.menu(), page.note.header.more_button)
    page.note.editor.moveCursor(QTextCursor.MoveOperation.End)
    window.activateWindow()  # the dialogs and menus before had the focus
    page.note.focus()
    until(page.note.editor.hasFocus, what="the focus")
    page.note.editor.insertPlainText("\n[[")
    until(lambda: page.note.completion.count(), what="what can be linked to")
    settle(0.1)
    yield "note, a link that is typed", window
    page.note.editor.end_link()
    page.column.search.setText("no such words at all")
    settle(0.5)
    yield "notes, nothing found", window
    page.column.search.clear()
    page.show_trash(True)
    until(lambda: page.list.rows.entries, what="the trash")
    page.open(page.list.rows.entries[0].id)
    settle(0.4)
    yield "note in the trash", window
    page.note.forget_wanted.emit(page.note.id)
    yield from dialogs(window, "delete a note")
    page.column.empty_wanted.emit()
    yield from dialogs(window, "empty the trash")
    page.show_trash(False)
    page.close_note()
