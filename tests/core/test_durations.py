"""Times and lengths, letter by letter."""

import pytest

from app.core.durations import cue_times, format_duration, format_time


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "0:00"), (9.99, "0:09"), (61, "1:01"), (3599.9, "59:59"), (3600, "1:00:00"), (36_061, "10:01:01")],
)
def test_clock(seconds: float, shown: str) -> None:
    assert format_time(seconds) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0, "0 s"), (42.4, "42 s"), (59.6, "1 min 0 s"), (492, "8 min 12 s"), (3900, "1 h 5 min")]
)
def test_length(seconds: float, shown: str) -> None:
    assert format_duration(seconds) == shown


@pytest.mark.parametrize(
    ("seconds", "mark", "shown"),
    [(-0.2, ".", "00:00:00.000"), (61.0004, ",", "00:01:01,000"), (59.9996, ",", "00:01:00,000"),
     (3725.5, ".", "01:02:05.500")],
)  # fmt: skip
def test_cue_times(seconds: float, mark: str, shown: str) -> None:
    assert cue_times(seconds, seconds + 1, mark)[0] == shown
