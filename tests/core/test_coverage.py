"""How much of a call's speech has text: what is said twice counts once, and what a person wrote counts whole."""

import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.coverage import LEAST_GAP, coverage, without_words
from app.core.speech import Speech
from app.core.transcript import Transcript, Utterance, Word, spoken


def transcript(speech: list[Speech], *lines: Utterance) -> Transcript:
    return Transcript("en", 60.0, "whisper", lines, (), tuple(speech))


def line(text: str, start: float, end: float, track: int = 0) -> Utterance:
    """A line that says one word again and again, each time for half a second, for the whole of its time."""
    starts = [start + n / 2 for n in range(math.ceil((end - start) * 2))]
    words = tuple(Word(f" {text}", at, min(end, at + 0.5), 0.9) for at in starts)
    return spoken(track, start, end, "".join(word.text for word in words).strip(), words)


def test_speech_beside_the_words_is_a_gap() -> None:
    found = coverage(transcript([Speech(0, 1.0, 4.0), Speech(0, 6.0, 9.0)], line("one", 1.0, 4.0)))
    assert found is not None
    assert found.gaps == (Speech(0, 6.0, 9.0),)
    assert (found.speech, found.with_text, found.without_text, found.share) == (6.0, 3.0, 3.0, 0.5)


def test_each_track_is_looked_at_by_itself_and_gaps_are_in_order_of_time() -> None:
    speech = [Speech(0, 1.0, 4.0), Speech(0, 20.0, 25.0), Speech(1, 10.0, 14.0)]
    found = coverage(transcript(speech, line("one", 1.0, 4.0), line("other", 20.0, 25.0, track=1)))
    assert found is not None
    assert found.gaps == (Speech(1, 10.0, 14.0), Speech(0, 20.0, 25.0))


def test_less_than_a_moment_is_no_gap_and_counts_as_told() -> None:
    almost, enough = (
        coverage(transcript([Speech(0, 0.0, 3.0)], line("one", 0.0, 3.0 - gap)))
        for gap in (LEAST_GAP - 0.01, LEAST_GAP)
    )
    assert almost is not None
    assert enough is not None
    assert (almost.gaps, almost.share) == ((), 1.0)
    assert enough.gaps == (Speech(0, 3.0 - LEAST_GAP, 3.0),)


def test_a_line_that_a_person_wrote_or_changed_tells_all_of_its_time() -> None:
    written = spoken(0, 6.0, 9.0, "What is said there.")
    heard = spoken(0, 1.0, 4.0, "one two", (Word(" one", 1.0, 1.4, 0.9), Word(" two", 3.6, 4.0, 0.9)))
    speech = [Speech(0, 1.0, 4.0), Speech(0, 6.0, 9.0)]
    unchanged, changed = (
        coverage(transcript(speech, said, written))
        for said in (heard, msgspec.structs.replace(heard, text="one or two"))
    )
    assert unchanged is not None
    assert changed is not None
    assert unchanged.gaps == (Speech(0, 1.4, 3.6),)
    assert changed.gaps == ()


def test_a_word_tells_no_more_than_one_can_last() -> None:
    """Where a sentence was left out, the word before it is often given all of its time."""
    short, long = (
        coverage(transcript([Speech(0, 0.0, 4.0)], spoken(0, 0.0, 4.0, word, (Word(word, 0.0, 4.0, 0.9),))))
        for word in ("to", "Donaudampfschifffahrtsgesellschaft")
    )
    assert short is not None
    assert long is not None
    assert short.gaps == (Speech(0, 1.0, 4.0),)
    assert long.gaps == ()


def test_it_is_not_known_of_a_call_without_speech_on_record() -> None:
    assert coverage(transcript([], line("one", 1.0, 4.0))) is None


_intervals = st.lists(
    st.tuples(st.integers(0, 300), st.integers(1, 40)).map(lambda at: (at[0] / 10, (at[0] + at[1]) / 10))
)


@given(_intervals, _intervals, st.sampled_from([0.1, 0.5, 1.5]))
def test_it_is_what_counting_every_tenth_of_a_second_finds(
    speech: list[tuple[float, float]], words: list[tuple[float, float]], least: float
) -> None:
    apart: list[tuple[float, float]] = []
    for start, end in sorted(speech):  # stretches of speech do not overlap
        if not apart or start >= apart[-1][1] + 0.1:
            apart.append((start, end))
    told = {tenth for start, end in words for tenth in range(round(start * 10), round(end * 10))}
    expected: list[tuple[float, float]] = []
    for start, end in apart:
        begin = None
        for tenth in range(round(start * 10), round(end * 10) + 1):
            is_open = tenth < round(end * 10) and tenth not in told
            if is_open and begin is None:
                begin = tenth
            elif not is_open and begin is not None:
                expected += [(begin / 10, tenth / 10)] if (tenth - begin) / 10 >= least - 1e-9 else []
                begin = None
    found = without_words(apart, words, least - 1e-6)
    assert found == [pytest.approx(one) for one in expected]
