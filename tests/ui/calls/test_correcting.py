"""A line is corrected where it stands, by keys alone, undone and redone, and the summary says that it is older."""

from collections.abc import Callable

import msgspec
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from app.core.change import Change
from app.core.errors import AssistantError
from app.core.ids import UtteranceId
from app.core.transcript import text_digest
from app.services.application import Application
from app.ui.calls.call_page import CallPage
from app.ui.calls.line_words import LineWords
from app.ui.main_window import MainWindow
from app.ui.shell.workspace import Workspace
from app.ui.widgets.rich_text import RichText
from tests.ui.calls.test_call_notes import words_of
from tests.ui.calls.test_transcribe_again import dialog_of
from tests.ui.doubles import SessionDouble, as_tacit
from tests.ui.example_calls import SUMMARY, call
from tests.ui.stage import enter, settle, until

Show = Callable[[Application], MainWindow]
CONTROL = Qt.KeyboardModifier.ControlModifier
UNDO, REDO = (Qt.Key.Key_Z, CONTROL), (Qt.Key.Key_Z, CONTROL | Qt.KeyboardModifier.ShiftModifier)


@pytest.fixture
def session() -> SessionDouble:
    return SessionDouble()


@pytest.fixture
def desk(show: Show, session: SessionDouble) -> Workspace:
    """A desk with a call open, whose summary was written from the transcript that is there."""
    one = session.library.add(call("Supply contract"))
    digest = text_digest(session.library.transcript(one.id).utterances)
    session.library.summaries[one.id] = msgspec.structs.replace(SUMMARY, of=digest)
    made = enter(show(as_tacit(session)))
    made.calls.open(one.id)
    until(lambda: made.calls.call.transcript.lines.rowCount() == 6)
    settle(0.2)
    return made


def choose(page: CallPage, row: int) -> None:
    page.transcript.setCurrentIndex(page.transcript.lines.index(row))
    page.transcript.setFocus()


def field(page: CallPage) -> LineWords:
    """The field in which a line is corrected, opened by its key."""
    QTest.keyClick(page.transcript, Qt.Key.Key_E, CONTROL)
    until(lambda: page.transcript.words is not None, what="the field")
    words = page.transcript.words
    assert words is not None
    assert words.is_editable
    return words


def said(page: CallPage, row: int) -> str:
    return page.transcript.lines.utterance(row).text


def correct(page: CallPage, row: int, text: str) -> str:
    """Correct a line by keys; what it said."""
    before = said(page, row)
    choose(page, row)
    words = field(page)
    words.selectAll()
    QTest.keyClicks(words, text)
    QTest.keyClick(words, Qt.Key.Key_Return)
    until(lambda: said(page, row) == text and not page.changes.unsaved(), what="the new words")
    return before


def press(page: CallPage, key: tuple[Qt.Key, Qt.KeyboardModifier]) -> None:
    QTest.keyClick(page.transcript, *key)


def test_enter_takes_what_was_typed_and_the_list_keeps_its_place_and_its_keys(desk: Workspace) -> None:
    page = desk.calls.call
    place = page.transcript.place()
    correct(page, 2, "Prices are up by ten percent.")
    assert page.transcript.words is None
    assert page.transcript.current_row == 2
    assert page.transcript.place() == place
    until(page.transcript.hasFocus, what="the keys are the list's again")
    assert "Corrected." in page.line_notice.text


def test_escape_leaves_the_line_as_it_was(desk: Workspace) -> None:
    page = desk.calls.call
    choose(page, 1)
    before = said(page, 1)
    words = field(page)
    QTest.keyClicks(words, " and more")
    QTest.keyClick(words, Qt.Key.Key_Escape)
    settle(0.3)
    assert said(page, 1) == before
    assert page.transcript.words is None
    assert not page.changes.can_undo
    assert page.call is not None, "the key was the field's, not the window's"
    assert page.transcript.hasFocus()


def test_going_elsewhere_takes_what_was_typed_too(desk: Workspace) -> None:
    page = desk.calls.call
    choose(page, 1)
    words = field(page)
    words.selectAll()
    QTest.keyClicks(words, "Typed, then left.")
    rect = page.transcript.visualRect(page.transcript.lines.index(4))
    QTest.mouseClick(page.transcript.viewport(), Qt.MouseButton.LeftButton, pos=rect.center() + QPoint(0, 4))
    until(lambda: said(page, 1) == "Typed, then left.", what="the words that were typed")


def test_what_is_typed_goes_along_when_the_list_is_scrolled_and_grows_with_its_text(desk: Workspace) -> None:
    page = desk.calls.call
    choose(page, 0)
    words = field(page)
    low = words.height()
    QTest.keyClicks(words, " more words" * 30)
    assert words.height() > low
    page.transcript.resize(page.transcript.width(), 150)  # so that there is something to scroll
    settle(0.1)
    bar, top = page.transcript.verticalScrollBar(), words.y()
    bar.setValue(bar.value() + 10)
    assert (page.transcript.words, words.y()) == (words, top - 10)
    assert words.toPlainText().endswith("more words")


def test_the_field_stays_on_its_line_while_others_come_in_between(desk: Workspace, session: SessionDouble) -> None:
    page = desk.calls.call
    choose(page, 2)
    line = page.transcript.lines.utterance(2).id
    words = field(page)
    QTest.keyClicks(words, " And more.")
    call_id = page.open_call_id
    assert call_id is not None
    known = session.library.transcripts[call_id]
    between = msgspec.structs.replace(known.utterances[0], id=UtteranceId("between"), start=15.0, end=16.0)
    lines = (*known.utterances[:2], between, *known.utterances[2:])
    session.library.transcripts[call_id] = msgspec.structs.replace(known, utterances=lines)
    session.library.publish(Change("transcript", call_id))
    until(lambda: page.transcript.lines.rowCount() == 7, what="the line between")
    view = page.transcript
    assert view.words is words
    assert view.visualRect(view.lines.index(3)).contains(words.geometry().center())
    QTest.keyClick(words, Qt.Key.Key_Return)
    until(lambda: said(page, 3).endswith("And more."), what="the correction")
    assert page.transcript.lines.utterance(3).id == line


def test_what_was_typed_is_taken_when_another_call_is_opened_or_the_vault_is_closed(
    desk: Workspace, session: SessionDouble
) -> None:
    page, first = desk.calls.call, desk.calls.call.open_call_id
    assert first is not None
    other = session.library.add(call("Another"))
    choose(page, 0)
    QTest.keyClicks(field(page), " Typed.")
    desk.calls.open(other.id)
    until(lambda: session.library.transcripts[first].utterances[0].text.endswith("Typed."), what="the words")
    until(lambda: page.call is not None and page.call.id == other.id, what="the other call")
    settle(0.3)
    assert "Corrected" not in page.line_notice.text, "that was in another call"
    assert not page.changes.can_undo
    choose(page, 1)
    QTest.keyClicks(field(page), " Not confirmed.")
    assert [(one.call, one.after[0].text[-14:]) for one in page.unsaved_changes()] == [(other.id, "Not confirmed.")]


def test_what_could_not_be_written_stands_in_its_field_again(desk: Workspace, session: SessionDouble) -> None:
    page = desk.calls.call
    choose(page, 0)
    before = said(page, 0)
    session.library.error = AssistantError("The disk is full.", "Nothing was changed.")
    words = field(page)
    QTest.keyClicks(words, " Typed.")
    QTest.keyClick(words, Qt.Key.Key_Return)
    until(lambda: "The disk is full." in page.line_notice.text, what="the error")
    until(lambda: page.transcript.words is not None, what="the field again")
    assert page.transcript.words is not None
    assert page.transcript.words.toPlainText() == f"{before} Typed."
    session.library.error = None
    QTest.keyClick(page.transcript.words, Qt.Key.Key_Return)
    until(lambda: session.library.transcript(page.call.id).utterances[0].text == f"{before} Typed.", what="it")  # type: ignore[union-attr]


def test_corrections_are_undone_and_redone_by_keys_one_by_one(desk: Workspace) -> None:
    page = desk.calls.call
    first, second = correct(page, 0, "First."), correct(page, 3, "Second.")
    press(page, UNDO)
    until(lambda: said(page, 3) == second, what="the second taken back")
    press(page, UNDO)
    until(lambda: said(page, 0) == first, what="the first taken back")
    assert not page.changes.can_undo
    press(page, REDO)
    until(lambda: said(page, 0) == "First.", what="the first again")
    press(page, REDO)
    until(lambda: said(page, 3) == "Second.", what="the second again")
    press(page, UNDO)
    until(lambda: said(page, 3) == second, what="and taken back")
    correct(page, 5, "Another.")
    assert not page.changes.can_redo, "what was undone is given up by the next correction"


def test_one_that_can_not_be_undone_stays_to_be_undone(desk: Workspace, session: SessionDouble) -> None:
    page = desk.calls.call
    before = correct(page, 0, "First.")
    session.library.error = AssistantError("The disk is full.", "Nothing was changed.")
    press(page, UNDO)
    until(lambda: "The disk is full." in page.line_notice.text, what="the error")
    assert page.changes.can_undo
    session.library.error = None
    press(page, UNDO)
    until(lambda: said(page, 0) == before, what="the words from before")


def has_offer(page: CallPage) -> bool:
    return any(one.text() == "Write it anew" for one in page.side.summary.findChildren(QPushButton))


def test_the_summary_says_that_it_is_older_and_offers_to_be_written_anew(desk: Workspace) -> None:
    page = desk.calls.call
    assert not has_offer(page)
    correct(page, 0, "First.")
    until(lambda: "Written before lines were corrected." in words_of(desk.calls), what="the age of the summary")
    assert has_offer(page)
    press(page, UNDO)
    until(lambda: not has_offer(page), what="no age")


def asked_again(desk: Workspace) -> str:
    """What the dialog says that asks how a call is to be transcribed again."""
    window = desk.window()
    assert isinstance(window, MainWindow)
    desk.calls.call.on_call.transcribe_again()
    question = dialog_of(window)
    said = " ".join(one.plain_text() for one in question.findChildren(RichText))
    question.reject()
    window.activateWindow()  # offscreen no window manager does
    settle(0.1)
    return said


def test_transcribing_again_says_what_becomes_of_corrections(desk: Workspace) -> None:
    kept = "A line that you corrected keeps your words where the same is heard again."
    before = asked_again(desk)
    assert "stays until the new one is whole" in before
    assert kept not in before
    correct(desk.calls.call, 0, "First.")
    until(lambda: desk.calls.call.on_call.corrections, what="that the call was read again")
    assert kept in asked_again(desk)
