"""Each time the door was open, noted in the models folder until an open vault takes the notes over.

The download worker has no way to the vault, and a vault need not be open. So it notes what the ledger will say, which
holds no word of a person: model, time, hosts, bytes. One file an opening, one line a note, of which the last counts.
"""

import os
import re
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from app.catalog.installed.staging import translated
from app.core import filelock
from app.core.download import Opening

_FOLDER = ".door"
_OURS = re.compile(r"\d{8}T\d{6}\.\d{6}-[0-9a-f]{8}\.jsonl\Z")
_EVERY = 2.0  # seconds between two notes while bytes come in
_LARGEST = 1 << 22  # bytes of a file of notes that is read


class Noting:
    """Notes one opening while it lasts. The first note is on disk before anything connects."""

    def __init__(self, models: Path, model: str, clock: Callable[[], float] = time.monotonic) -> None:
        now = datetime.now(UTC)
        self._opening = Opening(f"{now:%Y%m%dT%H%M%S.%f}-{secrets.token_hex(4)}", model, now)
        self._clock = clock
        self._noted = clock()
        with translated():
            (models / _FOLDER).mkdir(parents=True, exist_ok=True, mode=0o700)
            path = models / _FOLDER / f"{self._opening.id}.jsonl"
            self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
            filelock.lock(self._file)
            self._note()

    def count(self, host: str, size: int) -> None:
        """Count bytes that came from a host; 0 says that it was asked."""
        hosts = self._opening.hosts
        is_new = host not in hosts
        self._opening = msgspec.structs.replace(self._opening, hosts={**hosts, host: hosts.get(host, 0) + size})
        if is_new or self._clock() - self._noted >= _EVERY:
            with suppress(OSError):  # a full disk is told by what fills it
                self._note()

    def close(self, ending: str) -> None:
        """Note the end."""
        self._opening = msgspec.structs.replace(self._opening, closed=datetime.now(UTC), ending=ending)
        with suppress(OSError):
            self._note()
        os.close(self._file)

    def _note(self) -> None:
        self._noted = self._clock()
        os.write(self._file, msgspec.json.encode(self._opening) + b"\n")
        os.fsync(self._file)


class Notes:
    """The notes of one opening, as they lie in the models folder."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.opening = _last(path)

    def forget(self) -> None:
        """Delete them, unless the door is still open and more will follow, or more has come since they were read."""
        with suppress(OSError):
            descriptor = os.open(self._path, os.O_RDWR)
            try:
                filelock.lock(descriptor)
                if _last(self._path) == self.opening:
                    self._path.unlink()
            finally:
                os.close(descriptor)


def noted(models: Path) -> list[Notes]:
    """What is noted in a models folder, oldest first."""
    folder = models / _FOLDER
    try:
        paths = [] if folder.is_symlink() else sorted(folder.glob("*.jsonl"))
    except OSError:
        return []
    return [Notes(path) for path in paths if _OURS.match(path.name) and path.is_file()]  # what is read is deleted then


def _last(path: Path) -> Opening | None:
    """The last whole line; a worker that was killed may have left half a one after it."""
    with suppress(OSError):
        with path.open("rb") as file:
            lines = file.read(_LARGEST).splitlines()
        for line in reversed(lines):
            with suppress(msgspec.MsgspecError, UnicodeDecodeError):
                return msgspec.json.decode(line, type=Opening)
    return None
