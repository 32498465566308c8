"""A file that is arriving: what is there of it, the hash so far, and what its server called it."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import msgspec

from app.catalog.installed import receipts
from app.catalog.installed.staging import PART, STATE, own_plain_file, translated


def part_of(path: Path) -> Path:
    """Where the part of a file lies until it is whole."""
    return path.with_name(path.name + PART)


class Part:
    """What is there of a file that shall be `size` bytes long; more than that is thrown away.

    `hashed` is told how much of what was there is read again, and may raise to stop.
    """

    def __init__(self, path: Path, size: int, hashed: Callable[[int], None]) -> None:
        self._path = path
        with translated():
            own_plain_file(path)
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
        with translated():
            self._file.write(block)
        self.hasher.update(block)
        self.size += len(block)

    def restart(self) -> None:
        """Begin anew."""
        with translated():
            self._file.truncate(0)
        self.hasher, self.size = hashlib.sha256(), 0

    def close(self) -> None:
        """Hand everything to the system."""
        with translated():
            self._file.close()


class Etags:
    """What the server called the bytes of each file, kept over restarts: it is asked to go on only with the same."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / STATE
        try:
            self._known = msgspec.json.decode(self._path.read_bytes(), type=dict[str, str])
        except (OSError, msgspec.MsgspecError):
            self._known = {}

    def of(self, name: str) -> str:
        """A file's, or "" where none is known."""
        return self._known.get(name, "")

    def keep(self, name: str, etag: str) -> None:
        """Keep a file's; "" forgets it."""
        if self._known.get(name, "") != etag:
            self._known[name] = etag
            with translated():
                self._path.unlink(missing_ok=True)  # never through a link
                self._path.write_bytes(msgspec.json.encode(self._known))
