"""The figures that decide what a person sees, from both sides of each; `make mutants` changes every one."""

import pytest

from app.core.call import Survey, layout_of
from app.core.deletion import Quotes
from app.core.fit import Verdict, fallback_profiles, minutes_of, verdict
from app.core.repetition import RepetitionGuard
from app.core.transcript import Layout, Segment, Word, utterances

MIB = 1024 * 1024


def layout(left: float, right: float, correlation: float = 0.0) -> Layout:
    return layout_of(Survey(60.0, 2, (left, right), correlation, b"", False, "opus"))


def test_a_gap_of_exactly_the_pause_ends_an_utterance() -> None:
    words = (Word(" well", 0.0, 0.2, 0.9), Word(" so", 1.0, 1.2, 0.9))  # 0.8 s between them, as floats too
    assert len(utterances([Segment(0, words)])) == 2


@pytest.mark.parametrize(
    ("left", "right", "correlation", "expected"),
    [
        (-20.0, -54.0, 0.0, Layout.TWO_SIDED),  # 34 dB apart: a quiet voice; 36: leakage
        (-20.0, -56.0, 0.0, Layout.LEFT_ONLY),
        (-42.0, -61.0, 0.0, Layout.LEFT_ONLY),  # under -60 dBFS a channel is silent, and half the distance is enough
        (-41.0, -59.0, 0.0, Layout.TWO_SIDED),
        (-59.0, -59.0, 0.0, Layout.TWO_SIDED),
        (-79.0, -79.0, 0.0, Layout.TWO_SIDED),  # a recording far down is no silence
        (-81.0, -81.0, 0.0, Layout.MONO),
        (-20.0, -22.0, 0.34, Layout.TWO_SIDED),
        (-20.0, -22.0, 0.36, Layout.MONO),
    ],
)
def test_layouts_on_both_sides_of_their_figures(
    left: float, right: float, correlation: float, expected: Layout
) -> None:
    assert layout(left, right, correlation) is expected


def test_eight_words_in_a_row_are_a_quote_and_seven_are_none() -> None:
    quotes = Quotes(["one two three four five six seven eight nine ten"])
    assert quotes.are_in("so two three four five six seven eight nine it is")
    assert not quotes.are_in("so two three four five six seven eight it is")


@pytest.mark.parametrize(
    ("turn", "turns", "is_repeating"),
    [
        ("He came. ", 17, False),  # 153 characters; from 160 on it is a circle
        ("He came. ", 20, True),
        ("So the launch of the new website is moved to the fourth of June, Anna says. ", 3.6, False),
        ("So the launch of the new website is moved to the fourth of June, Anna says. ", 4.4, True),
        ("0 | ", 97, False),  # without letters from 400 on
        ("0 | ", 105, True),
    ],
)
def test_a_circle_takes_four_turns_and_a_length(turn: str, turns: float, is_repeating: bool) -> None:
    guard = RepetitionGuard()
    guard.add((turn * 200)[: round(len(turn) * turns)])
    assert guard.is_repeating is is_repeating


@pytest.mark.parametrize(("turns", "is_repeating"), [(20, False), (24, True)])
def test_a_circle_that_counts_takes_four_hundred_characters(turns: int, is_repeating: bool) -> None:
    guard = RepetitionGuard()
    guard.add("".join(f"{n + 10}. We will see it.\n" for n in range(turns)))
    assert guard.is_repeating is is_repeating


@pytest.mark.parametrize(
    ("free", "left", "expected"),
    [
        (1000 * MIB, 513 * MIB, Verdict.WELL),
        (1000 * MIB, 511 * MIB, Verdict.TIGHT),
        (100_000 * MIB, 15_100 * MIB, Verdict.WELL),
        (100_000 * MIB, 14_900 * MIB, Verdict.TIGHT),
    ],
)
def test_what_must_stay_free_beside_a_model(free: int, left: int, expected: Verdict) -> None:
    assert verdict(free - left, free) is expected


def test_fifteen_of_a_hundred_tokens_are_kept_for_the_reply() -> None:
    assert minutes_of(100_000) == 340


def test_no_context_is_halved_below_1024_tokens() -> None:
    assert min(profile.context_tokens for profile in fallback_profiles(8192)) == 1024
    assert min(profile.context_tokens for profile in fallback_profiles(8190)) == 2047
