"""Packs of models: from one computer to another, and everything in one that is not what it says is refused."""

import json
import os
import shutil
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.catalog.installed import models_folder, packs
from app.core.errors import AssistantError, ModelDamaged, ModelError
from app.core.job import Cancelled
from app.core.model import ModelKind
from app.core.output import look_at_output
from app.engines.parent.engines import LocalEngines
from app.services.models.installing import Installing
from tests.services.stage import GGUF, WHISPER, Watching, here, left_over, provisioning


@pytest.fixture(scope="session")
def made_pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pack of a language and a speech model, made by the product."""
    folder = tmp_path_factory.mktemp("pack")
    installing = Installing(provisioning(folder), lambda: LocalEngines(1, 512))
    installing.add(GGUF, Watching())
    installing.add(WHISPER, Watching())
    out = folder / "models.zip"
    packed = installing.pack(["language", "speech"], look_at_output(out), Watching())
    assert [record.id for record in packed] == ["language", "speech"]
    return out


@pytest.fixture
def pack(made_pack: Path, tmp_path: Path) -> Path:
    """The same, on another computer."""
    return Path(shutil.copy(made_pack, tmp_path))


def listed(archive: Path) -> dict[str, Any]:
    with zipfile.ZipFile(archive) as opened:
        found: dict[str, Any] = json.loads(opened.read("pack.json"))
    return found


def rewritten(pack: Path, change: Callable[[dict[str, bytes], dict[str, Any]], None], **how: Any) -> Path:
    """The same pack with other files or another list."""
    with zipfile.ZipFile(pack) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    shape = json.loads(files.pop("pack.json"))
    change(files, shape)
    out = pack.with_name("changed.zip")
    with zipfile.ZipFile(out, "w", **how) as archive:
        archive.writestr("pack.json", json.dumps(shape))
        for name, raw in files.items():
            archive.writestr(name, raw)
    return out


def test_a_pack_goes_from_one_computer_to_another(installing: Installing, tmp_path: Path, pack: Path) -> None:
    added = installing.add(pack, Watching())
    assert [(model.name, model.kind) for model in added] == [
        ("language", ModelKind.LANGUAGE), ("speech", ModelKind.SPEECH),
    ]  # fmt: skip
    record = models_folder.record_of(added[0])
    assert record is not None
    assert record.origin == "pack"
    assert all(finding.is_good for finding in installing.verify(Watching()))
    unpacked = tmp_path / "unpacked"
    with zipfile.ZipFile(pack) as archive:
        archive.extractall(unpacked)
    installing.remove("speech")
    assert [model.name for model in installing.add(unpacked, Watching())] == ["language", "speech"]
    compressed = rewritten(pack, lambda files, shape: None, compression=zipfile.ZIP_DEFLATED)
    installing.remove("language")
    assert [model.name for model in installing.add(compressed, Watching())] == ["language", "speech"]


def _bad_hash(files: dict[str, bytes], shape: dict[str, Any]) -> None:
    files["language/language.gguf"] = files["language/language.gguf"][:-1] + b"!"


def _shorter(files: dict[str, bytes], shape: dict[str, Any]) -> None:
    files["language/language.gguf"] = files["language/language.gguf"][:-1]


def _bomb(files: dict[str, bytes], shape: dict[str, Any]) -> None:
    files["language/language.gguf"] += bytes(50_000_000)


def _gone(files: dict[str, bytes], shape: dict[str, Any]) -> None:
    del files["language/language.gguf"]


def _up(files: dict[str, bytes], shape: dict[str, Any]) -> None:
    shape["models"][0]["id"] = "../up"


def _name_up(files: dict[str, bytes], shape: dict[str, Any]) -> None:
    shape["models"][0]["files"][0]["name"] = "../up.gguf"


def _code(files: dict[str, bytes], shape: dict[str, Any]) -> None:
    shape["models"][0]["files"][0]["name"] = "run.py"


def _record(files: dict[str, bytes], shape: dict[str, Any]) -> None:
    shape["models"][0]["files"][0]["name"] = "model.json"


def _twice(files: dict[str, bytes], shape: dict[str, Any]) -> None:
    shape["models"][0]["files"].append(shape["models"][0]["files"][0])


def _later(files: dict[str, bytes], shape: dict[str, Any]) -> None:
    shape["format"] = 2


def _empty(files: dict[str, bytes], shape: dict[str, Any]) -> None:
    shape["models"] = []


def _pickle(files: dict[str, bytes], shape: dict[str, Any]) -> None:
    import hashlib

    raw = b"\x80\x04" + files["language/language.gguf"][2:]
    files["language/language.gguf"] = raw
    shape["models"][0]["files"][0]["sha256"] = hashlib.sha256(raw).hexdigest()


# Refused by name or first bytes, before a worker has loaded anything of it.
_NEVER_LOADED = (_up, _name_up, _code, _record, _twice, _pickle)


@pytest.mark.parametrize(
    "change",
    [_bad_hash, _shorter, _bomb, _gone, _up, _name_up, _code, _record, _twice, _later, _empty, _pickle],
    ids=lambda change: str(change.__name__).strip("_"),
)
def test_a_pack_that_is_not_what_it_says_is_refused(
    installing: Installing, tmp_path: Path, pack: Path, change: Callable[[dict[str, bytes], dict[str, Any]], None]
) -> None:
    with pytest.raises(ModelDamaged) as caught:
        installing.add(rewritten(pack, change, compression=zipfile.ZIP_DEFLATED), Watching())
    assert caught.value.advice.endswith(".")
    assert (caught.value.title == "This holds something that no model is made of.") == (change in _NEVER_LOADED)
    assert "language" not in here(tmp_path)
    assert left_over(tmp_path) == []
    assert not list(tmp_path.rglob("up*"))


@pytest.mark.parametrize("seed", range(6))
def test_a_torn_pack_is_refused(installing: Installing, tmp_path: Path, pack: Path, seed: int) -> None:
    import random

    chance, raw = random.Random(seed), bytearray(pack.read_bytes())
    if seed < 3:
        raw = raw[: chance.randrange(len(raw))]
    else:
        for _ in range(2000):
            raw[chance.randrange(len(raw))] ^= 0xFF
    torn = tmp_path / "torn.zip"
    torn.write_bytes(raw)
    with pytest.raises(ModelDamaged):
        installing.add(torn, Watching())
    assert left_over(tmp_path) == []


def test_links_in_a_pack_are_refused(installing: Installing, tmp_path: Path, pack: Path) -> None:
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(pack) as archive:
        archive.extractall(folder)
    (folder / "language" / "language.gguf").unlink()
    (folder / "language" / "language.gguf").symlink_to(GGUF)
    with pytest.raises(ModelDamaged):
        installing.add(folder, Watching())
    (folder / "language" / "language.gguf").unlink()
    shutil.copy(GGUF, folder / "language")
    (folder / "language").rename(folder / "real")
    (folder / "language").symlink_to(folder / "real")
    with pytest.raises(ModelDamaged):
        installing.add(folder, Watching())
    linked = tmp_path / "linked.zip"
    with zipfile.ZipFile(pack) as source, zipfile.ZipFile(linked, "w") as archive:
        archive.writestr("pack.json", source.read("pack.json"))
        entry = zipfile.ZipInfo("language/language.gguf")
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(entry, str(GGUF))
    with pytest.raises(ModelDamaged):
        installing.add(linked, Watching())
    assert here(tmp_path) == []


@pytest.mark.parametrize("way", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_unusual_compression_is_not_unpacked_here(installing: Installing, tmp_path: Path, pack: Path, way: int) -> None:
    """A stranger's bytes are unpacked in this process by the one way that file programs write."""
    with pytest.raises(ModelDamaged):
        installing.add(rewritten(pack, lambda *_: None, compression=way), Watching())
    assert len(installing.add(rewritten(pack, lambda *_: None, compression=zipfile.ZIP_DEFLATED), Watching())) == 2


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no such pipes")
def test_a_pipe_in_a_pack_is_not_waited_for(installing: Installing, tmp_path: Path, pack: Path) -> None:
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(pack) as archive:
        archive.extractall(folder)
    (folder / "language" / "language.gguf").unlink()
    os.mkfifo(folder / "language" / "language.gguf")
    with pytest.raises(ModelDamaged):
        installing.add(folder, Watching())


def test_a_bad_pack_costs_nobody_what_a_download_has_brought(
    installing: Installing, tmp_path: Path, pack: Path
) -> None:
    gathering = tmp_path / "models" / ".incoming" / "language"
    gathering.mkdir(parents=True)
    for name in ("language.gguf.part", "state.json"):
        (gathering / name).write_bytes(b"{}")
    with pytest.raises(ModelDamaged):
        installing.add(rewritten(pack, _bad_hash), Watching())
    assert sorted(path.name for path in left_over(tmp_path)) == ["language.gguf.part", "state.json"]


def test_a_forged_table_of_contents_fills_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "forged.zip"
    size = 200 << 20
    with path.open("wb") as file:
        file.write(b"PK\x03\x04")
        file.truncate(size)
        file.seek(0, 2)
        file.write(b"PK\x05\x06" + bytes(4) + b"\x01\x00\x01\x00" + (size - 4).to_bytes(4, "little") + bytes(6))
    with pytest.raises(ModelDamaged), packs.open_pack(path):
        pass


def test_a_pack_is_told_from_other_zips_wherever_its_list_lies(tmp_path: Path, pack: Path) -> None:
    assert packs.lists_models(pack)
    path = tmp_path / "other.zip"
    for last, is_pack in (("pack.json", True), ("readme.txt", False)):
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("first.txt", "anything")
            archive.writestr(last, "{}")
        assert packs.lists_models(path) is is_pack
    path.write_bytes(path.read_bytes()[:-10])
    assert not packs.lists_models(path)


@pytest.mark.parametrize(("excess", "is_taken"), [(0, True), (1, False)])
def test_a_list_of_more_than_a_mebibyte_is_refused(tmp_path: Path, pack: Path, excess: int, *, is_taken: bool) -> None:
    with zipfile.ZipFile(pack) as archive:
        raw = archive.read("pack.json")
    (tmp_path / "unpacked").mkdir()
    (tmp_path / "unpacked" / "pack.json").write_bytes(raw + b" " * ((1 << 20) + excess - len(raw)))
    if is_taken:
        with packs.open_pack(tmp_path / "unpacked") as opened:
            assert len(opened.models) == 2
        return
    with pytest.raises(ModelDamaged), packs.open_pack(tmp_path / "unpacked"):
        pass


def test_a_pack_is_written_whole_or_not_at_all(installing: Installing, tmp_path: Path) -> None:
    (added,) = installing.add(GGUF, Watching())
    out = tmp_path / "out.zip"
    with pytest.raises(Cancelled):
        installing.pack(["language"], look_at_output(out), Watching(stop_at=3))
    added.path.write_bytes(added.path.read_bytes()[:-1] + b"!")
    with pytest.raises(ModelDamaged, match="is damaged"):
        installing.pack(["language"], look_at_output(out), Watching())
    with pytest.raises(ModelError, match="come with every Tacit"):
        installing.pack(["demo-language"], look_at_output(out), Watching())
    assert [path.name for path in tmp_path.glob("out*")] == []
    out.write_text("mine")
    with pytest.raises(AssistantError, match="already"):
        installing.pack(["language"], look_at_output(out), Watching())
    assert out.read_text() == "mine"


def test_a_model_put_here_by_hand_can_be_packed_too(installing: Installing, tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    shutil.copy(GGUF, tmp_path / "models" / "By Hand.gguf")
    out = tmp_path / "out.zip"
    installing.pack(["By Hand"], look_at_output(out), Watching())
    assert listed(out)["models"][0]["id"] == "by-hand"
    assert [model.name for model in installing.add(out, Watching())] == ["by-hand"]
