"""A call that came as text, by the command line: its lines stand where times would."""

import pytest

from app.cli.ask import hit_text
from app.core.ids import CallId, UtteranceId
from app.core.search import Hit


@pytest.mark.parametrize(("line", "start", "place"), [(1, 0.0, "0:00"), (7, 0.0, "line 7"), (7, 62.0, "1:02")])
def test_a_hit_without_a_time_has_the_number_of_its_line(line: int, start: float, place: str) -> None:
    hit = Hit(CallId("one"), "Title", line, start, "words", UtteranceId("u"))
    assert hit_text(hit).split("  ")[-2].strip() == place
