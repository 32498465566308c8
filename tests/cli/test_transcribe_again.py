"""`tacit transcribe-again`: another model or language, and what is said of what was there."""

import shutil
from pathlib import Path

import pytest

from app.core.resources import demo_call, demo_models
from tests.running import CALLS, Home


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with a call that the demo model heard, and with a second speech model."""
    made = Home(tmp_path_factory.mktemp("again"))
    assert made.run("import", str(CALLS / "call-910006.opus"), "--no-summary").status == 0
    shutil.copytree(demo_models() / "speech", made.models / "second")
    return made


def id_of(home: Home) -> str:
    return str(home.run_here("list", "--json").json[0]["id"])


def test_a_call_that_the_demo_model_heard_says_so(home: Home) -> None:
    shown = home.run_here("show", id_of(home))
    assert "The demo model heard this call" in shown.err
    assert f"tacit transcribe-again {id_of(home)} --model NAME" in shown.err


def test_another_model_hears_it_and_the_new_transcript_replaces_the_earlier(home: Home) -> None:
    before = home.run_here("show", id_of(home), "--json").json["transcript"]
    done = home.run("transcribe-again", id_of(home)[:6], "--model", "second", "--language", "en", "--json")
    assert done.status == 0, done.err
    assert "The new transcript has taken the place of the earlier one. Answers stay" in done.err
    assert "Transcribing" in done.err, "how far it is"
    after = home.run_here("show", id_of(home), "--json")
    assert (before["model"], after.json["transcript"]["model"]) == ("demo-speech", "second")
    assert done.json["state"] == after.json["recording"]["state"] == "transcribed"
    assert "The demo model heard" not in after.err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--model", "nowhere"), "No model goes by that name. Nothing was changed;"),
        (("--model", "demo-language"), "This is no speech model. Nothing was changed;"),
    ],
)
def test_what_can_not_hear_is_refused_before_anything_is_changed(
    home: Home, arguments: tuple[str, ...], sentence: str
) -> None:
    before = home.run_here("show", id_of(home), "--json").out
    refused = home.run_here("transcribe-again", id_of(home), *arguments)
    assert refused.status == 1
    assert sentence in refused.err
    assert home.run_here("show", id_of(home), "--json").out == before


def test_the_demo_call_itself_is_known_to_the_demo_model(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert home.run("import", str(demo_call()), "--no-summary").status == 0
    assert "The demo model heard" not in home.run_here("show", id_of(home)).err
