"""A partly downloaded file: the bytes so far, their hash, and the server's ETag."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import msgspec

from app.catalog.installed import receipts
from app.catalog.installed.staging import PART, STATE, remove_unless_plain_file, translate_disk_errors


def partial_path(path: Path) -> Path:
    """The path of a file until it is complete."""
    return path.with_name(path.name + PART)


class PartialFile:
    """The bytes present of a file that will be `size` bytes long; a longer one is discarded.

    `hashed` is called with how many of the existing bytes have been hashed, and may raise to stop.
    """

    def __init__(self, path: Path, size: int, hashed: Callable[[int], None]) -> None:
        self._path = path
        with translate_disk_errors():
            remove_unless_plain_file(path)
            self._file = path.open("ab")
        self.hasher = hashlib.sha256()
        self.size = 0
        if path.stat().st_size > size:
            self.restart()
        with path.open("rb") as file:
            while block := file.read(receipts.BLOCK):
                self.hasher.update(block)
                self.size += len(block)
                hashed(self.size)

    def write(self, block: bytes) -> None:
        """Append a block."""
        with translate_disk_errors():
            self._file.write(block)
        self.hasher.update(block)
        self.size += len(block)

    def restart(self) -> None:
        """Discard everything and start again."""
        with translate_disk_errors():
            self._file.truncate(0)
        self.hasher, self.size = hashlib.sha256(), 0

    def close(self) -> None:
        """Close the file, handing everything to the system."""
        with translate_disk_errors():
            self._file.close()


class Etags:
    """The server's ETag of each file, kept across restarts: a download resumes only if it still matches."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / STATE
        try:
            self._known = msgspec.json.decode(self._path.read_bytes(), type=dict[str, str])
        except (OSError, msgspec.MsgspecError):
            self._known = {}

    def of(self, name: str) -> str:
        """A file's ETag, or "" if none is known."""
        return self._known.get(name, "")

    def keep(self, name: str, etag: str) -> None:
        """Store a file's ETag; "" clears it."""
        if self._known.get(name, "") != etag:
            self._known[name] = etag
            with translate_disk_errors():
                self._path.unlink(missing_ok=True)  # never through a link
                self._path.write_bytes(msgspec.json.encode(self._known))
