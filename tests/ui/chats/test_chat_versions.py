"""The page of a chat with the real chats behind it: what is stopped, fails or is turned to is shown as it is stored."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from PySide6.QtTest import QTest

from app.core.conversation import Conversation, Role
from app.core.engines import Prompt
from app.core.errors import EngineCrashed
from app.services.application import Application
from app.storage.vault import Vault
from app.ui.chats.chat_page import ChatPage
from app.ui.chats.commands import INCOGNITO, NEW
from app.ui.conversation.message_widgets import QuestionWidget, ReplyWidget
from app.ui.conversation.versions import Versions
from app.ui.main_window import MainWindow
from tests.doubles.engines import ScriptedEngines, ScriptedLanguage
from tests.services.stage import Stage
from tests.ui.chats.test_chat_page import can_go_on_with
from tests.ui.doubles import SessionDouble, as_tacit
from tests.ui.stage import enter, until

if TYPE_CHECKING:
    from app.ui.shell.workspace import Workspace

Reply = str | list[str | EngineCrashed]


class Chats:
    """A window on the chats of a real vault, whose model says what is next in `replies`."""

    def __init__(self, vault: Vault, show: Callable[[Application], MainWindow]) -> None:
        self.replies: list[Reply] = []
        self.stage = Stage(vault, ScriptedEngines(language=ScriptedLanguage(self._next)))
        self.vault, session = vault, SessionDouble()
        session.answering = self.stage.answering  # type: ignore[assignment]  # the real one
        session.library = self.stage.library  # type: ignore[assignment]
        self.desk: Workspace = enter(show(as_tacit(session)))
        self.desk.run(NEW)

    def _next(self, prompt: Prompt) -> Reply:
        asks_for_title = "as the title of a chat" in prompt.messages[-1][1]
        return "" if asks_for_title else self.replies.pop(0)

    @property
    def page(self) -> ChatPage:
        return self.desk.chats

    def ask(self, question: str, *replies: Reply) -> None:
        self.replies += replies
        self.page.composer.field.setPlainText(question)
        self.page.composer.send_button.click()
        self.wait()

    def wait(self) -> None:
        until(lambda: not self.page.reply_stream.is_running)
        until(lambda: self.page._known is not None and self.shown() == self.stored())

    def stored(self) -> list[str]:
        chat = self.page.current
        return [] if chat is None else [m.text for m in self.stage.answering.conversation(chat).messages]

    def shown(self) -> list[str]:
        widgets = self.page.conversation._widgets
        return [one.text if isinstance(one, QuestionWidget) else one._message.text for one in widgets]  # type: ignore[attr-defined]

    def question(self, place: int) -> QuestionWidget:
        found = [one for one in self.page.conversation._widgets if isinstance(one, QuestionWidget)]
        return found[place]


def versions_of(message: QuestionWidget | ReplyWidget) -> Versions:
    assert message.versions is not None
    return message.versions


@pytest.fixture
def chats(vault: Vault, show: Callable[[Application], MainWindow]) -> Chats:
    return Chats(vault, show)


def test_replies_are_turned_back_and_forth_and_the_arrow_keeps_the_focus(chats: Chats) -> None:
    chats.ask("Question", "First.")
    chats.replies.append("Second.")
    chats.page.conversation.replies[0].again.click()
    chats.wait()
    reply = chats.page.conversation.replies[0]
    assert (chats.shown(), versions_of(reply).count.text()) == (["Question", "Second."], "2/2")
    versions_of(reply).before.click()
    until(lambda: chats.shown() == ["Question", "First."])
    until(lambda: versions_of(chats.page.conversation.replies[0]).after.hasFocus())
    versions_of(chats.page.conversation.replies[0]).after.click()
    until(lambda: chats.shown() == ["Question", "Second."])


def test_an_edited_question_begins_a_branch_and_the_other_one_stays(chats: Chats) -> None:
    chats.ask("First qestion", "One.")
    chats.ask("Second", "Two.")
    chats.question(0).edit.click()
    chats.ask("First question", "Three.")
    assert chats.shown() == ["First question", "Three."]
    versions_of(chats.question(0)).before.click()
    until(lambda: chats.shown() == ["First qestion", "One.", "Second", "Two."])


def test_turning_to_another_version_leaves_the_edit(chats: Chats) -> None:
    chats.ask("One", "1.")
    chats.question(0).edit.click()
    chats.ask("Uno", "I.")
    chats.ask("Two", "II.")
    chats.question(1).edit.click()
    versions_of(chats.question(0)).before.click()
    until(lambda: chats.shown() == ["One", "1."])
    chats.ask("Three", "3.")
    assert chats.shown() == ["One", "1.", "Three", "3."]


def test_a_reply_that_fails_to_be_written_again_leaves_the_one_that_was_there(chats: Chats) -> None:
    chats.ask("Question", "First.")
    chats.replies.append([EngineCrashed()])
    chats.page.conversation.replies[0].again.click()
    chats.wait()
    assert chats.shown() == ["Question", "First."]
    assert "stopped unexpectedly" in chats.page.notice.text


def test_what_was_cut_off_goes_on_below_itself_and_nowhere_else(chats: Chats) -> None:
    chats.ask("Count", ["One,", EngineCrashed()])
    more = chats.page.conversation.replies[0].more
    assert more is not None
    chats.replies.append(" two.")
    more.click()
    chats.wait()
    assert chats.shown() == ["Count", "One, two."]
    assert not can_go_on_with(chats.page.conversation.replies[0])
    chats.ask("Again", ["Three,", EngineCrashed()])
    chats.ask("And more", "Four.")
    assert [can_go_on_with(reply) for reply in chats.page.conversation.replies] == [False, False, False]


def test_a_first_question_that_failed_can_be_edited(chats: Chats) -> None:
    chats.ask("Frist", [EngineCrashed()])
    chats.question(0).edit.click()
    chats.ask("First", "Yes.")
    assert chats.shown() == ["First", "Yes."]


def test_an_incognito_chat_is_gone_when_it_is_left_during_its_first_reply(chats: Chats) -> None:
    chats.desk.run(INCOGNITO)
    chats.replies.append("A long secret. " * 40)
    chats.page.composer.field.setPlainText("Secret?")
    chats.page.composer.send_button.click()
    QTest.qWait(20)
    chats.desk.run(NEW)
    until(lambda: not chats.stage.answering._incognito._chats)
    assert chats.vault.rows("SELECT 1 FROM messages") == []
    assert chats.desk.under_way().here.strip() in ("chats", "chats ")


def test_a_chat_that_is_gone_is_left_and_the_question_stays(chats: Chats) -> None:
    chats.ask("First", "One.")
    known: Conversation = chats.stage.answering.conversation(chats.page.current)  # type: ignore[arg-type]
    assert known.messages[0].role is Role.USER
    chats.stage.conversations.delete(known.id)
    chats.page.composer.field.setPlainText("Second")
    chats.page.composer.send_button.click()
    until(lambda: chats.page.composer.field.toPlainText() == "Second")
