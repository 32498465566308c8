"""One form for every size, speed, amount and time left."""

import re
from pathlib import Path

import pytest

from app.core.figures import (
    amount,
    progress_line,
    remaining,
    rough_duration,
    size,
    speech_speed,
    speed_figure,
    token_speed,
)
from app.core.job import Progress

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 kB"), (640e3, "640 kB"), (949e3, "949 kB"), (1.2e6, "1.2 MB"), (38e6, "38 MB"), (949e6, "949 MB"),
     (2.5e9, "2.5 GB"), (99.4e9, "99.4 GB"), (121e9, "121 GB")],
)  # fmt: skip
def test_sizes(count: float, text: str) -> None:
    assert size(count) == text


@pytest.mark.parametrize(
    ("speed", "figure"), [(6.94, "6.9"), (9.44, "9.4"), (9.5, "10"), (71.4, "71"), (1234.6, "1,235"), (0.31, "0.3")]
)
def test_a_speed_has_a_decimal_while_it_is_small(speed: float, figure: str) -> None:
    assert speed_figure(speed) == figure
    assert token_speed(speed) == f"{figure} tokens a second"
    assert speech_speed(speed) == f"{figure} times real time"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "a few seconds"), (5, "a few seconds"), (7, "about 5 s"), (13, "about 15 s"), (22, "about 20 s"),
     (54, "about 50 s"), (58, "about 1 min"), (89, "about 1 min"), (91, "about 2 min"), (170, "about 3 min"),
     (89 * 60, "about 89 min"), (90 * 60, "about 1 h 30 min"), (123 * 60, "about 2 h")],
)  # fmt: skip
def test_times_that_seldom_change(seconds: float, text: str) -> None:
    assert rough_duration(seconds) == text
    assert remaining(seconds) == f"{text} left"


@pytest.mark.parametrize(
    ("progress", "text"),
    [
        (Progress("Transcribing", 760, 1862, "s"), "12:40 of 31:02"),
        (Progress("Importing", 1.2e6, 3.4e6, "bytes"), "1.2 of 3.4 MB"),
        (Progress("Verifying", 38e6, 2.5e9, "bytes"), "0.0 of 2.5 GB"),
        (Progress("Importing", 5e6, None, "bytes"), "5.0 MB"),
        (Progress("Reading", 1240, 4100, "tokens"), "1,240 of 4,100 tokens"),
        (Progress("Summarizing", 211.7, 412, "lines"), "212 of 412 lines"),
        (Progress("Loading the model", 0), ""),
    ],
)
def test_amounts_are_in_their_own_unit(progress: Progress, text: str) -> None:
    assert amount(progress) == text


def test_a_line_says_what_how_far_and_how_long() -> None:
    reading = Progress("Reading", 1240, 4100, "tokens")
    assert progress_line("Reading", reading, 21.0) == "Reading, 1,240 of 4,100 tokens, about 20 s left"
    assert progress_line("Reading", reading, None) == "Reading, 1,240 of 4,100 tokens"
    assert progress_line("Loading the model", Progress("Loading the model", 0), None) == "Loading the model"


def test_speeds_are_written_in_no_other_way() -> None:
    """Whatever prints a speed of its own is a second form of it."""
    other = re.compile(r"tok/s|tokens/s|× real time|x real time")
    found = [path.name for path in (ROOT / "app").rglob("*.py") if other.search(path.read_text())]
    assert found == []
