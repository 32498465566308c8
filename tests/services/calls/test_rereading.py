"""Lines are read again where a model is there, and nothing is lost where it fails at that."""

from collections.abc import Sequence

import pytest

from app.core.engines import LanguageEngine, Prompt
from app.core.errors import AssistantError, EngineCrashed, EngineFault, EngineOutOfMemory, PromptUnreadable
from app.core.evidence.passages import SpokenLine
from app.core.job import Cancelled
from app.services.calls.rereading import Rereader
from tests.doubles.engines import ScriptedLanguage

LINES: Sequence[SpokenLine] = [SpokenLine("Ana", "The roof is sound.")]


class Failing(ScriptedLanguage):
    """Fails at each comparison."""

    def __init__(self, error: AssistantError) -> None:
        super().__init__(lambda _: "yes")
        self.error, self.asked = error, 0

    def likelihood(self, prompt: Prompt, one: str, other: str) -> float:
        self.asked += 1
        raise self.error


def test_the_model_is_asked_with_the_lines_and_the_claim() -> None:
    engine = ScriptedLanguage(lambda _: "Yes.")
    assert Rereader(lambda: engine).likelihood(LINES, "The roof is sound.") == 1.0
    (prompt,) = engine.prompts
    assert "Ana: The roof is sound." in prompt.messages[-1][1]


@pytest.mark.parametrize("error", [EngineOutOfMemory(), PromptUnreadable(), EngineCrashed()])
def test_a_model_that_fails_leaves_the_verdict_to_words(error: AssistantError) -> None:
    engine = Failing(error)
    reader = Rereader(lambda: engine)
    assert [reader.likelihood(LINES, "It is.") for _ in range(2)] == [0.5, 0.5]
    assert engine.asked == 1  # and is not asked again


def test_without_a_model_words_decide() -> None:
    def none() -> LanguageEngine | None:
        return None

    assert Rereader(none).likelihood(LINES, "It is.") == 0.5


def test_a_fault_of_ours_is_not_hidden_and_a_person_can_cancel() -> None:
    with pytest.raises(EngineFault):
        Rereader(lambda: Failing(EngineFault())).likelihood(LINES, "It is.")

    def stop() -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        Rereader(lambda: ScriptedLanguage(lambda _: "yes"), stop).likelihood(LINES, "It is.")
