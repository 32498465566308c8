"""Vectors of passages: made once, kept over restarts and kills, made anew with the lines or the model."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from app.core.engines import EmbeddingEngine
from app.core.errors import EngineCrashed
from app.core.ids import CallId
from app.core.job import Cancelled, Progress
from app.core.model import Model, ModelKind
from app.engines.parent.embedding import RemoteEmbedding
from app.engines.parent.engines import LocalEngines
from app.services.calls.passage_index import PassageIndex
from app.services.engine_pool import EnginePool
from app.storage.tables.calls import CallStore
from app.storage.tables.passages import PassageStore
from app.storage.vault import Vault
from tests.doubles.embedding import ScriptedEmbedding
from tests.making_models.embedding import make
from tests.services.stage import Watching, lines_of, provisioning
from tests.storage.calls import uid

WORDS = "budget meeting money cheap cat dog remote control battery".split()


def topic(word: str) -> list[str]:
    """Three passages, of which the second is about the word."""
    filler = "and so we went on with it for a while as we always do on days like these " * 6
    return [filler, f"{word} " * 100, filler]


class Indexed:
    """A vault, a folder of models with one for embeddings, and the index on both."""

    def __init__(self, vault: Vault, engine: Callable[[Model], EmbeddingEngine] | None = None) -> None:
        folder = vault.folder.parent
        self.model = folder / "models" / "tiny.gguf"
        self.models = provisioning(folder)
        engines = LocalEngines(2, 2048)
        self.started: list[EmbeddingEngine] = []

        def start(model: Model) -> EmbeddingEngine:
            self.started.append(RemoteEmbedding(model, 2) if engine is None else engine(model))
            return self.started[-1]

        engines.embedding = start  # type: ignore[method-assign,assignment]
        self.pool = EnginePool(engines, self.models)
        self.store = CallStore(vault)
        self.passages = PassageStore(vault)
        self.index = PassageIndex(self.store, self.passages, self.pool)

    def packed(self, call: CallId) -> list[bytes]:
        return [one.packed for one in self.passages.of_call(call)]

    def texts(self) -> list[str]:
        return [text for engine in self.started if isinstance(engine, ScriptedEmbedding) for text in engine.texts]

    def close(self) -> None:
        self.index.close()
        self.pool.close()


@pytest.fixture
def with_model(vault: Vault) -> None:
    (vault.folder.parent / "models").mkdir()
    make(vault.folder.parent / "models" / "tiny.gguf", WORDS)


@pytest.fixture
def real(vault: Vault, with_model: None) -> Iterator[Indexed]:
    made = Indexed(vault)
    yield made
    made.close()


@pytest.fixture
def scripted(vault: Vault, with_model: None) -> Iterator[Indexed]:
    made = Indexed(vault, lambda model: ScriptedEmbedding(str(model.size)))
    yield made
    made.close()


def test_without_a_model_there_is_nothing_to_make_and_to_read(vault: Vault) -> None:
    made = Indexed(vault)
    call = lines_of(made.store, topic("budget"))
    assert made.index.unfinished() == []
    assert made.index.complete(Watching())
    assert made.index.vectors(call) is None
    assert made.index.question_vector("What of the budget?") is None
    assert made.passages.of_call(call) == []


def test_a_real_worker_finds_the_passage_about_a_word(real: Indexed, vault: Vault) -> None:
    calls = {word: lines_of(real.store, topic(word)) for word in ("cat", "budget", "battery")}
    assert real.index.complete(Watching())
    found = real.index.vectors()
    asked = real.index.question_vector("budget budget")
    assert found is not None
    assert asked is not None
    call, place = found.places[int(np.argmax(found.cosines(asked)))]
    assert (call, place.first) == (calls["budget"], uid(real.store, calls["budget"], 2))
    inside = real.index.vectors(calls["cat"])
    assert inside is not None
    assert {call for call, _ in inside.places} == {calls["cat"]}
    assert len(inside.places) == len(inside.cosines(asked)) == 3


def test_the_rows_are_the_vectors(scripted: Indexed) -> None:
    call = lines_of(scripted.store, topic("budget"))
    scripted.index.complete(Watching())
    found = scripted.index.vectors(call)
    assert found is not None
    exact = np.array(ScriptedEmbedding(str(scripted.model.stat().st_size)).embed(scripted.texts()))
    assert np.abs(found.values * found.scales[:, None] - exact).max() < 1 / 127
    wanted = scripted.started[0].embed(["budget"])[0]
    assert np.abs(found.cosines(wanted) - exact @ np.array(wanted)).max() < 0.02


def test_they_are_the_same_after_a_restart_and_not_made_twice(real: Indexed, vault: Vault) -> None:
    call = lines_of(real.store, topic("budget"))
    real.index.complete(Watching())
    before = real.packed(call)
    again = Indexed(vault)
    assert again.index.unfinished() == []
    assert again.index.complete(Watching())
    assert again.packed(call) == before
    assert again.started == [] or again.started[0].worker.pid is None  # type: ignore[attr-defined]
    again.close()


def test_a_stop_keeps_what_was_made_and_it_goes_on_there(scripted: Indexed) -> None:
    call = lines_of(scripted.store, topic("budget") * 30)
    with pytest.raises(Cancelled):
        scripted.index.complete(Watching(stop_at=2))
    some = scripted.packed(call)
    assert 0 < len(some) < 90
    assert scripted.index.complete(Watching())
    assert scripted.packed(call)[: len(some)] == some
    assert len(scripted.texts()) == len(scripted.packed(call)) == 90


def test_it_gives_way_at_once(scripted: Indexed) -> None:
    call = lines_of(scripted.store, topic("budget") * 30)
    answers = iter([True, False])
    assert not scripted.index.complete(Watching(), is_wanted=lambda: next(answers))
    assert len(scripted.packed(call)) == 1
    assert scripted.index.complete(Watching(), [call])


@pytest.mark.parametrize("deaths", [1, 2])
def test_a_worker_that_dies_in_the_middle_loses_nothing(vault: Vault, with_model: None, deaths: int) -> None:
    failures = [None, *[EngineCrashed()] * deaths]
    made = Indexed(vault, lambda _: ScriptedEmbedding("x", failures))
    call = lines_of(made.store, topic("budget") * 3)
    assert made.index.complete(Watching())
    assert len(made.packed(call)) == len(made.texts()) == 9
    made.close()


def test_a_killed_real_worker_loses_nothing(real: Indexed) -> None:
    call = lines_of(real.store, topic("budget") * 20)

    def kill_once(event: object) -> bool:
        engine = real.started[0]
        assert isinstance(engine, RemoteEmbedding)
        if isinstance(event, Progress) and event.done > 3 and not killed and engine.worker._process is not None:
            engine.worker._process.kill()
            killed.append(event)
        return False

    killed: list[object] = []
    assert real.index.complete(Watching(stop_when=kill_once))
    assert killed
    assert len(real.packed(call)) == 60


def test_an_edited_line_is_made_anew_and_no_other(scripted: Indexed) -> None:
    call = lines_of(scripted.store, topic("budget") * 3)
    scripted.index.complete(Watching())
    before = scripted.index.vectors()
    made = len(scripted.texts())
    scripted.store.utterances.edit(uid(scripted.store, call, 5), "cat " * 100)
    assert scripted.index.unfinished() == [call]
    during = scripted.index.vectors()
    assert scripted.index.complete(Watching())
    after = scripted.index.vectors()
    assert before is not None
    assert during is not None
    assert after is not None
    assert [len(found.places) for found in (before, during, after)] == [9, 8, 9]
    assert len(scripted.texts()) == made + 1
    assert scripted.texts()[-1].startswith("cat")


def test_a_deleted_call_is_no_longer_found(scripted: Indexed) -> None:
    call, other = (lines_of(scripted.store, topic(word), title=word) for word in ("cat", "dog"))
    scripted.index.complete(Watching())
    scripted.index.vectors()
    scripted.store.delete(call)
    left = scripted.index.vectors()
    assert left is not None
    assert {one for one, _ in left.places} == {other}
    gone = scripted.index.vectors(call)
    assert gone is not None
    assert len(gone.places) == len(gone.cosines(scripted.started[0].embed(["cat"])[0])) == 0


def test_another_model_makes_all_anew(scripted: Indexed, vault: Vault) -> None:
    call = lines_of(scripted.store, topic("budget"))
    scripted.index.complete(Watching())
    before = scripted.packed(call)
    assert scripted.index.vectors() is not None
    scripted.close()
    make(scripted.model, [*WORDS, "another"], seed=6)
    again = Indexed(vault, lambda model: ScriptedEmbedding(str(model.size)))
    assert again.index.unfinished() == [call]
    during = again.index.vectors(call)
    assert during is not None
    assert len(during.places) == 0  # those of the other model can't be compared
    assert again.index.complete(Watching())
    assert len(again.packed(call)) == 3
    assert again.packed(call) != before
    again.close()


def test_what_is_in_memory_is_overwritten_when_it_closes(scripted: Indexed) -> None:
    lines_of(scripted.store, topic("budget"))
    scripted.index.complete(Watching())
    found = scripted.index.vectors()
    assert found is not None
    assert found.values.any()
    scripted.index.close()
    assert not found.values.any()


def test_an_embedding_model_is_no_language_model(scripted: Indexed) -> None:
    """It was put into the folder by hand, so only a worker can tell."""
    assert [m.kind for m in scripted.models.here() if m.name == "tiny"] == [ModelKind.LANGUAGE]
    assert (found := scripted.index.model()) is not None
    assert (found.name, found.kind) == ("tiny", ModelKind.EMBEDDING)
    assert scripted.models.needed(ModelKind.LANGUAGE).is_demo
    assert [m.kind for m in scripted.models.here() if m.name == "tiny"] == [ModelKind.EMBEDDING]
    shutil.copy(Path(scripted.models.needed(ModelKind.LANGUAGE).path), scripted.model.with_name("writer.gguf"))
    scripted.models.recognise(LocalEngines(2, 2048))
    assert scripted.models.needed(ModelKind.LANGUAGE).name == "writer"
    assert scripted.models.use("tiny").kind is ModelKind.EMBEDDING
