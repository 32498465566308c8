"""Staging of a model's files until it is complete, so that it is installed all at once or not at all."""

import errno
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType

from app.catalog.installed import receipts
from app.catalog.installed.receipts import Record
from app.core import filelock
from app.core.errors import DownloadError, NotEnoughSpace

_INCOMING = ".incoming"  # inside the models folder, so that the last step is a rename
PART = ".part"  # suffix of a file's name until it is fully downloaded
STATE = "state.json"  # what a download keeps beside its partial files
_SPARE = 64 << 20  # bytes left free, so that a vault on the same disk can still be written

_MAKE_ROOM = "What has arrived is kept; make room on the disk, and start again to go on."


@contextmanager
def translate_disk_errors() -> Iterator[None]:
    """Turn errors of the disk into this program's errors."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise NotEnoughSpace("The disk is full.", _MAKE_ROOM) from error
        advice = "What has arrived is kept; make the folder writable for you, and start again."
        raise DownloadError("The models folder can't be written to.", advice) from error


def require_room(folder: Path, size: int) -> None:
    """Make sure that `size` bytes fit on the disk.

    Raises:
        NotEnoughSpace: they don't fit.
    """
    with translate_disk_errors():
        free = shutil.disk_usage(folder).free
    if free < size + _SPARE:
        need, there = (size + _SPARE) / 1e9, free / 1e9
        title = f"There is not enough room on the disk: {need:.1f} GB are needed, {there:.1f} GB are free."
        raise NotEnoughSpace(title, "Nothing was lost; make room, and start again.")


class StagingFolder:
    """The staging folder of one model, held by one process at a time; its contents outlive that process.

    Raises:
        DownloadError: another process holds it, or the models folder can't be written to.
    """

    def __init__(self, models: Path, id_: str) -> None:
        self._models = models
        self._id = id_
        incoming = models / _INCOMING
        self.folder = incoming / id_
        self._replaced = incoming / f".{id_}.old"
        with translate_disk_errors():
            for place in (incoming, self.folder):
                if place.is_symlink():  # writing or cleaning up through a link would do it elsewhere
                    place.unlink()
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._lock = os.open(incoming / f"{id_}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            filelock.lock(self._lock)
        except OSError as error:
            os.close(self._lock)
            advice = "This one was not started, and the other goes on; wait until it has ended."
            raise DownloadError("This model is being brought in already.", advice) from error
        with translate_disk_errors():
            self.folder.mkdir(exist_ok=True, mode=0o700)  # the process that held it may have moved it away
        shutil.rmtree(self._replaced, ignore_errors=True)  # left by a process killed during `settle`

    def __enter__(self) -> "StagingFolder":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):
            self.folder.rmdir()  # fails if it is not empty, as intended
        os.close(self._lock)

    def discard(self) -> None:
        """Delete everything staged."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def discard_copied(self) -> None:
        """Delete what was copied here; partial files from a download of the same model stay."""
        with suppress(OSError):
            for path in list(self.folder.iterdir()):
                if path.suffix != PART and path.name != STATE:
                    path.unlink()

    def install(self, record: Record) -> Path:
        """Move the complete model into the models folder; return its folder there."""
        place = self._models / self._id
        with translate_disk_errors():
            for path in list(self.folder.iterdir()):
                if path.name not in {file.name for file in record.files}:
                    path.unlink()
            receipts.write(record, self.folder)
            for path in self.folder.iterdir():
                sync_to_disk(path)
            sync_to_disk(self.folder)
            if place.exists():
                self._remove_old(place)
            self.folder.rename(place)
            sync_to_disk(self._models)
        return place

    def _remove_old(self, place: Path) -> None:
        """Remove a damaged or older copy of the same model that is in the way."""
        place.rename(self._replaced)
        shutil.rmtree(self._replaced, ignore_errors=True)


def partial_downloads(models: Path) -> dict[str, int]:
    """The partly downloaded models: id to bytes present."""
    found = {}
    with suppress(OSError):
        for folder in (models / _INCOMING).iterdir():
            if folder.is_dir() and not folder.name.startswith("."):
                sizes = [path.stat().st_size for path in folder.iterdir() if path.is_file()]
                found[folder.name] = sum(sizes)
    return {id_: size for id_, size in found.items() if size}


def remove_unless_plain_file(path: Path) -> None:
    """Remove what is at a path if writing there would write elsewhere: a link, or a file with several names."""
    with suppress(FileNotFoundError):
        found = path.lstat()
        if not stat.S_ISREG(found.st_mode) or found.st_nlink > 1:
            path.unlink()


def sync_to_disk(path: Path) -> None:
    """Sync a file, or a folder's entries, to the disk."""
    if path.is_dir() and os.name != "posix":
        return  # pragma: no cover - Windows only
    descriptor = os.open(path, os.O_RDONLY if os.name == "posix" else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
