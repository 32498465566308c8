"""The languages of a transcript's lines in the vault."""

import msgspec
import pytest

from app.core.transcript import Utterance
from app.storage.tables.calls import CallStore
from app.storage.vault import Vault
from tests.storage.calls import add, line, split


@pytest.fixture
def store(vault: Vault) -> CallStore:
    return CallStore(vault)


def said(text: str, start: float, language: str, track: int = 0, *, is_doubtful: bool = False) -> Utterance:
    return msgspec.structs.replace(line(text, start, track), language=language, is_language_doubtful=is_doubtful)


def heard(store: CallStore) -> list[tuple[str, str, bool]]:
    (call,) = store.all()
    found = store.transcript(call.id).utterances
    return [(u.text, u.language, u.is_language_doubtful) for u in found]


@pytest.mark.parametrize("is_beside", [False, True])
def test_each_line_keeps_its_language_and_the_call_has_the_one_spoken_most(store: CallStore, is_beside: bool) -> None:
    known = add(store)
    if is_beside:
        store.begin_transcript(known, "small")
        store.save_utterances(known, 0, 60.0, [said("Earlier.", 0.0, "fr")], "fr")
        store.finish_transcript(known)
        store.request_retranscription(known, "")
    store.begin_transcript(known, "small")
    store.save_utterances(known, 0, 20.0, [said("Hello.", 0.0, "en"), said("Guten Tag.", 10.0, "de")], "de")
    store.save_utterances(known, 1, 40.0, [said("Ja.", 30.0, "de", 1, is_doubtful=True)], "de")
    assert store.spoken_last(known) == {0: "de"}
    store.finish_transcript(known)
    assert heard(store) == [("Hello.", "en", False), ("Guten Tag.", "de", False), ("Ja.", "de", True)]
    assert store.get(known).language == "de"


def test_a_line_that_is_heard_again_takes_the_new_language(store: CallStore) -> None:
    known = add(store)
    store.begin_transcript(known, "small")
    store.save_utterances(known, 0, 60.0, [said("Okay.", 0.0, "fr")], "fr")
    store.finish_transcript(known)
    store.request_retranscription(known, "")
    store.begin_transcript(known, "small")
    store.save_utterances(known, 0, 60.0, [said("Okay.", 0.0, "en")], "en")
    store.finish_transcript(known)
    assert heard(store) == [("Okay.", "en", False)]
    assert store.get(known).language == "en"


def test_both_halves_of_a_split_line_keep_its_language(store: CallStore) -> None:
    known = add(store)
    store.begin_transcript(known, "small")
    store.save_utterances(known, 0, 60.0, [said("Guten Tag und hallo", 0.0, "de", is_doubtful=True)], "en")
    store.finish_transcript(known)
    split(store, known, store.transcript(known).utterances[0].id, 9)
    assert heard(store) == [("Guten Tag", "de", True), ("und hallo", "de", True)]
