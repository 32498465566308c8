"""The cards below the answers of a chat say when a line was said, or which line it is."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from app.core.conversation import Citation, Conversation, Message, Role
from app.core.ids import new_conversation_id
from app.services.application import Application
from app.ui.main_window import MainWindow
from app.ui.widgets.basics import PressButton
from tests.ui.doubles import SessionDouble, as_tacit
from tests.ui.example_calls import call, line_id
from tests.ui.stage import enter, until

if TYPE_CHECKING:
    from app.ui.shell.workspace import Workspace


@pytest.mark.parametrize(
    ("start", "end", "line", "place"),
    [(50.0, 55.0, 6, ", 0:50: "), (0.0, 5.0, 1, ", 0:00: "), (0.0, 0.0, 6, ", line 6: "), (0.0, 0.0, 1, ", line 1: ")],
)
def test_a_card_says_when_or_which_line(
    show: Callable[[Application], MainWindow], start: float, end: float, line: int, place: str
) -> None:
    session = SessionDouble()
    known = session.library.add(call("Supply contract"))
    answer = Message(Role.ASSISTANT, "By Friday.", (Citation(known.id, line_id(line), start, end, 1),))
    chat = Conversation(new_conversation_id(), "A chat", known.date, None, (Message(Role.USER, "When?"), answer))
    session.answering.kept[chat.id] = chat
    desk: Workspace = enter(show(as_tacit(session)))
    desk.chats.open(chat.id)
    until(
        lambda: desk.chats.conversation.replies and desk.chats.conversation.replies[0].sources.isVisibleTo(desk.chats)
    )
    cards = desk.chats.conversation.replies[0].sources.findChildren(PressButton)
    assert [place in card.accessibleName() for card in cards] == [True], cards[0].accessibleName()
