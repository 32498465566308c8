"""Passages near to a question: by their words and, where a model can compare it, by meaning."""

from array import array
from collections.abc import Callable, Iterator

import pytest

from app.core.embedding import Vector
from app.core.errors import AssistantError, EngineCrashed
from app.core.ids import CallId
from app.core.job import Cancelled
from app.core.passage_score import AskedWord, fused_score, rarity, word_share
from app.services.calls.related_passages import RelatedPassages
from app.services.calls.search import Search
from app.services.calls.search_groups import RelatedGroups
from app.storage.vault import Vault
from tests.doubles.embedding import ScriptedEmbedding
from tests.making_models.embedding import make
from tests.services.calls.test_passage_index import Indexed
from tests.services.stage import Watching, lines_of

FILLER = "and so we went on with it for a while as we always do on days like these " * 6
SAME = {"automobile": "car", "vehicle": "car", "invoice": "bill"}


class Synonyms(ScriptedEmbedding):
    """One for which some words mean the same."""

    def _vector(self, text: str) -> Vector:
        plain = "".join(letter for letter in text.casefold() if letter.isalpha() or letter.isspace())
        told = [SAME.get(word, word) for word in plain.split() if len(word) > 2]
        return super()._vector(" ".join(told))


Start = Callable[..., Indexed]
"""Makes a library whose model raises these failures."""


@pytest.fixture
def start(vault: Vault) -> Iterator[Start]:
    made: list[Indexed] = []

    def begin(*failures: AssistantError | None) -> Indexed:
        (vault.folder.parent / "models").mkdir()
        make(vault.folder.parent / "models" / "tiny.gguf")
        made.append(Indexed(vault, lambda _: Synonyms("same", failures)))
        return made[-1]

    yield begin
    for one in made:
        one.close()


def related(made: Indexed) -> RelatedPassages:
    return RelatedPassages(made.store, made.index)


def shown(made: Indexed, call: CallId, question: str) -> list[tuple[int, int]]:
    found = related(made).inside(call, question, 3, Watching()).passages
    return [(one.first, one.last) for one in found]


def test_what_means_the_same_is_found_though_no_word_is_shared(start: Start) -> None:
    made = start()
    long = lines_of(made.store, [FILLER, "My automobile broke down. " + FILLER, FILLER])
    assert shown(made, long, "the car")[0] == (1, 1)
    call = lines_of(made.store, ["My automobile broke down."])
    made.index.complete(Watching())
    found = related(made).anywhere("the vehicle", 3)
    assert found.is_by_meaning
    assert [one.call for one in found.passages[:2]] == [call, long]
    assert found.passages[0].share == 0.0
    assert 0.2 < (found.passages[0].near or 0.0) < 1.0


def test_without_a_model_words_alone_are_compared(vault: Vault) -> None:
    made = Indexed(vault)
    call = lines_of(made.store, [FILLER, "My automobile broke down. " + FILLER, FILLER])
    found = related(made).inside(call, "automobile", 3, Watching())
    assert [(one.first, one.near) for one in found.passages] == [(1, None)]
    assert not found.is_by_meaning
    assert related(made).anywhere("the car", 3).passages == []
    assert related(made).anywhere("Did the automobiles break?", 3).passages == [], "the index knows words as they stand"
    assert related(made).anywhere("automobile?", 3).passages[0].call == call
    made.close()


def test_a_model_that_fails_is_done_without(start: Start) -> None:
    made = start(*[EngineCrashed("It ended.", "Try again.")] * 20)
    call = lines_of(made.store, [FILLER, "My automobile broke down. " + FILLER])
    for found in (
        related(made).anywhere("the automobile", 3),
        related(made).inside(call, "the automobile", 3, Watching()),
    ):
        assert [one.first for one in found.passages] == [1]
        assert not found.is_by_meaning


def test_what_is_not_embedded_yet_is_found_by_its_words_among_the_rest(start: Start) -> None:
    made = start()
    lines_of(made.store, ["My automobile broke down. " + FILLER])
    made.index.complete(Watching())
    late = lines_of(made.store, ["Harald sold it. " + FILLER])
    found = related(made).anywhere("Harald", 3).passages
    assert next(one for one in found if one.call == late).near is None


def test_a_long_call_is_embedded_before_it_is_asked_and_that_can_be_stopped(start: Start) -> None:
    made = start()
    call = lines_of(made.store, [FILLER] * 20)
    with pytest.raises(Cancelled):
        related(made).inside(call, "the car", 3, Watching(stop_at=2))
    assert made.index.unfinished() == [call]
    assert related(made).inside(call, "the car", 3, Watching()).is_by_meaning
    assert made.index.unfinished() == []


def test_a_question_that_is_near_to_nothing_finds_nothing(start: Start) -> None:
    made = start()
    lines_of(made.store, [f"word{n} " * 60 for n in range(12)])
    made.index.complete(Watching())
    assert related(made).anywhere("zebra", 3).passages == []


def test_the_search_shows_the_nearest_line_of_what_lacks_a_word(start: Start) -> None:
    made = start()
    there = lines_of(made.store, ["Hello again.", "Well, the vehicle, the vehicle.", "Bye now."], title="Garage")
    lines_of(made.store, ["The car was cheap."], title="Market")
    lines_of(made.store, [f"word{n} " * 40 for n in range(6)], title="Rain")
    made.index.complete(Watching())
    groups = RelatedGroups(made.store, Search(made.store, related(made)))
    found = {group.id: group for group in groups.grouped("the car")}
    assert found[there].kind == "related"
    assert [place.text for place in found[there].places] == ["Well, the vehicle, the vehicle."]
    assert "The car was cheap." not in [place.text for group in found.values() for place in group.places]
    assert groups.grouped("ca") == []
    made.store.delete(there)
    assert there not in {group.id for group in groups.grouped("the car")}


def test_without_a_model_the_search_shows_nothing_near(vault: Vault) -> None:
    made = Indexed(vault)
    lines_of(made.store, ["The car was cheap."])
    assert RelatedGroups(made.store, Search(made.store, related(made))).grouped("the automobile") == []
    made.close()


def test_words_weigh_by_their_rarity_and_saturate() -> None:
    rare, common = AskedWord(frozenset({"boiler"}), rarity(1, 100)), AskedWord(frozenset({"say"}), rarity(60, 100))
    assert rare.rarity > 4 * common.rarity > 0
    asked = [rare, common]
    assert word_share(asked, {"boiler": 1}, 1.0) > 0.8 > 0.2 > word_share(asked, {"say": 1}, 1.0)
    assert word_share(asked, {"boiler": 1, "say": 1}, 1.0) == pytest.approx(1.0)
    assert 1.0 < word_share(asked, {"boiler": 50, "say": 50}, 1.0) < 2.2
    assert word_share(asked, {"boiler": 1}, 2.0) < word_share(asked, {"boiler": 1}, 1.0), "a longer one tells less"
    assert word_share([], {"boiler": 1}, 1.0) == 0.0


def test_meaning_counts_from_the_mean_of_a_model(start: Start) -> None:
    made = start()
    call = lines_of(made.store, ["My automobile broke down.", "It rained all day. " * 20, "Nobody came. " * 30])
    made.index.complete(Watching())
    found, vectors = made.index.compare("My automobile broke down.", call), made.index.vectors(call)
    assert found is not None
    assert vectors is not None
    assert found.near.mean() == pytest.approx(0.0, abs=1e-6)
    cosines = vectors.cosines(made.index.question_vector("My automobile broke down."))  # type: ignore[arg-type]
    one = (1 - cosines.mean()) * found.near + cosines.mean()
    assert one == pytest.approx(cosines), "1 is the same"
    made.index.model = lambda: None  # type: ignore[method-assign]
    assert made.index.compare("My automobile broke down.", call) is None


def test_a_text_is_not_compared_with_vectors_of_another_model(start: Start) -> None:
    made = start()
    call = lines_of(made.store, ["My automobile broke down."])
    made.index.complete(Watching())
    made.index.question_vector = lambda question: array("f", [1.0, 0.0])  # type: ignore[method-assign]
    assert made.index.compare("the car", call) is None
    assert not related(made).inside(call, "automobile", 3, Watching()).is_by_meaning


def test_both_are_added_up() -> None:
    assert fused_score(0.4, 0.0) == 0.4
    assert fused_score(0.1, 1.0) > fused_score(0.5, 0.0), "all words outweigh what only is near"
    assert fused_score(0.1, 0.3) < fused_score(0.3, 0.0), "a few words don't"
