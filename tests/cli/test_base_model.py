"""A model that only continues texts, by the command line: it is told when it is added, and another one answers."""

from pathlib import Path

import pytest

from app.core.resources import demo_call
from tests.running import Home
from tests.services.models.test_base_models import base_model

QUESTION = "What is the problem with the payment page?"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path)
    assert made.run("import", str(demo_call()), "--no-summary").status == 0
    return made


def test_one_that_is_added_is_told_and_another_answers(home: Home, tmp_path: Path) -> None:
    (tmp_path / "story.gguf").write_bytes(base_model())
    added = home.run("models", "add", str(tmp_path / "story.gguf"))
    assert added.status == 0, added.err
    assert "it has no chat template, so it continues texts and can't answer" in added.err
    asked = home.run("ask", QUESTION)
    assert asked.status == 0, asked.err
    assert "slow" in asked.out
    used = home.run("models", "use", "story")
    assert used.status == 1
    assert "no chat template" in used.err


def test_one_that_was_put_in_the_folder_by_hand_gives_way(home: Home) -> None:
    (home.models / "story.gguf").write_bytes(base_model())
    asked = home.run("ask", QUESTION)
    assert asked.status == 0, asked.err
    assert "story can't be used: it has no chat template" in asked.err
    assert "slow" in asked.out
