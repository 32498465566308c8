"""What was evaluated of a call is taken out and put back, and fits nothing else.

With TACIT_REAL, a folder whose `models` holds them, also with real models.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core import prompts
from app.core.prompt_state import StateHead, StatePiece
from app.core.prompts import NumberedLine
from app.core.resources import demo_models
from app.engines import protocol
from app.engines.worker import prompt_state
from app.engines.worker.language import LlamaEngine
from tests.engines.worker.test_prompt_memory import MODELS, answers, lines_of, loaded

MANY = [line for _ in range(5) for line in lines_of(8)]


@pytest.fixture(scope="module", params=MODELS)
def engine(request: pytest.FixtureRequest) -> Iterator[LlamaEngine]:
    yield from loaded(request.param)


class Serving:
    """A channel whose parent has these pieces."""

    is_cancelled = False

    def __init__(self, pieces: list[StatePiece]) -> None:
        self.asked = 0
        self._bytes = b"".join(piece.data for piece in pieces)

    def request_bytes(self, offset: int, length: int) -> bytes:
        self.asked += 1
        return self._bytes[offset : offset + length]


def question(lines: list[NumberedLine]) -> protocol.CompareWords:
    prompt = prompts.question_prompt(prompts.transcript_text(lines), (), "When is the launch?")
    return protocol.CompareWords(prompt, "Friday", "Monday")


def taken_out(engine: LlamaEngine, known: StateHead | None = None) -> list[StatePiece]:
    found = answers(engine, protocol.SaveState(prompts.call_prompt(MANY), known))
    return [piece for piece in found if isinstance(piece, StatePiece)]


def put_back(engine: LlamaEngine, pieces: list[StatePiece], lines: list[NumberedLine] = MANY) -> int:
    """How many pieces were wanted."""
    channel = Serving(pieces)
    heads = tuple(piece.head for piece in pieces)
    list(engine.answer(protocol.LoadState(prompts.call_prompt(lines), heads), channel))  # type: ignore[arg-type]
    return channel.asked


def read(engine: LlamaEngine) -> list[StatePiece]:
    answers(engine, protocol.ReadPrompt(prompts.call_prompt(MANY)))
    return taken_out(engine)


def test_what_is_put_back_is_as_it_was_evaluated(engine: LlamaEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prompt_state, "_PIECE_TOKENS", 100)
    pieces = read(engine)
    assert len(pieces) > 3
    assert engine._memory is not None
    whole = answers(engine, question(MANY))[-1]
    kept = list(engine._memory.kept)
    engine._memory.clear()
    assert put_back(engine, pieces) == len(pieces)
    assert list(engine._memory.kept) == kept
    assert answers(engine, question(MANY))[-1] == whole
    assert put_back(engine, pieces) == 0, "it is there already"
    assert taken_out(engine, pieces[-1].head) == [], "it is stored already"


def test_a_state_fits_only_its_lines_its_model_and_its_engine(
    engine: LlamaEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prompt_state, "_PIECE_TOKENS", 100)
    pieces = read(engine)
    assert engine._memory is not None
    changed = [*MANY[:30], NumberedLine(31, "Eva", MANY[30].utterance), *MANY[31:]]
    tokens = engine._prompt_tokens(prompts.call_prompt(changed))
    engine._memory.clear()
    asked = put_back(engine, pieces, changed)
    assert 0 < asked < len(pieces), "the lines before the changed one are the same"
    assert list(engine._memory.kept) == tokens[: len(engine._memory.kept)]
    engine._memory.clear()
    monkeypatch.setattr(engine, "_identity", bytes(32))
    assert put_back(engine, pieces) == 0
    assert len(taken_out(engine, pieces[-1].head)) == 0, "nothing is kept"
    assert len(engine._memory.kept) == 0


def test_bytes_that_are_no_state_are_left_out(engine: LlamaEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prompt_state, "_PIECE_TOKENS", 100)
    pieces = read(engine)
    answers(engine, protocol.ReadPrompt(prompts.call_prompt(MANY)))
    assert engine._memory is not None
    whole = answers(engine, question(MANY))[-1]
    for data in (bytes(len(pieces[1].data)), pieces[0].data[: len(pieces[1].data)], pieces[1].data[:-1] + b"x"):
        engine._memory.clear()
        put_back(engine, [pieces[0], StatePiece(pieces[1].head, data), *pieces[2:]])
        if data[:-1] != pieces[1].data[:-1]:
            assert len(engine._memory.kept) <= pieces[0].head.tokens
    engine._memory.clear()
    answers(engine, protocol.ReadPrompt(prompts.call_prompt(MANY)))
    assert answers(engine, question(MANY))[-1] == whole


def test_an_identity_tells_files_apart_of_which_little_differs(tmp_path: Path) -> None:
    model = demo_models() / "language.gguf"
    weights = model.read_bytes()
    other = tmp_path / "language.gguf"
    other.write_bytes(weights)
    assert prompt_state.model_identity(other) == prompt_state.model_identity(model)
    for changed in (weights[:-1] + bytes([weights[-1] ^ 1]), weights + b"\0"):
        other.write_bytes(changed)
        assert prompt_state.model_identity(other) != prompt_state.model_identity(model)
