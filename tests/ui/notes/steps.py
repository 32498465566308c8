"""What tests of the page of notes do again and again."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from PySide6.QtWidgets import QPushButton

from app.core.ids import NoteId
from app.core.job import Job, JobContext, JobState, Lane
from app.core.note import NoteEntry
from app.ui.main_window import MainWindow
from app.ui.notes.notes_page import NotesPage
from app.ui.shell.workspace import Workspace
from app.ui.widgets.dialogs import ConfirmDialog
from tests.ui.stage import until


@contextmanager
def held(desk: Workspace, lane: Lane = Lane.DRAFTS) -> Iterator[Callable[[], None]]:
    """Hold a lane, until what this gives is called or the block ends."""
    goes_on = threading.Event()

    def wait(context: JobContext) -> None:
        while not goes_on.wait(0.01):
            context.checkpoint()

    job = desk.session.lanes.submit(Job("Holding", wait, lane))
    until(lambda: job.state is JobState.RUNNING, what="the lane to be held")
    try:
        yield goes_on.set
    finally:
        goes_on.set()


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
