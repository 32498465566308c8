"""Pictures of what a person writes: notes, and the list of tasks."""

from typing import TYPE_CHECKING

from PySide6.QtGui import QTextCursor

from app.core.note_links import call_link
from app.ui.main_window import MainWindow
from app.ui.notes.commands import DELETE as DELETE_NOTE
from app.ui.notes.page import PAGE as NOTES
from app.ui.shell.workspace import Workspace
from app.ui.todo.page import PAGE as TODO
from tests.ui.stage import settle, until

if TYPE_CHECKING:
    from tests.ui.pictures import Camera

NOTE = """# Supplier review

Renew for two years, or look for another one. #work

## What speaks for it
- They offer a **5 percent discount** for two years {moment}
- They know the factory; see [[Kitchen: colours]]

## Tasks
- [x] Ask Hannah for the insurance papers
- [ ] Send the price list

> In *writing*, said Priya.
"""


def take_notes(window: MainWindow, desk: Workspace, camera: "Camera") -> None:
    """The notes: none, a new one, one with each kind of line, and the trash."""
    page = desk.show_page(NOTES)
    settle(0.3)
    camera.take(window, "notes_empty")
    call = desk.session.library.calls()[0]
    desk.session.notes.add("# Kitchen: colours\n\nWhite fronts, oak top. Sample from Hannah.")
    note = desk.session.notes.add(NOTE.format(moment=call_link(call.id, call.title, 31.0)))
    desk.session.notes.add("# Questions for Dr. Weber\n\nSee [[Supplier review]]. #family")
    desk.session.notes.pin(note, True)
    until(lambda: len(page.list.rows.entries) == 3, what="the notes")
    page.open(note)
    until(lambda: page.note.can_change, what="the note")
    settle(0.8)
    camera.take(window, "notes")
    page.note.focus()
    page.note.editor.moveCursor(QTextCursor.MoveOperation.End)
    page.note.editor.insertPlainText("\n\nsee [[")
    until(page.note.completion.isVisible, what="what can be linked to")
    camera.take(window, "notes_link")
    desk.run(DELETE_NOTE)
    until(lambda: page.notice.text, what="the trash")
    page.show_trash(True)
    until(lambda: page.list.rows.entries, what="what is in the trash")
    page.open(note)
    settle(0.5)
    camera.take(window, "notes_trash")


def take_tasks(window: MainWindow, desk: Workspace, camera: "Camera") -> None:
    """The list of tasks, with the first one chosen."""
    todo = desk.show_page(TODO)
    until(lambda: todo.list.rows.rows, what="the tasks")
    todo.list.select(todo.list.rows.next_row(-1, 1))
    camera.take(window, "todo")
