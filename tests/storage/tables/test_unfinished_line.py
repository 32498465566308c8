"""A sentence that goes on in the next window of speech stays one line, also after a kill and beside an earlier one."""

import pytest

from app.core.transcript import Segment, utterances
from app.storage.tables.calls import CallStore
from app.storage.vault import Vault
from tests.storage.calls import add, line


def heard(text: str, start: float, channel: int = 0) -> Segment:
    return Segment(channel, line(text, start, channel).words, "en")


def save(store: CallStore, call: str, until: float, *segments: Segment) -> None:
    """Save a window of one track as the program does."""
    known = next(one.id for one in store.all() if one.id == call)
    found = utterances(segments, store.last_utterances(known))
    store.save_utterances(known, segments[0].channel, until, found, "en")


@pytest.mark.parametrize("is_beside", [False, True])
def test_the_last_line_of_a_track_goes_on(vault: Vault, is_beside: bool) -> None:
    store = CallStore(vault)
    call = add(store)
    if is_beside:
        save(store, call, 60.0, heard("Earlier words.", 0.0))
        store.finish_transcript(call)
        store.request_retranscription(call, "")
    store.begin_transcript(call, "small")
    save(store, call, 10.0, heard("Good. We agreed,", 0.0))
    save(store, call, 10.0, heard("Mhm.", 2.5, 1))
    (shown, *_) = store.transcript(call).utterances
    save(store, call, 20.0, heard("that he calls.", 3.9))
    save(store, call, 30.0, heard("And then we", 9.5))
    save(store, call, 30.0, heard("left", 13.0))
    save(store, call, 40.0, heard("Yes.", 39.0))
    store.finish_transcript(call)
    found = store.transcript(call).utterances
    assert [(said.track, said.text) for said in found] == [
        (0, "Good."), (0, "We agreed, that he calls."), (1, "Mhm."), (0, "And then we left"), (0, "Yes."),
    ]  # fmt: skip
    assert all("".join(word.text for word in said.words).strip() == said.text for said in found)
    assert all(said.end == said.words[-1].end for said in found)
    if not is_beside:
        assert (found[0].id, found[0].speaker) == (shown.id, shown.speaker)
        assert [hit.utterance for hit in store.search("agreed calls", 5)] == [found[1].id]


def test_a_line_is_saved_where_another_call_has_one_too(vault: Vault) -> None:
    store = CallStore(vault)
    one, other = add(store, "We agreed,"), add(store, "They said,")
    save(store, one, 20.0, Segment(0, line("that he calls.", 2.5).words))
    assert [said.text for said in store.transcript(one).utterances] == ["We agreed, that he calls."]
    assert [said.text for said in store.transcript(other).utterances] == ["They said,"]
