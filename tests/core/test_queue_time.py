"""How long all work that waits will take: measured, side by side on its lanes, and nothing where it is not known."""

import pytest

from app.core.figures import ordinal
from app.core.queue_time import StepSpeeds, seconds_left


def test_a_step_takes_as_long_for_a_second_of_call_as_it_took_so_far() -> None:
    speeds = StepSpeeds()
    assert speeds.seconds("Transcribing", 100) is None
    speeds.add("Transcribing", 100, 20)
    speeds.add("Transcribing", 300, 20)
    speeds.add("Transcribing", 0.5, 50)  # of that nothing can be told
    assert speeds.seconds("Transcribing", 200) == pytest.approx(20)
    assert speeds.seconds("Summarizing", 200) is None


def test_lanes_work_side_by_side() -> None:
    assert seconds_left({"speech": [10.0, 20.0], "language": [25.0]}) == 30
    assert seconds_left({"speech": [10.0], "language": [25.0, 1.0], "disk": []}) == 26


def test_without_a_measure_there_is_no_time() -> None:
    assert seconds_left({"speech": [10.0, None], "language": [25.0]}) is None
    assert seconds_left({}) is None


def test_places_in_a_line() -> None:
    named = [ordinal(number) for number in (1, 2, 3, 4, 11, 12, 13, 21, 22, 103, 111)]
    assert named == ["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "22nd", "103rd", "111th"]
