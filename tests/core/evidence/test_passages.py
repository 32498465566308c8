"""Where a call speaks of a sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.evidence.passages import MOST_LINES, CallLines, SpokenLine, people_named

CALL = CallLines(
    [
        SpokenLine("Ana", "Good morning, everybody."),
        SpokenLine("Ben", "The heating in the old town hall broke down on Monday."),
        SpokenLine("Ana", "Can you ask the plumber for an offer?"),
        SpokenLine("Ben", "Yes, I will do that today."),
        SpokenLine("Cleo", "The choir wants to rehearse there in December."),
        *(SpokenLine("Cleo", f"Chapter {n} of the annual report is about the library.") for n in range(40)),
        SpokenLine("Ana", "The insurance pays for the roof of the town hall."),
    ]
)


@pytest.mark.parametrize(
    ("sentence", "lines"),
    [
        ("The heating of the town hall broke.", (1,)),
        ("The plumber is asked for an offer.", (2,)),
        ("The choir rehearses in December.", (4,)),
        ("The insurance pays the roof.", (45,)),
    ],
)
def test_the_lines_that_say_it_are_found(sentence: str, lines: tuple[int, ...]) -> None:
    found = CALL.coverage(sentence)
    assert found.lines == lines
    assert found.share > 0.5
    assert set(found.lines) <= set(found.passage)


@pytest.mark.parametrize("sentence", ["A dentist extracted the wisdom tooth.", "", "They said so.", "…"])
def test_what_nobody_speaks_of_is_not_found(sentence: str) -> None:
    assert (CALL.coverage(sentence).share, CALL.coverage(sentence).lines) == (0.0, ())


def test_rare_words_tell_more_than_those_of_every_line() -> None:
    common, rare = CALL.coverage("The annual library budget was cut."), CALL.coverage("The choir budget was cut.")
    assert common.share < rare.share


def test_who_says_it_and_who_answers_is_known() -> None:
    own = CALL.coverage("Cleo says that the choir rehearses in December.")
    assert own.own_share is not None
    assert own.own_share > own.other_share == 0.0
    swapped = CALL.coverage("Ana says that the choir rehearses in December.")
    assert swapped.own_share == 0.0 < swapped.other_share
    answered = CALL.coverage("Ben asks the plumber for an offer.")
    assert answered.own_share == answered.other_share > 0.0
    assert CALL.coverage("The choir rehearses in December.").own_share is None


def test_the_longest_of_names_in_one_place_is_meant() -> None:
    names = ["PhD C", "PhD", "Ana", "Ana Maria"]
    assert people_named("Ana Maria asked PhD C, not Anabel.", names) == ["Ana Maria", "PhD C"]
    assert people_named("Later Ana and Ana Maria agreed.", names) == ["Ana", "Ana Maria"]
    assert people_named("you and them", ["You", "Them"]) == []


def test_cited_lines_are_judged_with_their_neighbours() -> None:
    assert CALL.coverage_of("The plumber is asked for an offer.", [2]).share > 0.5
    assert CALL.coverage_of("The plumber is asked for an offer.", [30]).share == 0.0


@given(st.text(max_size=60), st.lists(st.text(max_size=40), max_size=6))
def test_any_sentence_and_any_lines_have_a_share(sentence: str, texts: list[str]) -> None:
    found = CallLines([SpokenLine("You", text) for text in texts]).coverage(sentence)
    assert 0.0 <= found.share < 1.0
    assert len(found.lines) <= MOST_LINES
    assert set(found.lines) <= set(found.passage) <= set(range(len(texts)))
