"""Telling a call's speakers apart from the menu: asked how many, shown in the lines, undone, and tried again."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from app.core.errors import EngineCrashed
from app.core.speaker_turns import SpeakerTurn
from app.ui.calls.call_page import CallPage
from app.ui.calls.finding_dialog import FindingDialog
from tests.ui.calls.edited_call import settled
from tests.ui.calls.test_correcting import UNDO, press
from tests.ui.doubles import SessionDouble
from tests.ui.stage import settle, until


def ask(page: CallPage) -> FindingDialog:
    """Choose it in the menu."""
    entry = next(a for a in page.header.more_button.menu().actions() if a.text().startswith("Find the speakers"))
    assert entry.isEnabled()
    entry.trigger()
    until(lambda: any(found.isVisible() for found in page.window().findChildren(FindingDialog)))
    return page.window().findChildren(FindingDialog)[-1]


def names(page: CallPage) -> list[str]:
    lines = page.transcript.lines
    known = {one.id: one.name for one in lines.speakers}
    return [known[lines.utterance(row).speaker] for row in range(lines.rowCount())]


@pytest.fixture
def two_voices(page: CallPage, session: SessionDouble) -> CallPage:
    """Of the three lines on the other side, the second is somebody else's."""
    theirs = [line for line in page.transcript.lines.all if line.track == 1]
    session.turns = [SpeakerTurn(line.start, line.end, n % 2) for n, line in enumerate(theirs)]
    return page


def test_each_voice_gets_its_lines_and_the_change_is_undone_like_any_other(
    two_voices: CallPage, session: SessionDouble
) -> None:
    page = two_voices
    before = names(page)
    question = ask(page)
    assert question.counts.hasFocus()
    assert question.count == 0
    QTest.keyClicks(question.counts, "3")
    assert question.count == 3
    QTest.keyClick(question.counts, Qt.Key.Key_Return)
    until(lambda: "Speaker 3" in names(page), what="the third speaker")
    assert session.asked_counts == [3]
    assert page.line_notice.text.startswith("Each line has the speaker whose voice is heard in it.")
    after = names(page)
    assert [who for who in after if who != "Speaker 3"] == [w for w, new in zip(before, after, strict=True) if w == new]
    press(page, UNDO)
    settled(page, session)
    assert names(page) == before


def test_the_notice_offers_to_undo_it(two_voices: CallPage, session: SessionDouble) -> None:
    before = names(two_voices)
    ask(two_voices).accept()
    until(lambda: "Speaker 3" in names(two_voices))
    undo = next(one for one in two_voices.line_notice.findChildren(QPushButton) if one.text() == "Undo")
    QTest.mouseClick(undo, Qt.MouseButton.LeftButton)
    until(lambda: names(two_voices) == before)


def test_what_fails_is_told_and_tried_again_with_the_same_number(two_voices: CallPage, session: SessionDouble) -> None:
    session.finding_error = EngineCrashed()
    question = ask(two_voices)
    question.counts.setCurrentIndex(1)
    question.accept()
    until(lambda: two_voices.notice.text, what="the error")
    session.finding_error = None
    again = next(one for one in two_voices.notice.findChildren(QPushButton) if one.text() == "Try again")
    QTest.mouseClick(again, Qt.MouseButton.LeftButton)
    until(lambda: "Speaker 3" in names(two_voices))
    assert session.asked_counts == [2, 2]
    assert session.advanced == []


def test_what_fails_later_goes_on_and_finds_nothing_anew(two_voices: CallPage, session: SessionDouble) -> None:
    ask(two_voices).accept()
    until(lambda: "Speaker 3" in names(two_voices))
    settle(0.1)
    two_voices.on_call.go_on()
    until(lambda: session.advanced)
    assert session.asked_counts == [0]


def test_it_is_told_that_nothing_had_to_be_changed(page: CallPage, session: SessionDouble) -> None:
    ask(page).accept()
    until(lambda: page.line_notice.text)
    assert page.line_notice.text == "Every line has its speaker already. Nothing was changed."


def test_what_can_be_undone_of_a_call_goes_with_it(two_voices: CallPage, session: SessionDouble) -> None:
    ask(two_voices).accept()
    until(lambda: two_voices.changes.can_undo)
    call = two_voices.open_call_id
    assert call is not None
    session.library.delete(call)
    until(lambda: not two_voices.changes._done)


def test_escape_asks_for_nothing(page: CallPage, session: SessionDouble) -> None:
    QTest.keyClick(ask(page), Qt.Key.Key_Escape)
    settle(0.1)
    assert session.asked_counts == []
