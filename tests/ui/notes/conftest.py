"""A window on a real vault, with the page of notes."""

from collections.abc import Callable

import pytest

from app.services.application import Application
from app.ui.main_window import MainWindow
from app.ui.notes.notes_page import NotesPage
from app.ui.notes.page import PAGE as NOTES
from app.ui.shell.workspace import Workspace
from tests.ui.stage import enter
from tests.ui.writing.text_writing import TextWriting

Show = Callable[[Application], MainWindow]


@pytest.fixture
def writing(monkeypatch: pytest.MonkeyPatch) -> TextWriting:
    """What stands for the language model at work on texts."""
    made = TextWriting()
    monkeypatch.setattr("app.services.session.Writing", lambda _: made)
    return made


@pytest.fixture
def window(writing: TextWriting, made: Application, show: Show) -> MainWindow:
    return show(made)


@pytest.fixture
def desk(window: MainWindow) -> Workspace:
    desk = enter(window)
    desk.show_page(NOTES)
    return desk


@pytest.fixture
def page(desk: Workspace) -> NotesPage:
    return desk.notes
