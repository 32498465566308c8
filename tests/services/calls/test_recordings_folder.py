"""Which files of a folder are taken: recordings and texts that are whole, and none that leads elsewhere."""

import os
import sys
from pathlib import Path

import pytest

from app.core.errors import MediaMissing
from app.services.calls import recordings_folder
from app.services.calls.recordings_folder import (
    FoundFile,
    ImportedFiles,
    RecordingsFolder,
    recordings_in,
    sort_dropped_folders,
)
from app.services.file_kinds import what_a_drop_does
from app.storage.tables.imported_files import ImportedFileStore
from app.storage.vault import Vault
from tests.conftest import opened_vault


def put(path: Path, content: bytes = b"OggS and more of it", age: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (1_800_000_000 - age, 1_800_000_000 - age))
    return path


def names(folder: Path, left_out: tuple[Path, ...] = ()) -> list[str]:
    return [file.path.relative_to(folder).as_posix() for file in recordings_in(folder, left_out)]


def test_recordings_and_texts_at_any_depth_are_found_the_oldest_first(tmp_path: Path) -> None:
    put(tmp_path / "b.wav", age=1)
    put(tmp_path / "deep" / "er" / "a.M4A", age=2)
    put(tmp_path / "minutes.vtt", age=3)
    put(tmp_path / "no ending", age=4)
    put(tmp_path / "photo.jpg", b"\xff\xd8 a picture of it")
    put(tmp_path / "empty.wav", b"")
    assert names(tmp_path) == ["no ending", "minutes.vtt", "deep/er/a.M4A", "b.wav"]


@pytest.mark.skipif(sys.platform == "win32", reason="links and pipes of POSIX")
def test_links_hidden_files_and_what_is_not_finished_are_left_out(tmp_path: Path) -> None:
    outside = put(tmp_path / "outside" / "secret.wav")
    folder = tmp_path / "in"
    put(folder / "a.wav")
    for name in (".hidden.wav", ".folder/b.wav", "c.wav.part", "d.mp3.crdownload", "e.tmp", "~$f.docx"):
        put(folder / name)
    (folder / "link.wav").symlink_to(outside)
    (folder / "inner.wav").symlink_to("a.wav")
    (folder / "linked").symlink_to(outside.parent)
    (folder / "circle").symlink_to(folder)
    os.mkfifo(folder / "pipe.wav")
    assert names(folder) == ["a.wav"]
    (tmp_path / "way").symlink_to(folder)
    assert names(folder) == [file.path.name for file in recordings_in(tmp_path / "way")], "what was named is followed"


def test_no_vault_is_searched_and_no_folder_that_is_written_to(tmp_path: Path) -> None:
    opened_vault(tmp_path / "in" / "vault").close()
    (tmp_path / "in" / "vault" / "vault.hdr").write_bytes(b"a header")
    put(tmp_path / "in" / "vault" / "media" / "a.wav")
    put(tmp_path / "in" / "out" / "call.txt")
    put(tmp_path / "in" / "b.wav")
    assert names(tmp_path / "in", (tmp_path / "in" / "out",)) == ["b.wav"]


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    for missing in (tmp_path / "nowhere", put(tmp_path / "a.wav")):
        with pytest.raises(MediaMissing, match="no such folder"):
            recordings_in(missing)


def test_a_folder_that_is_dropped_is_what_is_in_it_but_for_what_is_still_written(tmp_path: Path) -> None:
    one, two = put(tmp_path / "in" / "a.wav"), put(tmp_path / "in" / "b" / "c.vtt")
    put(tmp_path / "in" / "letter.rtf", b"no call")
    fresh = put(tmp_path / "in" / "growing.wav")
    for file in (one, two):
        os.utime(file, (1, 1))
    os.utime(fresh)
    (tmp_path / "nothing").mkdir()
    dropped = sort_dropped_folders([tmp_path / "in", one, tmp_path / "nothing", tmp_path / "gone"])
    assert sorted(dropped.calls) == [one, two]
    assert (dropped.others, dropped.growing) == ((tmp_path / "nothing", tmp_path / "gone"), 1)
    title, words, is_taken = what_a_drop_does(dropped, is_for_models=False)
    assert (title, is_taken) == ("Import 2 calls", True)
    assert words.endswith("2 other files among them can't be read. One file still being written is left out.")


class Clock:
    """A clock that one moves."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_file_is_whole_once_its_size_and_time_stand_still(tmp_path: Path) -> None:
    clock = Clock()
    folder = RecordingsFolder(tmp_path, settling=10.0, clock=clock)
    put(tmp_path / "a.wav")

    def looked(now: float) -> tuple[list[str], int]:
        clock.now = now
        return [file.path.name for file in folder.look()], folder.growing

    assert looked(0) == ([], 1)
    assert looked(9.9) == ([], 1)
    assert looked(10) == (["a.wav"], 0)
    put(tmp_path / "a.wav", b"OggS and more of it, and more")  # of the same time, as some recorders write
    put(tmp_path / "b.wav")
    assert looked(11) == ([], 2)
    put(tmp_path / "b.wav", age=-5)
    assert looked(20.9) == ([], 2)
    assert looked(21) == (["a.wav"], 1)
    assert looked(30.9) == (["a.wav", "b.wav"], 0)
    seen = {file.path.name: file for file in folder.look()}
    put(tmp_path / "b.wav", b"OggS and it goes on after all")
    assert [seen[name].is_as_seen for name in ("a.wav", "b.wav")] == [True, False]
    put(tmp_path / "b.wav", age=-5)
    (tmp_path / "a.wav").unlink()
    assert not seen["a.wav"].is_as_seen
    assert looked(31) == (["b.wav"], 0)


def test_what_was_dealt_with_is_known_after_a_restart_until_it_changes(tmp_path: Path) -> None:
    one, other = put(tmp_path / "in" / "a.wav"), put(tmp_path / "in" / "b.wav")
    vault = opened_vault(tmp_path / "vault")
    files = ImportedFiles(ImportedFileStore(vault))
    first, second = recordings_in(tmp_path / "in")
    files.add(first)
    files.add(first)
    files.leave(second)
    assert [file.path for file in files.among([first, second])] in ([one, other], [other, one])
    vault.close()
    vault = opened_vault(tmp_path / "vault")
    assert _left(vault, tmp_path / "in") == [other], "what failed is tried again"
    put(one, b"OggS, another recording of that name")
    assert _left(vault, tmp_path / "in") == [one, other]
    assert vault.rows("SELECT length(version) FROM imported_files") == [(32,)], "no name is kept"
    vault.close()


def _left(vault: Vault, folder: Path) -> list[Path]:
    found: list[FoundFile] = recordings_in(folder)
    past = ImportedFiles(ImportedFileStore(vault)).among(found)
    return sorted(file.path for file in found if file not in past)


def test_a_file_that_no_ending_tells_is_opened_once_until_it_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    strange = tmp_path / "strange.bin"
    strange.write_bytes(b"no sound")
    opened: list[Path] = []

    def is_recording(path: Path) -> bool:
        opened.append(path)
        return False

    monkeypatch.setattr(recordings_folder, "is_recording", is_recording)
    for _ in range(3):
        assert recordings_in(tmp_path) == []
    assert opened == [strange]
    strange.write_bytes(b"still no sound")
    recordings_in(tmp_path)
    assert opened == [strange] * 2
