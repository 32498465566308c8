"""Chats remember what they may use, what was written anew, and what the person made of them."""

import pytest

from app.core.conversation import EVERYTHING, NOTHING, Message, MessageVersion, Role, Sources
from app.core.errors import NotFound
from app.core.ids import ConversationId
from app.services.chats.incognito import IncognitoChats
from app.storage.database.connection import new_database_in_memory
from app.storage.database.schema import create_tables, run_migrations
from app.storage.tables.calls import CallStore
from app.storage.tables.conversations import ConversationStore
from app.storage.vault import Vault
from tests.storage.calls import add

Store = ConversationStore | IncognitoChats


@pytest.fixture(params=["kept", "incognito"])
def chats(request: pytest.FixtureRequest, vault: Vault) -> Store:
    return ConversationStore(vault) if request.param == "kept" else IncognitoChats()


def texts(chats: Store, chat: ConversationId) -> list[str]:
    return [message.text for message in chats.get(chat).messages]


def said(chats: Store, chat: ConversationId, text: str, after: int | None = None) -> int:
    return chats.append(chat, Message(Role.USER, text), after)


def test_what_is_written_anew_stands_beside_what_was_there(chats: Store) -> None:
    chat = chats.start().id
    first = said(chats, chat, "question")
    said(chats, chat, "reply")
    said(chats, chat, "thanks")
    other = said(chats, chat, "other reply", first)
    assert texts(chats, chat) == ["question", "other reply"]
    assert chats.get(chat).versions == (MessageVersion(first), MessageVersion(other, 2, 2))
    chats.show_version(chat, other, -1)
    assert texts(chats, chat) == ["question", "reply", "thanks"]
    said(chats, chat, "and more")
    assert texts(chats, chat) == ["question", "reply", "thanks", "and more"]
    chats.show_version(chat, first, 1)  # there is no version after it: its newest branch stays
    assert texts(chats, chat)[-1] == "and more"


def test_the_first_question_can_be_asked_anew(chats: Store) -> None:
    chat = chats.start().id
    said(chats, chat, "queston")
    said(chats, chat, "reply")
    said(chats, chat, "question", 0)
    assert texts(chats, chat) == ["question"]
    assert chats.get(chat).versions[0].count == 2


def test_a_reply_that_stayed_empty_leaves_its_question(chats: Store) -> None:
    chat = chats.start().id
    said(chats, chat, "question")
    empty = said(chats, chat, "")
    chats.remove_message(empty)
    assert texts(chats, chat) == ["question"]
    said(chats, chat, "reply")
    assert texts(chats, chat) == ["question", "reply"]


def test_at_the_ends_of_the_versions_nothing_changes(chats: Store) -> None:
    chat = chats.start().id
    first = said(chats, chat, "question")
    reply = said(chats, chat, "reply")
    said(chats, chat, "other reply", first)
    chats.show_version(chat, reply, 0)
    chats.show_version(chat, first, 1)
    chats.show_version(chat, first, -1)
    assert texts(chats, chat) == ["question", "other reply"]


def test_a_deleted_chat_is_gone(chats: Store) -> None:
    chat = chats.start().id
    said(chats, chat, "question")
    chats.delete(chat)
    with pytest.raises(NotFound):
        chats.get(chat)


def test_a_chat_uses_what_was_chosen_for_it(vault: Vault) -> None:
    calls, chats = CallStore(vault), ConversationStore(vault)
    one, other = add(calls, "first"), add(calls, "second")
    chat = chats.start(sources=Sources((other, one))).id
    assert chats.get(chat).sources == Sources((other, one))
    chats.use(chat, EVERYTHING)
    assert chats.get(chat).sources == EVERYTHING
    chats.use(chat, Sources((one,)))
    calls.delete(one)
    assert [(known.id, known.sources) for known in chats.all()] == [(chat, NOTHING)]


def test_a_title_of_the_persons_own_stays(vault: Vault) -> None:
    chats = ConversationStore(vault)
    chat = chats.start().id
    said(chats, chat, "Could you write to my landlord")
    chats.suggest_title(chat, "Letter to the landlord")
    assert chats.get(chat).title == "Letter to the landlord"
    chats.rename(chat, "Heating")
    chats.suggest_title(chat, "Something else")
    assert chats.get(chat).title == "Heating"


def test_pinned_chats_come_first(vault: Vault) -> None:
    chats = ConversationStore(vault)
    old, new = chats.start().id, chats.start().id
    said(chats, new, "newer")
    chats.pin(old, is_pinned=True)
    assert [known.id for known in chats.all()] == [old, new]
    chats.pin(old, is_pinned=False)
    assert [known.id for known in chats.all()] == [new, old]


def test_chats_of_the_version_before_still_use_all_calls_and_keep_their_order() -> None:
    db = new_database_in_memory()
    create_tables(db, 15)
    db.execute("INSERT INTO conversations VALUES ('c', 'T', '2026-11-25T10:00:00+00:00', NULL)")
    db.execute("INSERT INTO conversations VALUES ('d', 'U', '2026-11-25T10:00:00+00:00', NULL)")
    for number, conversation in ((1, "c"), (2, "d"), (3, "c"), (5, "c")):
        db.execute(
            "INSERT INTO messages (id, conversation, role, text, citations, stop_reason, note, marks) "
            "VALUES (?, ?, 'user', 'text', x'90', 'finished', '', x'90')",
            [number, conversation],
        )
    run_migrations(db, 15)
    parents = dict(db.execute("SELECT id, parent FROM messages").fetchall())
    assert parents == {1: None, 2: None, 3: 1, 5: 3}
    assert db.execute("SELECT uses_everything, leaf FROM conversations").fetchall() == [(1, None), (1, None)]
    db.conn.close()
