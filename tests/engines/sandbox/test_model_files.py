"""Which files a worker is given to read: those of its model, and nothing that a link in its folder leads to."""

import json
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app.core.errors import ModelDamaged
from app.core.model import Model, ModelKind
from app.core.resources import demo_models
from app.engines.parent.engines import RemoteLanguage, RemoteSpeech
from app.engines.parent.model_tools import RemoteModelTools
from app.engines.sandbox import file_rules, landlock
from tests.engines.sandbox.test_confine import inside

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="links and pipes as POSIX has them")
has_landlock = pytest.mark.skipif(not landlock.version(), reason="this kernel has no Landlock")


@pytest.fixture
def whisper(tmp_path: Path) -> Path:
    """A Whisper folder, beside a person's own folder with a letter in it."""
    shutil.copytree(demo_models() / "speech", tmp_path / "whisper")
    (tmp_path / "whisper" / "preprocessor_config.json").unlink()
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "letter.txt").write_text("a person's words")
    return tmp_path / "whisper"


def _link_to_folder(folder: Path) -> None:
    (folder / "more").symlink_to(folder.parent / "own")


def _known_name_to_folder(folder: Path) -> None:
    (folder / "vocabulary.txt").symlink_to(folder.parent / "own")


def _known_name_to_file(folder: Path) -> None:
    (folder / "vocabulary.txt").symlink_to(folder.parent / "own" / "letter.txt")


def _nested_link(folder: Path) -> None:
    (folder / "nested").mkdir()
    (folder / "nested" / "own").symlink_to(folder.parent / "own")
    (folder / "preprocessor_config.json").symlink_to("nested/own/letter.txt")


def _link_in_a_circle(folder: Path) -> None:
    (folder / "vocabulary.txt").symlink_to("preprocessor_config.json")
    (folder / "preprocessor_config.json").symlink_to("vocabulary.txt")


def _way_up(folder: Path) -> None:
    (folder / "vocabulary.txt").symlink_to("../own/letter.txt")


def _folder_of_a_known_name(folder: Path) -> None:
    (folder / "vocabulary.txt").mkdir()
    (folder / "vocabulary.txt" / "own").symlink_to(folder.parent / "own")


def _pipe(folder: Path) -> None:
    os.mkfifo(folder / "vocabulary.txt")


def _device(folder: Path) -> None:
    (folder / "vocabulary.txt").symlink_to("/dev/zero")


@pytest.mark.parametrize(
    "lay",
    [_link_to_folder, _known_name_to_folder, _known_name_to_file, _nested_link, _link_in_a_circle, _way_up,
     _folder_of_a_known_name, _pipe, _device],
)  # fmt: skip
def test_a_whisper_folder_gives_its_own_regular_files(lay: Callable[[Path], None], whisper: Path) -> None:
    before = file_rules.model_file_paths(whisper)
    assert {Path(file).name for file in before} >= {"model.bin", "config.json", "tokenizer.json"}
    lay(whisper)
    assert file_rules.model_file_paths(whisper) == before


def test_files_of_other_names_are_not_given(whisper: Path) -> None:
    (whisper / "diary.txt").write_text("a person's words")
    given = file_rules.model_file_paths(whisper)
    assert str(whisper / "diary.txt") not in given
    assert str(whisper) not in given, "nor the folder, whose names it needs not list"


def test_a_gguf_is_no_link_to_something_else(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("a person's words")
    (tmp_path / "real.gguf").write_bytes(b"GGUF and weights")
    link = tmp_path / "linked.gguf"
    for target, given in (("letter.txt", ()), ("/dev/zero", ()), (".", ()), ("linked.gguf", ()), ("missing", ()),
                          ("real.gguf", (str(tmp_path / "real.gguf"),))):  # fmt: skip
        link.unlink(missing_ok=True)
        link.symlink_to(target)
        assert file_rules.model_file_paths(link) == given, target
    os.mkfifo(tmp_path / "pipe.gguf")
    assert file_rules.model_file_paths(tmp_path / "pipe.gguf") == ()


@has_landlock
def test_a_worker_reads_nothing_through_a_link_in_a_models_folder(whisper: Path) -> None:
    """`linkread.py`: a link to a folder inside a model's folder opened that folder to the worker."""
    _link_to_folder(whisper)
    said = inside(
        """
        folder = Path(sys.argv[1])
        confine.confine_worker("speech", __import__("json").loads(sys.argv[2]))
        tried("model", (folder / "model.bin").read_bytes)
        tried("list", lambda: list((folder / "more").iterdir()))
        tried("letter", (folder / "more" / "letter.txt").read_bytes)
        tried("by its own path", (folder.parent / "own" / "letter.txt").read_bytes)
        """,
        str(whisper), json.dumps(file_rules.model_file_paths(whisper)),
    )  # fmt: skip
    assert said == ["model done", "list PermissionError", "letter PermissionError", "by its own path PermissionError"]


@has_landlock
@pytest.mark.parametrize("place", ["the file", "its folder"])
def test_a_link_that_appears_after_the_look_is_not_followed(place: str, whisper: Path) -> None:
    """The parent looked at the model's files; before the worker shuts itself in, one becomes a link."""
    given = file_rules.model_file_paths(whisper)
    other = whisper.parent / "own" / "config.json"
    other.write_text("a person's words")
    if place == "the file":
        (whisper / "config.json").unlink()
        (whisper / "config.json").symlink_to(other)
    else:
        whisper.rename(whisper.parent / "moved")
        whisper.symlink_to(whisper.parent / "own")
    said = inside(
        """
        confine.confine_worker("speech", __import__("json").loads(sys.argv[2]))
        tried("link", (Path(sys.argv[1]) / "config.json").read_bytes)
        tried("target", (Path(sys.argv[1]).parent / "own" / "config.json").read_bytes)
        """,
        str(whisper), json.dumps(given),
    )  # fmt: skip
    assert said == ["link PermissionError", "target PermissionError"]


def test_a_link_out_of_a_model_is_told_in_words(whisper: Path) -> None:
    other = whisper.parent / "own" / "model.bin"
    (whisper / "model.bin").rename(other)
    (whisper / "model.bin").symlink_to(other)
    (whisper / "linked.gguf").symlink_to(whisper.parent / "own" / "letter.txt")
    speech = RemoteSpeech(Model("linked", ModelKind.SPEECH, whisper, 1), 1)
    language = RemoteLanguage(Model("linked", ModelKind.LANGUAGE, whisper / "linked.gguf", 1), 1, 512)
    tools = RemoteModelTools(1, [whisper])
    try:
        for use in (speech.peak_bytes, language.facts, lambda: tools.inspect(whisper)):
            with pytest.raises(ModelDamaged, match="is a link that leads out of it"):
                use()
    finally:
        for engine in (speech, language, tools):
            engine.close()
