"""The page of a chat: what it may use is chosen and seen, and what was asked and replied can be written anew."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.core.conversation import (
    EVERYTHING,
    NOTHING,
    Conversation,
    Message,
    MessageVersion,
    Role,
    Sources,
    StopReason,
)
from app.core.errors import EngineCrashed
from app.core.ids import new_conversation_id
from app.services.application import Application
from app.ui.chats.chat_page import ChatPage
from app.ui.chats.commands import INCOGNITO, NEW, PIN, RENAME, UNPIN, USE_CALLS
from app.ui.chats.starters import starters
from app.ui.chats.title_dialog import TitleDialog
from app.ui.conversation.message_widgets import QuestionWidget, ReplyWidget
from app.ui.conversation.source_cards import TwoLineCard
from app.ui.main_window import MainWindow
from tests.ui.doubles import SessionDouble, as_tacit
from tests.ui.example_calls import call
from tests.ui.stage import enter, until

if TYPE_CHECKING:
    from app.ui.shell.workspace import Workspace


@pytest.fixture
def session() -> SessionDouble:
    made = SessionDouble()
    made.library.add(call("Supply contract"))
    made.library.add(call("Dentist"))
    return made


@pytest.fixture
def desk(show: Callable[[Application], MainWindow], session: SessionDouble) -> "Workspace":
    found: Workspace = enter(show(as_tacit(session)))
    found.run(NEW)
    return found


def ask(page: ChatPage, question: str) -> Conversation:
    """Ask, and wait for the chat as it is stored then."""
    page.composer.field.setPlainText(question)
    page.composer.send_button.click()
    until(lambda: not page.reply_stream.is_running and page.on_chat.has_chat)
    return page._services.answering.conversation(page.current)  # type: ignore[arg-type]


def questions(page: ChatPage) -> list[QuestionWidget]:
    return [one for one in page.conversation.findChildren(QuestionWidget) if one.isVisible()]


def can_go_on_with(reply: ReplyWidget) -> bool:
    return reply.more is not None and reply.more.isVisible()


def test_a_new_chat_uses_nothing_and_says_when_it_does(desk: "Workspace", session: SessionDouble) -> None:
    page = desk.chats
    assert page.composer.chips.sources == NOTHING
    assert ask(page, "Write a letter").sources == NOTHING
    desk.run(USE_CALLS)
    until(lambda: next(iter(session.answering.kept.values())).sources == EVERYTHING)
    desk.run(NEW)
    assert page.composer.chips.sources == NOTHING
    desk.run(USE_CALLS)
    assert ask(page, "What did they say?").sources == EVERYTHING


def test_a_call_is_named_with_an_at_sign_and_is_a_chip_then(desk: "Workspace", session: SessionDouble) -> None:
    page, field = desk.chats, desk.chats.composer.field
    known = next(one for one in session.library.calls() if one.title == "Dentist")
    page.begin()
    until(lambda: len(page.composer.calls._calls) == 2)
    field.setFocus(Qt.FocusReason.OtherFocusReason)
    QTest.keyClicks(field, "What hurts in @dent")
    assert page.composer.calls.isVisible()
    assert [page.composer.calls.item(n).text().partition(" · ")[0] for n in range(page.composer.calls.count())] == [
        "Dentist"
    ]
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert not page.composer.calls.isVisible()
    assert field.toPlainText() == "What hurts in Dentist"
    assert page.composer.chips.sources == Sources((known.id,))
    (chip,) = page.composer.chips._chips
    assert chip.text() == "@ Dentist ×"
    chip.click()
    assert page.composer.chips.sources == NOTHING


def test_the_list_of_calls_is_left_with_escape_and_never_sends(desk: "Workspace") -> None:
    page, field = desk.chats, desk.chats.composer.field
    until(lambda: len(page.composer.calls._calls) == 2)
    field.setFocus(Qt.FocusReason.OtherFocusReason)
    QTest.keyClicks(field, "@")
    assert page.composer.calls.count() == 2
    QTest.keyClick(field, Qt.Key.Key_Down)
    assert page.composer.calls.currentRow() == 1
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert not page.composer.calls.isVisible()
    assert field.toPlainText() == "@"
    assert not page.reply_stream.is_running


def test_beginnings_fit_what_is_there_and_are_gone_on_with(desk: "Workspace", session: SessionDouble) -> None:
    assert [one.title for one in starters([])] == [
        "Write a letter", "Shorten a text", "Explain something", "Translate a text",
    ]  # fmt: skip
    page = desk.chats
    latest = session.library.calls()[0]
    until(lambda: any(latest.title in card.accessibleName() for card in page.starters.findChildren(TwoLineCard)))
    cards = {card.accessibleName().partition(".")[0]: card for card in page.starters.findChildren(TwoLineCard)}
    cards[latest.title].click()
    assert page.composer.chips.sources == Sources((latest.id,))
    cards["Write a letter"].click()
    assert page.composer.field.toPlainText() == "Write a letter to "
    assert page.composer.chips.sources == NOTHING
    ask(page, "Write a letter to Ruth")
    assert not page.starters.isVisible()


def test_a_question_is_edited_and_asked_anew_in_its_place(desk: "Workspace") -> None:
    page = desk.chats
    ask(page, "First qestion")
    ask(page, "Second")
    questions(page)[0].edit.click()
    assert page.composer.field.toPlainText() == "First qestion"
    known = ask(page, "First question")
    assert [m.text for m in known.messages if m.role is Role.USER] == ["First question"]
    assert [one.text for one in questions(page)] == ["First question"]


def test_an_edit_that_is_left_changes_nothing(desk: "Workspace") -> None:
    page = desk.chats
    ask(page, "First")
    questions(page)[0].edit.click()
    page.leave()
    assert page.composer.field.toPlainText() == ""
    known = ask(page, "Second")
    assert [m.text for m in known.messages if m.role is Role.USER] == ["First", "Second"]


def test_what_was_being_written_is_there_again_after_an_edit(desk: "Workspace") -> None:
    page = desk.chats
    ask(page, "First")
    page.write("Half a thought")
    questions(page)[0].edit.click()
    assert page.composer.field.toPlainText() == "First"
    page.leave()
    assert page.composer.field.toPlainText() == "Half a thought"


def test_a_question_that_could_not_be_stored_is_in_the_field_again(desk: "Workspace", session: SessionDouble) -> None:
    page = desk.chats
    ask(page, "First")
    del session.answering.kept[page.current or ""]
    page.composer.field.setPlainText("Second")
    page.composer.send_button.click()
    until(lambda: not page.reply_stream.is_running)
    until(lambda: page.composer.field.toPlainText() == "Second")


def test_a_question_whose_reply_failed_stays_and_can_be_edited(desk: "Workspace", session: SessionDouble) -> None:
    page = desk.chats
    session.answering.error = EngineCrashed()
    page.composer.field.setPlainText("First")
    page.composer.send_button.click()
    until(lambda: not page.reply_stream.is_running and page.on_chat.has_chat)
    session.answering.error = None
    questions(page)[0].edit.click()
    known = ask(page, "First again")
    assert [m.text for m in known.messages if m.role is Role.USER] == ["First again"]


def test_a_reply_is_written_again_in_its_place(desk: "Workspace", session: SessionDouble) -> None:
    page = desk.chats
    ask(page, "Question")
    session.answering.pieces = ("Another ", "one.")
    page.conversation.replies[0].again.click()
    until(lambda: not page.reply_stream.is_running)
    assert [reply.words.plain_text() for reply in page.conversation.replies] == ["Another one."]
    assert len(questions(page)) == 1


def test_what_was_cut_off_can_be_gone_on_with_and_what_is_whole_can_not(
    desk: "Workspace", session: SessionDouble
) -> None:
    chat = Conversation(new_conversation_id(), "A chat", session.library.calls()[0].date)
    for reason, can_go_on in ((StopReason.LENGTH, True), (StopReason.STOPPED, True), (StopReason.FINISHED, False)):
        messages = (Message(Role.USER, "Count"), Message(Role.ASSISTANT, f"One, {reason.value}", (), reason))
        session.answering.kept[chat.id] = msgspec.structs.replace(
            chat, messages=messages, versions=(MessageVersion(1), MessageVersion(2))
        )
        desk.run(NEW)
        desk.chats.open(chat.id)
        until(lambda: desk.chats.conversation.replies)
        assert can_go_on_with(desk.chats.conversation.replies[0]) is can_go_on


def test_other_versions_are_turned_to(
    desk: "Workspace", session: SessionDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = Conversation(
        new_conversation_id(), "A chat", session.library.calls()[0].date,
        messages=(Message(Role.USER, "Count"), Message(Role.ASSISTANT, "Two")),
        versions=(MessageVersion(1), MessageVersion(3, 2, 2)),
    )  # fmt: skip
    session.answering.kept[chat.id] = chat
    turned: list[tuple[int, int]] = []
    monkeypatch.setattr(session.answering, "show_version", lambda _, number, step: turned.append((number, step)))
    desk.chats.open(chat.id)
    until(lambda: desk.chats.conversation.replies and desk.chats.conversation.replies[0].versions)
    versions = desk.chats.conversation.replies[0].versions
    assert versions is not None
    assert versions.count.text() == "2/2"
    assert not versions.after.isEnabled()
    assert questions(desk.chats)[0].versions is None
    versions.before.click()
    until(lambda: turned == [(3, -1)])


def test_an_incognito_chat_leaves_no_draft_and_is_deleted_when_it_is_left(
    desk: "Workspace", session: SessionDouble
) -> None:
    page = desk.chats
    desk.run(INCOGNITO)
    page.composer.field.setPlainText("Nobody shall know")
    assert "Nobody shall know" not in desk.drafts.unsaved().values()
    page.composer.send_button.click()
    until(lambda: not page.reply_stream.is_running and page.current is not None)
    assert page.title.text() == "Incognito chat"
    assert not page.on_chat.has_chat  # nothing to rename, pin or delete
    desk.run(NEW)
    until(lambda: not session.answering.kept)


def test_a_chat_is_renamed_and_pinned(desk: "Workspace", session: SessionDouble) -> None:
    page = desk.chats
    chat = ask(page, "Could you write to my landlord")
    desk.run(RENAME)
    dialog = page.window().findChild(TitleDialog)
    assert dialog is not None
    dialog.field.setText("Heating")
    dialog.accept()
    until(lambda: session.answering.kept[chat.id].title == "Heating")
    assert page.title.text() == "Heating"
    assert desk.can_run(PIN)
    desk.run(PIN)
    until(lambda: session.answering.kept[chat.id].is_pinned)
    assert desk.can_run(UNPIN)
    assert not desk.can_run(PIN)
