"""Whether a model is fast enough for its work, and whether what was measured says something of the computer."""

import pytest

from app.core.fit import (
    LEAST_WRITTEN,
    LONGEST_SUMMARY,
    Need,
    Verdict,
    assess_fit,
    is_fast_enough,
    summary_seconds,
    with_speed,
)
from app.core.measurement import Measurement, expected_read_rate, expected_realtime, is_contended

GB = 10**9


def test_an_hour_of_call_is_read_whole_and_a_summary_of_it_written() -> None:
    assert summary_seconds(60, read_per_second=50, tokens_per_second=10) == pytest.approx(300 + 150)
    assert summary_seconds(60, 0, 10) == summary_seconds(60, 50, 0) == 0


@pytest.mark.parametrize(
    ("read", "written", "is_enough"),
    [(100, LEAST_WRITTEN, True), (100, LEAST_WRITTEN - 0.1, False),  # a chat can't be read along
     (25.1, 5.1, True), (24, 5.1, False),  # an hour's call takes longer than a quarter of an hour
     (0, 0, True), (0, 3, False), (0, 6, True)],  # not known, or only half of it
)  # fmt: skip
def test_speed_is_judged_by_a_chat_and_by_a_call(read: float, written: float, is_enough: bool) -> None:
    assert is_fast_enough(read, written) is is_enough


def test_what_fits_and_is_slow_does_not_run_well() -> None:
    need = Need(GB, 0, 0, 0, 8192)
    assert assess_fit(need, GB, 16 * GB, 2.4, 11).verdict is Verdict.SLOW
    assert assess_fit(need, GB, 16 * GB, 18, 90).verdict is Verdict.WELL
    assert assess_fit(need, GB, GB, 2.4, 11).verdict is Verdict.NOT, "what does not fit has no speed"
    assert assess_fit(need, GB, 16 * GB, 2.4, 11).hour_seconds > LONGEST_SUMMARY
    assert with_speed(Verdict.TIGHT, True) is Verdict.TIGHT


def measured(size: int = GB, tokens_in: float = 0.0, tokens_out: float = 0.0, realtime: float = 0.0) -> Measurement:
    return Measurement("one", "any", size, "2026-11-25", 2, tokens_in, tokens_out, realtime=realtime)


def test_reading_is_estimated_from_writing_by_what_this_computer_showed() -> None:
    assert expected_read_rate(10, []) == 50
    assert expected_read_rate(10, [measured(tokens_in=30, tokens_out=10)]) == pytest.approx(30)
    assert expected_read_rate(10, [measured(tokens_in=30, tokens_out=10, size=10_000)]) == 50, "too small to tell"


def test_a_speech_model_is_estimated_by_its_size() -> None:
    assert expected_realtime(400_000_000, []) == 0
    assert expected_realtime(400_000_000, [measured(realtime=8, size=100_000_000)]) == pytest.approx(2)
    assert expected_realtime(400_000_000, [measured(realtime=900, size=1_000_000)]) == 0, "the demo model"


@pytest.mark.parametrize(
    ("others", "own", "is_so"),
    [(0, 20, False), (2.9, 17, False), (3.1, 16.9, True), (10, 10, True), (10, 4, False)],
)  # of 20 seconds that two cores have in ten
def test_others_count_only_where_they_took_what_was_wanted(others: float, own: float, is_so: bool) -> None:
    assert is_contended(others, own, 10, 2) is is_so
