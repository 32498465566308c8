"""Which brackets of a reply are citations, what they may stand on, and what is claimed without one."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core import citing
from app.core.citing import CitableLines, checked_text, code_spans, reply_marks, without_marks
from app.core.conversation import Mark
from app.core.evidence.passages import SpokenLine
from app.core.evidence.verdict import Finding, judge

LINES = {
    1: SpokenLine("You", "The payment page is slow for the supplier."),
    2: SpokenLine("Them", "How long will that take?"),
    3: SpokenLine("Them", "About three days."),
    4: SpokenLine("You", "We agree to move the launch to Friday."),
    7: SpokenLine("Them", "The supplier offers a discount of five percent on the invoice."),
}
CITABLE = CitableLines(LINES, ("Nina", "Leo"), "en")
MOVED = "We move the launch"

STAYS = [  # each written by a model, and no citation
    "```python\nfor row in rows:\n    if len(row) > 1:\n        total += float(row[1])\n```",
    "```\nlaunch [1]\nmove [4]\n",  # still open
    "~~~\nWe agree to move the launch [4]\n~~~",
    "- Here:\n  ```\n  launch[4] = move [4]\n  ```",
    "Take `row [1]` of the launch.",
    "Take ``a ` launch [4]`` away.",
    "So:\n\n    launch [4]\n    move [1]",
    "Use row[1] and rows[4].total of it",
    "[1] A footnote about something else.\n[2] Another one.",
    "- [4] of the list\n1. [1] again",
    "The array is x = [1, 2, 3] then",
    "It gives ([1, 2, 3], [4, 7]) back",
    "See [1](http://host/launch) and [4]: http://host/move",
    "Two [99] and [12] are numbers of no line.",
    "a[1][4]",
]


@pytest.mark.parametrize("text", STAYS)
def test_a_bracket_that_is_no_citation_stays(text: str) -> None:
    assert [mark for mark in reply_marks(text, CITABLE) if mark.end > mark.start] == []


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        (f"{MOVED}. [4]", [(4,)]),
        (f"{MOVED} [4].", [(4,)]),
        (f"{MOVED}.[4]", [(4,)]),
        (f"{MOVED}[4].", [(4,)]),
        (f"- **{MOVED}** [4]\n- It takes three days. [2, 3]", [(4,), (2, 3)]),
        (f"> {MOVED} [4] [1], and the page is slow [1]", [(4,), (1,)]),
        (f"|What|Said|\n|-|-|\n|Launch|{MOVED} [4]|", [(4,)]),
        (f"{MOVED} [1]", [(4,)]),  # the line that says so takes the place of the one that doesn't
        ("It takes 9 days. [3]", [()]),
        ("The page is paid by Oscar. [1, 99]", [()]),
        (f"`row[1]` is code; {MOVED} [4]", [(4,)]),
        (f"```\nrow[1]\n```\n{MOVED}. [4]", [(4,)]),
    ],
)
def test_a_citation_has_the_lines_that_bear_it(text: str, numbers: list[tuple[int, ...]]) -> None:
    marks = reply_marks(text, CITABLE)
    assert [mark.numbers for mark in marks] == numbers
    assert all(text[mark.start] == "[" and text[mark.end - 1] == "]" for mark in marks)


@pytest.mark.parametrize(
    "text",
    [
        "Hello! How can I help you today?",
        "I'm here to help with any question about your recordings.",
        "You're welcome.",
        "The capital of France is Paris, on the river Seine.",
        "Sure, here is the function:\n\n```python\nimport csv\n```\n\nIt sums invoice and discount of the supplier.",
        "```\nThe supplier offers a discount of the invoice\n```",
        "# Discount of the supplier on the invoice",
        "Did the supplier offer a discount on the invoice?",
        "",
    ],
)
def test_greetings_code_and_general_talk_claim_nothing_about_a_call(text: str) -> None:
    assert reply_marks(text, CITABLE) == ()


@pytest.mark.parametrize(
    "text",
    [
        "The supplier offers a discount of ten percent.",
        "The launch was moved by Leo to another month.",
        "- The supplier wants its invoice printed and signed in the office.\n- Hello there.",
        "|a|\n|-|\n|The supplier offers a discount of ten percent|",
    ],
)
def test_a_claim_about_a_call_without_a_citation_is_marked_behind_it(text: str) -> None:
    (mark,) = reply_marks(text, CITABLE)
    assert mark.start == mark.end
    assert mark.numbers == ()
    assert text[: mark.end].endswith(("percent.", "month.", "office.", "percent"))


def test_without_material_nothing_is_marked() -> None:
    assert reply_marks(f"{MOVED}. [4] The supplier offers a discount of ten percent.", CitableLines({})) == ()


def test_copied_is_what_was_written_without_the_citations() -> None:
    text = "```\n  row[1]\n```\nMove it. [4]\n  - x[2] is [?] so [3]"
    marks = (Mark(text.index("[4]"), text.index("[4]") + 3, (4,)), Mark(len(text) - 3, len(text)))
    assert without_marks(text, marks) == "```\n  row[1]\n```\nMove it.\n  - x[2] is [?] so"
    assert without_marks(text, marks, "(no)").endswith("[?] so (no)")
    assert checked_text(text, marks).endswith("Move it. [4]\n  - x[2] is [?] so (not confirmed)")
    assert without_marks("a ", (Mark(1, 1),), "(no)") == "a (no) "
    assert without_marks(text, ()) == checked_text(text, ()) == text


@given(st.text(st.sampled_from("aLm \n`~[14],.>-|*#"), max_size=80))
def test_marks_are_in_order_outside_code_and_on_brackets(text: str) -> None:
    marks, code, at = reply_marks(text, CITABLE), code_spans(text), 0
    for mark in marks:
        assert at <= mark.start <= mark.end
        at = mark.end
        assert not any(start <= mark.start < end for start, end in code)
        assert mark.start == mark.end or (text[mark.start], text[mark.end - 1]) == ("[", "]")
    assert without_marks(text, ()) == text


def test_a_reply_that_streams_is_judged_sentence_by_sentence_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def counted(said: str, *rest: Any) -> Finding:
        asked.append(said)
        return judge(said, *rest)

    monkeypatch.setattr(citing, "judge", counted)
    lines = CitableLines(LINES, ("Nina", "Leo"), "en")
    whole = f"{MOVED} [4]. It takes three days [3]. The supplier offers a discount of five percent."
    for end in (whole.index("]") + 1, whole.rindex("]") + 1, len(whole)):
        reply_marks(whole[:end], lines)
    assert len(asked) == len(set(asked)) == 3


@pytest.mark.parametrize(
    ("question", "answer", "numbers"),
    [
        ("Which discount does the supplier offer on the invoice?", "Five percent.", [(7,)]),
        ("Which discount does the supplier offer on the invoice?", "5 percent [7]", [(7,)]),
        ("Which discount does the supplier offer on the invoice?", "Nine percent.", [()]),
        ("Which discount does the supplier offer on the invoice?", "Toyota", [()]),
        ("Who offers a discount on the invoice?", "Nina", [()]),
        ("When do we move the launch?", "**Friday**", [(4,)]),
        ("When do we move the launch?", "Yes.", []),  # tells nothing that could be looked up
        ("How are you today?", "Fine, thank you.", []),
        ("Write a word about the launch", "", []),
    ],
)
def test_a_short_answer_is_looked_up_with_its_question(question: str, answer: str, numbers: list[Any]) -> None:
    assert [mark.numbers for mark in reply_marks(answer, CITABLE, question)] == numbers


@pytest.mark.parametrize("answer", ["Friday", "Friday [4]"])
def test_a_short_answer_that_is_said_of_another_matter_does_not_hold(answer: str) -> None:
    between = {n: SpokenLine("You", " ".join(f"word{n}{k}" for k in range(30))) for n in range(10, 16)}
    apart = CitableLines({4: LINES[4], **between, 17: LINES[7]}, (), "en")
    question = "Which discount does the supplier offer on the invoice?"
    assert [mark.numbers for mark in reply_marks(answer, apart, question)] == [()]
    assert [mark.numbers for mark in reply_marks("Five percent", apart, question)] == [(17,)]


@pytest.mark.parametrize("answer", ["31,400 euros", "2,800 euros"])
def test_of_two_prices_words_do_not_tell_which_is_asked_for(answer: str) -> None:
    said = {
        1: SpokenLine("You", "The whole price of 31,400 euros was a shock."),
        2: SpokenLine("Them", "Taking the oil tank out is part of it. That costs 2,800 euros."),
    }
    marks = reply_marks(answer, CitableLines(said, (), "en"), "What is the cost of taking out the oil tank?")
    assert [mark.numbers for mark in marks] == [()]


def test_the_other_price_may_stand_in_a_line_beside_those_that_are_read() -> None:
    before = " ".join(f"word{k}" for k in range(80))  # with it the passage is full before the other price
    said = {
        1: SpokenLine("You", before),
        2: SpokenLine("You", "The whole price of 31,400 euros has taking the oil tank out in it."),
        3: SpokenLine("Them", "That costs 2,800 euros."),
    }
    marks = reply_marks("31,400 euros", CitableLines(said, (), "en"), "What is the price of taking out the oil tank?")
    assert [mark.numbers for mark in marks] == [()]


def test_a_sentence_stands_for_itself_whatever_was_asked() -> None:
    said = "We move the launch to Friday."
    assert reply_marks(said, CITABLE, "Which discount is on the invoice?") == reply_marks(said, CITABLE)


def test_a_sentence_of_a_reply_ends_as_the_language_ends_it() -> None:
    said = {1: SpokenLine("Jonas", "Den Umbau beginnen wir am 12. Oktober, sagt der Elektriker.")}
    text = "Der Umbau beginnt am 12. Oktober."
    assert reply_marks(text, CitableLines(said, (), "de")) == (Mark(len(text), len(text), (1,)),)
