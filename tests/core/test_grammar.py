"""Grammars allow what they promise and nothing else, and the real engine keeps to them."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.engines import Delta, Prompt
from app.core.grammar import cited_text_grammar, heading_grammar, numbers, summary_grammar
from app.engines.parent.engines import RemoteLanguage
from tests.call_summaries import CALL_TEMPLATE
from tests.doubles.grammar_pattern import pattern_of


def allows(grammar: str, text: str) -> bool:
    """Whether a grammar derives a text, by way of a regular expression."""
    return re.fullmatch(pattern_of(grammar), text) is not None


@given(st.sets(st.integers(1, 3000), min_size=1, max_size=60), st.lists(st.integers(0, 30_000), max_size=60))
def test_exactly_the_numbers_given_are_allowed(allowed: set[int], others: list[int]) -> None:
    grammar = f"root ::= {numbers(allowed)}\n"
    near = {n + d for n in allowed for d in (-1, 1, 10)} | {n * 10 for n in allowed} | {n // 10 for n in allowed}
    for number in {*allowed, *others, *near}:
        assert allows(grammar, str(number)) == (number in allowed)
    assert not allows(grammar, "")
    assert not allows(grammar, f"0{min(allowed)}")


def test_a_run_of_lines_is_allowed_whole() -> None:
    pattern = re.compile(pattern_of(f"root ::= {numbers(range(1, 1201))}\n"))
    assert [n for n in range(13_000) if pattern.fullmatch(str(n))] == list(range(1, 1201))


def summary(**parts: object) -> str:
    whole = {"title": "Launch", "key_points": [], "decisions": [], "action_items": [], "overview": "A call."} | parts
    return json.dumps(whole)


def test_a_summary_is_json_in_the_fixed_order() -> None:
    grammar = summary_grammar(CALL_TEMPLATE, [1, 2, 30])
    point = {"text": 'The page is "slow" – \\ sehr.', "source": [1, 30]}
    action = {"task": "Send it", "owner": "", "due": "", "source": [2]}
    assert allows(grammar, summary())
    assert allows(grammar, summary(key_points=[point] * 10, decisions=[point], action_items=[action] * 12))
    assert allows(grammar, summary(title=""))
    times = {"text": "From 10:30 to 11:00, at 3:1", "source": [1]}
    assert allows(grammar, summary(key_points=[times]))


@pytest.mark.parametrize(
    "wrong",
    [
        {"key_points": [{"text": "x", "source": [3]}]},
        {"key_points": [{"text": "x", "source": []}]},
        {"key_points": [{"text": "x", "source": [1, 1, 1, 1]}]},
        {"key_points": [{"text": "", "source": [1]}]},
        {"key_points": [{"text": "Leo: I see.", "source": [1]}]},
        {"key_points": [{"text": "Leo:3", "source": [1]}]},
        {"key_points": [{"text": "Leo://I see", "source": [1]}]},
        {"key_points": [{"text": "x" * 241, "source": [1]}]},
        {"key_points": [{"text": "x", "source": [1]}] * 11},
        {"action_items": [{"task": "x", "owner": "", "source": [1]}]},
        {"overview": ""},
        {"more": "x"},
    ],
)
def test_another_shape_is_no_summary(wrong: dict[str, object]) -> None:
    assert not allows(summary_grammar(CALL_TEMPLATE, [1, 2, 30]), summary(**wrong))


@given(st.text(min_size=1, max_size=240, alphabet=st.characters(codec="utf-8", exclude_characters="\x7f")))
def test_any_text_can_be_said_in_a_summary_and_read_back(text: str) -> None:
    written = json.dumps(text, ensure_ascii=False)[1:-1]
    assert allows(
        'root ::= "\\"" char{1,5000} "\\""\n' + heading_grammar(CALL_TEMPLATE).split("\n", 1)[1], f'"{written}"'
    )


def test_a_heading_has_title_and_overview() -> None:
    assert allows(heading_grammar(CALL_TEMPLATE), '{"title": "Launch", "overview": "A call."}')
    assert not allows(heading_grammar(CALL_TEMPLATE), '{"overview": "A call.", "title": "Launch"}')


def test_brackets_in_an_answer_hold_given_lines_only() -> None:
    grammar = cited_text_grammar([4, 12])
    for good in (
        "Moved [4].",
        "[12, 4]",
        "- one\n- two [12]",
        "no marker",
        "(4) {4}",
        "[note] a ] b",
        "- [ ] do",
        "[^5]",
    ):
        assert allows(grammar, good)
    for code in ("`row[5]` and [4]", "```py\nrow[5] = [1,2]\n  `a`\n```", "`open [5]\n"):
        assert allows(grammar, code)
    for bad in ("", "Moved [5].", "[4,12]", "[4", "[", "[4, 4, 4, 4, 4, 4]", "`a`[5]", "``` ``` [5]"):
        assert not allows(grammar, bad)


@pytest.mark.parametrize("allowed", [{7}, {1, 12, 123}, set(range(5, 400)), {10, 100, 1000}])
def test_the_real_engine_takes_the_numbers(real_language: RemoteLanguage, allowed: set[int]) -> None:
    grammar = f'root ::= "[" line (", " line){{20}} "]"\nline ::= {numbers(allowed)}\n'
    said = real_language.generate(Prompt((("user", "Numbers"),)), grammar, 300)
    found = json.loads("".join(value.text for value in said if isinstance(value, Delta)))
    assert len(found) == 21
    assert set(found) <= allowed
