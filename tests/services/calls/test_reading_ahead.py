"""A call is read by the language model while it is transcribed, so that its summary evaluates no line twice."""

import json
from pathlib import Path

import pytest

from app.core.call import CallState
from app.core.engines import Prompt
from app.core.errors import EngineCrashed
from app.core.ids import CallId
from app.core.import_options import ImportOptions
from app.core.job import Cancelled, Progress
from app.services.calls import reading_ahead
from app.storage.vault import Vault
from tests.doubles.engines import ScriptedEngines, ScriptedLanguage, ScriptedSpeech
from tests.services.stage import Stage, Watching, said

_SUMMARY = {"title": "T", "key_points": [], "decisions": [], "action_items": [], "overview": "They talk."}


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_ahead, "_LEAST_LETTERS", 100)  # the demo call is short


class Reading(ScriptedLanguage):
    """Notes what is read, and fails or is cancelled where that is wished."""

    failure: Exception | None = None
    speech: ScriptedSpeech

    def read(self, prompt: Prompt):  # type: ignore[no-untyped-def]
        if self.failure is not None:
            raise self.failure
        return super().read(prompt)


def staged(
    vault: Vault, wav: Path, context: int = 4000, *, wants_summary: bool = True
) -> tuple[Stage, Reading, CallId]:
    language = Reading(lambda _: json.dumps(_SUMMARY), context)
    speech = ScriptedSpeech(said(), 5.0)
    stage = Stage(vault, ScriptedEngines(speech, language))
    language.speech = speech
    return stage, language, stage.importing.import_file(wav, ImportOptions(wants_summary=wants_summary), Watching()).id


def lines(prompt: Prompt) -> list[str]:
    return prompt.messages[-1][1].splitlines()


def test_each_reading_goes_on_from_the_last_and_the_summary_from_all(vault: Vault, demo_wav: Path) -> None:
    stage, language, call = staged(vault, demo_wav)
    stage.transcribing.run(call, Watching())
    read = [lines(prompt) for prompt in language.prompts_read]
    assert len(read) > 2
    watching = Watching()
    stage.summarizing.run(call, watching)
    whole = lines(language.prompts[-1])
    for some, more in zip(read, [*read[1:], whole], strict=True):
        assert more[: len(some)] == some, "no line changed its number or its words"
        assert len(more) > len(some)
    assert len(read[-1]) > len(stage.store.transcript(call).utterances) / 2
    told = [event for event in watching.events if isinstance(event, Progress) and event.step == "Reading"]
    assert not told or told[0].done > len(" ".join(read[-1]).split()), "it begins behind what was read"


def test_a_call_without_a_summary_is_left_alone(vault: Vault, demo_wav: Path) -> None:
    stage, language, call = staged(vault, demo_wav, wants_summary=False)
    stage.transcribing.run(call, Watching())
    assert language.prompts_read == []


def test_what_does_not_fit_in_one_piece_is_not_read_ahead_of_its_summary(vault: Vault, demo_wav: Path) -> None:
    stage, language, call = staged(vault, demo_wav, 220)
    stage.transcribing.run(call, Watching())
    read = [language.count_prompt(prompt) for prompt in language.prompts_read]
    assert max(read) <= 220 * 3 / 4, "a quarter is the reply's"
    assert len(lines(language.prompts_read[-1])) < 12


def test_a_language_model_that_fails_stops_no_transcription(vault: Vault, demo_wav: Path) -> None:
    stage, language, call = staged(vault, demo_wav)
    language.failure = EngineCrashed("It ended.", "Try again.")
    done = stage.transcribing.run(call, Watching())
    assert done.state is CallState.TRANSCRIBED
    assert len(language.speech.calls) == 1, "nothing is heard again for it"
    assert len(stage.store.transcript(done.id).utterances) == 16


def test_it_is_cancelled_with_its_job(vault: Vault, demo_wav: Path) -> None:
    stage, language, call = staged(vault, demo_wav)
    language.failure = Cancelled()
    with pytest.raises(Cancelled):
        stage.transcribing.run(call, Watching())
    language.failure = None
    assert stage.transcribing.run(call, Watching()).state is CallState.TRANSCRIBED
