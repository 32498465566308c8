"""What a person wants of calls that come in: the name of an exported file, and what is kept of it."""

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.call import Call, CallState
from app.core.ids import CallId
from app.core.import_options import ExportPlan, ImportOptions, StepOptions
from app.core.transcript import Layout
from app.core.voices import MOST_SPEAKERS

DATE = datetime(2026, 3, 9, 14, 5, tzinfo=UTC)


def call(title: str = "Launch") -> Call:
    return Call(CallId("06fx1y1872ee"), title, DATE, 60.0, CallState.TRANSCRIBED, Layout.MONO, (), ())


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("{date} {title}", f"{DATE.astimezone():%Y-%m-%d} Launch.md"),
        ("{title} {time}", f"Launch {DATE.astimezone():%H.%M}.md"),
        ("{id}", "06fx1y1872ee.md"),
        ("{file}", "Anna 3.md"),
        ("{file}/{title}", "Anna 3 Launch.md"),
        ("minutes", "minutes.md"),
    ],
)
def test_a_file_is_named_by_the_pattern(pattern: str, name: str) -> None:
    plan = ExportPlan("/there", name=pattern)
    assert plan.has_known_name
    assert plan.of_file(Path("/phone/Anna 3.m4a")).file_name(call(), "md") == name


@pytest.mark.parametrize("pattern", ["", "  ", "{titel}", "{date} {}", "{title} {0}"])
def test_a_pattern_with_an_unknown_part_is_known_as_such(pattern: str) -> None:
    assert not ExportPlan("/there", name=pattern).has_known_name


@given(st.text(), st.text())
def test_no_title_and_no_file_leads_to_another_folder(title: str, stem: str) -> None:
    path = Path("/phone") / (stem.replace("/", "").replace("\0", "") or "x")
    name = ExportPlan("/there", name="{file}{title}").of_file(path).file_name(call(title), "txt")
    assert Path("/there", name).parent == Path("/there")
    assert not name.startswith(".")
    assert name.endswith(".txt")


@given(st.integers(0, MOST_SPEAKERS), st.text(max_size=200), st.none() | st.just(ExportPlan("/there", "srt", "{id}")))
def test_what_is_kept_is_what_was_wanted(count: int, template: str, plan: ExportPlan | None) -> None:
    wanted = StepOptions(count, template, "de", plan)
    assert msgspec.json.decode(msgspec.json.encode(wanted), type=StepOptions) == wanted


def test_without_a_wish_nothing_is_kept() -> None:
    assert msgspec.json.encode(ImportOptions().steps) == b"{}"


@pytest.mark.parametrize("stored", ['{"speaker_count": -1}', '{"export": {"folder": ""}}', '{"template": 3}', "[]"])
def test_what_nobody_can_have_wanted_is_not_read(stored: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(stored, type=StepOptions)
