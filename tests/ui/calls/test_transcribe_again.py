"""Transcribing a call again in the window: from the menu, and from the red line of one that the demo model heard."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.services.application import Application
from app.services.models.listing import SpeechChoice
from app.ui.calls.call_page import CallPage
from app.ui.calls.transcribe_again import TranscribeAgainDialog
from app.ui.main_window import MainWindow
from tests.ui.doubles import SessionDouble, as_tacit
from tests.ui.example_calls import call
from tests.ui.stage import enter, settle, until

Show = Callable[[Application], MainWindow]


@pytest.fixture
def session() -> SessionDouble:
    """A session with two calls, the first of which the demo model heard, and two speech models."""
    made = SessionDouble()
    made.heard_by_demo.add(made.library.add(call("By the demo model")).id)
    made.library.add(call("By another"))
    made.choices = [SpeechChoice("small", "Whisper small"), SpeechChoice("demo-speech", "Demo speech model", True)]
    return made


def page_of(window: MainWindow, title: str) -> CallPage:
    calls = enter(window).calls
    until(lambda: len(calls.list.rows.rows) == 2)
    return opened(window, title)


def opened(window: MainWindow, title: str) -> CallPage:
    assert window.workspace is not None
    calls = window.workspace.calls
    calls.open(next(row.call for row in calls.list.rows.rows if row.title == title))
    until(lambda: calls.call.call is not None and calls.call.transcript.lines.rowCount())
    settle(0.1)
    return calls.call


def dialog_of(window: MainWindow) -> TranscribeAgainDialog:
    until(lambda: window.findChildren(TranscribeAgainDialog))
    return window.findChildren(TranscribeAgainDialog)[-1]


def test_a_call_that_the_demo_model_heard_says_so_in_red(session: SessionDouble, show: Show) -> None:
    window = show(as_tacit(session))
    page = page_of(window, "By the demo model")
    assert page.demo_warning.isVisible()
    assert page.demo_warning.words.plain_text().startswith("The demo model heard this call: it knows 444 words")
    opened(window, "By another")
    assert not page.demo_warning.isVisible()


def test_the_red_line_leads_to_the_models_and_languages(session: SessionDouble, show: Show) -> None:
    window = show(as_tacit(session))
    page = page_of(window, "By the demo model")
    QTest.mouseClick(page.demo_warning.again_button, Qt.MouseButton.LeftButton)
    question = dialog_of(window)
    assert [question.models.itemText(n) for n in range(2)] == ["Whisper small", "Demo speech model"]
    assert (question.model, question.language) == ("small", "")
    question.languages.setFocus()
    QTest.keyClicks(question.languages, "German")
    assert question.language == "de"
    QTest.mouseClick(question.yes_button, Qt.MouseButton.LeftButton)
    until(lambda: session.transcribed_again == [(page.open_call_id, "de", "small")])


def test_escape_changes_nothing(session: SessionDouble, show: Show) -> None:
    window = show(as_tacit(session))
    page_of(window, "By another").on_call.transcribe_again()
    QTest.keyClick(dialog_of(window), Qt.Key.Key_Escape)
    settle(0.1)
    assert session.transcribed_again == []


def test_the_menu_has_it_and_says_what_becomes_of_summary_and_answers(session: SessionDouble, show: Show) -> None:
    window = show(as_tacit(session))
    page = page_of(window, "By another")
    entry = next(a for a in page.header.more_button.menu().actions() if a.text().startswith("Transcribe again"))
    assert entry.isEnabled()
    entry.trigger()
    words = dialog_of(window).words.plain_text()
    assert "The transcript that is here stays until the new one is whole" in words
    assert "the summary is written anew; answers stay" in words
