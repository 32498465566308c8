"""A call is transcribed again by the model that a person named, also after a restart; without it, by the one in use."""

import shutil
from pathlib import Path

from app.core.engines import SpeechEngine
from app.core.import_options import ImportOptions
from app.core.job import NullContext
from app.core.model import Model, ModelKind
from app.core.resources import demo_models
from app.storage.tables.calls import CallStore
from app.storage.vault import Vault
from tests.doubles.engines import ScriptedEngines, ScriptedSpeech
from tests.services.stage import Stage, provisioning, said


class Noting(ScriptedEngines):
    """Notes which speech models were started."""

    def __init__(self) -> None:
        super().__init__()
        self.started: list[str] = []

    def speech(self, model: Model) -> SpeechEngine:
        self.started.append(model.name)
        return ScriptedSpeech(said())


def staged(vault: Vault, folder: Path) -> tuple[Stage, Noting]:
    models = provisioning(folder)
    for name in ("small", "large"):
        shutil.copytree(demo_models() / "speech", models.folder / name, dirs_exist_ok=True)
    models.use("small")
    engines = Noting()
    return Stage(vault, engines, models), engines


def test_the_named_model_hears_the_call_and_the_one_in_use_stays(vault: Vault, demo_wav: Path, tmp_path: Path) -> None:
    stage, engines = staged(vault, tmp_path)
    made = stage.importing.import_file(demo_wav, ImportOptions(), NullContext())
    stage.transcribing.run(made.id, NullContext())
    stage.transcribing.request_again(made.id, model="large")
    assert stage.library.speech_model(made.id) == "small", "until the new one is whole"
    again = Stage(vault, engines, provisioning(tmp_path))  # as after a restart
    again.transcribing.run(made.id, NullContext())
    assert engines.started == ["small", "large"]
    assert again.library.transcript(made.id).model == again.library.speech_model(made.id) == "large"
    assert next(model.name for model in provisioning(tmp_path).of_kind(ModelKind.SPEECH)) == "small"


def test_a_named_model_that_is_gone_gives_way_to_the_one_in_use(vault: Vault, demo_wav: Path, tmp_path: Path) -> None:
    stage, engines = staged(vault, tmp_path)
    made = stage.importing.import_file(demo_wav, ImportOptions(), NullContext())
    for asked in ("large", "language", "never-there"):
        stage.transcribing.request_again(made.id, model=asked)
        if asked == "large":
            shutil.rmtree(tmp_path / "models" / "large")
        stage.transcribing.run(made.id, NullContext())
    assert engines.started == ["small"]
    assert stage.library.speech_model(made.id) == "small"


def test_a_request_without_a_model_forgets_the_named_one(vault: Vault, demo_wav: Path, tmp_path: Path) -> None:
    stage, engines = staged(vault, tmp_path)
    made = stage.importing.import_file(demo_wav, ImportOptions(), NullContext())
    stage.transcribing.request_again(made.id, "de", "large")
    assert (CallStore(vault).asked_language(made.id), CallStore(vault).asked_model(made.id)) == ("de", "large")
    stage.transcribing.request_again(made.id)
    assert (CallStore(vault).asked_language(made.id), CallStore(vault).asked_model(made.id)) == ("", "")
    stage.transcribing.run(made.id, NullContext())
    assert engines.started == ["small"]
