"""Which model does what, what a person has chosen, and what a passphrase must be."""

import stat
from pathlib import Path

import pytest

from app.catalog.installed import models_folder
from app.core.errors import EngineCrashed, ModelMissing, SettingsError, SoundUnavailable
from app.core.model import ModelKind
from app.core.resources import demo_models
from app.core.settings import Settings
from app.engines.parent.engines import LocalEngines
from app.services.application import Application
from app.services.engine_pool import EnginePool
from app.services.models.selection import ModelSelection
from app.services.self_check import checks
from app.services.settings import SettingsFile
from app.services.vault.passphrase_strength import strength
from tests.doubles.engines import ScriptedEngines
from tests.services.stage import provisioning

SPEECH, LANGUAGE = ModelKind.SPEECH, ModelKind.LANGUAGE


def own_language(folder: Path, name: str) -> Path:
    path = folder / "models" / f"{name}.gguf"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"GGUF" + b"\0" * 20)
    return path


def own_speech(folder: Path, name: str) -> Path:
    path = folder / "models" / name
    path.mkdir(parents=True)
    for file in ("model.bin", "config.json", "tokenizer.json", "vocabulary.json"):
        (path / file).write_bytes(b"x")
    return path


def test_with_no_models_of_ones_own_the_demo_models_are_in_use(tmp_path: Path) -> None:
    models = provisioning(tmp_path)
    assert [models.needed(kind).name for kind in (SPEECH, LANGUAGE)] == ["demo-speech", "demo-language"]
    assert models.uses_demo()
    assert all(model.path.exists() and model.size > 1000 for model in models.here())


def test_models_of_one_name_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        path = tmp_path / "models" / folder / "qwen3.gguf"
        path.parent.mkdir(parents=True)
        path.write_bytes(b"GGUF" + b"\0" * 20)
    own_language(tmp_path, "gemma")
    names = [model.name for model in models_folder.models_in(tmp_path / "models")]
    assert names == ["gemma", "one/qwen3", "two/qwen3"]


def test_ones_own_models_come_first(tmp_path: Path) -> None:
    own_language(tmp_path, "qwen3")
    own_speech(tmp_path, "small")
    models = provisioning(tmp_path)
    assert [models.needed(kind).name for kind in (SPEECH, LANGUAGE)] == ["small", "qwen3"]
    assert not models.uses_demo()
    assert [m.name for m in models.here()] == ["qwen3", "small", "demo-language", "demo-speech"]


def test_using_a_model_is_remembered(tmp_path: Path) -> None:
    for name in ("alpha", "beta"):
        own_language(tmp_path, name)
    assert provisioning(tmp_path).needed(LANGUAGE).name == "alpha"
    assert provisioning(tmp_path).use("beta").name == "beta"
    assert provisioning(tmp_path).needed(LANGUAGE).name == "beta"
    provisioning(tmp_path).use("demo-speech")
    provisioning(tmp_path).use("demo-language")
    assert provisioning(tmp_path).needed(LANGUAGE).is_demo
    (tmp_path / "models" / "beta.gguf").unlink()
    with pytest.raises(ModelMissing, match="goes by that name"):
        provisioning(tmp_path).use("beta")


def test_a_chosen_model_that_is_gone_gives_way_to_what_is_here(tmp_path: Path) -> None:
    path = own_language(tmp_path, "beta")
    provisioning(tmp_path).use("beta")
    path.unlink()
    assert provisioning(tmp_path).needed(LANGUAGE).name == "demo-language"


def test_nothing_here_is_a_clear_error(tmp_path: Path) -> None:
    models = provisioning(tmp_path, demo=list)
    assert models.in_use(SPEECH) is None
    assert not models.uses_demo()
    with pytest.raises(ModelMissing, match="no speech model"):
        models.needed(SPEECH)


def test_what_only_looks_like_a_model_is_passed_over(tmp_path: Path) -> None:
    folder = tmp_path / "models"
    own_language(tmp_path, "good")
    own_language(tmp_path, "big-00001-of-00003")
    own_language(tmp_path, "big-00002-of-00003")
    (folder / "none.gguf").write_bytes(b"garbage")
    (folder / "notes.txt").write_text("GGUF")
    (folder / "dir.gguf").mkdir()
    (folder / "gone.gguf").symlink_to(folder / "nowhere")
    half = own_speech(tmp_path, "half")
    (half / "tokenizer.json").unlink()  # without it the recogniser would ask the network
    nested = folder / "qwen"
    nested.mkdir()
    (nested / "inside.GGUF").write_bytes(b"GGUF....")
    names = {m.name for m in models_folder.models_in(folder)}
    assert "good" in names
    assert "big-00001-of-00003" in names
    assert not names & {"none", "notes", "dir", "gone", "half", "big-00002-of-00003"}


def test_the_folder_of_a_person_may_be_missing_or_a_model_itself(tmp_path: Path) -> None:
    assert models_folder.models_in(tmp_path / "nowhere") == []
    assert [m.kind for m in models_folder.models_in(demo_models())] == [LANGUAGE, SPEECH]
    assert [m.kind for m in models_folder.models_in(demo_models() / "speech")] == [SPEECH]


def test_an_engine_is_kept_until_its_model_changes(tmp_path: Path) -> None:
    own_language(tmp_path, "alpha").write_bytes((demo_models() / "language.gguf").read_bytes())
    models = provisioning(tmp_path)
    engine_pool = EnginePool(LocalEngines(1, 512), models)
    _, first = engine_pool.language()
    assert engine_pool.language()[1] is first
    models.use("demo-language")
    model, second = engine_pool.language()
    assert model.is_demo
    assert second is not first
    with pytest.raises(EngineCrashed):  # it was closed
        first.facts()
    engine_pool.close()


def test_closing_ends_every_decoder(tmp_path: Path) -> None:
    engines = ScriptedEngines()
    engine_pool = EnginePool(engines, provisioning(tmp_path))
    kept, given_back = engine_pool.media(), engine_pool.media()
    engine_pool.let_go(given_back)
    engine_pool.let_go(given_back)
    engine_pool.close()
    assert [media.is_closed for media in engines.media_engines] == [True, True]
    assert kept is engines.media_engines[0]


def test_settings_are_written_whole_and_read_again(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "settings.json"
    keeper = SettingsFile(path)
    assert keeper.current == Settings()
    keeper.change(theme="dark", threads=3)
    again = SettingsFile(path)
    assert (again.current.theme, again.current.threads, again.problem) == ("dark", 3, None)
    assert [p.name for p in path.parent.iterdir()] == ["settings.json"]
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b'{"theme": "pink"}', b"\xff\xfe", b"[]", b'{"theme": "\xff"}', b"[" * 9999, b'{"a":' * 9999],
    ids=lambda content: repr(content[:12]),
)
def test_settings_that_cannot_be_read_give_the_defaults_and_say_so(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(content)
    keeper = SettingsFile(path)
    assert keeper.current == Settings()
    assert isinstance(keeper.problem, SettingsError)


def test_settings_that_cannot_be_written_hold_until_the_end(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    keeper = SettingsFile(tmp_path / "file" / "settings.json")
    with pytest.raises(SettingsError):
        keeper.change(theme="dark")
    assert keeper.current.theme == "dark"


@pytest.mark.parametrize(
    ("passphrase", "is_enough"),
    [
        ("", False), ("short", False), ("elevenchars", False), ("twelve chars", True), ("a b c d", False),
        ("a a a a", False), ("one two six", False), ("aaaaaaaaaaaa", False), ("correct horse battery staple", True),
    ],
)  # fmt: skip
def test_a_passphrase_has_twelve_characters_or_four_words(passphrase: str, is_enough: bool) -> None:
    judged = strength(passphrase)
    assert judged.is_enough == is_enough
    assert 0 <= judged.score <= 4
    assert judged.advice.endswith(".")
    assert is_enough or judged.score == 0


def test_a_longer_and_more_varied_passphrase_is_judged_better() -> None:
    worse, good, better = map(strength, ("passwordpassword", "blue tractor", "correct horse battery staple plus"))
    assert worse.score <= good.score < better.score
    assert strength("aaaaaaaaaaaaaaaa").score <= 1
    assert better.score == 4


def test_a_self_check_uses_every_part(tmp_path: Path) -> None:
    def no_sound(rate: int) -> None:
        raise SoundUnavailable("There is no sound system.", "Everything else works.")

    settings = SettingsFile(tmp_path / "settings.json")
    models = ModelSelection(tmp_path / "models", settings)
    tacit = Application(
        tmp_path / "vault", settings, models, lambda: LocalEngines(2, 2048), no_sound, lambda: True,  # type: ignore[arg-type]
        is_offline_enforced=True,
    )  # fmt: skip
    found = {check.name: check for check in checks(tacit)}
    names = ["network", "vault", "disk", "models", "decoder", "speech engine", "language engine", "loudspeaker"]
    assert list(found) == names
    assert [name for name in names if not found[name].is_good] == []
    assert "16 lines" in found["speech engine"].detail
    assert not (tmp_path / "vault").exists()
