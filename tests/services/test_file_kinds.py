"""What is dropped is told apart by what it holds, whatever it is called."""

import zipfile
from pathlib import Path

import pytest

from app.core.model import ModelKind
from app.core.output import look_at_output
from app.core.resources import demo_call
from app.engines.parent.engines import LocalEngines
from app.services.file_kinds import sort_dropped
from app.services.models.installing import Installing
from tests.services.stage import Watching, provisioning
from tests.ui.models.download_broker import demo, laid_out


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    laid_out(tmp_path / "models", demo(ModelKind.LANGUAGE), "writer", "The writer")
    installing = Installing(provisioning(tmp_path), lambda: LocalEngines(1, 512))
    installing.pack(["writer"], look_at_output(tmp_path / "pack.zip"), Watching())
    return tmp_path / "pack.zip"


def zipped(path: Path, **files: bytes) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, raw in files.items():
            archive.writestr(name.replace("_", "."), raw)
    return path


def test_models_are_known_by_what_they_hold(tmp_path: Path, pack: Path) -> None:
    renamed = tmp_path / "meeting.mp3"
    pack.rename(renamed)
    torn = tmp_path / "torn.zip"
    torn.write_bytes(renamed.read_bytes()[:5000])
    again = zipped(tmp_path / "packed again.bin", readme_txt=b"by hand", pack_json=b"{}")
    gguf = tmp_path / "weights"
    gguf.write_bytes(demo(ModelKind.LANGUAGE).path.read_bytes())
    letter = tmp_path / "letter.gguf"
    letter.write_bytes(b"Dear all")
    laid_out(tmp_path, demo(ModelKind.SPEECH), "listener", "Listener")
    whisper = tmp_path / "listener"
    half = tmp_path / "half"
    half.mkdir()
    (half / "model.bin").touch()
    packs = tmp_path / "unpacked"
    packs.mkdir()
    (packs / "pack.json").touch()
    models = (renamed, torn, again, gguf, letter, whisper, half, packs)
    assert sort_dropped(models).models == models
    parts = [whisper / "model.bin", whisper / "tokenizer.json", whisper / "config.json"]
    assert sort_dropped(parts).models == (whisper,), "the files of one folder are one model"


def test_transcripts_are_calls(tmp_path: Path) -> None:
    texts = [tmp_path / name for name in ("a.vtt", "b.SRT", "c.txt", "d.json", "e.docx", "f.md")]
    for text in texts:
        text.write_text("Anna: Hi.")
    assert sort_dropped(texts).calls == tuple(texts)


def test_recordings_and_what_is_neither(tmp_path: Path) -> None:
    call = tmp_path / "call"
    call.write_bytes(demo_call().read_bytes())
    empty = tmp_path / "empty.M4A"
    empty.touch()
    photos = zipped(tmp_path / "photos.zip", a_txt=b"x")
    text = tmp_path / "notes.rtf"
    text.write_text("GGML, a letter about models")
    gone, folder = tmp_path / "gone", tmp_path / "folder"
    folder.mkdir()
    found = sort_dropped([photos, call, text, empty, gone, folder, demo_call()])
    assert found.models == ()
    assert found.calls == (call, empty, demo_call())
    assert found.others == (photos, text, gone, folder)
