"""The recordings and texts in a folder: which there are, which are whole, and which were dealt with before."""

import hashlib
import os
import stat
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from app.core.errors import MediaMissing
from app.services.file_kinds import Dropped, is_recording, sort_dropped
from app.storage.files.layout import vault_exists
from app.storage.tables.imported_files import ImportedFileStore

SETTLING = 10.0
"""Seconds for which a file's size and time stand still before it counts as whole."""
_UNFINISHED = (".part", ".partial", ".crdownload", ".download", ".filepart", ".tmp", ".temp")
_REMEMBERED = 50_000  # files
_IS_HIDDEN = getattr(stat, "FILE_ATTRIBUTE_HIDDEN", 0)
_NO_FOLDER = "There is no such folder, or it may not be read."


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file as it was seen: `size` in bytes, and the time of its last change in nanoseconds."""

    path: Path
    size: int
    modified: int

    @property
    def version(self) -> bytes:
        """32 bytes that stand for the file as it was; neither its name nor anything else can be told from them."""
        return hashlib.sha256(b"%d %d " % (self.size, self.modified) + os.fsencode(self.path)).digest()

    @property
    def is_as_seen(self) -> bool:
        """Whether it is still there as it was: others before it may have taken hours. Touches the disk."""
        try:
            facts = self.path.lstat()
        except OSError:
            return False
        return stat.S_ISREG(facts.st_mode) and (facts.st_size, facts.st_mtime_ns) == (self.size, self.modified)


def recordings_in(folder: Path, left_out: Collection[Path] = ()) -> list[FoundFile]:
    """The recordings and texts of calls in a folder and those below it, the oldest first.

    Links and hidden files are left out, as are vaults, empty files, what another program has not finished, and the
    folders `left_out`.

    Raises:
        MediaMissing: the folder is not there, or may not be read.
    """
    top = folder.resolve()
    try:
        os.scandir(top).close()
    except OSError as error:
        raise MediaMissing(_NO_FOLDER, "Nothing was changed; check its name.") from error
    found = _found(top, {place.resolve() for place in left_out})
    return sorted(found, key=lambda file: (file.modified, file.path))


def _found(folder: Path, left_out: set[Path]) -> Iterator[FoundFile]:
    try:
        entries = list(os.scandir(folder))
    except OSError:  # one below that may not be read, or is gone by now
        return
    for entry in entries:
        path = Path(entry.path)
        try:
            if entry.is_symlink() or _is_hidden(entry):
                continue
            if entry.is_dir(follow_symlinks=False):
                if path not in left_out and not vault_exists(path):
                    yield from _found(path, left_out)
            elif entry.is_file(follow_symlinks=False) and not entry.name.casefold().endswith(_UNFINISHED):
                facts = path.lstat()
                file = FoundFile(path, facts.st_size, facts.st_mtime_ns)
                if file.size and _is_recording(file):
                    yield file
        except OSError:
            continue


@lru_cache(_REMEMBERED)
def _is_recording(file: FoundFile) -> bool:
    """As `is_recording`, which opens what no ending tells, once for a file as it is."""
    return is_recording(file.path)


def _is_hidden(entry: "os.DirEntry[str]") -> bool:
    if entry.name.startswith((".", "~$")):
        return True
    return bool(getattr(entry.stat(follow_symlinks=False), "st_file_attributes", 0) & _IS_HIDDEN)


def sort_dropped_folders(paths: Sequence[Path]) -> Dropped:
    """As `sort_dropped`, with the recordings and texts in the folders among them. Not for the GUI thread.

    What changed in the last seconds is left out: nobody waits there to see whether it is whole.
    """
    dropped = sort_dropped(paths)
    calls, others, growing = dict.fromkeys(dropped.calls), [], 0
    for path in dropped.others:
        found: list[FoundFile] = []
        if path.is_dir():
            with suppress(MediaMissing):  # whoever takes it refuses it with this reason
                found = recordings_in(path)
        latest = (time.time() - SETTLING) * 1e9
        growing += sum(file.modified > latest for file in found)
        calls |= dict.fromkeys(file.path for file in found if file.modified <= latest)
        others += [] if found else [path]
    return Dropped(dropped.models, tuple(calls), tuple(others), growing)


class RecordingsFolder:
    """A folder that is looked at again and again; what stands still for `settling` seconds is whole."""

    def __init__(
        self,
        folder: Path,
        left_out: Collection[Path] = (),
        settling: float = SETTLING,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder, self._left_out, self.settling, self._clock = folder, left_out, settling, clock
        self._since: dict[FoundFile, float] = {}

    def look(self, but: Callable[[Sequence[FoundFile]], Collection[FoundFile]] = lambda _: ()) -> list[FoundFile]:
        """Look once; returns the files that are whole, without those that `but` picks out.

        Raises:
            MediaMissing: the folder is not there.
        """
        found, now = recordings_in(self._folder, self._left_out), self._clock()
        past = but(found)
        self._since = {file: self._since.get(file, now) for file in found if file not in past}
        return [file for file, since in self._since.items() if now - since >= self.settling]

    @property
    def growing(self) -> int:
        """How many files that were seen by the last look are not known to be whole yet."""
        now = self._clock()
        return sum(now - since < self.settling for since in self._since.values())


class ImportedFiles:
    """The files of folders that were dealt with: their calls are in the vault, or were, or they are no calls.

    A call that was deleted is so not brought in again by itself. Touches the disk.
    """

    def __init__(self, store: ImportedFileStore) -> None:
        self._store = store
        self._left: set[FoundFile] = set()

    def among(self, found: Sequence[FoundFile]) -> set[FoundFile]:
        """Those that were dealt with."""
        known = self._store.known([file.version for file in found])
        return {file for file in found if file.version in known or file in self._left}

    def add(self, file: FoundFile) -> None:
        """Remember that a file was dealt with, for good."""
        self._store.add(file.version)

    def leave(self, file: FoundFile) -> None:
        """Try a file that failed again at the next start, and not before."""
        self._left.add(file)
