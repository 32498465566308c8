"""Reading a file by range, and what a refusing disk means to the person."""

import errno
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.core.errors import MediaMissing, NotEnoughSpace, UnsupportedMedia, VaultUnwritable
from app.core.files import FileSource, disk_error, sync_folder


def test_a_file_is_read_by_range(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"0123456789")
    os.utime(path, (1_800_000_000, 1_800_000_000))
    source = FileSource(path)
    assert source.size == 10
    assert source.modified == datetime.fromtimestamp(1_800_000_000, UTC)
    assert source.read(6, 3) == b"678"
    assert source.read(2, 1) == b"2"
    assert source.read(8, 100) == b"89"
    assert source.read(10, 1) == b""
    source.close()
    with pytest.raises(ValueError, match="closed"):
        source.read(0, 1)


def test_what_is_no_file_is_told_apart_from_an_empty_one(tmp_path: Path) -> None:
    with pytest.raises(MediaMissing):
        FileSource(tmp_path / "absent")
    with pytest.raises(MediaMissing, match="no file"):
        FileSource(tmp_path)
    (tmp_path / "empty").touch()
    with pytest.raises(UnsupportedMedia, match="empty"):
        FileSource(tmp_path / "empty")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(MediaMissing, match="no file"):
        FileSource(tmp_path / "pipe")


def test_a_disk_that_goes_away_while_it_is_read_is_told(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"content")
    source = FileSource(path)
    descriptor = os.open(os.devnull, os.O_WRONLY)
    os.dup2(descriptor, source._file.fileno())  # from now on the system refuses to read, as from an unplugged disk
    os.close(descriptor)
    with pytest.raises(MediaMissing, match="no longer be read"):
        source.read(0, 1)
    source.close()


def test_a_file_that_becomes_shorter_while_it_is_read_is_told(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"content")
    source = FileSource(path)
    assert source.read(0, 3) == b"con"
    os.truncate(path, 5)
    assert source.read(0, 5) == b"conte"
    with pytest.raises(MediaMissing, match="became shorter"):
        source.read(3, 4)
    source.close()


def test_a_file_that_grows_is_read_as_far_as_it_was_there(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"content")
    source = FileSource(path)
    path.write_bytes(b"content and more")
    assert source.read(0, 100) == b"content"
    source.close()


@pytest.mark.parametrize(
    ("number", "title"),
    [
        (errno.ENOENT, "no such file"), (errno.EACCES, "may not read"), (errno.EPERM, "may not read"),
        (errno.ELOOP, "leads to no file"), (errno.EIO, "disk can't read"), (errno.ENAMETOOLONG, "can't be opened"),
    ],
)  # fmt: skip
def test_why_a_file_does_not_open_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, title: str
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"content")
    monkeypatch.setattr(Path, "open", refuse(number))
    with pytest.raises(MediaMissing, match=title):
        FileSource(path)


def test_a_date_beyond_the_calendar_is_no_date(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"content")
    values = [*path.stat()[:7], 10**13, 10**13, 10**13]
    monkeypatch.setattr(Path, "stat", lambda _, **__: os.stat_result(values))
    source = FileSource(path)
    assert source.modified is None
    source.close()


def refuse(number: int) -> object:
    def call(*_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number))

    return call


@pytest.mark.parametrize("number", [errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP])
def test_a_disk_without_a_call_to_sync_a_folder_is_accepted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    before = len(list(Path("/dev/fd").iterdir()))
    monkeypatch.setattr(os, "fsync", refuse(number))
    sync_folder(tmp_path)
    assert len(list(Path("/dev/fd").iterdir())) == before


def test_a_disk_that_fails_to_sync_a_folder_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", refuse(errno.EIO))
    with pytest.raises(OSError, match=os.strerror(errno.EIO)):
        sync_folder(tmp_path)


def test_windows_is_not_asked_to_sync_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "absent"  # opening it would fail
    with pytest.raises(FileNotFoundError):
        sync_folder(folder)
    with monkeypatch.context() as patched:
        patched.setattr(os, "name", "nt")
        sync_folder(folder)


@pytest.mark.parametrize(
    ("number", "kind"),
    [(errno.ENOSPC, NotEnoughSpace), (errno.EDQUOT, NotEnoughSpace), (errno.EACCES, VaultUnwritable)],
)
def test_a_full_disk_is_told_apart_from_one_that_refuses(number: int, kind: type[Exception]) -> None:
    assert type(disk_error(OSError(number, "refused"))) is kind
