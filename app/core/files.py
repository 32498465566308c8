"""Files on disk: reading by range, atomic writing, and what an OSError means to the user."""

import errno
import os
import stat
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from app.core.errors import AssistantError, MediaMissing, NotEnoughSpace, UnsupportedMedia, VaultError, VaultUnwritable

EMPTY_ADVICE = "The file was left as it is; choose another copy of the recording."
_REFUSED = ("The file could not be written there.", "Nothing was changed; choose another folder.")


class FileSource:
    """A file on disk as a `ByteSource`.

    Raises:
        MediaMissing: it does not exist, or may not be read.
        UnsupportedMedia: it is empty.
    """

    def __init__(self, path: Path) -> None:
        try:
            if not stat.S_ISREG(path.stat().st_mode):  # opening a pipe would block for ever
                raise MediaMissing("This is no file.", "Nothing was changed; choose a recording.")
            self._file = path.open("rb", buffering=0)
            self.size = path.stat().st_size
            self.modified = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        except OSError as error:
            raise MediaMissing from error
        if not self.size:
            self._file.close()
            raise UnsupportedMedia("This file is empty.", EMPTY_ADVICE)

    def read(self, offset: int, length: int) -> bytes:
        """At most `length` bytes from `offset`."""
        try:
            self._file.seek(offset)
            return self._file.read(length)
        except OSError as error:
            raise MediaMissing("The file can no longer be read.") from error

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def write_atomically(path: Path, text: str) -> None:
    """Write a text file atomically: whole or not at all.

    Raises:
        AssistantError: the file can't be written there.
    """
    temporary = path.with_name(f".{path.name}.new")
    try:
        with temporary.open("w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        with suppress(OSError):  # a folder that refuses everything is reported below
            temporary.unlink(missing_ok=True)
        if isinstance(disk_error(error), NotEnoughSpace):
            raise NotEnoughSpace from error
        raise AssistantError(*_REFUSED) from error


def check_writable(path: Path) -> None:
    """Check, before long work, that its result can be written.

    Raises:
        AssistantError: it can't be.
    """
    if path.is_dir() or not os.access(path.parent, os.W_OK | os.X_OK):
        raise AssistantError(*_REFUSED)


def disk_error(error: OSError) -> VaultError | NotEnoughSpace:
    """The error to show for a failed file operation on the vault."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return NotEnoughSpace()
    return VaultUnwritable()
