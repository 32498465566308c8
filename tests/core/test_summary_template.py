"""Templates: the one that comes along gives what was always asked and allowed; others are data, and are checked."""

import json
import re

import pytest

from app.core.grammar import heading_grammar, summary_grammar
from app.core.summary import Point
from app.core.summary_template import InvalidTemplate, SummaryTemplate, parse_template
from app.core.wording import DEMO, CallFacts
from tests.call_summaries import CALL_TEMPLATE
from tests.doubles.grammar_pattern import pattern_of

NOTHING = CallFacts()
SECTION = '[[sections]]\nkey = "{}"\ntitle = "Some"\nkind = "points"\n'


def test_the_call_template_asks_and_allows_what_the_models_know() -> None:
    assert DEMO.summary_task(CALL_TEMPLATE, NOTHING) == (
        "Write the summary as JSON with title, key_points, decisions, action_items and overview. Cite line numbers."
    )
    assert DEMO.heading_task(CALL_TEMPLATE, NOTHING) == (
        "Write a title and an overview of the whole call as JSON with title and overview."
    )
    assert summary_grammar(CALL_TEMPLATE, [1, 2]).startswith(
        'root ::= "{\\"title\\": " short keys\n'
        'keys ::= ", \\"key_points\\": " facts ", \\"decisions\\": " facts ", \\"action_items\\": " actions '
        '", \\"overview\\": " long "}"\n'
        'facts ::= "[]" | "[" fact (", " fact){0,9} "]"\n'
        'fact ::= "{\\"text\\": " text ", \\"source\\": " source "}"\n'
    )
    assert heading_grammar(CALL_TEMPLATE).startswith('root ::= "{\\"title\\": " short ", \\"overview\\": " long "}"\n')
    shown = CALL_TEMPLATE.summary("", "", {}, {}, {}).sections_as_shown
    assert [section.title for section in shown] == ["Overview", "Decisions", "Action items", "Key points"]


VISIT = """
title = "Doctor's visit"

[[sections]]
key = "findings"
title = "Findings"
kind = "points"
instruction = "What was found, with its figures."

[[sections]]
key = "assessment"
title = "Assessment"
kind = "prose"

[[sections]]
key = "plan"
title = "Plan"
kind = "tasks"
"""


def test_another_template_has_its_own_task_grammar_and_order() -> None:
    visit = parse_template("visit", VISIT)
    assert (visit.key, visit.title) == ("visit", "Doctor's visit")
    assert DEMO.summary_task(visit, NOTHING) == (
        "Write the summary as JSON with title, findings, plan and assessment. Cite line numbers.\n"
        "findings: What was found, with its figures."
    )
    assert DEMO.heading_task(visit, NOTHING) == (
        "Write a title and an assessment of the whole call as JSON with title and assessment."
    )
    reply = {"title": "T", "findings": [{"text": "x", "source": [2]}], "plan": [], "assessment": "Fine."}
    grammar = summary_grammar(visit, [1, 2])
    assert re.fullmatch(pattern_of(grammar), json.dumps(reply))
    assert not re.fullmatch(pattern_of(grammar), json.dumps(reply | {"findings": [{"text": "x", "source": [3]}]}))
    summary = visit.summary("T", "m", {"assessment": "Fine."}, {"findings": (Point("x"),)}, {})
    assert [s.key for s in summary.sections_as_shown] == ["findings", "assessment", "plan"]
    assert summary.lead is None  # it begins with points
    assert summary.section("plan").is_empty
    with pytest.raises(KeyError):
        summary.section("overview")


def test_a_template_without_prose_or_without_points_asks_for_no_more_than_it_has() -> None:
    points = parse_template("p", f'title = "P"\n{SECTION.format("some")}')
    assert DEMO.heading_task(points, NOTHING) == "Write a title of the whole call as JSON with title."
    assert re.fullmatch(pattern_of(heading_grammar(points)), '{"title": "T"}')
    prose = parse_template("p", f'title = "P"\n{SECTION.format("some")}'.replace("points", "prose"))
    assert DEMO.summary_task(prose, NOTHING) == "Write the summary as JSON with title and some."
    assert re.fullmatch(pattern_of(summary_grammar(prose, [1])), '{"title": "T", "some": "Text."}')


@pytest.mark.parametrize(
    ("toml", "reason"),
    [
        ("title = ", "it is not written as TOML"),
        ('title = "P"', "the field «sections» is missing"),
        (SECTION.format("some"), "the field «title» is missing"),
        ('title = "P"\nsections = []', "it needs 1 to 12 sections"),
        ('title = "P"\n' + "".join(SECTION.format(f"s{n}") for n in range(13)), "it needs 1 to 12 sections"),
        ('title = "P"\n' + SECTION.format("some") * 2, "the key of section 2 is taken"),
        ('title = "P"\n' + SECTION.format("model"), "the key of section 1 is taken"),
        ('title = "P"\n' + SECTION.format("Some"), "the field «key» of section 1 is not as it must be"),
        ('title = "P"\n' + SECTION.format("a b"), "the field «key» of section 1 is not as it must be"),
        ('title = "P"\n' + SECTION.format('x\\" evil'), "the field «key» of section 1 is not as it must be"),
        ('title = "P"\n' + SECTION.format("x\\n"), "the field «key» of section 1 is not as it must be"),
        ('title = ""\n' + SECTION.format("some"), "the field «title» is not as it must be"),
        ('title = "P"\ncolour = "red"\n' + SECTION.format("some"), "the field «colour» is unknown"),
        ('title = "P"\n' + SECTION.format("some") + "colour = 1\n", "the field «colour» of section 1 is unknown"),
        ('title = "P"\n' + SECTION.format("some").replace("points", "poem"),
         "the field «kind» of section 1 is not as it must be"),
        ('title = "P"\n' + SECTION.format("a") + '[[sections]]\nkey = "b"\nkind = "prose"\n',
         "the field «title» of section 2 is missing"),
        ('title = "P"\n' + SECTION.format("some") + 'instruction = "a\\nb"\n',
         "the field «instruction» of section 1 is not as it must be"),
    ],
)  # fmt: skip
def test_a_template_that_can_not_be_used_says_why(toml: str, reason: str) -> None:
    with pytest.raises(InvalidTemplate) as caught:
        parse_template("own", toml)
    assert str(caught.value) == reason


def test_details_come_last_wherever_they_stand() -> None:
    toml = 'title = "P"\n' + SECTION.format("one") + "is_detail = true\n" + SECTION.format("two")
    template: SummaryTemplate = parse_template("p", toml)
    assert [s.key for s in template.summary("", "", {}, {}, {}).sections_as_shown] == ["two", "one"]
