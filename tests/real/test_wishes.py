"""What a real model replied to everyday wishes: no call, no citation, and the form that was asked for."""

import json
import re
from typing import Any

import pytest

from app.core.resources import demo_call
from tests.real.write_wishes import FOLDER

WISHES: list[dict[str, str]] = json.loads((FOLDER / "wishes.json").read_text())
READ = [(path.stem, one) for path in sorted(FOLDER.glob("[A-Z]*.json")) for one in json.loads(path.read_text())]
FORMS = {
    "text": re.compile(r"\w"),
    "code": re.compile(r"^ *```", re.MULTILINE),
    "table": re.compile(r"^\|.*\|\n\|[-| :]+\|$", re.MULTILINE),
    "list": re.compile(r"^ *(?:[-*]|\d+\.) \S.*\n(?:.*\n)*? *(?:[-*]|\d+\.) \S", re.MULTILINE),
}
CITATION = re.compile(r"(?<!\w)\[\d+(?:, ?\d+)*\](?!\()")
RUN = 6  # words in a row that nobody repeats by chance


def runs_of(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.casefold())
    return {tuple(words[n : n + RUN]) for n in range(len(words) - RUN + 1)}


def said_in_the_call() -> set[tuple[str, ...]]:
    truth: dict[str, Any] = json.loads(demo_call().with_suffix(".json").read_text())
    return {run for turn in truth["turns"] for run in runs_of(turn[1])}


@pytest.mark.parametrize(("model", "found"), READ, ids=[f"{model}-{n}" for n, (model, _) in enumerate(READ, 1)])
def test_a_wish_is_answered_without_a_call(model: str, found: dict[str, Any]) -> None:
    (wished,) = [one for one in WISHES if one["wish"] == found["wish"]]
    assert found["evidence"] == []
    outside_code = re.sub(r"```.*?```|`[^`]*`|x\[3\]|\[1, ?2, ?3\]", "", found["reply"], flags=re.DOTALL)
    assert not CITATION.search(outside_code), model
    assert not runs_of(found["reply"]) & said_in_the_call()
    assert FORMS[wished["form"]].search(found["reply"])
    assert found["reading"] not in ("", "?"), "a reply that nobody has read"


def test_every_wish_was_asked() -> None:
    for model in {model for model, _ in READ}:
        assert [one["wish"] for name, one in READ if name == model] == [one["wish"] for one in WISHES]
