"""Whether the lines of a call bear a sentence."""

import pytest

from app.core.evidence.passages import CallLines, SpokenLine
from app.core.evidence.verdict import judge

CALL = CallLines(
    [
        SpokenLine("Priya", "Hello, this is about the supply contract."),
        SpokenLine("You", "And the last delivery was late, three boxes were damaged."),
        SpokenLine("Priya", "They offered a five percent discount if we renew for two years."),
        SpokenLine("You", "Then we agree to renew the contract, but we pay in two parts."),
        SpokenLine("Priya", "We never promised to repaint the factory."),
        SpokenLine("Priya", "Leo, will you send the price list by Friday?"),
        SpokenLine("Leo", "Sure, I will."),
        SpokenLine("Leo", "The meeting with the customs office is at ten on Monday."),
    ],
    "en",
)


@pytest.mark.parametrize(
    ("text", "verdict", "lines"),
    [
        ("The contract is renewed and paid in two parts.", "confirmed", (3,)),
        ("The last delivery was late and three boxes were damaged.", "confirmed", (1,)),
        ("Leo sends the price list by Friday.", "confirmed", (5,)),
        ("The contract is renewed. The last delivery was late.", "confirmed", (1, 3)),
        ("They grant a discount of 15 percent if the contract is renewed.", "contradicted", None),
        ("Four boxes of the last delivery were damaged.", "contradicted", (1,)),
        ("Priya promised a holiday in Greece to the whole staff.", "not_found", None),
        ("You offered a five percent discount for renewing two years.", "not_found", None),
        ("The last delivery was not late.", "not_found", None),
        ("They never promised to repaint the factory.", "confirmed", (4,)),
        ("The contract is renewed. The cat is on the roof.", "not_found", None),
    ],
)
def test_the_verdict_on_a_text(text: str, verdict: str, lines: tuple[int, ...] | None) -> None:
    found = judge(text, CALL)
    assert found.verdict == verdict
    assert lines is None or found.lines == lines


def test_what_the_call_says_otherwise_is_told_in_its_words() -> None:
    assert judge("They offered a 15 percent discount for renewing.", CALL).instead == ("five percent",)
    assert judge("They offered a five percent discount for renewing.", CALL).instead == ()


def test_a_cited_line_is_kept_where_it_bears_the_sentence_and_replaced_where_not() -> None:
    assert judge("The price list is sent by Friday.", CALL, [5, 6]).lines == (5, 6)
    assert judge("The price list is sent by Friday.", CALL, [6, 5]).lines == (5, 6)
    assert judge("The price list is sent by Friday.", CALL, [0]).lines == (5,)


def test_one_common_word_bears_nothing_cited_or_not() -> None:
    assert judge("The factory is closed.", CALL).verdict == "not_found"
    assert judge("The factory is closed.", CALL, [4]).verdict == "not_found"


def test_a_cited_line_does_not_hide_who_said_it() -> None:
    assert judge("Leo offered a five percent discount.", CALL, [7, 2]).verdict == "not_found"


def test_a_sentence_that_tells_of_nothing_is_borne_as_it_was_said_or_by_a_citation_that_fits() -> None:
    assert judge("Sure, I will.", CALL).lines == (6,)
    assert judge("They agreed.", CALL, [3]).verdict == "confirmed"
    assert judge("They agreed.", CALL).verdict == "not_found"
    assert judge("So Bob agreed.", CALL, [3]).verdict == "not_found"  # nobody is called so
    assert judge("Leo did not say so.", CALL, [1]).verdict == "not_found"  # nothing is denied there


def test_nothing_is_borne_by_a_call_without_lines() -> None:
    assert judge("The price list is sent.", CallLines([])).verdict == "not_found"
    assert judge("", CALL).verdict == "not_found"


NOBODY_TOLD = CallLines(
    [
        SpokenLine("Speaker", "Okay, Adam, shall we begin?"),
        SpokenLine("Speaker", "Oh, Ebenezer is sorry to be late."),
        SpokenLine("Speaker", "Right."),
        SpokenLine("Speaker", "Go on."),
        SpokenLine("Speaker", "Yes."),
        SpokenLine("Speaker", "The username lies beside the project documents."),
    ],
    "en",
)


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("Ebenezer is sorry to be late.", "confirmed"),
        ("The username lies beside the project documents.", "confirmed"),
        ("Ebenezer said the username lies beside the project documents.", "not_found"),  # nobody knows who did
        ("Ebenezer agrees.", "not_found"),
        ("Okay, Adam.", "confirmed"),
    ],
)
def test_where_no_line_tells_who_speaks_a_name_far_away_says_nothing(text: str, verdict: str) -> None:
    assert judge(text, NOBODY_TOLD).verdict == verdict


def test_the_name_of_a_role_is_one_in_small_letters_too() -> None:
    said = [
        SpokenLine("Project Manager", "I would like a simple remote control with few buttons."),
        SpokenLine("Industrial Designer", "Fine."),
    ]
    call = CallLines(said, "en")
    assert judge("The project manager would like a simple remote control.", call).verdict == "confirmed"
    assert judge("The industrial designer would like a simple remote control.", call).verdict == "not_found"


def test_one_person_under_a_longer_name_and_a_shorter_is_no_other() -> None:
    said = [
        SpokenLine(
            "The Chair (Anna Weber)", "I recommend that members use a headset, and direct remarks through the chair."
        ),
        SpokenLine("The Chairman", "The budget is four million euros."),
        SpokenLine("The Chair", "Thank you."),
    ]
    call = CallLines(said, "en")
    assert judge("The chair recommends that members use a headset.", call).verdict == "confirmed"
    assert judge("Remarks are directed through the chair.", call).verdict == "confirmed"
    assert judge("The chair said that the budget is four million euros.", call).verdict == "not_found"
