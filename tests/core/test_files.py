"""Writing a file whole or not at all."""

import os
import secrets
import stat
import threading
from pathlib import Path

import pytest

from app.core.files import remove_unfinished, write_atomically


def test_what_was_there_is_replaced_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"before")
    write_atomically(path, b"after")
    assert path.read_bytes() == b"after"
    assert list(tmp_path.iterdir()) == [path]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_link_is_replaced_and_never_written_through(tmp_path: Path) -> None:
    (tmp_path / "target").write_bytes(b"untouched")
    (tmp_path / "link").symlink_to(tmp_path / "target")
    write_atomically(tmp_path / "link", b"new")
    assert (tmp_path / "target").read_bytes() == b"untouched"
    assert not (tmp_path / "link").is_symlink()


def test_a_file_that_lies_where_the_new_one_would_is_neither_written_nor_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(secrets, "token_hex", lambda _: "00000000")
    planted = tmp_path / ".file.00000000.new"
    planted.symlink_to(tmp_path / "target")
    with pytest.raises(FileExistsError):
        write_atomically(tmp_path / "file", b"new")
    assert planted.is_symlink()
    assert not (tmp_path / "target").exists()


@pytest.mark.parametrize("refused", ["fsync", "replace"])
def test_a_disk_that_refuses_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, refused: str
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"before")

    def refuse(*_: object) -> None:
        raise OSError("refused")

    monkeypatch.setattr(*((os, "fsync", refuse) if refused == "fsync" else (Path, "replace", refuse)))
    with pytest.raises(OSError, match="refused"):
        write_atomically(path, b"after")
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_many_writers_at_once_leave_one_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    contents = [bytes([number]) * 50_000 for number in range(8)]
    threads = [threading.Thread(target=write_atomically, args=(path, content)) for content in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert path.read_bytes() in contents
    assert list(tmp_path.iterdir()) == [path]


def test_the_longest_name_can_be_written(tmp_path: Path) -> None:
    for name in ("x" * 255, "字" * 85):
        write_atomically(tmp_path / name, b"new")
        assert (tmp_path / name).read_bytes() == b"new"


def test_what_a_killed_writer_left_goes_an_hour_later(tmp_path: Path) -> None:
    left, other = tmp_path / ".file.0123abcd.new", tmp_path / ".file.mine.new"
    for path in (left, other):
        path.write_bytes(b"half")
    write_atomically(tmp_path / "file", b"new")
    assert left.exists(), "it may belong to a writer that is at work"
    os.utime(left, (0, 0))
    write_atomically(tmp_path / "file", b"newer")
    assert not left.exists()
    left.write_bytes(b"half")
    remove_unfinished(tmp_path / "file")
    assert not left.exists()
    assert other.exists()
