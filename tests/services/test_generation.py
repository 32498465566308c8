"""One reply of the model: read to its end, or ended where nobody wants more of it."""

from collections.abc import Generator, Iterator
from inspect import GEN_CLOSED, getgeneratorstate
from typing import cast

import pytest

from app.core.conversation import StopReason
from app.core.engines import Delta, Generated, Prompt
from app.core.errors import EngineCrashed
from app.core.job import Cancelled, Progress
from app.core.model import Model, ModelKind
from app.core.repetition import RepetitionGuard
from app.core.sampling import GREEDY, Sampling
from app.engines.parent.engines import RemoteLanguage
from app.engines.parent.loading import NoMonitor
from app.services.generation import generate_text
from tests.conftest import demo_model
from tests.doubles.engines import ScriptedLanguage
from tests.services.stage import Watching

PROMPT = Prompt((("user", "Who begins?"),))


class Kept(ScriptedLanguage):
    """Keeps the pieces of its last reply, so that no collector closes them."""

    pieces: Generator[Progress | Delta | Generated]

    def generate(
        self, prompt: Prompt, grammar: str = "", reply_tokens: int = 512, sampling: Sampling = GREEDY
    ) -> Iterator[Progress | Delta | Generated]:
        made = super().generate(prompt, grammar, reply_tokens, sampling)
        self.pieces = cast("Generator[Progress | Delta | Generated]", made)
        return self.pieces

    @property
    def is_over(self) -> bool:
        return getgeneratorstate(self.pieces) == GEN_CLOSED


class Noting(NoMonitor):
    """Counts the replies that came to their end."""

    def __init__(self) -> None:
        self.successes = 0

    def record_success(self, model: Model) -> None:
        assert model.kind is ModelKind.LANGUAGE
        self.successes += 1


def test_a_whole_reply_is_seen_and_read_to_its_end() -> None:
    engine, seen = Kept(lambda _: "Anna begins."), list[object]()
    assert generate_text(engine, PROMPT, "", 64, Watching(), seen.append) == "Anna begins."
    assert [type(one) for one in seen] == [Delta, Delta, Delta, Generated]
    assert engine.is_over


def test_the_engine_of_a_good_reply_knows_that_it_succeeded() -> None:
    care = Noting()
    engine = RemoteLanguage(demo_model(ModelKind.LANGUAGE), 2, 2048, care)
    try:
        generate_text(engine, PROMPT, "", 16, Watching())
    finally:
        engine.close()
    assert care.successes == 1


def test_a_stopped_reply_ends_at_once() -> None:
    engine = Kept(lambda _: "Anna begins.")
    with pytest.raises(Cancelled):
        generate_text(engine, PROMPT, "", 64, Watching(stop_at=2))
    assert engine.is_over


def test_a_reply_that_fails_where_it_is_seen_ends_at_once() -> None:
    engine = Kept(lambda _: "Anna begins.")

    def refuse(_: object) -> None:
        raise EngineCrashed

    with pytest.raises(EngineCrashed):
        generate_text(engine, PROMPT, "", 64, Watching(), refuse)
    assert engine.is_over


def test_a_reply_that_goes_in_circles_is_stopped_there() -> None:
    engine, guard, seen = Kept(lambda _: "and so on " * 100), RepetitionGuard(), list[object]()
    text = generate_text(engine, PROMPT, "", 512, Watching(), seen.append, guard=guard)
    assert guard.is_repeating
    assert len(text) < 500
    assert engine.is_over
    assert not any(isinstance(one, Generated) and one.stop_reason is StopReason.FINISHED for one in seen)
