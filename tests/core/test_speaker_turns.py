"""Turns of voices on a track, and the lines that each speaker gets by them."""

from collections.abc import Sequence
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.ids import CallId, SpeakerId, new_utterance_id
from app.core.line_changes import LineChange
from app.core.speaker_turns import SpeakerTurn, given_to_voices, is_unnamed, samples, turns
from app.core.transcript import Speaker, Utterance, Word
from app.core.voices import VoiceWindow

CALL = CallId("0" * 32)
ONE = Speaker(SpeakerId("a" * 32), "Speaker")
ANNA = Speaker(SpeakerId("b" * 32), "Anna")


def window(start: float, end: float) -> VoiceWindow:
    return VoiceWindow(start, end, b"")


def line(text: str, start: float, speaker: Speaker = ONE, *, track: int = 0, each: float = 0.5) -> Utterance:
    """A line whose words take half a second each; a `/` before a word is a pause of half a second."""
    words: list[Word] = []
    at = start
    for said in text.split():
        at += 0.5 * said.startswith("/")
        words.append(Word(f" {said.lstrip('/')}", at, at + each, 0.9))
        at += each
    shown = "".join(word.text for word in words).strip()
    return Utterance(new_utterance_id(), track, speaker.id, start, at, shown, tuple(words))


def words_at(*words: tuple[str, float, float]) -> Utterance:
    """A line of words with their starts and ends."""
    heard = tuple(Word(f" {text}", start, end, 0.9) for text, start, end in words)
    shown = " ".join(text for text, _, _ in words)
    return Utterance(new_utterance_id(), 0, ONE.id, heard[0].start, heard[-1].end, shown, heard)


def parts(said: Utterance, *found: tuple[float, float, int]) -> list[str]:
    """What a line becomes by these turns."""
    change = given_to_voices(CALL, [said], {0: [SpeakerTurn(*turn) for turn in found]}, [ONE])
    return [said.text] if change is None else [one.text for one in change.after]


def spoken(change: LineChange | None, known: Sequence[Speaker]) -> list[tuple[str, str]]:
    assert change is not None
    names = {one.id: one.name for one in (*known, *change.added)}
    return [(names[said.speaker], said.text) for said in change.after]


def test_a_turn_goes_to_the_middle_between_windows_and_ends_where_speech_ends() -> None:
    windows = [window(0.0, 1.6), window(0.8, 2.4), window(1.6, 3.2), window(5.0, 5.4)]
    assert turns(windows, [0, 0, 1, 0]) == [
        SpeakerTurn(0.0, 2.0, 0),
        SpeakerTurn(2.0, 3.2, 1),
        SpeakerTurn(5.0, 5.4, 0),
    ]
    assert turns([], []) == []


@given(
    st.lists(st.tuples(st.floats(0.05, 3.0), st.floats(0.1, 1.6), st.integers(0, 3)), max_size=40), st.floats(0, 100)
)
def test_turns_are_in_order_and_lie_within_speech(steps: list[tuple[float, float, int]], begin: float) -> None:
    windows: list[VoiceWindow] = []
    at = begin
    for step, length, _ in steps:
        at += step
        windows.append(window(at, max(at + length, windows[-1].end if windows else 0.0)))
    found = turns(windows, [voice for _, _, voice in steps])
    assert all(turn.start < turn.end for turn in found)
    assert all(one.end <= other.start + 1e-6 for one, other in pairwise(found))
    for turn in found:
        inside = sum(max(0.0, min(turn.end, w.end) - max(turn.start, w.start)) for w in windows)
        assert inside >= turn.end - turn.start - 1e-6


def test_each_voice_gets_its_lines_and_a_line_is_split_at_the_end_of_the_sentence_nearby() -> None:
    lines = [line("Good morning to you. Good morning Peter here speaking.", 0.0), line("Fine.", 6.0)]
    found = {0: [SpeakerTurn(0.0, 2.4, 0), SpeakerTurn(2.4, 4.5, 1), SpeakerTurn(6.0, 6.5, 0)]}
    change = given_to_voices(CALL, lines, found, [ONE])
    assert spoken(change, [ONE]) == [
        ("Speaker", "Good morning to you."),
        ("Speaker 2", "Good morning Peter here speaking."),
    ]
    assert change is not None
    assert [said.id for said in change.before] == [lines[0].id], "the line that stays is not changed"
    assert change.after[0].id == lines[0].id
    assert change.after[1].start == change.after[1].words[0].start == 2.0


def test_without_a_sentence_a_line_is_split_at_a_pause_nearby() -> None:
    said = line("yes I will do that /no you will not do that", 0.0)
    change = given_to_voices(CALL, [said], {0: [SpeakerTurn(0.0, 3.2, 0), SpeakerTurn(3.2, 6.0, 1)]}, [ONE])
    assert spoken(change, [ONE]) == [("Speaker", "yes I will do that"), ("Speaker 2", "no you will not do that")]


def test_a_voice_heard_for_a_moment_inside_a_line_splits_nothing() -> None:
    said = line("one two three four five six seven eight", 0.0)
    found = {0: [SpeakerTurn(0.0, 1.5, 0), SpeakerTurn(1.5, 2.0, 1), SpeakerTurn(2.0, 4.0, 0)]}
    assert given_to_voices(CALL, [said], found, [ONE]) is None


def test_a_corrected_line_stays_whole_and_goes_to_the_voice_that_is_heard_longest_in_it() -> None:
    said = msgspec.structs.replace(line("one two three four. five six", 5.0), text="what a person wrote")
    found = {0: [SpeakerTurn(1.0, 4.0, 0), SpeakerTurn(5.0, 6.0, 0), SpeakerTurn(6.0, 8.0, 1)]}
    first = line("Before.", 2.0)
    assert spoken(given_to_voices(CALL, [first, said], found, [ONE]), [ONE]) == [("Speaker 2", "what a person wrote")]


def test_a_person_who_has_a_name_keeps_the_voice_of_most_of_their_lines() -> None:
    lines = [line("Who is it?", 0.0), line("It is me and nobody else.", 3.0, ANNA), line("Well then.", 8.0, ANNA)]
    found = {0: [SpeakerTurn(0.0, 2.0, 0), SpeakerTurn(3.0, 6.5, 1), SpeakerTurn(8.0, 9.0, 0)]}
    assert spoken(given_to_voices(CALL, lines, found, [ONE, ANNA]), [ONE, ANNA]) == [("Speaker", "Well then.")]


def test_a_speaker_whom_nobody_named_and_who_is_left_without_a_line_goes() -> None:
    second = Speaker(SpeakerId("c" * 32), "Speaker 2")
    lines = [line("One.", 0.0), line("Two.", 2.0, second)]
    change = given_to_voices(CALL, lines, {0: [SpeakerTurn(0.0, 3.0, 0)]}, [ONE, second, ANNA])
    assert change is not None
    assert change.removed == (second,)
    assert {said.speaker for said in change.after} == {ONE.id}


def test_the_other_side_of_a_call_stays_as_it_is() -> None:
    you, them = Speaker(SpeakerId("d" * 32), "You", True), Speaker(SpeakerId("e" * 32), "Them")
    lines = [line("Mine.", 0.0, you), line("Hers.", 1.0, them, track=1), line("His.", 3.0, them, track=1)]
    change = given_to_voices(
        CALL, lines, {1: [SpeakerTurn(1.0, 1.5, 0), SpeakerTurn(3.0, 3.5, 1)]}, [you, them]
    )  # fmt: skip
    assert spoken(change, [you, them]) == [("Speaker 3", "His.")]


@pytest.mark.parametrize("name", ["Speaker", "Speaker 12"])
def test_who_has_no_name(name: str) -> None:
    assert is_unnamed(Speaker(SpeakerId("f" * 32), name))


@pytest.mark.parametrize("name", ["Speaker Anna", "Anna", "Anna 2", "speaker"])
def test_who_has_a_name(name: str) -> None:
    assert not is_unnamed(Speaker(SpeakerId("f" * 32), name))


TURNS = st.lists(st.tuples(st.floats(0.1, 2.5), st.integers(0, 3)), min_size=1, max_size=20)
WORDS = st.lists(st.sampled_from("yes no. well, /and you? so mm-hm 7 /Good".split()), min_size=1, max_size=30)


@settings(max_examples=200)
@given(st.lists(WORDS, min_size=1, max_size=5), TURNS)
def test_no_word_is_lost_moved_or_doubled(texts: list[list[str]], steps: list[tuple[float, int]]) -> None:
    lines, at = [], 0.0
    for words in texts:
        lines.append(line(" ".join(words), at))
        at = lines[-1].end + 0.3
    found, at = [], 0.0
    for seconds, voice in steps:
        found.append(SpeakerTurn(at, at + seconds, voice))
        at += seconds
    known, after = [ONE], lines
    for _ in range(3):  # as when a person has them found again
        change = given_to_voices(CALL, after, {0: found}, known)
        if change is not None:
            gone = {said.id for said in change.before}
            after = sorted(
                [*(said for said in after if said.id not in gone), *change.after], key=lambda said: said.start
            )
            known += change.added
        assert [word for said in after for word in said.words] == [word for said in lines for word in said.words]
        assert " ".join(said.text for said in after) == " ".join(said.text for said in lines)
        assert {said.id for said in lines} <= {said.id for said in after}, "every citation still has its line"
        assert {said.speaker for said in after} <= {one.id for one in known}


def test_a_speaker_is_heard_best_where_they_speak_longest() -> None:
    short, long = line("Yes.", 0.0), line("one two three four five six seven eight nine ten eleven twelve", 10.0)
    other = line("Well then.", 30.0, ANNA)
    untimed = msgspec.structs.replace(line("Nobody knows when.", 0.0, ANNA), start=0.0, end=0.0)
    assert samples([short, long, untimed, other]) == {ONE.id: (10.0, 15.0), ANNA.id: (30.0, 31.0)}


@pytest.mark.parametrize(("seconds", "count"), [(0.55, 1), (0.65, 3)])
def test_how_long_another_voice_is_heard_inside_a_line_decides(seconds: float, count: int) -> None:
    end = 2.0 + seconds
    said = words_at(("one", 0.0, 1.0), ("two,", 1.0, 2.0), ("three.", 2.0, end), ("Four", end, 4.0), ("five", 4.0, 5.0))
    assert len(parts(said, (0.0, 2.0, 0), (2.0, end, 1), (end, 5.0, 0))) == count


@pytest.mark.parametrize(("away", "first"), [(0.95, "One two."), (1.05, "One two. Three four")])
def test_how_far_the_end_of_a_sentence_may_be(away: float, first: str) -> None:
    begin = 4.0 - away  # of what follows the sentence, while the voice changes at 4
    said = words_at(
        ("One", 0.0, 1.0), ("two.", 1.0, begin), ("Three", begin, 3.5), ("four", 3.5, 4.0), ("five", 4.0, 6.0),
        ("six", 6.0, 8.0),
    )  # fmt: skip
    assert parts(said, (0.0, 4.0, 0), (4.0, 8.0, 1))[0] == first


@pytest.mark.parametrize(("pause", "first"), [(0.11, "one two three"), (0.13, "one two")])
def test_how_long_a_pause_is_one(pause: float, first: str) -> None:
    said = words_at(
        ("one", 0.0, 1.0), ("two", 1.0, 2.0), ("three", 2.0 + pause, 2.6), ("four", 2.6, 4.0), ("five", 4.0, 6.0)
    )
    assert parts(said, (0.0, 2.6, 0), (2.6, 6.0, 1))[0] == first


@pytest.mark.parametrize(
    ("first", "count"), [("Yes.", 2), ("yes,", 1), ("yes", 1)], ids=["a sentence", "a part of one", "a word"]
)
def test_a_short_answer_at_the_edge_is_its_own_only_if_it_is_parted(first: str, count: int) -> None:
    said = words_at((first, 0.0, 0.5), ("And", 0.5, 1.5), ("now", 1.5, 2.5), ("me", 2.5, 3.5))
    assert len(parts(said, (0.0, 0.5, 1), (0.5, 3.5, 0))) == count


def test_a_pause_parts_a_short_answer_too() -> None:
    said = words_at(("yes", 0.0, 0.5), ("and", 0.7, 1.5), ("now", 1.5, 2.5), ("me", 2.5, 3.5))
    assert parts(said, (0.0, 0.5, 1), (0.7, 3.5, 0)) == ["yes", "and now me"]
