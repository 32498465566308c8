"""The time left: hidden until it means something, right at a steady speed, and steady where the speed is not."""

import itertools
import random

import pytest

from app.core.job import Progress, RemainingTime


class Run:
    """A step whose clock is set by hand."""

    def __init__(self) -> None:
        self.now = 100.0
        self._left = RemainingTime(lambda: self.now)

    def at(self, seconds: float, done: float, total: float | None = 100.0, step: str = "Reading") -> float | None:
        self.now = 100.0 + seconds
        return self._left.seconds(Progress(step, done, total, "lines"))


def test_it_is_hidden_until_it_means_something() -> None:
    run = Run()
    assert run.at(0, 0) is None
    assert run.at(1.9, 10) is None, "too early"
    assert run.at(5, 0) is None
    hurried = Run()
    hurried.at(0, 0)
    assert hurried.at(3, 1) is None, "one of a hundred says little"
    assert hurried.at(20, 1) == pytest.approx(1980), "unless it took long"
    assert Run().at(5, 3, None) is None


def test_it_goes_by_the_speed_so_far() -> None:
    run = Run()
    run.at(0, 10)
    assert run.at(4, 30) == pytest.approx(14)  # five a second, seventy to go
    assert run.at(18, 100) == 0
    assert run.at(19, 120) == 0


def test_what_was_done_before_does_not_count() -> None:
    run = Run()
    run.at(0, 90)
    assert run.at(5, 90) is None
    assert run.at(5, 95) == pytest.approx(5)


def test_a_new_step_starts_anew() -> None:
    run = Run()
    run.at(0, 0)
    assert run.at(4, 50) == pytest.approx(4)
    assert run.at(5, 0, 4, "Writing") is None
    assert run.at(8, 1, 4, "Writing") == pytest.approx(9)


def test_it_runs_down_while_nothing_arrives_and_never_below_nothing() -> None:
    run = Run()
    run.at(0, 0)
    first = run.at(10, 50)
    later = run.at(11, 50)
    assert first is not None
    assert later is not None
    assert later < first
    assert all((left := run.at(11 + n, 50)) is not None and left >= 0 for n in range(100))


def test_it_does_not_jump_at_an_uneven_speed() -> None:
    """Pieces that take between half and twice their time: what is shown differs from the clock by a tenth at most."""
    chance = random.Random(7)
    run, seconds, shown = Run(), 0.0, list[tuple[float, float]]()
    run.at(0, 0, 400)
    for done in range(1, 400):
        seconds += chance.choice((0.25, 0.5, 1.0))
        left = run.at(seconds, done, 400)
        if left is not None:
            shown.append((seconds, left))
    assert len(shown) > 350
    for (before, had), (after, has) in itertools.pairwise(shown):
        assert abs((had - has) - (after - before)) <= max(1.0, 0.1 * had)


@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_it_follows_a_speed_that_changes_for_good(factor: float) -> None:
    run, seconds, left = Run(), 0.0, None
    run.at(0, 0, 400)
    for done in range(1, 200):
        seconds += 0.5
        run.at(seconds, done, 400)
    for done in range(200, 390):
        seconds += 0.5 * factor
        left = run.at(seconds, done, 400)
    assert left == pytest.approx(10 * 0.5 * factor, abs=4)
