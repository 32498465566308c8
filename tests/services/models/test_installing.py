"""Models brought from disk or a stick: copied, hashed, loaded by a worker before they are believed; removing."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from app.catalog.catalogue import CatalogFile
from app.catalog.installed import receipts
from app.core.errors import ModelDamaged, ModelError, ModelMissing
from app.core.job import Cancelled
from app.core.model import ModelKind
from app.engines.parent.engines import LocalEngines
from app.services.engine_pool import EnginePool
from app.services.models.installing import Installing
from tests.running import Home
from tests.services.stage import GGUF, WHISPER, Watching, here, left_over, provisioning


def test_a_file_and_a_folder_are_copied_and_can_be_used(installing: Installing, tmp_path: Path) -> None:
    source = tmp_path / "stick" / "My Model (v2).gguf"
    source.parent.mkdir()
    shutil.copy(GGUF, source)
    watching = Watching()
    (added,) = installing.add(source, watching)
    assert (added.name, added.kind) == ("my-model-v2", ModelKind.LANGUAGE)
    assert added.path.read_bytes() == GGUF.read_bytes()
    assert source.exists()
    assert watching.events[-1].fraction == 1.0  # type: ignore[attr-defined]
    shutil.copytree(WHISPER, tmp_path / "stick" / "small")
    (speech,) = installing.add(tmp_path / "stick" / "small", Watching())
    assert (speech.name, speech.kind) == ("small", ModelKind.SPEECH)
    assert installing.add(source, Watching()) == [added]  # it is here already
    assert here(tmp_path) == ["my-model-v2", "small"]
    assert left_over(tmp_path) == []
    assert [(finding.name, finding.is_good) for finding in installing.verify(Watching())] == [
        ("my-model-v2", True), ("small", True),
    ]  # fmt: skip


def damaged(folder: Path, name: str, change: Callable[[bytes], bytes]) -> Path:
    path = folder / name
    path.write_bytes(change(GGUF.read_bytes()))
    return path


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("cut.gguf", lambda raw: raw[: len(raw) // 2]), ("head.gguf", lambda raw: raw[:8] + b"\xff" * 16 + raw[24:]),
        ("words.gguf", lambda raw: b"these are words"), ("empty.gguf", lambda raw: b""),
        ("pickle.gguf", lambda raw: b"\x80\x04" + raw), ("model.pt", lambda raw: b"PK\x03\x04" + raw),
        ("notes.txt", lambda raw: b"no model"), ("big-00001-of-00002.gguf", lambda raw: raw),
    ],
)  # fmt: skip
def test_what_is_no_model_is_refused_in_words(
    installing: Installing, tmp_path: Path, name: str, change: Callable[[bytes], bytes]
) -> None:
    path = damaged(tmp_path, name, change)
    with pytest.raises(ModelDamaged) as caught:
        installing.add(path, Watching())
    assert caught.value.advice.endswith(".")
    assert here(tmp_path) == []
    assert left_over(tmp_path) == []
    assert path.exists()


def test_a_damaged_whisper_folder_is_refused(installing: Installing, tmp_path: Path) -> None:
    for number, (name, raw) in enumerate([("model.bin", b"\x80\x04abc"), ("model.bin", b""), ("config.json", b"{")]):
        folder = shutil.copytree(WHISPER, tmp_path / f"small-{number}")
        (folder / name).write_bytes(raw)
        with pytest.raises(ModelDamaged):
            installing.add(folder, Watching())
    assert here(tmp_path) == []


def test_nothing_at_the_path_and_a_name_that_is_taken(installing: Installing, tmp_path: Path) -> None:
    with pytest.raises(ModelMissing):
        installing.add(tmp_path / "nowhere.gguf", Watching())
    shutil.copy(GGUF, tmp_path / "mine.gguf")
    installing.add(tmp_path / "mine.gguf", Watching())
    with (tmp_path / "mine.gguf").open("ab") as file:
        file.write(b"another")
    with pytest.raises(ModelError, match="of that name is here"):
        installing.add(tmp_path / "mine.gguf", Watching())
    assert here(tmp_path) == ["mine"]


def test_stopping_leaves_nothing(installing: Installing, tmp_path: Path) -> None:
    with pytest.raises(Cancelled):
        installing.add(GGUF, Watching(stop_at=3))
    assert here(tmp_path) == []
    assert left_over(tmp_path) == []


def test_a_damaged_model_is_found(installing: Installing, tmp_path: Path) -> None:
    (model,) = installing.add(GGUF, Watching())
    raw = bytearray(model.path.read_bytes())
    raw[len(raw) // 2] ^= 1
    model.path.write_bytes(raw)
    (tmp_path / "models" / "loose.gguf").write_bytes(b"GGUF....")
    findings = {finding.name: finding for finding in installing.verify(Watching())}
    assert findings["language"].is_good is False
    assert "language.gguf" in findings["language"].detail
    assert findings["loose"].is_good is None
    model.path.write_bytes(raw[:-1])
    assert here(tmp_path) == ["loose"]  # one that is not whole is not offered
    assert not next(finding for finding in installing.verify(Watching()) if finding.name == "language").is_good


def test_a_model_that_an_engine_works_with_stays(installing: Installing, tmp_path: Path) -> None:
    installing.add(GGUF, Watching())
    models = provisioning(tmp_path)
    models.use("language")
    engine_pool = EnginePool(LocalEngines(1, 512), models)
    engine_pool.language()
    with pytest.raises(ModelError, match="working with this model"):
        installing.remove("language")
    assert here(tmp_path) == ["language"]
    engine_pool.close()
    installing.remove("language")
    assert here(tmp_path) == []
    assert models.needed(ModelKind.LANGUAGE).is_demo


def test_the_demo_stays_and_loose_models_go_alone(installing: Installing, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="demo models can't be removed"):
        installing.remove("demo-speech")
    folder = shutil.copytree(WHISPER, tmp_path / "models" / "small")
    (folder / "my notes.txt").write_text("mine")
    shutil.copy(GGUF, tmp_path / "models" / "loose.gguf")
    installing.remove("small")
    installing.remove("loose")
    assert [path.name for path in (tmp_path / "models").rglob("*")] == ["small", "my notes.txt"]
    with pytest.raises(ModelMissing):
        installing.remove("small")


def test_a_record_that_lies_about_its_place_is_not_believed(tmp_path: Path) -> None:
    folder = tmp_path / "models" / "one"
    folder.mkdir(parents=True)
    shutil.copy(GGUF, folder / "a.gguf")
    file = CatalogFile("a.gguf", GGUF.stat().st_size, "0" * 64)
    receipts.write(receipts.Record("two", ModelKind.LANGUAGE, "Two", (file,)), folder)
    assert here(tmp_path) == ["a"]
    (folder / "model.json").write_bytes(b"[" * 100_000)
    assert here(tmp_path) == ["a"]


def test_the_command_line_brings_packs_checks_and_removes(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert home.run("models", "add", str(GGUF), "--json").json[0]["name"] == "language"
    out = tmp_path / "out.zip"
    assert home.run("models", "pack", "language", str(out)).status == 0
    assert home.run("models", "verify", "--json").json == [{"name": "language", "ok": True, "detail": "as it came"}]
    assert home.run("models", "remove", "language").status == 1  # nobody said yes
    assert home.run("models", "remove", "language", "--yes").status == 0
    assert home.run("models", "add", str(out)).status == 0
    assert [row["name"] for row in home.run("models", "--json").json if not row["demo"]] == ["language"]
    catalogue = home.run("models", "list", "--json").json
    assert len(catalogue) > 20
    assert {"id", "bytes", "licence", "confirmed", "host", "here"} <= set(catalogue[0])
    assert "unconfirmed" in home.run("models", "list").out
    refused = home.run("models", "add", str(tmp_path / "passphrase.txt"), "--json")
    assert (refused.status, refused.json["error"]["kind"]) == (1, "ModelDamaged")
    assert home.run("models", "ledger").out.startswith("The network was never open")
