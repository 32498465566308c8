"""The values that engines exchange, and what an engine without a process of its own reports."""

from collections.abc import Iterable, Iterator, Sequence

from app.core.engines import Delta, Generated, Heard, LanguageEngine, Pcm, Prompt, SpeechEngine, SpeechOptions
from app.core.job import Progress
from app.core.model import LanguageFacts
from app.core.prompt_state import StateHead, StatePiece, StoredState
from app.core.sampling import GREEDY, Sampling


class SpeechInThisProcess(SpeechEngine):
    def transcribe(self, sound: Iterable[Pcm], options: SpeechOptions) -> Iterator[Heard]:
        return iter(())

    def close(self) -> None:
        """It holds nothing."""


class LanguageInThisProcess(LanguageEngine):
    def facts(self) -> LanguageFacts:
        raise AssertionError("no test here asks a model for its facts")

    def count(self, texts: Sequence[str]) -> list[int]:
        return [0 for _ in texts]

    def count_prompt(self, prompt: Prompt) -> int:
        return 0

    def generate(
        self, prompt: Prompt, grammar: str = "", reply_tokens: int = 512, sampling: Sampling = GREEDY
    ) -> Iterator[Delta | Generated]:
        return iter(())

    def read(self, prompt: Prompt) -> Iterator[Progress]:
        return iter(())

    def state(self, prompt: Prompt, known: StateHead | None = None) -> Iterator[StatePiece]:
        return iter(())

    def load_state(self, prompt: Prompt, stored: StoredState) -> Iterator[Progress]:
        return iter(())

    def likelihood(self, prompt: Prompt, one: str, other: str) -> float:
        return 0.5

    def close(self) -> None:
        """It holds nothing."""


def test_an_engine_without_a_process_of_its_own_reports_no_memory() -> None:
    assert SpeechInThisProcess().peak_bytes() == 0
    assert LanguageInThisProcess().peak_bytes() == 0


def test_sound_lasts_as_long_as_one_of_its_tracks() -> None:
    second = bytes(2 * 16_000)
    assert Pcm(5.0, 16_000, (second,)).duration == 1.0
    assert Pcm(5.0, 16_000, (second, second)).duration == 1.0
    assert Pcm(5.0, 8_000, (second,)).duration == 2.0
    assert Pcm(5.0, 16_000, ()).duration == 0.0
