"""A reply in circles ends before its repetition, and everything else of it is shown as it is."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.core.repetition import RepetitionGuard

LINES = ["- Move the launch. [4]", "- Move", "", "- Pay Nina by Friday.", "Yes.", "  indented", "- Move the launch"]


def shown(pieces: list[str]) -> tuple[str, bool]:
    guard = RepetitionGuard()
    text = "".join([guard.add(piece) for piece in pieces])
    return text + guard.flush(), guard.is_repeating


def expected(text: str) -> tuple[str, bool]:
    """Every line up to one of twelve characters or more that comes again."""
    said: set[str] = set()
    out = ""
    for line in text.splitlines(keepends=True):
        plain = line.strip()
        if plain in said:
            return out, line.endswith("\n")
        if len(plain) >= 12:
            said.add(plain)
        out += line
    return out, False


cuts = st.lists(st.integers(1, 30), min_size=1, max_size=30)


@given(st.lists(st.sampled_from(LINES), max_size=6), st.booleans(), cuts)
@example(["- Move the launch. [4]", "", "- Pay Nina by Friday."], False, [5])
@example(["- Move the launch. [4]", "- Move", "Yes."], True, [1])
def test_nothing_but_a_repeated_line_is_kept_back(lines: list[str], is_ended: bool, sizes: list[int]) -> None:
    text = "\n".join(lines) + ("\n" if is_ended else "")
    pieces = list[str]()
    at = 0
    while at < len(text):
        size = sizes[len(pieces) % len(sizes)]
        pieces.append(text[at : at + size])
        at += size
    assert shown(pieces) == expected(text)


def test_a_reply_without_repetition_is_passed_on_at_once() -> None:
    guard = RepetitionGuard()
    for piece in ("- Move", " the launch. [4]", "\n- Pay Nina", " by Friday.\n"):
        assert guard.add(piece) == piece
    assert guard.flush() == ""


@pytest.mark.parametrize(("line", "is_repeating"), [("- Pay Tom.!", False), ("- Pay Nina.!", True)])
def test_lines_of_twelve_characters_may_not_repeat(line: str, is_repeating: bool) -> None:
    assert shown([f"{line}\n{line}\n"])[1] is is_repeating


def test_nothing_comes_after_the_end() -> None:
    guard = RepetitionGuard()
    guard.add("- Move the launch. [4]\n- Move the launch. [4]\n")
    assert guard.is_repeating
    assert guard.add("more") == guard.flush() == ""


def test_a_last_line_that_only_began_like_an_earlier_one_is_shown_at_the_end() -> None:
    guard = RepetitionGuard()
    guard.add("- Move the launch.\n")
    assert guard.add("- Move") == ""
    assert guard.flush() == "- Move"
    assert guard.flush() == ""


def test_a_last_line_that_repeats_an_earlier_one_is_not_shown_at_the_end() -> None:
    assert shown(["- Move the launch.\n", "- Move the launch."]) == ("- Move the launch.\n", False)
