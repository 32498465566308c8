"""While a question is read, the empty reply says how far that is and how long it will take; Stop ends it."""

import time
from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.core.job import Job, JobContext, JobState, Lane, Progress
from app.services.application import Application
from app.ui.chats.chat_page import ChatPage
from app.ui.conversation.message_widgets import ReplyWidget
from app.ui.main_window import MainWindow
from tests.ui.doubles import SessionDouble, as_tacit
from tests.ui.example_calls import call
from tests.ui.stage import enter, until

Show = Callable[[Application], MainWindow]


def new_chat(window: MainWindow) -> ChatPage:
    desk = enter(window)
    QTest.keySequence(desk, "Ctrl+N")
    until(lambda: desk.chats.composer.isVisible())
    return desk.chats


def said(reply: ReplyWidget) -> str:
    return reply.words.plain_text()


def test_a_question_says_how_far_it_is_read_and_can_be_stopped(show: Show) -> None:
    session = SessionDouble()
    session.library.add(call("Supply contract"))
    session.answering.reading = [Progress("Reading", 40 * n, 4000, "tokens") for n in range(100)]
    session.answering.pause = 0.05
    chats = new_chat(show(as_tacit(session)))
    chats.composer.field.setFocus()
    QTest.keyClicks(chats.composer.field, "When is it due?")
    QTest.keyClick(chats.composer.field, Qt.Key.Key_Return)
    reply = chats.conversation.replies[-1]
    until(lambda: "of 4,000 tokens" in said(reply), 20)
    until(lambda: "left" in said(reply), 20, "the time left")
    assert said(reply).startswith("Reading, ")
    QTest.mouseClick(chats.composer.stop_button, Qt.MouseButton.LeftButton)
    until(lambda: not chats.reply_stream.is_running, 20, "the stop")


def test_a_question_that_waits_for_the_model_says_so(show: Show) -> None:
    session = SessionDouble()
    session.library.add(call("Supply contract"))
    chats = new_chat(show(as_tacit(session)))
    is_over: list[bool] = []

    def work(context: JobContext) -> None:
        while not is_over:
            time.sleep(0.01)

    job = session.lanes.submit(Job("Summarizing", work, Lane.LANGUAGE, 5))
    until(lambda: job.state is JobState.RUNNING, 20)  # else the question, which is more urgent, goes first
    QTest.keyClicks(chats.composer.field, "When is it due?")
    QTest.keyClick(chats.composer.field, Qt.Key.Key_Return)
    reply = chats.conversation.replies[-1]
    until(lambda: said(reply).startswith("Waiting for its turn"), 20)
    is_over.append(True)
    until(lambda: not chats.reply_stream.is_running, 20)
