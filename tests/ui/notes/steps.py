"""What tests of the page of notes do again and again."""

from PySide6.QtWidgets import QPushButton

from app.core.ids import NoteId
from app.core.note import NoteEntry
from app.ui.main_window import MainWindow
from app.ui.notes.notes_page import NotesPage
from app.ui.shell.workspace import Workspace
from app.ui.widgets.dialogs import ConfirmDialog
from tests.ui.stage import until


def stored(desk: Workspace) -> list[NoteEntry]:
    return desk.session.notes.entries()


def opened(page: NotesPage, note: NoteId) -> None:
    page.open(note)
    until(lambda: page.note.can_change and page.note.id == note, what="the note")


def titles(page: NotesPage) -> list[str]:
    return [entry.title for entry in page.list.rows.entries]


def press(page: NotesPage, text: str) -> None:
    """Press the button that says this, which is in sight."""
    next(b for b in page.window().findChildren(QPushButton) if b.text() == text and b.isVisible()).click()


def rows_beside(page: NotesPage) -> list[QPushButton]:
    """The rows of the tab that is shown beside the note."""
    return [b for b in page.note.side.findChildren(QPushButton) if b.property("kind") == "row" and b.isVisible()]


def answer(window: MainWindow, *, is_yes: bool = True) -> None:
    until(lambda: any(d.isVisible() for d in window.findChildren(ConfirmDialog)), what="the question")
    question = next(d for d in window.findChildren(ConfirmDialog) if d.isVisible())
    (question.accept if is_yes else question.reject)()
