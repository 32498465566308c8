"""Utterances are edited, split, joined, removed and given to others and back, and every other one keeps its id."""

import msgspec
import pytest

from app.core import line_changes
from app.core.conversation import Citation
from app.core.errors import AssistantError, NotFound
from app.core.ids import CallId, UtteranceId, new_speaker_id
from app.core.line_changes import LineChange, removal
from app.core.transcript import Layout, Speaker, names_of
from app.storage.tables.calls import CallStore
from app.storage.vault import Vault
from tests.storage.calls import add, give, join, line, split, uid, utterance


@pytest.fixture
def store(vault: Vault) -> CallStore:
    return CallStore(vault)


@pytest.fixture
def known(store: CallStore) -> CallId:
    """Four lines, by turns on two tracks."""
    made = add(store, "We move the launch.", "Until when?", "For three more days.", "Good.")
    store.finish_transcript(made)
    return made


def ids(store: CallStore, call: CallId) -> list[UtteranceId]:
    return [u.id for u in store.transcript(call).utterances]


def texts(store: CallStore, call: CallId) -> list[str]:
    return [u.text for u in store.transcript(call).utterances]


def cited(store: CallStore, call: CallId, utterance: UtteranceId) -> tuple[int, str, bool]:
    (found,) = store.utterances.cited([Citation(call, utterance, 0.0, 1.0, 1)])
    return found.line, found.text, found.citation.is_earlier


def test_an_edited_line_keeps_its_id_and_is_found_by_its_new_words(store: CallStore, known: CallId) -> None:
    before = ids(store, known)
    store.utterances.edit(before[1], "Until 下周三?")
    assert ids(store, known) == before
    assert cited(store, known, before[1]) == (2, "Until 下周三?", False)
    assert [hit.utterance for hit in store.search('"until"', 9)] == [before[1]]
    assert store.search('"when"', 9) == []
    assert [hit.utterance for hit in store.search('"周 三"', 9)] == [before[1]]


def test_of_a_split_line_the_first_half_keeps_the_id_and_words_keep_their_times(
    store: CallStore, known: CallId, vault: Vault
) -> None:
    before = ids(store, known)
    made = split(store, known, before[2], len("For three"))
    assert ids(store, known) == [*before[:3], made, before[3]]
    third, fourth = store.transcript(known).utterances[2:4]
    assert (third.text, third.start, third.end) == ("For three", 20.0, 21.9)
    assert (fourth.text, fourth.start, fourth.end) == ("more days.", 22.0, 24.0)
    assert ([w.text for w in third.words], [w.text for w in fourth.words]) == ([" For", " three"], [" more", " days."])
    assert (third.track, third.speaker) == (fourth.track, fourth.speaker)
    assert cited(store, known, before[3]) == (5, "Good.", False)
    assert [hit.line for hit in store.search('"more"', 9)] == [4]
    vault.read().execute("INSERT INTO utterances_fts (utterances_fts, rank) VALUES ('integrity-check', 1)")


def test_of_joined_lines_the_first_id_stays_and_citations_of_the_second_follow(store: CallStore, known: CallId) -> None:
    first, second, third, fourth = ids(store, known)
    join(store, known, first, third)
    assert ids(store, known) == [first, second, fourth]
    one = store.transcript(known).utterances[0]
    assert (one.text, one.start, one.end) == ("We move the launch. For three more days.", 0.0, 24.0)
    assert len(one.words) == 8
    assert cited(store, known, third) == (1, one.text, False)
    join(store, known, second, fourth)
    assert cited(store, known, fourth) == (2, "Until when? Good.", False)


def test_what_was_split_joined_or_removed_is_put_back_under_its_ids(store: CallStore, known: CallId) -> None:
    before = store.transcript(known)
    first, _, third, fourth = before.utterances
    changes = [
        LineChange(known, (third,), line_changes.split(third, "For three", "more days.")),
        LineChange(known, (first, third), (line_changes.joined(first, third),)),
        removal(known, fourth),
    ]
    for change in changes:
        store.change_lines(change)
        changed = store.transcript(known)
        store.change_lines(change.undone)
        assert store.transcript(known) == before
        assert cited(store, known, third.id) == (3, third.text, False)
        store.change_lines(change)
        assert store.transcript(known) == changed, "done once more"
        store.change_lines(change.undone)
    assert [hit.line for hit in store.search('"good"', 9)] == [4]


def test_citations_follow_the_line_that_has_the_words_last(store: CallStore, known: CallId) -> None:
    first, second, third, fourth = ids(store, known)
    join(store, known, third, first)
    assert cited(store, known, first)[0] == 1
    split(store, known, third, len("We move the launch."))
    join(store, known, second, fourth)
    assert cited(store, known, fourth) == (2, "Until when? Good.", False)
    store.change_lines(removal(known, utterance(store, known, second)))
    assert cited(store, known, fourth) == (0, "Good.", True)


def test_three_people_on_one_microphone(store: CallStore) -> None:
    call = add(store, "Hi.", "Hello.", "Good morning.", layout=Layout.MONO)
    one, two, three = ids(store, call)
    (first,) = store.get(call).speakers
    second, third = Speaker(new_speaker_id(), "Second"), Speaker(new_speaker_id(), "Third")
    give(store, call, [two, three], second)
    give(store, call, [three], third)
    transcript = store.transcript(call)
    assert names_of(transcript.speakers) == ("Speaker", "Second", "Third")
    assert [transcript.name(u) for u in transcript.utterances] == ["Speaker", "Second", "Third"]
    assert {u.track for u in transcript.utterances} == {0}
    assert ids(store, call) == [one, two, three]
    give(store, call, [two], first)
    assert store.transcript(call).utterances[1].speaker == first.id
    store.delete(call)


def test_a_speaker_who_was_added_goes_when_that_is_undone_unless_something_names_them(store: CallStore) -> None:
    call = add(store, "Hi.", "Hello.", layout=Layout.MONO)
    second = Speaker(new_speaker_id(), "Second")
    (first,), lines = store.get(call).speakers, store.transcript(call).utterances
    change = line_changes.given(call, lines[:1], second, [first])
    assert change is not None
    store.change_lines(change)
    store.change_lines(change.undone)
    assert store.get(call).speakers == (first,)
    store.change_lines(change)
    assert store.get(call).speakers == (first, second)
    give(store, call, [lines[1].id], second)
    store.change_lines(change.undone)
    assert store.get(call).speakers == (first, second), "the other line is still theirs"


def test_a_speaker_who_was_named_since_stays(store: CallStore) -> None:
    call = add(store, "Hi.", layout=Layout.MONO)
    second = Speaker(new_speaker_id(), "Speaker 2")
    (first,), lines = store.get(call).speakers, store.transcript(call).utterances
    change = line_changes.given(call, lines, second, [first])
    assert change is not None
    store.change_lines(change)
    store.set_speakers(call, [Speaker(second.id, "Anna")])
    store.change_lines(change.undone)
    assert names_of(store.get(call).speakers) == ("Speaker 1", "Anna")


def test_whom_nobody_named_has_a_number_only_beside_others_with_one(store: CallStore) -> None:
    call = add(store, "Hi.", "Hello.", layout=Layout.MONO)
    (first,), lines = store.get(call).speakers, store.transcript(call).utterances
    change = line_changes.given(call, lines[1:], Speaker(new_speaker_id(), "Speaker 2"), [first])
    assert change is not None
    store.change_lines(change)
    assert names_of(store.get(call).speakers) == ("Speaker 1", "Speaker 2")
    store.change_lines(change.undone)
    assert names_of(store.get(call).speakers) == ("Speaker",)


def test_a_line_goes_to_no_speaker_of_another_call(store: CallStore, known: CallId) -> None:
    other = store.get(add(store, "Hi.")).speakers[0]
    first, second, *_ = store.transcript(known).utterances
    after = (msgspec.structs.replace(first, text="Changed."), msgspec.structs.replace(second, speaker=other.id))
    with pytest.raises(NotFound):
        store.change_lines(LineChange(known, (first, second), after))
    assert store.transcript(known).utterances[:2] == (first, second), "nothing was changed"


def test_a_line_that_was_changed_meanwhile_is_left_as_it_is(store: CallStore, known: CallId) -> None:
    third = store.transcript(known).utterances[2]
    change = LineChange(known, (third,), line_changes.split(third, "For three", "more days."))
    store.utterances.edit(third.id, "For four more days.")
    before = store.transcript(known)
    with pytest.raises(AssistantError, match="was changed meanwhile"):
        store.change_lines(change)
    assert store.transcript(known) == before


def test_what_is_not_there_is_not_found(store: CallStore, known: CallId) -> None:
    there = utterance(store, known, uid(store, known))
    gone = msgspec.structs.replace(there, id=UtteranceId("0000"))
    other = add(store, "Hi.")
    for change in (removal(known, gone), removal(other, there), LineChange(known, (there, gone), (there,))):
        with pytest.raises(NotFound):
            store.change_lines(change)
    with pytest.raises(NotFound):
        store.utterances.edit(gone.id, "x")
    assert len(ids(store, known)) == 4


def test_a_new_transcript_takes_the_place_of_the_earlier_at_once(store: CallStore, known: CallId) -> None:
    first, second, third, fourth = ids(store, known)
    give(store, known, [first], store.get(known).speakers[1])
    store.request_retranscription(known, "de")
    store.begin_transcript(known, "large")
    store.save_utterances(known, 0, 30.0, [line("we move the launch", 0.5), line("For many more days.", 20.0)], "de")
    store.save_utterances(known, 1, 40.0, [line("Good.", 30.0, 1)], "de")
    assert ids(store, known) == [first, second, third, fourth], "the earlier one is shown"
    assert store.search('"many"', 9) == []
    assert store.get(known).awaits_new_transcript
    store.finish_transcript(known)
    transcript = store.transcript(known)
    assert texts(store, known) == ["we move the launch", "For many more days.", "Good."]
    assert [transcript.utterances[n].id for n in (0, 2)] == [first, fourth]
    assert transcript.utterances[0].speaker == store.get(known).speakers[1].id, "what a person said of it holds"
    assert (transcript.model, transcript.language, store.progress(known)) == ("large", "de", {0: 30.0, 1: 40.0})
    assert not store.get(known).awaits_new_transcript
    assert cited(store, known, second) == (0, "Until when?", True)
    assert cited(store, known, first) == (1, "we move the launch", False)
    assert [hit.line for hit in store.search('"many"', 9)] == [2]
    assert store.search('"when"', 9) == []


def test_a_new_transcript_that_is_given_up_leaves_the_earlier(store: CallStore, known: CallId) -> None:
    before = store.transcript(known)
    store.begin_transcript(known, "large")
    store.save_utterances(known, 0, 30.0, [line("Something else.", 0.5)], "de")
    store.give_up_retranscription(known)
    assert store.transcript(known) == before
    assert not store.get(known).awaits_new_transcript


def test_another_model_starts_the_new_transcript_over_and_the_same_goes_on(store: CallStore, known: CallId) -> None:
    store.begin_transcript(known, "large")
    store.save_utterances(known, 0, 30.0, [line("Something else.", 0.5)], "de")
    store.begin_transcript(known, "large")
    assert store.progress(known) == {0: 30.0, 1: 0.0}
    store.begin_transcript(known, "huge")
    assert store.progress(known) == {0: 0.0, 1: 0.0}
    assert not store.has_heard_words(known)
    assert texts(store, known)[0] == "We move the launch."
