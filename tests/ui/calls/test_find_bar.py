"""Ctrl F finds words in the call that is open: counted, marked, and gone to one after the other."""

import re

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.ui.calls.call_page import CallPage
from app.ui.shell.workspace import Workspace
from tests.ui.calls.edited_call import texts
from tests.ui.doubles import SessionDouble
from tests.ui.stage import settle, until

NONE, SHIFT = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def desk(page: CallPage) -> Workspace:
    found = page.window().findChild(Workspace)
    assert isinstance(found, Workspace)
    return found


def find(page: CallPage, words: str) -> str:
    """Type words into the bar; what it says of them once it has looked."""
    if not page.find_bar.is_open:
        QTest.keySequence(page.window(), "Ctrl+F")
    page.find_bar.field.setText(words)
    until(lambda: page.find_bar._looked_for == words, 5)
    return page.find_bar.count.text()


def here(page: CallPage) -> tuple[int, str]:
    """The line and the words that are gone to."""
    view, chosen = page.transcript, page.transcript.marks.chosen
    assert chosen is not None
    row = view.currentIndex().row()
    assert view.lines.utterance(row).id == chosen[0]
    return row, view.lines.utterance(row).text[chosen[1] : chosen[2]]


def test_it_opens_above_the_lines_counts_and_goes_to_the_first(page: CallPage) -> None:
    page.transcript.setFocus()
    QTest.keySequence(page.window(), "Ctrl+F")
    assert page.find_bar.is_open
    assert page.find_bar.field.hasFocus()
    assert page.find_bar.geometry().bottom() < page.transcript.geometry().top()
    assert find(page, "TWÉLVE percent") == "1 of 1", "without case and accents, the words as they stand"
    assert here(page) == (0, "twelve percent")
    assert find(page, "percent discount") == "1 of 1"
    assert find(page, "percent twelve") == "0 of 0"
    assert find(page, "") == ""


def test_enter_and_keys_go_on_and_back_and_round(page: CallPage) -> None:
    assert find(page, "price") == "1 of 2"
    seen = [here(page)]
    field = page.find_bar.field
    keys = Qt.Key
    for where, key, modifier in (
        (field, keys.Key_Return, NONE), (field, keys.Key_Return, NONE), (field, keys.Key_Return, SHIFT),
        (page.window(), keys.Key_F3, NONE), (page.window(), keys.Key_F3, SHIFT),
    ):  # fmt: skip
        QTest.keyClick(where, key, modifier)
        seen.append(here(page))
    for pressed in (page.find_bar.next_button, page.find_bar.before_button):
        pressed.click()
        seen.append(here(page))
    assert seen == [(row, "price") for row in (0, 4, 0, 4, 0, 4, 0, 4)]
    assert page.find_bar.count.text() == "2 of 2"


def test_several_places_in_one_line_are_gone_to_one_by_one(page: CallPage) -> None:
    assert find(page, "we") == "1 of 7"
    places = [page.transcript.chosen_place]
    for _ in range(6):
        QTest.keyClick(page.find_bar.field, Qt.Key.Key_Return)
        places.append(page.transcript.chosen_place)
    wanted = [(row, hit.start()) for row, text in enumerate(texts(page)) for hit in re.finditer("we", text.casefold())]
    assert places == wanted
    assert len({row for row, _ in places}) < 7


def test_places_are_marked_until_it_is_closed_by_escape(page: CallPage) -> None:
    find(page, "price")
    marks = page.transcript.marks
    assert {key: len(spans) for key, spans in marks.found.items()} == {
        page.transcript.lines.utterance(row).id: 1 for row in (0, 4)
    }
    QTest.keyClick(page.window(), Qt.Key.Key_Escape)
    assert not page.find_bar.is_open
    assert (dict(marks.found), marks.chosen) == ({}, None)
    assert page.transcript.hasFocus()
    assert page.call is not None, "the call stays open"


def test_it_looks_again_where_lines_change_and_stays_where_the_person_is(
    page: CallPage, session: SessionDouble
) -> None:
    find(page, "friday")
    QTest.keyClick(page.find_bar.field, Qt.Key.Key_Return)
    assert here(page)[0] == 5
    said = page.transcript.lines.utterance(1)
    page.changes.correct(said, "I see Friday.")
    until(lambda: page.find_bar.count.text().endswith("of 3"), 5)
    assert page.transcript.currentIndex().row() == 5


def test_the_list_is_searched_by_keys_of_its_own_and_where_no_call_is_open(page: CallPage, desk: Workspace) -> None:
    QTest.keySequence(desk, "Ctrl+Shift+F")
    assert desk.calls.search.hasFocus()
    assert not page.find_bar.is_open
    QTest.keySequence(desk, "Ctrl+F")
    assert page.find_bar.field.hasFocus(), "a call is open"
    desk.calls.close_call()
    assert not page.find_bar.is_open
    QTest.keySequence(desk, "Ctrl+F")
    assert desk.calls.search.hasFocus()


def test_words_that_are_selected_are_looked_for(page: CallPage) -> None:
    page.transcript.begin_correction(page.transcript.lines.utterance(2).id)
    words = page.transcript.words
    assert words is not None
    words.moveCursor(words.textCursor().MoveOperation.Start)
    words.moveCursor(words.textCursor().MoveOperation.EndOfWord, words.textCursor().MoveMode.KeepAnchor)
    QTest.keySequence(page.window(), "Ctrl+F")
    assert page.find_bar.field.text() == "Right"


def test_on_a_narrow_page_it_shows_the_tab_with_the_transcript(page: CallPage) -> None:
    page.window().resize(620, 640)
    settle(0.3)
    page.side.ask_tab.setChecked(True)
    QTest.keySequence(page.window(), "Ctrl+F")
    assert page.find_bar.isVisible()
    assert page.find_bar.field.hasFocus()
