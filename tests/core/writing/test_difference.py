"""The difference of two texts: nothing of either is lost, and each change is taken or left by itself."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.writing.difference import Change, difference

WORDS = st.sampled_from(
    ["the", "delivery", "were", "was", "late", ",", ".", "Größe", "don't", "5", "[[Kitchen]]", "漢字"]
)
GAPS = st.sampled_from([" ", "  ", "\n", "\n\n", "\t", "", "\u00a0", "\r\n"])
TEXTS = st.one_of(st.text(), st.lists(st.tuples(GAPS, WORDS)).map(lambda found: "".join(a + b for a, b in found)))


@given(TEXTS, TEXTS)
def test_all_changes_give_the_new_text_and_none_the_old_one_character_for_character(old: str, new: str) -> None:
    found = difference(old, new)
    assert found.old == old
    assert found.new == new
    assert all(change.old != change.new for change in found.changes)
    assert all(found.pieces)


@given(TEXTS, TEXTS, st.data())
def test_each_change_is_taken_or_left_whatever_becomes_of_the_others(old: str, new: str, data: st.DataObject) -> None:
    found = difference(old, new)
    numbers = st.sets(st.integers(0, max(0, len(found.changes) - 1)))
    taken = data.draw(numbers)
    expected, at = "", 0
    for piece in found.pieces:
        if isinstance(piece, Change):
            expected += piece.new if at in taken else piece.old
            at += 1
        else:
            expected += piece
    assert found.with_changes(taken) == expected


@given(TEXTS)
def test_a_text_does_not_differ_from_itself(text: str) -> None:
    assert difference(text, text).changes == ()


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        (
            "The last delivery were late, and three boxes is damaged.",
            "The last delivery was late, and three boxes were damaged.",
            [("were", "was"), ("is", "were")],
        ),
        ("Its fine", "It's fine.", [("Its", "It's"), ("", ".")]),
        ("Liferung und Bestelung", "Lieferung und Bestellung",
         [("Liferung", "Lieferung"), ("Bestelung", "Bestellung")]),
        ("dem schnele Liferung", "der schnellen Lieferung",
         [("dem", "der"), ("schnele", "schnellen"), ("Liferung", "Lieferung")]),
        ("We gave up it", "We abandoned it", [("gave up", "abandoned")]),
        ("Hello  you", "Hello you", [("  ", " ")]),
        ("one\ntwo", "one\n\ntwo", [("", "\n")]),
        ("one two three", "one three", [(" two", "")]),
        ("one three", "one two three", [("", " two")]),
    ],
)  # fmt: skip
def test_changes_are_words(old: str, new: str, changes: list[tuple[str, str]]) -> None:
    assert [(change.old, change.new) for change in difference(old, new).changes] == changes


@pytest.mark.parametrize("end", ["\n", " "])
def test_a_long_text_is_compared_in_no_time(end: str) -> None:
    said = [f"The {n} delivery of the boxes were late, and the price went up." for n in range(800)]
    old, began = end.join(said), time.process_time()
    found = difference(old, old.replace("were", "was"))
    assert time.process_time() - began < 5  # compared each with each it takes minutes
    assert len(found.changes) == len(said)


@pytest.mark.parametrize("end", ["\n", " "])
@pytest.mark.parametrize(("many", "few"), [(40_000, 1_900), (1_900, 40_000)])
def test_a_long_text_beside_a_short_one_is_compared_in_no_time(many: int, few: int, end: str) -> None:
    old, began = f"we{end}" * many, time.process_time()
    found = difference(old, f"we{end}" * few)
    assert time.process_time() - began < 2
    assert found.new == f"we{end}" * few
