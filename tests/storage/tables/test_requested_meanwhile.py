"""A call whose transcription is requested while one is being written: what was heard before is not lost."""

import pytest

from app.core.call import SUMMARIZE
from app.storage.tables.calls import CallStore
from app.storage.tables.transcripts import TranscriptSuperseded
from app.storage.vault import Vault
from tests.call_summaries import call_summary
from tests.storage.calls import add, line


@pytest.fixture
def store(vault: Vault) -> CallStore:
    return CallStore(vault)


def test_what_a_running_transcription_still_hears_does_not_begin_the_requested_one(store: CallStore) -> None:
    call = add(store, "We move the launch.", "Until when?")
    before = store.transcript(call)
    store.request_retranscription(call, "de")
    with pytest.raises(TranscriptSuperseded):
        store.save_utterances(call, 0, 30.0, [line("For three days.", 20.0)], "en")
    with pytest.raises(TranscriptSuperseded):
        store.finish_transcript(call)
    assert store.transcript(call) == before
    assert store.progress(call) == {0: 0.0, 1: 0.0}, "the new transcript begins at the beginning"
    assert store.get(call).awaits_new_transcript


def test_so_it_is_if_the_running_one_is_written_beside_another(store: CallStore) -> None:
    call = add(store, "We move the launch.", "Until when?")
    store.finish_transcript(call)
    before = store.transcript(call)
    store.request_retranscription(call, "de")
    store.begin_transcript(call, "small")
    store.save_utterances(call, 0, 10.0, [line("Wir verschieben.")], "de")
    store.request_retranscription(call, "fr")
    with pytest.raises(TranscriptSuperseded):
        store.save_utterances(call, 1, 20.0, [line("Bis wann?", 10.0, 1)], "de")
    with pytest.raises(TranscriptSuperseded):
        store.finish_transcript(call)
    assert store.transcript(call) == before


def test_so_it_is_before_a_word_was_heard(store: CallStore) -> None:
    call = add(store)
    store.save_utterances(call, 0, 10.0, [], "en")
    store.request_retranscription(call, "de")
    with pytest.raises(TranscriptSuperseded):
        store.save_utterances(call, 0, 20.0, [line("Hm.", 10.0)], "en")
    store.begin_transcript(call, "small")
    assert not store.get(call).awaits_new_transcript, "there is no earlier one"
    assert store.progress(call) == {0: 0.0, 1: 0.0}
    store.save_utterances(call, 0, 10.0, [line("Ja.")], "de")
    store.finish_transcript(call)
    assert [u.text for u in store.transcript(call).utterances] == ["Ja."]


def test_a_summary_of_a_transcript_that_was_replaced_meanwhile_is_to_be_written_anew(store: CallStore) -> None:
    call = add(store, "We move the launch.", "Until when?")
    store.finish_transcript(call)
    read = store.transcript(call)
    store.request_retranscription(call, "de")
    store.begin_transcript(call, "small")
    store.save_utterances(call, 0, 10.0, [line("Wir verschieben.")], "de")
    store.finish_transcript(call)
    store.save_summary(call, call_summary("Launch", "The launch is moved.", (), (), (), "m"), read)
    assert SUMMARIZE not in store.get(call).steps_done
    assert store.summary(call) is not None, "it is shown until the new one is there"
    store.save_summary(call, call_summary("Start", "Der Start.", (), (), (), "m"), store.transcript(call))
    assert SUMMARIZE in store.get(call).steps_done
