"""Engines that run out of memory in the middle of the work: it is done with less, or told, and nothing is doubled."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from app.core.conversation import Role, StopReason
from app.core.engines import SpeechEngine
from app.core.errors import EngineOutOfMemory, ModelTooLarge
from app.core.import_options import ImportOptions
from app.core.model import Model
from app.core.resources import demo_models
from app.storage.vault import Vault
from tests.doubles.engines import ScriptedEngines, ScriptedLanguage, ScriptedSpeech
from tests.services.calls.test_summarizing import reply
from tests.services.stage import Stage, Watching, lines_of, provisioning, said


class Hearing(ScriptedEngines):
    """A speech engine for each model; the larger one runs out of memory after a piece, again and again."""

    def speech(self, model: Model) -> SpeechEngine:
        failures = [(1, EngineOutOfMemory())] * 9 if model.name != "small" else []
        return ScriptedSpeech(said(), failures=failures)


def speaking(vault: Vault, *answers: Any) -> Stage:
    left = iter(answers)
    return Stage(vault, ScriptedEngines(language=ScriptedLanguage(lambda _: next(left))))


def test_a_speech_model_gives_way_to_a_smaller_one_and_no_word_comes_twice(vault: Vault, demo_wav: Path) -> None:
    models = provisioning(vault.folder.parent)
    for name in ("big", "small"):
        shutil.copytree(demo_models() / "speech", models.folder / name)
    with (models.folder / "big" / "model.bin").open("ab") as file:
        file.write(b"x")
    told: list[str] = []
    models.crash_count.observe(told.append)
    stage = Stage(vault, Hearing(), models)
    made = stage.importing.import_file(demo_wav, ImportOptions(), Watching())
    stage.transcribing.run(made.id, Watching())
    heard = [word for u in stage.store.transcript(made.id).utterances for word in u.text.split()]
    assert sorted(heard) == sorted(word.text.strip() for words in said().values() for word in words)
    assert told == ["big ran out of memory: the work is done with small."]


def test_a_speech_model_without_a_smaller_one_says_so(vault: Vault, demo_wav: Path) -> None:
    stage = Stage(vault, Hearing())
    made = stage.importing.import_file(demo_wav, ImportOptions(), Watching())
    with pytest.raises(EngineOutOfMemory):
        stage.transcribing.run(made.id, Watching())


def test_a_summary_is_planned_anew_with_less(vault: Vault) -> None:
    stage = speaking(vault, ["{", EngineOutOfMemory()], ModelTooLarge(), ["{", EngineOutOfMemory()], reply())
    assert stage.summarizing.run(lines_of(stage.store, ["We agree."]), Watching()).section("overview").text == "O."


def test_what_never_fits_is_told_and_not_tried_for_ever(vault: Vault) -> None:
    for failure in (ModelTooLarge, EngineOutOfMemory):
        stage = speaking(vault, *[failure() for _ in range(30)])
        with pytest.raises(failure):
            stage.summarizing.run(lines_of(stage.store, ["We agree."]), Watching())


def test_a_question_is_answered_with_less_unless_something_was_said(vault: Vault) -> None:
    stage = speaking(vault, EngineOutOfMemory(), "We agree. [1]", ["We agree.", EngineOutOfMemory()], "never asked")
    chat = stage.answering.start(lines_of(stage.store, ["We agree."]))
    assert stage.answering.reply(chat.id, "What?", Watching()).text.startswith("We agree.")
    with pytest.raises(EngineOutOfMemory):
        stage.answering.reply(chat.id, "And?", Watching())
    messages = stage.answering.conversation(chat.id).messages
    assert [m.role for m in messages] == [Role.USER, Role.ASSISTANT] * 2
    assert messages[-1].stop_reason is StopReason.INTERRUPTED
