"""Where a model's files gather until it is whole: it appears on the shelf at once, or not at all."""

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

_INCOMING = ".incoming"  # in the models folder, so that the last step is a rename
PART = ".part"  # at the end of a file's name until a download has brought all of it
STATE = "state.json"  # what a download keeps beside its parts
_SPARE = 64 << 20  # bytes that stay free, so that a vault beside the models can still be written

_MAKE_ROOM = "What has arrived is kept; make room on the disk, and start again to go on."


@contextmanager
def translated() -> Iterator[None]:
    """Turn what the disk refuses into an error of ours."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise NotEnoughSpace("The disk is full.", _MAKE_ROOM) from error
        advice = "What has arrived is kept; make the folder writable for you, and start again."
        raise DownloadError("The models folder can't be written to.", advice) from error


def require_room(folder: Path, size: int) -> None:
    """Make sure that so many bytes fit on the disk.

    Raises:
        NotEnoughSpace: they don't.
    """
    with translated():
        free = shutil.disk_usage(folder).free
    if free < size + _SPARE:
        need, there = (size + _SPARE) / 1e9, free / 1e9
        title = f"There is not enough room on the disk: {need:.1f} GB are needed, {there:.1f} GB are free."
        raise NotEnoughSpace(title, "Nothing was lost; make room, and start again.")


class Arrival:
    """The gathering place of one model, held by one process at a time; what is in it outlives that process.

    Raises:
        DownloadError: another process holds it, or the models folder can't be written to.
    """

    def __init__(self, models: Path, id_: str) -> None:
        self._models = models
        self._id = id_
        incoming = models / _INCOMING
        self.folder = incoming / id_
        self._aside = incoming / f".{id_}.old"
        with translated():
            for place in (incoming, self.folder):
                if place.is_symlink():  # to write there, and to clean up there, would be to do it elsewhere
                    place.unlink()
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._lock = os.open(incoming / f"{id_}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            filelock.lock(self._lock)
        except OSError as error:
            os.close(self._lock)
            advice = "This one was not started, and the other goes on; wait until it has ended."
            raise DownloadError("This model is being brought in already.", advice) from error
        with translated():
            self.folder.mkdir(exist_ok=True, mode=0o700)  # whoever held it may have moved it away
        shutil.rmtree(self._aside, ignore_errors=True)  # left by one that was killed while it settled

    def __enter__(self) -> "Arrival":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):
            self.folder.rmdir()  # goes only if nothing is in it
        os.close(self._lock)

    def discard(self) -> None:
        """Throw away what has gathered."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def give_up(self) -> None:
        """Throw away what was copied here; the parts that a download of the same model has brought stay."""
        with suppress(OSError):
            for path in list(self.folder.iterdir()):
                if path.suffix != PART and path.name != STATE:
                    path.unlink()

    def settle(self, record: Record) -> Path:
        """Put the whole model on the shelf; its folder there."""
        place = self._models / self._id
        with translated():
            for path in list(self.folder.iterdir()):
                if path.name not in {file.name for file in record.files}:
                    path.unlink()
            receipts.write(record, self.folder)
            for path in self.folder.iterdir():
                synced(path)
            synced(self.folder)
            if place.exists():
                self._set_aside(place)
            self.folder.rename(place)
            synced(self._models)
        return place

    def _set_aside(self, place: Path) -> None:
        """Make way: what stands there is a damaged or older copy of the same model."""
        place.rename(self._aside)
        shutil.rmtree(self._aside, ignore_errors=True)


def waiting(models: Path) -> dict[str, int]:
    """The models of which a part has arrived: id and bytes that are there."""
    found = {}
    with suppress(OSError):
        for folder in (models / _INCOMING).iterdir():
            if folder.is_dir() and not folder.name.startswith("."):
                sizes = [path.stat().st_size for path in folder.iterdir() if path.is_file()]
                found[folder.name] = sum(sizes)
    return {id_: size for id_, size in found.items() if size}


def own_plain_file(path: Path) -> None:
    """Take away what lies at a path if to write there were to write elsewhere: a link, or one name of several."""
    with suppress(FileNotFoundError):
        found = path.lstat()
        if not stat.S_ISREG(found.st_mode) or found.st_nlink > 1:
            path.unlink()


def synced(path: Path) -> None:
    """Have a file, or a folder's list of names, written to the disk itself."""
    if path.is_dir() and os.name != "posix":
        return
    descriptor = os.open(path, os.O_RDONLY if os.name == "posix" else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
