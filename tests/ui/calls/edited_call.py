"""An open call whose lines are edited by keys."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.services.application import Application
from app.ui.calls.call_page import CallPage
from app.ui.calls.line_words import LineWords
from app.ui.main_window import MainWindow
from tests.ui.calls.test_correcting import CONTROL, choose, field, said
from tests.ui.doubles import SessionDouble, as_tacit
from tests.ui.example_calls import call
from tests.ui.stage import enter, settle, until

Show = Callable[[Application], MainWindow]


def opened(show: Show, session: SessionDouble) -> CallPage:
    """The page of a call of six lines, by turns on two tracks."""
    one = session.library.add(call("Supply contract"))
    desk = enter(show(as_tacit(session)))
    desk.calls.open(one.id)
    made: CallPage = desk.calls.call
    until(lambda: made.transcript.lines.rowCount() == 6)
    settle(0.2)
    return made


def texts(page: CallPage) -> list[str]:
    lines = page.transcript.lines
    return [lines.utterance(row).text for row in range(lines.rowCount())]


def stored(page: CallPage, session: SessionDouble) -> list[str]:
    call_id = page.open_call_id
    assert call_id is not None
    return [line.text for line in session.library.transcript(call_id).utterances]


def settled(page: CallPage, session: SessionDouble) -> list[str]:
    """What is shown once all is written and read again."""
    until(lambda: not page.changes.unsaved() and texts(page) == stored(page, session), what="that it is written")
    settle(0.5)
    assert texts(page) == stored(page, session), "and stays so"
    return texts(page)


def words_of(page: CallPage) -> LineWords:
    words = page.transcript.words
    assert words is not None
    return words


def cursor_behind(page: CallPage, row: int, words: int) -> LineWords:
    """The field of a line, with the cursor put behind some of its words by keys."""
    choose(page, row)
    typed = field(page)
    QTest.keyClick(typed, Qt.Key.Key_Home, CONTROL)
    for _ in " ".join(said(page, row).split()[:words]):
        QTest.keyClick(typed, Qt.Key.Key_Right)
    return typed


def split_at(page: CallPage, row: int, words: int) -> None:
    """Split a line behind some of its words by keys."""
    QTest.keyClick(cursor_behind(page, row, words), Qt.Key.Key_Return)
