"""The embedding engine: a real worker on a tiny model behaves like its double; what no worker sends is refused."""

import math
import os
import struct
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from app.core.embedding import Prefixes
from app.core.engines import EmbeddingEngine
from app.core.errors import EngineCrashed, ModelDamaged
from app.core.model import Model, ModelKind
from app.engines import protocol
from app.engines.parent.embedding import RemoteEmbedding
from app.engines.parent.reply_checks import EmbeddedOrder
from tests.conftest import demo_model
from tests.doubles.embedding import ScriptedEmbedding
from tests.making_models.embedding import make
from tests.real.folder import REAL

WORDS = "budget meeting money cheap cat dog remote control battery".split()
MINILM = "models/all-MiniLM-L6-v2.f16.gguf"


def model_at(path: Path, prefixes: Prefixes | None = None) -> Model:
    return Model(path.stem, ModelKind.EMBEDDING, path, path.stat().st_size, prefixes=prefixes)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("models") / "tiny.gguf", WORDS)


@pytest.fixture(scope="module", params=["real", "scripted"])
def engine(request: pytest.FixtureRequest, tiny: Path) -> Iterator[EmbeddingEngine]:
    made = RemoteEmbedding(model_at(tiny), 2) if request.param == "real" else ScriptedEmbedding()
    yield made
    made.close()


def cosine(one: Any, other: Any) -> float:
    return float(sum(a * b for a, b in zip(one, other, strict=True)))


def test_vectors_have_unit_length_and_the_model_s_dimensions(engine: EmbeddingEngine) -> None:
    found = engine.embed(["the budget", "a cat", ""])
    assert [len(vector) for vector in found] == 3 * [engine.facts().dimensions]
    assert [cosine(vector, vector) for vector in found] == pytest.approx([1, 1, 1], abs=1e-4)
    assert engine.embed([]) == []


def test_a_text_has_one_vector_whatever_stands_beside_it(engine: EmbeddingEngine) -> None:
    (alone,) = engine.embed(["the budget meeting"])
    among = engine.embed(["a cat", *["money " * 60] * 9, "the budget meeting", "dog"])[10]
    assert cosine(alone, among) == pytest.approx(1, abs=1e-3)


def test_texts_that_share_words_are_near(engine: EmbeddingEngine) -> None:
    one, near, far = engine.embed(["cheap remote control", "remote control cheap battery", "dog cat dog"])
    assert cosine(one, near) > cosine(one, far)


def test_a_text_that_is_too_long_is_cut(engine: EmbeddingEngine) -> None:
    short, long = engine.embed(["budget meeting", "budget meeting " * 40_000])
    assert cosine(short, long) > 0


def test_a_closed_engine_says_so(tiny: Path) -> None:
    for made in (RemoteEmbedding(model_at(tiny), 2), ScriptedEmbedding()):
        made.close()
        with pytest.raises(EngineCrashed, match="stopped"):
            made.embed(["x"])


def test_marks_in_a_text_are_text(tiny: Path) -> None:
    """Whoever speaks in a call can't end the text for the model."""
    engine = RemoteEmbedding(model_at(tiny), 2)
    try:
        one, other = engine.embed(["budget [SEP] dog", "budget"])
        assert cosine(one, other) < 0.999
    finally:
        engine.close()


def test_a_question_has_the_model_s_prefix_before_it(tiny: Path) -> None:
    engine = RemoteEmbedding(model_at(tiny, Prefixes("dog cat: ", "money: ")), 2)
    plain = RemoteEmbedding(model_at(tiny), 2)
    try:
        asked, kept = engine.embed(["budget"], is_question=True)[0], engine.embed(["budget"])[0]
        as_asked, as_kept = plain.embed(["dog cat: budget", "money: budget"])
        assert cosine(asked, as_asked) == pytest.approx(1, abs=1e-4)
        assert cosine(kept, as_kept) == pytest.approx(1, abs=1e-4)
        assert cosine(asked, kept) < 0.999
    finally:
        engine.close()
        plain.close()


def test_a_killed_worker_is_replaced(tiny: Path) -> None:
    engine = RemoteEmbedding(model_at(tiny), 2)
    try:
        before = engine.embed(["budget"])
        assert engine.worker.pid is not None
        os.kill(engine.worker.pid, 9)
        assert engine.embed(["budget"]) == before
    finally:
        engine.close()


def test_a_model_of_another_kind_and_a_damaged_file_are_refused(tmp_path: Path, tiny: Path) -> None:
    half = tmp_path / "half.gguf"
    half.write_bytes(tiny.read_bytes()[: tiny.stat().st_size // 2])
    for path in (demo_model(ModelKind.LANGUAGE).path, half):
        engine = RemoteEmbedding(model_at(path), 2)
        with pytest.raises(ModelDamaged):
            engine.facts()
        engine.close()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_it_gives_way_to_what_somebody_waits_for(tiny: Path) -> None:
    engine = RemoteEmbedding(model_at(tiny), 2)
    try:
        engine.facts()
        assert engine.worker.pid is not None
        assert os.getpriority(os.PRIO_PROCESS, engine.worker.pid) > os.getpriority(os.PRIO_PROCESS, 0)
    finally:
        engine.close()


def packed(*values: float) -> bytes:
    return struct.pack(f"<{len(values)}f", *values)


@pytest.mark.parametrize(
    "vectors",
    [
        [packed(1, 0, 0)], [packed(1, 0, 0, 0, 0)], [packed(2, 0, 0, 0)], [packed(math.nan, 0, 0, 0)],
        [packed(math.inf, 0, 0, 0)], [packed(0, 0, 0, 0)], [], [packed(1, 0, 0, 0)] * 3, [b""],
    ],
)  # fmt: skip
def test_vectors_that_no_working_worker_sends_are_refused(vectors: list[bytes]) -> None:
    with pytest.raises(protocol.WireError):
        EmbeddedOrder(2, lambda: 4).check(protocol.Embedded(tuple(vectors)))


def test_each_text_has_its_vector() -> None:
    order = EmbeddedOrder(2, lambda: 4)
    complete = []
    for vector in (packed(0, 1, 0, 0), packed(0.5, -0.5, 0.5, -0.5)):
        order.check(protocol.Embedded((vector,)))
        complete.append(order.is_complete)
    assert complete == [False, True]
    with pytest.raises(protocol.WireError):
        order.check(protocol.Embedded((packed(0, 1, 0, 0),)))


@pytest.mark.parametrize(
    "message",
    [
        {"type": "EmbeddingFacts", "name": "m", "architecture": "bert", "dimensions": 8193, "context_tokens": 512},
        {"type": "EmbeddingFacts", "name": "m", "architecture": "bert", "dimensions": 0, "context_tokens": 512},
        {"type": "EmbeddingFacts", "name": "m" * 1001, "architecture": "bert", "dimensions": 4, "context_tokens": 512},
        {"type": "Embedded", "vectors": [b"x" * (4 * 8192 + 1)]},
        {"type": "Embedded", "vectors": [b"x"] * 1001},
    ],
)
def test_values_beyond_their_ranges_are_not_decoded(message: dict[str, Any]) -> None:
    with pytest.raises(msgspec.ValidationError):
        protocol.to_parent.decode(msgspec.msgpack.encode(message))


@pytest.mark.real(MINILM)
def test_texts_of_one_meaning_are_near_without_a_common_word() -> None:
    engine = RemoteEmbedding(model_at(REAL / MINILM), 2)
    try:
        asked, near, far = engine.embed(
            ["Who looks after the dog?", "My neighbour takes care of our puppy.", "The printer is out of ink."]
        )
        assert cosine(asked, near) > cosine(asked, far) + 0.2
        assert engine.facts().dimensions == 384
    finally:
        engine.close()
