"""The speeds that a call is played at."""

import pytest

from app.core.playback import FASTEST, SLOWEST, SPEEDS, faster, slower, speed_text


def test_one_step_up_and_one_step_down() -> None:
    assert [faster(speed) for speed in SPEEDS] == [*SPEEDS[1:], 3.0]
    assert [slower(speed) for speed in SPEEDS] == [0.5, *SPEEDS[:-1]]
    assert (SPEEDS[0], SPEEDS[-1]) == (SLOWEST, FASTEST)


def test_a_speed_between_two_goes_to_the_next_in_either_direction() -> None:
    assert (faster(1.1), slower(1.1)) == (1.25, 1.0)
    assert (faster(9.0), slower(0.1)) == (3.0, 0.5)


@pytest.mark.parametrize(("speed", "text"), [(1.0, "1×"), (1.25, "1.25×"), (0.5, "0.5×")])
def test_it_is_written_without_needless_digits(speed: float, text: str) -> None:
    assert speed_text(speed) == text
