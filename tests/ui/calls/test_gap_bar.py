"""Speech without text is told above the lines, led through by keys, heard, and written down; all of it is undone."""

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPushButton

from app.core.errors import AssistantError
from app.core.speech import Speech
from app.ui.calls.call_page import CallPage
from app.ui.calls.writing_dialog import WritingDialog
from tests.ui.calls.edited_call import Show, opened, settled, texts
from tests.ui.calls.test_correcting import UNDO, press
from tests.ui.doubles import SessionDouble
from tests.ui.example_calls import call
from tests.ui.stage import settle, until

NEXT_GAP = (Qt.Key.Key_F7, Qt.KeyboardModifier.NoModifier)
WRITE_GAP = (Qt.Key.Key_F7, Qt.KeyboardModifier.ShiftModifier)
FIRST, SECOND = Speech(1, 24.0, 29.5), Speech(0, 54.0, 57.0)


@pytest.fixture
def page(show: Show, session: SessionDouble) -> CallPage:
    """A call in which two stretches beside its lines have no text."""
    made = opened(show, session)
    assert made.open_call_id is not None
    known = session.library.transcripts[made.open_call_id]
    speech = tuple(Speech(one.track, one.start, one.end) for one in known.utterances)
    session.library.transcripts[made.open_call_id] = msgspec.structs.replace(known, speech=(*speech, FIRST, SECOND))
    made.read_again()
    until(lambda: made.gaps.isVisible(), what="the bar")
    return made


def question(page: CallPage) -> WritingDialog:
    until(lambda: any(one.isVisible() for one in page.window().findChildren(WritingDialog)))
    return page.window().findChildren(WritingDialog)[-1]


def shown(page: CallPage) -> Speech | None:
    return page.gaps.current


def field_of(asked: WritingDialog) -> QLineEdit:
    found = asked.findChild(QLineEdit)
    assert isinstance(found, QLineEdit)
    return found


def test_it_says_how_much_has_text_and_leads_through_the_gaps(page: CallPage, session: SessionDouble) -> None:
    assert " % of the speech has text; 2 gaps." in page.gaps.words.plain_text()
    assert shown(page) is None
    press(page, NEXT_GAP)
    assert shown(page) == FIRST
    assert "0:24, " in page.gaps.words.plain_text()
    assert "6 s of speech without text (1 of 2)." in page.gaps.words.plain_text()
    assert session.player.position == FIRST.start
    press(page, NEXT_GAP)
    assert page.gaps.current == SECOND
    press(page, NEXT_GAP)
    assert page.gaps.current == FIRST


def test_a_gap_is_heard_to_its_end(page: CallPage, session: SessionDouble) -> None:
    press(page, NEXT_GAP)
    QTest.mouseClick(page.gaps.hear_button, Qt.MouseButton.LeftButton)
    assert (session.player.is_playing, session.player.position) == (True, FIRST.start)
    session.player.position = FIRST.end + 0.01
    until(lambda: not session.player.is_playing, what="the end of the gap")


def test_what_is_written_there_is_a_line_and_undone_like_any_change(page: CallPage, session: SessionDouble) -> None:
    before = texts(page)
    press(page, NEXT_GAP)
    press(page, WRITE_GAP)
    asked = question(page)
    field = field_of(asked)
    assert field.hasFocus()
    assert not asked.yes_button.isEnabled()
    QTest.keyClicks(field, "And bring the keys.")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert settled(page, session) == [*before[:3], "And bring the keys.", *before[3:]]
    line = page.transcript.lines.utterance(3)
    theirs = next(one for one in page.transcript.lines.all if one.track == FIRST.track)
    assert (line.track, line.start, line.end, line.speaker) == (1, FIRST.start, FIRST.end, theirs.speaker)
    until(lambda: page.gaps.current == SECOND, what="the next gap")
    assert "1 gap" not in page.gaps.words.plain_text()
    press(page, UNDO)
    assert settled(page, session) == before


def test_what_could_not_be_written_is_not_lost(page: CallPage, session: SessionDouble) -> None:
    press(page, NEXT_GAP)
    press(page, WRITE_GAP)
    session.library.error = AssistantError("The disk is full.", "Nothing was changed.")
    field = field_of(question(page))
    QTest.keyClicks(field, "Hard won words.")
    QTest.keyClick(field, Qt.Key.Key_Return)
    until(lambda: "Hard won words." in page.line_notice.text, what="the words")
    assert page.line_notice.text.startswith("What you wrote is in no line.")


def test_without_gaps_and_in_the_next_call_nothing_is_said(page: CallPage, session: SessionDouble) -> None:
    press(page, NEXT_GAP)
    other = session.library.add(call("Another call"))
    page.open(other.id)
    until(lambda: page.call is not None and page.call.id == other.id)
    settle(0.1)
    assert page.gaps.isHidden()
    assert page.gaps.current is None


def test_screen_readers_are_told_what_each_button_does(page: CallPage) -> None:
    press(page, NEXT_GAP)
    names = {one.accessibleName() for one in page.gaps.findChildren(QPushButton) if one.isVisible()}
    assert names == {"Hear this gap", "Write what is said there", "Show the next gap"}
