"""Sentences that deny something, and what they would say if they did not."""

import pytest

from app.core.evidence.denial import affirmed, denies
from app.core.evidence.passages import CallLines, SpokenLine
from app.core.evidence.verdict import judge
from app.core.languages.tables import table_of


@pytest.mark.parametrize(
    ("language", "sentence", "opposite"),
    [
        ("en", "The team was not happy.", "The team was happy."),
        ("en", "They didn't pay and can't come.", "They did pay and can come."),
        ("en", "There is no offer.", "There is some offer."),
        ("en", "She won’t come.", "She will come."),
        ("de", "Sie haben keinen Plan und kommen nicht.", "Sie haben einen Plan und kommen."),
        ("fr", "Il ne vient pas demain.", "Il vient demain."),
        ("es", "No viene nunca.", "viene."),
        ("en", "They refused the offer.", "They refused the offer."),
    ],
)
def test_what_a_denial_denies(language: str, sentence: str, opposite: str) -> None:
    assert denies(sentence, table_of(language))
    assert affirmed(sentence, table_of(language)) == opposite


def test_what_denies_nothing_stays() -> None:
    assert not denies("The note is knotted.", table_of("en"))
    assert affirmed("The note is knotted.", table_of("en")) == "The note is knotted."


class Hearsay:
    """A reader that finds one of two claims likelier."""

    def __init__(self, believes: str) -> None:
        self.believes = believes
        self.asked: list[str] = []

    def likelihood(self, lines: object, claim: str) -> float:
        self.asked.append(claim)
        return 0.6 if claim == self.believes else 0.4


CALL = CallLines([SpokenLine("Ana", "The roof is sound, that is not the matter."), SpokenLine("Ben", "Good.")], "en")
DENIED, AFFIRMED = "The roof is not sound.", "The roof is sound."


def test_a_reader_decides_between_a_denial_and_its_opposite() -> None:
    reader = Hearsay(DENIED)
    assert judge(DENIED, CALL, (), reader).verdict == "confirmed"
    assert reader.asked == [DENIED, AFFIRMED]
    assert judge(DENIED, CALL, (), Hearsay(AFFIRMED)).verdict == "not_found"
    assert judge(DENIED, CALL).verdict == "confirmed"  # without one, words decide


def test_a_reader_is_asked_about_denials_only() -> None:
    reader = Hearsay("")
    assert judge(AFFIRMED, CALL, (), reader).verdict == "confirmed"
    assert judge("The cat did not eat.", CALL, (), reader).verdict == "not_found"
    assert reader.asked == []
