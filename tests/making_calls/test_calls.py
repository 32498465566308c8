"""The fixtures are the calls that their seeds give."""

import json
import random
from pathlib import Path

import pytest

from tests.making_calls.calls import DEMO, Call, simulated

ROOT = Path(__file__).resolve().parent.parent.parent
FIXTURES = sorted((ROOT / "tests" / "fixtures" / "calls").glob("*.json"))


def facts(call: Call) -> object:
    """What a call's JSON says of it."""
    return json.loads(json.dumps([call.topic, call.speakers, call.lines, call.problem, call.decisions, call.actions]))


def written(path: Path) -> object:
    saved = json.loads(path.read_text())
    return [saved[key] for key in ("topic", "names", "turns", "problem", "decisions", "actions")]


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_a_fixture_is_the_call_of_its_seed(path: Path) -> None:
    seed = json.loads(path.read_text())["seed"]
    assert written(path) == facts(simulated(random.Random(seed)))


def test_the_demo_call_is_the_one_that_is_shipped() -> None:
    assert written(ROOT / "assets" / "demo" / "website-launch.json") == facts(DEMO)


def test_facts_stand_in_the_lines_that_they_name() -> None:
    for seed in range(200):
        call = simulated(random.Random(seed))
        for fact in [*call.decisions, *([call.problem] if call.problem else [])]:
            assert fact.text in call.lines[fact.line].text.lower() or fact.text in call.lines[fact.line].text
        for action in call.actions:
            assert f"{action.task} {action.due}" in call.lines[action.line].text
