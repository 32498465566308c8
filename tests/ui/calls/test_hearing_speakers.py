"""Who is to be named can be heard: five seconds of what they say longest, which end by themselves."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from app.ui.calls.call_page import CallPage
from app.ui.widgets.dialogs import SpeakersDialog
from tests.ui.doubles import SessionDouble
from tests.ui.stage import until


@pytest.fixture
def question(page: CallPage) -> SpeakersDialog:
    page.on_call.name_speakers()
    return page.window().findChildren(SpeakersDialog)[-1]


def hear(question: SpeakersDialog, name: str) -> None:
    button = next(one for one in question.findChildren(QPushButton) if one.accessibleName() == name)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def test_a_speaker_is_heard_for_five_seconds_of_their_longest_line(
    page: CallPage, session: SessionDouble, question: SpeakersDialog
) -> None:
    theirs = [line for line in page.transcript.lines.all if line.track == 1]
    longest = max(theirs, key=lambda line: line.end - line.start)
    hear(question, "Hear right side")
    assert session.player.is_playing
    assert session.player.position == longest.start
    session.player.position = min(longest.end, longest.start + 5.0) - 0.01
    QTest.qWait(100)
    assert session.player.is_playing
    session.player.position += 0.02
    until(lambda: not session.player.is_playing, what="the end of the sample")
    assert question.isVisible()


def test_it_ends_with_the_dialog(session: SessionDouble, question: SpeakersDialog) -> None:
    hear(question, "Hear left side")
    assert session.player.is_playing
    QTest.keyClick(question, Qt.Key.Key_Escape)
    assert not session.player.is_playing


def test_what_is_played_otherwise_has_no_end(page: CallPage, session: SessionDouble, question: SpeakersDialog) -> None:
    hear(question, "Hear left side")
    question.reject()
    page.player.play_from(0.0)
    session.player.position = 40.0
    QTest.qWait(100)
    assert session.player.is_playing
