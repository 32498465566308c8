"""Passages in the vault: bound to their lines and their model, gone with either."""

from array import array

import pytest

from app.core.embedding import Vector
from app.core.errors import NotFound
from app.core.ids import CallId, UtteranceId, new_speaker_id
from app.core.search_passages import PassagePlace
from app.core.transcript import Speaker
from app.storage.tables.calls import CallStore
from app.storage.tables.passages import IndexOutdated, PassageStore, pack_vector
from app.storage.vault import Vault
from tests.storage.calls import add, give, join, line, split, uid

MODEL, OTHER = b"m" * 16, b"o" * 16
LINES = [f"line {n}" for n in range(6)]


def vector(first: float = 1.0) -> Vector:
    rest = (1 - first * first) ** 0.5
    return array("f", [first, -rest, 0.0, 0.0])


def indexed(vault: Vault) -> tuple[CallStore, PassageStore, CallId, list[PassagePlace]]:
    """A call of six lines with three passages of two lines each."""
    store, passages = CallStore(vault), PassageStore(vault)
    call = add(store, *LINES)
    store.finish_transcript(call)
    edits, _ = passages.begin(call, MODEL)
    lines = store.transcript(call).utterances
    places = [PassagePlace(lines[n].id, lines[n + 1].id) for n in (0, 2, 4)]
    made = [(place, (lines[2 * n].start, lines[2 * n + 1].start), vector()) for n, place in enumerate(places)]
    passages.save(call, MODEL, edits, made, is_whole=True)
    return store, passages, call, places


def kept(passages: PassageStore, call: CallId) -> list[PassagePlace]:
    return [one.place for one in passages.of_call(call)]


def test_what_was_saved_is_read_in_order(vault: Vault) -> None:
    _, passages, call, places = indexed(vault)
    assert kept(passages, call) == places
    assert {one.packed for one in passages.of_call(call)} == {pack_vector(vector())}
    assert passages.unfinished(MODEL) == []
    assert passages.unfinished(OTHER) == [call]


def test_a_vector_is_packed_into_bytes_that_keep_its_direction() -> None:
    packed = pack_vector(vector(0.6))
    scale = array("f", packed[:4])[0]
    assert [value * scale for value in array("b", packed[4:])] == pytest.approx([0.6, -0.8, 0, 0], abs=0.8 / 127 / 2)
    assert pack_vector(array("f", [0.0, 0.0])) == array("f", [1.0]).tobytes() + b"\0\0"


@pytest.mark.parametrize("change", ["edit", "split", "merge", "add", "anew"])
def test_a_passage_goes_with_the_words_it_was_made_of(vault: Vault, change: str) -> None:
    store, passages, call, places = indexed(vault)
    third = uid(store, call, 3)
    if change == "edit":
        store.utterances.edit(third, "something else")
    elif change == "split":
        split(store, call, third, 4)
    elif change == "merge":
        join(store, call, third, uid(store, call, 1))
    elif change == "add":
        store.save_utterances(call, 0, 70.0, [line("between", 25.0)], "en")
    else:
        store.request_retranscription(call, "en")
        store.begin_transcript(call, "other")
        store.save_utterances(call, 0, 60.0, [line("quite another call")], "en")
        assert kept(passages, call) == places  # the earlier transcript is still the one that is shown
        store.finish_transcript(call)
    assert places[1] not in kept(passages, call)
    assert (places[2] in kept(passages, call)) == (change != "anew")
    assert passages.unfinished(MODEL) == [call]


def test_a_change_that_leaves_the_words_leaves_the_passages(vault: Vault) -> None:
    store, passages, call, places = indexed(vault)
    give(store, call, [uid(store, call, 1)], Speaker(new_speaker_id(), "Ada"))
    store.rename(call, "Another title")
    assert kept(passages, call) == places
    assert passages.unfinished(MODEL) == []


def test_passages_of_lines_that_changed_meanwhile_are_not_saved(vault: Vault) -> None:
    store, passages, call, _ = indexed(vault)
    edits, here = passages.begin(call, MODEL)
    store.utterances.edit(uid(store, call, 1), "something else")
    place = PassagePlace(UtteranceId("a"), UtteranceId("b"))
    with pytest.raises(IndexOutdated):
        passages.save(call, MODEL, edits, [(place, (0.0, 1.0), vector())])
    edits, here = passages.begin(call, MODEL)
    assert len(here) == 2
    passages.begin(call, OTHER)
    with pytest.raises(IndexOutdated):
        passages.save(call, MODEL, edits, is_whole=True)


def test_another_model_makes_them_anew(vault: Vault) -> None:
    _, passages, call, _ = indexed(vault)
    assert passages.begin(call, OTHER)[1] == set()
    assert kept(passages, call) == []
    assert passages.stamps(MODEL) == {}


def test_a_stamp_is_another_after_each_change(vault: Vault) -> None:
    store, passages, call, places = indexed(vault)
    seen = {passages.stamps(MODEL)[call]}
    store.utterances.edit(uid(store, call, 3), "something else")
    seen.add(passages.stamps(MODEL)[call])
    edits, _ = passages.begin(call, MODEL)
    passages.save(call, MODEL, edits, [(places[1], (20.0, 30.0), vector())])
    seen.add(passages.stamps(MODEL)[call])
    passages.save(call, MODEL, edits, outdated=[places[0]])
    seen.add(passages.stamps(MODEL)[call])
    assert len(seen) == 4
    assert kept(passages, call) == places[1:]


def test_they_are_gone_with_the_call(vault: Vault) -> None:
    store, passages, call, _ = indexed(vault)
    store.delete(call)
    assert passages.of_call(call) == []
    assert passages.stamps(MODEL) == {}
    assert vault.row("SELECT count(*) FROM passages")[0] == 0
    with pytest.raises(NotFound):
        passages.begin(call, MODEL)


def test_a_call_that_is_not_transcribed_to_its_end_waits(vault: Vault) -> None:
    store, passages = CallStore(vault), PassageStore(vault)
    call = add(store, *LINES)
    assert passages.unfinished(MODEL) == []
    store.finish_transcript(call)
    assert passages.unfinished(MODEL) == [call]
    silent = add(store)
    store.finish_transcript(silent)
    assert passages.unfinished(MODEL) == [call]
