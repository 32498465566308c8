"""What else a deletion removes, and the quotes by which it is found."""

from collections.abc import Callable
from datetime import datetime

import pytest

from app.cli import dates as cli_dates
from app.core.deletion import Consequences, Quotes
from app.ui.style import phrases

SAID = "Then we agree to move the launch to the first Monday in May, if Nina has reviewed it."


@pytest.mark.parametrize(
    ("answers", "sentence"),
    [
        (0, ""),
        (1, "One answer over several calls that quoted it is removed."),
        (2, "2 answers over several calls that quoted it are removed."),
    ],
)
def test_the_answers_that_go_too_are_counted(answers: int, sentence: str) -> None:
    assert Consequences(answers).answers_sentence == sentence


@pytest.mark.parametrize("full_date", [cli_dates.full_date, phrases.full_date])
@pytest.mark.parametrize(("month", "name"), [(1, "January"), (5, "May"), (12, "December")])
def test_the_day_until_which_copies_may_hold_it_is_said(
    month: int, name: str, full_date: Callable[[datetime], str]
) -> None:
    until = datetime(2027, month, 9, 12).astimezone()
    sentence = f"Copies that Tacit keeps by itself can still hold its words until 9 {name} 2027."
    assert Consequences(copies_until=until).copies_sentence(full_date) == sentence


def test_without_copies_nothing_is_said_about_them() -> None:
    assert Consequences(answers=3).copies_sentence(cli_dates.full_date) == ""


@pytest.mark.parametrize(
    ("answer", "is_quote"),
    [
        ("They agree to move the launch to the first Monday.", True),
        ("Leo: AGREE TO MOVE, the launch to the first!", True),  # eight words, whatever stands between them
        ("Leo: agree to move the launch to the second", False),  # seven
        ("They agree to move [3] the launch [?] to the first Monday [3, 4].", True),
        ("The launch was moved.", False),
        ("", False),
    ],
)
def test_eight_words_in_a_row_are_a_quote(answer: str, is_quote: bool) -> None:
    assert Quotes(["Good morning.", SAID]).are_in(answer) is is_quote


def test_words_of_two_lines_are_no_quote_of_either() -> None:
    assert not Quotes(["one two three four", "five six seven eight"]).are_in("one two three four five six seven eight")
