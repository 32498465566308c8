"""Passages: neighbouring lines of some ninety words, each line in one of them."""

from hypothesis import given
from hypothesis import strategies as st

from app.core.search_passages import PASSAGE_WORDS, passages_of

LINE = "we should look at the budget again before the meeting"  # ten words


def test_a_passage_ends_once_it_has_its_words() -> None:
    found = passages_of([LINE] * 20)
    assert [(passage.first, passage.last) for passage in found] == [(0, 8), (9, 17), (18, 19)]
    assert found[0].text == "\n".join([LINE] * 9)


def test_a_call_of_one_line_is_one_passage() -> None:
    assert [(p.first, p.last, p.text) for p in passages_of(["Yes."])] == [(0, 0, "Yes.")]
    assert passages_of([]) == []
    assert passages_of([" ", ""]) == []


def test_a_line_that_is_too_long_becomes_several_passages_of_its_own() -> None:
    long = " ".join(f"word{n}" for n in range(3 * PASSAGE_WORDS))
    found = passages_of([LINE, long, LINE])
    assert [(p.first, p.last, p.part) for p in found] == [(0, 0, 0), (1, 1, 0), (1, 1, 1), (1, 1, 2), (2, 2, 0)]
    assert " ".join(p.text for p in found[1:4]) == long


def test_a_line_of_a_script_without_spaces_is_measured_by_its_letters() -> None:
    assert len(passages_of(["会議の予算について話しましょう。" * 4] * 6)) > 1
    assert max(len(p.text) for p in passages_of(["予" * 30_000])) <= 2000


@given(st.lists(st.text(alphabet="ab .\n予", max_size=400), max_size=30))
def test_every_line_is_in_a_passage_and_none_is_in_two(lines: list[str]) -> None:
    found = passages_of(lines)
    there = [n for p in found if p.part == 0 for n in range(p.first, p.last + 1)]
    assert there == sorted(set(there))
    assert {n for n, line in enumerate(lines) if line.strip()} <= set(there)
    words = " ".join(lines).split()
    assert " ".join(p.text for p in found).split() == words or any(len(word) > 2000 for word in words)
