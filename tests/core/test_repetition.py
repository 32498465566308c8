"""A reply in circles ends, whatever the circle looks like, and every other reply stays as it is."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.repetition import RepetitionGuard

HEAD = "Anna asked for the plan.\n"


def read(pieces: list[str]) -> RepetitionGuard:
    guard = RepetitionGuard()
    for piece in pieces:
        guard.add(piece)
    return guard


def counted(line: str) -> Callable[[int], str]:
    return lambda turn: line.format(turn + 1)


LONG = " ".join(f"word{chr(97 + n % 26)}{chr(97 + n // 26)}" for n in range(150)) + ". "
CIRCLES: dict[str, tuple[Callable[[int], str], str]] = {
    "a sign on a line": (lambda _: "# \n", "# \n"),
    "a word on a line": (lambda _: "ok.\n", "ok."),
    "a short item": (lambda _: "- Yes.\n", "- Yes."),
    "a line with a citation": (lambda _: "- Move the launch. [4]\n", "- Move the launch. [4]"),
    "inside a line": (lambda _: "The cat sat on the mat. ", "The cat sat on the mat."),
    "without blanks": (lambda _: "haha", "ha"),
    "one letter": (lambda _: "a", "a"),
    "one sign": (lambda _: "=", "="),
    "no words as we know them": (lambda _: "是的。", "是的。"),
    "two by turns": (lambda turn: "Yes.\n" if turn % 2 == 0 else "No.\n", "Yes.\nNo."),
    "three by turns": (lambda turn: ("He came. ", "He saw. ", "He won. ")[turn % 3], "He came. He saw. He won."),
    "numbered": (counted("{}. The team agrees.\n"), "1. The team agrees."),
    "numbered, short": (counted("{}. Yes\n"), "1. Yes\n"),
    "counting inside a line": (counted("Step {}: do it again. "), "Step 1: do it again."),
    "a long paragraph": (lambda _: LONG, LONG.rstrip()),
}


@pytest.mark.parametrize("size", [1, 7, 500])
@pytest.mark.parametrize("name", CIRCLES)
def test_a_circle_of_any_shape_ends_and_one_turn_of_it_stays(name: str, size: int) -> None:
    turn, kept = CIRCLES[name]
    text = HEAD + "".join(turn(n) for n in range(1500))[:20_000]
    guard = read([text[at : at + size] for at in range(0, len(text), size)])
    assert guard.is_repeating
    assert guard.text.startswith(HEAD)
    assert guard.text.rstrip() == (HEAD + kept).rstrip()


CODE = "```python\n" + "    result.append(row[0])\n" * 8 + "```\n"
REPLIES = {
    "a table of sevens": "".join(f"{n} x 7 = {7 * n}\n" for n in range(1, 31)),
    "days": "".join(f"Day {n}\n" for n in range(1, 32)),
    "chapters": "".join(f"Chapter {n}\n" for n in range(1, 25)),
    "counting": "".join(f"{n}\n" for n in range(1, 400)),
    "the head of a wide table": "|---" * 40 + "|\n",
    "a rule": "=" * 120 + "\n",
    "zeros": "0, " * 60,
    "code whose rows are alike": CODE,
    "a line said twice": "- Move the launch. [4]\n- Pay Nina.\n- Move the launch. [4]\n",
    "a chorus": "Row, row, row your boat,\ngently down the stream.\n" * 3,
    "laughter": "ha " * 12,
    "years": "".join(f"In {year} it rained on {year % 9 + 3} days.\n" for year in range(1990, 2026)),
}


@pytest.mark.parametrize("name", REPLIES)
def test_what_is_no_circle_stays_as_it_is(name: str) -> None:
    guard = read(list(REPLIES[name]))
    assert (guard.text, guard.is_repeating) == (REPLIES[name], False)


def test_nothing_comes_after_the_end() -> None:
    guard = read(["ok.\n" * 100])
    said = guard.text
    guard.add("more")
    assert (guard.text, said) == (said, "ok.\n")


@given(st.text(max_size=150), st.integers(1, 20))
def test_a_reply_too_short_for_a_circle_is_kept_to_the_letter(text: str, size: int) -> None:
    guard = read([text[at : at + size] for at in range(0, len(text), size)])
    assert (guard.text, guard.is_repeating) == (text, False)


@given(st.lists(st.sampled_from(["Yes. ", "No.\n", "1. ", "2. ", "ok "]), max_size=200), st.integers(1, 30))
def test_the_end_does_not_depend_on_the_pieces_and_only_cuts(parts: list[str], size: int) -> None:
    text = "".join(parts)
    guard = read([text[at : at + size] for at in range(0, len(text), size)])
    assert guard.text == read([text]).text
    assert text.startswith(guard.text)
    assert guard.is_repeating or guard.text == text
