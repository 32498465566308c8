"""Evidence by meaning: what is said in other words is confirmed, and what is not said is not."""

from pathlib import Path

import pytest

from app.core.errors import EngineCrashed
from app.core.evidence.passages import CallLines, SpokenLine
from app.core.evidence.verdict import judge
from app.core.job import Cancelled
from app.services.calls.checking import Checking
from app.services.calls.line_meaning import LineMeaning, LineMeanings
from app.services.outputs import Outputs
from app.storage.vault import Vault
from tests.services.calls.test_passage_index import Indexed
from tests.services.calls.test_related_passages import FILLER, Start, start
from tests.services.stage import Watching, lines_of

__all__ = ["start"]
SAID = [
    FILLER,
    "The vehicle was sold to Harald for a good price, and the vehicle, that vehicle is gone. " + FILLER,
    FILLER + "Rain fell on the garden.",
]
CLAIM = "The car, that automobile, was sold yesterday."


def checked(made: Indexed, claim: str, folder: Path) -> str:
    call = lines_of(made.store, SAID)
    checking = Checking(made.store, made.pool, Outputs(folder, folder), LineMeanings(made.store, made.index))
    return checking.run(call, claim, Watching())[0].verdict


def near(made: Indexed, sentence: str) -> list[float | None]:
    call = lines_of(made.store, SAID)
    made.index.complete(Watching())
    lines = [(call, line.id) for line in made.store.transcript(call).utterances]
    compared = LineMeaning(made.store, made.index, lines)
    return [compared.near(sentence, [index]) for index in range(len(lines))]


def test_the_passage_that_means_the_same_is_the_nearest(start: Start) -> None:
    found = near(start(), CLAIM)
    assert found[1] == max(value for value in found if value is not None)
    assert all(value is not None and -1 <= value <= 1 for value in found)


def test_meaning_decides_where_words_leave_it_open() -> None:
    said = [SpokenLine("Speaker", text) for text in SAID]

    class Near:
        def __init__(self, value: float | None) -> None:
            self.value = value

        def near(self, sentence: str, lines: object) -> float | None:
            return self.value

    few = "Harald signed the car's price agreement at the dealership office."
    words = judge(few, CallLines(said, "en"))
    assert 0.2 < words.score < 0.36
    assert words.verdict == "not_found"
    assert judge(few, CallLines(said, "en", meaning=Near(0.5))).verdict == "confirmed"
    assert judge(few, CallLines(said, "en", meaning=Near(0.0))).verdict == "not_found"
    assert judge(few, CallLines(said, "en", meaning=Near(None))) == words
    strange = few.replace("Harald", "Okafor")
    assert judge(strange, CallLines(said, "en", meaning=Near(1.0))).verdict != "confirmed", "a name must be said"
    many = "The vehicle was sold for a good price."
    far = judge(many, CallLines(said, "en", meaning=Near(-1.0)))
    assert far == judge(many, CallLines(said, "en")), "what is said in its words needs no meaning"


def test_a_call_is_embedded_before_a_text_is_checked_against_it(start: Start, tmp_path: Path) -> None:
    made = start()
    checked(made, CLAIM, tmp_path)
    assert made.index.unfinished() == []
    call = lines_of(made.store, SAID * 10)
    with pytest.raises(Cancelled):
        LineMeanings(made.store, made.index).of_call(call, Watching(stop_at=2))


def test_without_vectors_nothing_is_compared(start: Start) -> None:
    made = start(*[EngineCrashed("It ended.", "Try again.")] * 20)
    call = lines_of(made.store, SAID)
    lines = [(call, line.id) for line in made.store.transcript(call).utterances]
    compared = LineMeaning(made.store, made.index, lines)
    assert [compared.near(CLAIM, [index]) for index in range(len(lines))] == [None] * len(SAID)


def test_without_a_model_there_is_nothing_to_compare(vault: Vault) -> None:
    made = Indexed(vault)
    call = lines_of(made.store, SAID)
    assert LineMeanings(made.store, made.index).of_call(call, Watching()) is None
    made.close()
