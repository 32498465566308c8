"""The figures that decide whether a sentence is confirmed, from both sides of each; `make mutants` changes them."""

import pytest

from app.core.evidence.passages import CallLines, SpokenLine
from app.core.evidence.verdict import judge

FRUIT = "apple banana cherry damson elder fennel garlic hazel".split()


def said(*lines: tuple[str, int, int]) -> CallLines:
    """Lines of a speaker with the words from one place to before another; all words are equally rare."""
    return CallLines([SpokenLine(who, " ".join(FRUIT[first:end])) for who, first, end in lines], "en")


@pytest.mark.parametrize(
    ("known", "asked", "verdict"),
    [
        (2, 5, "confirmed"),  # 2 of 5.5: 0.364
        (2, 6, "not_found"),  # 2 of 6.5: 0.308
        (3, 8, "not_found"),  # 3 of 8.5: 0.353
        (1, 2, "not_found"),  # 1 of 2.5: 0.4, by one word
        (1, 1, "confirmed"),
    ],
)
def test_how_much_of_a_sentence_must_be_said(known: int, asked: int, verdict: str) -> None:
    call = CallLines([SpokenLine("", " ".join(FRUIT[:known])), SpokenLine("", "juniper")], "en")
    assert judge(" ".join(FRUIT[:asked]), call).verdict == verdict


@pytest.mark.parametrize(
    ("own", "other", "asked", "verdict"),
    [
        (1, 2, 5, "confirmed"),  # a word more by the other: 0.18
        (1, 3, 7, "not_found"),  # two: 0.27
    ],
)
def test_how_much_more_others_may_say_of_it(own: int, other: int, asked: int, verdict: str) -> None:
    call = said(("Anna", 0, own), ("Ben", own, own + other))
    assert judge(f"Anna {' '.join(FRUIT[:asked])}", call).verdict == verdict


@pytest.mark.parametrize(
    ("cited", "best", "kept"),
    [(3, 4, False), (5, 6, True)],  # 0.75 and 0.83 of what the best passage says
)
def test_how_well_cited_lines_must_say_it(cited: int, best: int, kept: bool) -> None:
    far = [SpokenLine("", " ".join(f"filler{n}x{m}" for m in range(60))) for n in range(3)]
    again = SpokenLine("", " ".join(FRUIT[cited:best]))  # so that all words are equally rare
    lines = [SpokenLine("", " ".join(FRUIT[:cited])), *far, SpokenLine("", " ".join(FRUIT[:best])), *far, again]
    assert judge(" ".join(FRUIT[:best]), CallLines(lines, "en"), [0]).lines == ((0,) if kept else (4,))


@pytest.mark.parametrize(("words", "is_own"), [(12, True), (13, False)])
def test_how_short_an_answer_is(words: int, is_own: bool) -> None:
    call = CallLines([SpokenLine("Anna", "Will you pay?"), SpokenLine("Ben", "well " * words)], "en")
    assert call.is_own(0, "Ben") is is_own
