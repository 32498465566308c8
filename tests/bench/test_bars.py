"""The bars of start and memory, in a short form; the long one measures three hours."""

import sys

import pytest

from tests.bench import memory, start


@pytest.mark.skipif(sys.platform != "linux", reason="the proportional set size is Linux's")
def test_memory_does_not_grow_with_length() -> None:
    found = memory.measure(long=600, short=60)
    assert found["more"] <= memory.MOST_MORE / 8  # the bar is for three hours
    assert found["lines"] == pytest.approx(1, rel=0.5)


def test_the_lock_screen_is_there_quickly() -> None:
    found = start.measure(runs=3)
    assert found["launch"] <= start.MOST_SECONDS
    assert found["ratio"] <= start.MOST_RATIO
    assert found["help"] <= start.MOST_HELP


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_three_hours_take_hardly_more_memory_than_three_minutes() -> None:
    found = memory.measure(long=3 * 3600, short=180)
    assert found["more"] <= memory.MOST_MORE
