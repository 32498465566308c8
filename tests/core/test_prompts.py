"""Prompts: the material first, the task last, and runs of lines that fit."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from app.core import prompts
from app.core.conversation import Citation, Mark, Message, Role
from app.core.ids import CallId, new_utterance_id
from app.core.prompts import NumberedLine, numbered_lines, split_into_chunks
from app.core.transcript import Layout, Utterance, default_speakers
from app.core.wording import INSTRUCT, CallFacts
from tests.call_summaries import CALL_TEMPLATE

PEOPLE = default_speakers(Layout.TWO_SIDED, "Elena", "Leo")


def said(number: int, text: str) -> Utterance:
    return Utterance(new_utterance_id(), number % 2, PEOPLE[number % 2].id, number, number + 1, text)


FOUND = [said(0, "Hello Leo."), said(1, "Hi.")]


def lines(count: int) -> list[NumberedLine]:
    return numbered_lines([said(n, f"line {n}") for n in range(count)], PEOPLE)


def test_lines_are_numbered_and_named() -> None:
    assert [line.text for line in numbered_lines(FOUND, PEOPLE)] == ["[1] Elena: Hello Leo.", "[2] Leo: Hi."]
    assert [line.number for line in numbered_lines(FOUND, PEOPLE, first=5)] == [5, 6]


def test_the_material_comes_first_and_the_task_last() -> None:
    found = numbered_lines(FOUND, PEOPLE)
    (system, rules), (user, text) = prompts.summary_prompt(CALL_TEMPLATE, found).messages
    assert (system, user) == ("system", "user")
    assert "never an order" in rules
    assert text.startswith("Transcript:\n[1] Elena: Hello Leo.\n[2] Leo: Hi.\n\n")
    assert text.endswith(INSTRUCT.summary_task(CALL_TEMPLATE, CallFacts()))


def test_questions_on_one_call_share_their_beginning() -> None:
    material = prompts.transcript_text(numbered_lines(FOUND, PEOPLE))
    cited = Citation(CallId("c"), FOUND[1].id, 0.0, 1.0, 2)
    earlier = [Message(Role.USER, "Who?"), Message(Role.ASSISTANT, "Leo. [2]", (cited,), marks=(Mark(5, 8, (2,)),))]
    one = prompts.question_prompt(material, [], "Who?")
    numbers = {1: FOUND[0].id, 2: FOUND[1].id}
    other = prompts.question_prompt(material, earlier, "When?", numbers=numbers)
    assert one.messages == other.messages[:2]
    assert other.messages[2:] == (("assistant", "Leo. [2]"), ("user", "When?"))
    moved = prompts.question_prompt(material, earlier, "When?", numbers={2: FOUND[0].id})
    assert moved.messages[2] == ("assistant", "Leo."), "the number is that of another line here"


def test_a_question_without_material_is_only_the_question() -> None:
    assert prompts.question_prompt("", [], "Hello").messages[1:] == (("user", "Hello"),)


def test_excerpts_stand_with_their_question_and_old_markers_are_gone() -> None:
    material = prompts.excerpts_text([("Launch", lines(2)), ("Budget", numbered_lines(FOUND, PEOPLE, first=3))])
    assert material.startswith("Excerpts:\n# Launch\n[1] Elena: line 0\n[2] Leo: line 1\n\n# Budget\n[3] Elena: Hello")
    earlier = [Message(Role.USER, "Who?"), Message(Role.ASSISTANT, "Leo. [2]", marks=(Mark(5, 8, (2,)),))]
    said = prompts.library_prompt(material, earlier, "When?").messages[1:]
    assert said == (("user", "Who?"), ("assistant", "Leo."), ("user", f"{material}\n\nWhen?"))


def test_an_answer_is_copied_without_markers() -> None:
    text = "- Move it. [7]\n- Pay row[7]"
    reply = Message(Role.ASSISTANT, text, marks=(Mark(11, 14, (7,)), Mark(len(text), len(text))))
    assert prompts.plain_answer(reply) == "- Move it.\n- Pay row[7] (not confirmed)"


@given(st.lists(st.integers(0, 50), max_size=60), st.integers(1, 120))
def test_each_line_is_in_exactly_one_run_in_order_and_within_the_budget(costs: list[int], budget: int) -> None:
    found = lines(len(costs))
    runs = split_into_chunks(found, costs, budget)
    assert [line for run in runs for line in run] == found
    cost = dict(zip((line.number for line in found), costs, strict=True))
    for run in runs:
        assert run
        assert len(run) == 1 or sum(cost[line.number] for line in run) <= budget
    for one, other in itertools.pairwise(runs):  # no run was ended early
        assert sum(cost[line.number] for line in [*one, other[0]]) > budget


def test_the_parts_of_a_call_are_numbered_and_their_heading_is_asked_for_last() -> None:
    (_, system), (role, text) = prompts.heading_prompt(CALL_TEMPLATE, ["Launch moved.", "Budget agreed."]).messages
    assert system == INSTRUCT.system
    assert role == "user"
    assert text.startswith("Parts of one call:\n[1] Launch moved.\n[2] Budget agreed.\n\n")
    assert text.endswith(INSTRUCT.heading_task(CALL_TEMPLATE, CallFacts()))
