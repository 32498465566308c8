"""What a line said before it was changed is forgotten with its call, in the answers that repeat it too."""

from pathlib import Path

import pytest

from app.core.conversation import Message, Role
from app.core.deletion import REMOVED_ANSWER
from app.core.ids import CallId
from app.core.transcript import Speaker
from app.storage.tables.calls import CallStore
from app.storage.tables.conversations import ConversationStore
from app.storage.vault import Vault
from tests.conftest import opened_vault
from tests.storage import calls
from tests.storage.calls import add, line, uid
from tests.storage.tables.test_deletion import MASTER, in_files

SAID = "quxone quxtwo quxthree quxfour quxfive quxsix quxseven quxeight quxnine quxten"
WORDS = [word.encode() for word in SAID.split()]


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return opened_vault(tmp_path / "vault", MASTER)


@pytest.fixture
def store(vault: Vault) -> CallStore:
    return CallStore(vault)


def edited(store: CallStore, call: CallId) -> None:
    store.utterances.edit(uid(store, call), "Something else.")


def split(store: CallStore, call: CallId) -> None:
    calls.split(store, call, uid(store, call), len("quxone quxtwo quxthree quxfour quxfive"))


def merged(store: CallStore, call: CallId) -> None:
    calls.join(store, call, uid(store, call, 3), uid(store, call))


def transcribed_anew(store: CallStore, call: CallId) -> None:
    store.begin_transcript(call, "large")
    store.save_utterances(call, 0, 30.0, [line("Something else.")], "en")
    store.finish_transcript(call)


def edited_and_transcribed_anew(store: CallStore, call: CallId) -> None:
    edited(store, call)
    transcribed_anew(store, call)


def being_transcribed_anew(store: CallStore, call: CallId) -> None:
    edited(store, call)
    store.request_retranscription(call, "en")
    store.begin_transcript(call, "large")
    store.save_utterances(call, 0, 10.0, [line(SAID)], "en")


CHANGES = [edited, split, merged, transcribed_anew, edited_and_transcribed_anew, being_transcribed_anew]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_an_answer_that_repeats_what_was_said_goes_with_the_call(
    store: CallStore, vault: Vault, tmp_path: Path, change: object
) -> None:
    call, other = add(store, SAID, "Yes.", "Good."), add(store, "We go on.")
    left, right = store.get(call).speakers
    store.set_speakers(call, [Speaker(left.id, "Quxname"), Speaker(right.id, "Quxother")])
    chats = ConversationStore(vault)
    chat = chats.start(None)
    chats.append(chat.id, Message(Role.USER, "What did they say?"))
    chats.append(chat.id, Message(Role.ASSISTANT, f"They said: {SAID}."))
    assert callable(change)
    change(store, call)
    marks = [*WORDS, b"Quxname", b"Quxother"]
    assert in_files(tmp_path / "vault", marks) == set(marks), "the search finds what is there"
    store.delete(call)
    assert [message.text for message in chats.get(chat.id).messages][1:] == [REMOVED_ANSWER]
    assert in_files(tmp_path / "vault", marks) == set()
    assert [u.text for u in store.transcript(other).utterances] == ["We go on."]
    vault.close()


def test_merged_lines_stand_in_the_order_in_which_they_were_said(store: CallStore, vault: Vault) -> None:
    call = add(store, "First.", "Yes.", "Third.")
    calls.join(store, call, uid(store, call, 3), uid(store, call, 1))
    assert [u.text for u in store.transcript(call).utterances] == ["First. Third.", "Yes."]
    vault.close()
