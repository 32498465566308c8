"""How recognised words become utterances, and who says them."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.ids import SpeakerId
from app.core.transcript import (
    LONGEST,
    NO_SPEAKER,
    PAUSE,
    SENTENCE_PAUSE,
    Layout,
    Segment,
    Speaker,
    Utterance,
    Word,
    default_speakers,
    default_tracks,
    given_to_tracks,
    in_order,
    language_spoken_most,
    names_of,
    speaker_name,
    speaking,
    utterances,
    with_line_numbers,
    with_sides_swapped,
)
from app.core.transcript import spoken as uttered


def spoken(text: str, start: float = 0.0, channel: int = 0, each: float = 0.3, gap: float = 0.0) -> Segment:
    """A segment whose words follow each other, `gap` seconds apart."""
    words = []
    for part in text.split():
        words.append(Word(f" {part}", round(start, 3), round(start + each, 3), 0.9))
        start += each + gap
    return Segment(channel, tuple(words))


def texts(found: Sequence[Utterance]) -> list[str]:
    return [u.text for u in found]


def test_words_without_a_pause_are_one_utterance() -> None:
    (one,) = utterances([spoken("we agree to move the launch", 2.0)])
    assert one == Utterance(one.id, 0, NO_SPEAKER, 2.0, 3.8, "we agree to move the launch", one.words)
    assert len(one.words) == 6


def test_a_pause_ends_an_utterance_in_the_middle_of_a_sentence() -> None:
    assert len(utterances([spoken("well I", 0), spoken("think so", 0.6 + PAUSE + 0.05)])) == 2
    assert len(utterances([spoken("well I", 0), spoken("think so", 0.6 + PAUSE - 0.05)])) == 1


def test_a_short_pause_ends_it_after_a_finished_sentence_only() -> None:
    pause = 0.6 + SENTENCE_PAUSE + 0.01
    assert texts(utterances([spoken("Good news.", 0), spoken("I know.", pause)])) == ["Good news.", "I know."]
    assert texts(utterances([spoken("Good news,", 0), spoken("I know.", pause)])) == ["Good news, I know."]
    assert texts(utterances([spoken("Good news.", 0), spoken("I know.", 0.65)])) == ["Good news. I know."]


@pytest.mark.parametrize("end", [".", "?", "!", "…", "。", "？", "।", '."', ".”", ".)"])
def test_sentences_end_as_they_do_in_many_languages(end: str) -> None:
    assert len(utterances([spoken(f"so be it{end}", 0), spoken("next", 1.5)])) == 2


@pytest.mark.parametrize(
    ("first", "gap", "count"),
    [
        ("well I", 0.78, 1),  # within a sentence 0.8 s end an utterance
        ("well I", 0.82, 2),
        ("so be.", 0.14, 1),  # after one, 0.15 s
        ("so be.", 0.16, 2),
    ],
)
def test_the_pauses_that_end_an_utterance(first: str, gap: float, count: int) -> None:
    assert len(utterances([spoken(first, 0), spoken("think so", 0.6 + gap)])) == count


@pytest.mark.parametrize(("letters", "count"), [(217, 1), (218, 2)])  # a space and a full stop make 220
def test_a_sentence_ends_an_utterance_from_220_characters(letters: int, count: int) -> None:
    assert len(utterances([spoken(f"{'a' * letters}. next")])) == count


def test_a_long_monologue_is_cut_at_the_next_sentence() -> None:
    sentence = "and then we talked about it for a while again. "
    found = utterances([spoken(sentence * 20)])
    assert len(found) > 3
    assert all(u.text.endswith(".") for u in found)
    assert all(LONGEST <= len(u.text) + 1 < LONGEST + 2 * len(sentence) for u in found[:-1])
    assert " ".join(texts(found)) == (sentence * 20).strip()


def test_a_word_of_the_other_side_leaves_a_sentence_whole() -> None:
    found = utterances([spoken("so we move the launch then", 0), spoken("Mm-hm.", 0.7, channel=1)])
    assert [(u.track, u.text) for u in found] == [(0, "so we move the launch then"), (1, "Mm-hm.")]


def test_a_turn_of_the_other_side_ends_it_once() -> None:
    """Also where the first word of what follows lasts no time, so that the second begins with it."""
    words = [Word(" Then", 17.8, 17.8, 1.0), Word(" we", 17.8, 18.2, 1.0), Word(" agree.", 18.2, 18.6, 1.0)]
    taken_up = Segment(0, tuple(words), is_after_other=True)
    for heard in ([spoken("How long", 13.0), taken_up], [taken_up]):
        assert texts(utterances(heard))[-1] == "Then we agree."
    assert len(utterances([spoken("How long", 17.5), taken_up])) == 2


def test_segments_of_one_channel_run_together() -> None:
    found = utterances([spoken("we agree", 0), spoken("to move", 0.6)])
    assert texts(found) == ["we agree to move"]


def test_words_without_spaces_are_not_torn_apart() -> None:
    words = tuple(Word(part, n * 0.2, n * 0.2 + 0.2, 1.0) for n, part in enumerate(["今日", "は", "良い"]))
    assert texts(utterances([Segment(0, words)])) == ["今日は良い"]


def test_nothing_said_is_no_utterance() -> None:
    assert utterances([]) == []
    assert utterances([Segment(0, ())]) == []


words = st.lists(
    st.tuples(st.sampled_from([" yes", " no.", " so"]), st.floats(0, 2), st.floats(0.05, 1), st.integers(0, 1)),
    max_size=40,
)


@given(words)
def test_each_word_is_in_exactly_one_utterance_of_its_channel(drawn: list[tuple[str, float, float, int]]) -> None:
    clocks = [0.0, 0.0]
    segments = []
    for text, gap, length, channel in drawn:
        start = clocks[channel] + gap
        clocks[channel] = start + length
        segments.append(Segment(channel, (Word(text, start, start + length, 1.0),)))
    found = utterances(segments)
    for channel in (0, 1):
        said = [word for segment in segments if segment.channel == channel for word in segment.words]
        assert [word for u in found if u.track == channel for word in u.words] == said
    assert found == in_order(found)
    assert all(u.start == u.words[0].start and u.end == u.words[-1].end and u.text for u in found)


@given(words)
def test_lines_count_from_one_in_the_order_of_time(drawn: list[tuple[str, float, float, int]]) -> None:
    found = [uttered(channel, start, start + 1, text) for text, start, _, channel in drawn]
    lines = with_line_numbers(found)
    assert [u.line for u in lines] == list(range(1, len(found) + 1))
    assert [(u.start, u.track) for u in lines] == sorted((u.start, u.track) for u in found)


def test_layouts_name_the_channels_to_transcribe() -> None:
    assert [layout.channels for layout in Layout] == [(0,), (0, 1), (0,), (1,), (0,)]


def test_a_call_has_you_and_them_and_one_microphone_a_speaker() -> None:
    two = default_speakers(Layout.TWO_SIDED)
    assert [(one.name, one.is_you) for one in two] == [("You", True), ("Them", False)]
    assert [(one.name, one.is_you) for one in default_speakers(Layout.MONO)] == [("Speaker", False)]
    assert names_of(default_speakers(Layout.TWO_SIDED, right="Leo")) == ("You", "Leo")
    for layout, names in ((Layout.LEFT_ONLY, ("You",)), (Layout.RIGHT_ONLY, ("Them",))):
        assert names_of(speaking(layout, default_speakers(layout))) == names
        (track,) = default_tracks(layout, two)
        assert (track.number, speaker_name(track.speaker, two)) == (layout.channels[0], *names)
    assert [track.number for track in default_tracks(Layout.TWO_SIDED, two)] == [0, 1]


def test_three_people_on_one_microphone_all_speak() -> None:
    three = tuple(Speaker(SpeakerId(name), name) for name in ("Ana", "Ben", "Cleo"))
    assert names_of(speaking(Layout.MONO, three)) == ("Ana", "Ben", "Cleo")
    assert speaker_name(SpeakerId("Cleo"), three) == "Cleo"
    assert speaker_name(SpeakerId("nobody"), three) == ""
    heard = given_to_tracks([uttered(0, 0.0, 1.0, "Hi.")], default_tracks(Layout.MONO, three))
    assert [u.speaker for u in heard] == ["Ana"]


def test_swapping_twice_changes_nothing() -> None:
    known = default_speakers(Layout.TWO_SIDED, "Elena", "Leo")
    left, right = with_sides_swapped(known)
    assert (left.id, left.name, left.is_you) == (known[0].id, "Leo", False)
    assert (right.id, right.name, right.is_you) == (known[1].id, "Elena", True)
    assert with_sides_swapped((left, right)) == known
    assert with_sides_swapped(known[:1]) == known[:1]


def in_language(segment: Segment, language: str, *, is_doubtful: bool = False) -> Segment:
    return Segment(segment.channel, segment.words, language, is_doubtful)


def test_another_language_begins_an_utterance() -> None:
    said = [
        in_language(spoken("we say", 0.0), "en"),
        in_language(spoken("auf Wiedersehen", 0.6), "de"),
        in_language(spoken("to all", 1.2), "en", is_doubtful=True),
    ]
    found = utterances(said)
    assert [(u.text, u.language, u.is_language_doubtful) for u in found] == [
        ("we say", "en", False), ("auf Wiedersehen", "de", False), ("to all", "en", True),
    ]  # fmt: skip
    assert len(utterances([in_language(spoken("we say", 0.0), "en"), in_language(spoken("it", 0.6), "en")])) == 1


def test_the_language_spoken_most_is_counted_in_seconds() -> None:
    said = [
        in_language(spoken("one two three.", 0.0), "de"),
        in_language(spoken("a", 5.0), "en"),
        in_language(spoken("b", 9.0, each=2.0), "en"),
    ]
    assert language_spoken_most(utterances(said)) == "en"
    assert language_spoken_most(utterances(said[:2])) == "de"
    assert language_spoken_most(utterances([spoken("unknown", 0.0)])) == ""


@pytest.mark.parametrize(("pause", "count"), [(1.95, 1), (2.05, 2)])
def test_how_long_a_pause_in_the_middle_of_a_sentence_may_be(pause: float, count: int) -> None:
    ends = 2.0 + pause
    heard = (
        Word(" We", 0.0, 1.0, 0.9), Word(" agree", 1.0, 2.0, 0.9),
        Word(" to", ends, ends + 0.3, 0.9), Word(" that.", ends + 0.3, ends + 0.6, 0.9),
    )  # fmt: skip
    assert len(utterances([Segment(0, heard, "en")])) == count
