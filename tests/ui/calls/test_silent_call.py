"""A call in which nothing was heard: what its row, its page and its summary say, and how it is tried again."""

from collections.abc import Callable

from PySide6.QtWidgets import QPushButton

from app.core.call import CallState
from app.core.transcript import Transcript
from app.services.application import Application
from app.ui.calls.transcribe_again import TranscribeAgainDialog
from app.ui.main_window import MainWindow
from tests.ui.doubles import SessionDouble, as_tacit
from tests.ui.example_calls import SPEAKERS, call
from tests.ui.stage import enter, until


def test_a_silent_call_says_so_and_can_be_transcribed_in_another_language(
    show: Callable[[Application], MainWindow],
) -> None:
    session = SessionDouble()
    silent = session.library.add(call("Quiet", CallState.SILENT), summary=None)
    session.library.transcripts[silent.id] = Transcript("", 60.0, "double", (), SPEAKERS)
    window = show(as_tacit(session))
    calls = enter(window).calls
    until(lambda: [row.detail for row in calls.list.rows.rows] == ["No speech was found"])
    calls.open(silent.id)
    until(lambda: calls.call.notice.text.startswith("No speech was found. The sound is kept"))
    assert calls.call.missing.words.plain_text() == "There is no transcript."
    assert not [b for b in calls.call.side.summary.findChildren(QPushButton) if b.text() == "Summarize"]
    next(b for b in calls.call.notice.findChildren(QPushButton) if b.text() == "Try again…").click()
    until(lambda: window.findChildren(TranscribeAgainDialog))
    question = window.findChildren(TranscribeAgainDialog)[0]
    assert question.language == ""
    question.languages.setCurrentIndex(question.languages.findText("German"))
    question.yes_button.click()
    until(lambda: session.transcribed_again == [(silent.id, "de", "demo-speech")])


def test_a_call_that_the_demo_model_does_not_understand_says_so(show: Callable[[Application], MainWindow]) -> None:
    session = SessionDouble()
    silent = session.library.add(call("Real", CallState.SILENT), summary=None)
    session.library.transcripts[silent.id] = Transcript("", 60.0, "demo-speech", (), SPEAKERS)
    session.heard_by_demo = {silent.id}
    window = show(as_tacit(session))
    calls = enter(window).calls
    until(lambda: bool(calls.list.rows.rows))
    calls.open(silent.id)
    until(lambda: calls.call.notice.text.startswith("The demo model understood no speech in this recording"))
    assert calls.call.demo_warning.isHidden()
