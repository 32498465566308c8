"""Where a listener may jump over a pause."""

import pytest

from app.core.call import Survey
from app.core.pauses import jumps
from app.core.speech import Speech
from app.core.transcript import Word, spoken


def survey(*sides: list[tuple[int, int]]) -> Survey:
    """Sides as (tenths of a second, their peak) one after the other."""
    peaks = [bytes(peak for count, peak in side for _ in range(count)) for side in sides]
    woven = bytes(value for values in zip(*peaks, strict=True) for value in values)
    return Survey(len(peaks[0]) / 10, len(sides), (-20.0,) * len(sides), 0.0, woven, False, "opus")


def test_a_long_pause_is_jumped_over_but_for_its_edges_and_a_short_one_is_heard() -> None:
    found = survey([(50, 120), (30, 0), (20, 120), (9, 0), (20, 120), (10, 0), (5, 120)])
    assert jumps(found) == [pytest.approx((5.3, 7.8)), pytest.approx((13.2, 13.7))]


def test_it_is_a_pause_only_if_both_sides_are_quiet() -> None:
    found = survey([(50, 120), (50, 0), (20, 120)], [(80, 0), (20, 90), (20, 0)])
    assert jumps(found) == [pytest.approx((5.3, 7.8))]


def test_noise_in_which_nobody_speaks_is_quiet_and_speech_that_is_no_louder_is_not() -> None:
    assert jumps(survey([(50, 120), (30, 5), (20, 120)])) == [pytest.approx((5.3, 7.8))]
    assert jumps(survey([(50, 120), (30, 13), (20, 120)])) == [], "more than a tenth of what speech reaches"
    assert jumps(survey([(100, 60)])) == [], "somebody speaks all the time"


def test_words_that_were_heard_are_not_jumped_over_however_quiet_they_are() -> None:
    found = survey([(50, 120), (60, 0), (20, 120)])
    line = spoken(0, 5.1, 8.0, "Yes no", (Word("Yes", 5.1, 5.4, 0.9), Word(" no", 7.5, 8.0, 0.9)))
    assert jumps(found, [line]) == [pytest.approx((5.8, 7.3)), pytest.approx((8.4, 10.8))]
    written = spoken(0, 7.0, 8.0, "Yes no")
    assert jumps(found, [written]) == [pytest.approx((5.3, 6.8)), pytest.approx((8.4, 10.8))]


def test_speech_without_words_is_heard_too() -> None:
    found = survey([(50, 120), (60, 0), (20, 120)])
    assert jumps(found, [], [Speech(0, 7.0, 8.0)]) == [pytest.approx((5.3, 6.8)), pytest.approx((8.4, 10.8))]


def test_a_side_without_any_sound_hides_no_pause_of_the_other() -> None:
    assert jumps(survey([(50, 120), (30, 0)], [(80, 0)])) == [pytest.approx((5.3, 7.8))]
    assert jumps(survey([(300, 0)])) == [pytest.approx((0.3, 29.8))]


def test_nothing_was_surveyed() -> None:
    assert jumps(Survey(0.0, 0, (), 0.0, b"", False, "text")) == []
