"""The network log: an entry per download, kept in the models folder until an open vault takes it over.

The download worker has no access to the vault, and no vault need be open. So it writes down here what the vault's
ledger will show, none of it private: model, time, hosts, bytes. One file per entry; each line is a newer version of the
entry, and the last one counts.
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

from app.catalog.installed.staging import translate_disk_errors
from app.core import filelock
from app.core.download import NetworkLogEntry

REFUSED = "refused"
"""The ending of an entry where nothing was sent: a model was asked for and refused."""

UNLISTED = "unlisted"
"""Stands for the id of a model that the catalogue does not list: what was asked for may be any text."""

_FOLDER = ".door"
_OURS = re.compile(r"\d{8}T\d{6}\.\d{6}-[0-9a-f]{8}\.jsonl\Z")
_EVERY = 2.0  # seconds between two writes while bytes come in
_LARGEST = 1 << 22  # bytes read of one file


class NetworkLogWriter:
    """Writes the entry of one download while it runs; the first version is on disk before anything connects."""

    def __init__(self, models: Path, model: str, clock: Callable[[], float] = time.monotonic) -> None:
        now = datetime.now(UTC)
        self._entry = NetworkLogEntry(f"{now:%Y%m%dT%H%M%S.%f}-{secrets.token_hex(4)}", model, now)
        self._clock = clock
        self._last_write = clock()
        with translate_disk_errors():
            (models / _FOLDER).mkdir(parents=True, exist_ok=True, mode=0o700)
            path = models / _FOLDER / f"{self._entry.id}.jsonl"
            self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
            filelock.lock(self._file)
            self._write_entry()

    def count(self, host: str, size: int) -> None:
        """Count bytes received from a host; 0 records that it was contacted."""
        hosts = self._entry.hosts
        is_new = host not in hosts
        self._entry = msgspec.structs.replace(self._entry, hosts={**hosts, host: hosts.get(host, 0) + size})
        if is_new or self._clock() - self._last_write >= _EVERY:
            with suppress(OSError):  # a full disk is reported by the download itself
                self._write_entry()

    def close(self, ending: str) -> None:
        """Write the end of the download, and close the file."""
        self._entry = msgspec.structs.replace(self._entry, closed=datetime.now(UTC), ending=ending)
        with suppress(OSError):
            self._write_entry()
        os.close(self._file)

    def _write_entry(self) -> None:
        self._last_write = self._clock()
        os.write(self._file, msgspec.json.encode(self._entry) + b"\n")
        os.fsync(self._file)


class NetworkLogFile:
    """The file of one entry in the models folder."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.entry = _last_entry(path)

    def forget(self) -> None:
        """Delete the file, unless the download is still running or the entry has changed since it was read."""
        with suppress(OSError):
            descriptor = os.open(self._path, os.O_RDWR)
            try:
                filelock.lock(descriptor)
                if _last_entry(self._path) == self.entry:
                    self._path.unlink()
            finally:
                os.close(descriptor)


def log_files(models: Path) -> list[NetworkLogFile]:
    """The log files in a models folder, oldest first."""
    folder = models / _FOLDER
    try:
        paths = [] if folder.is_symlink() else sorted(folder.glob("*.jsonl"))
    except OSError:
        return []
    return [
        NetworkLogFile(path) for path in paths if _OURS.match(path.name) and path.is_file()
    ]  # ours only: these get deleted


def _last_entry(path: Path) -> NetworkLogEntry | None:
    """The entry on the last complete line; a killed worker may have left a partial line after it."""
    with suppress(OSError):
        with path.open("rb") as file:
            lines = file.read(_LARGEST).splitlines()
        for line in reversed(lines):
            with suppress(msgspec.MsgspecError, UnicodeDecodeError):
                return msgspec.json.decode(line, type=NetworkLogEntry)
    return None
