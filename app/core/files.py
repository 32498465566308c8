"""Files on disk: reading by range, atomic writing, and what an OSError means to the user."""

import errno
import os
import re
import secrets
import stat
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from app.core.errors import MediaMissing, NotEnoughSpace, UnsupportedMedia, VaultError, VaultUnwritable

EMPTY_ADVICE = "The file was left as it is; choose another copy of the recording."
_GONE_ADVICE = "Nothing was changed; see that its disk is there and no program writes to it, and try again."
_NEW = ".new"
_LONGEST_STEM = 60  # characters of a file's name that its new file bears: at most 240 bytes of the 255 a name may have
_ABANDONED = 3600.0  # seconds after which an unfinished file belongs to no living writer


class FileSource:
    """A file on disk as a `ByteSource`.

    Raises:
        MediaMissing: it does not exist, or may not be read.
        UnsupportedMedia: it is empty.
    """

    def __init__(self, path: Path) -> None:
        try:
            mode = path.stat().st_mode
            if stat.S_ISDIR(mode):
                raise MediaMissing("This is a folder and no file.", "Nothing was changed; choose the recordings in it.")
            if not stat.S_ISREG(mode):  # opening a pipe would block for ever
                raise MediaMissing("This is no file.", "Nothing was changed; choose a recording.")
            self._file = path.open("rb", buffering=0)
            self.size = path.stat().st_size
            self.modified = _time_of(path.stat().st_mtime)
        except (OSError, ValueError) as error:  # ValueError: a name that no file can have
            raise _missing(error) from error
        if not self.size:
            self._file.close()
            raise UnsupportedMedia("This file is empty.", EMPTY_ADVICE)

    def read(self, offset: int, length: int) -> bytes:
        """At most `length` bytes from `offset`; fewer only at the end.

        Raises:
            MediaMissing: the disk refuses, or the file has become shorter.
        """
        wanted = max(0, min(length, self.size - offset))
        found = b""
        try:
            self._file.seek(offset)
            while len(found) < wanted and (more := self._file.read(wanted - len(found))):
                found += more
        except OSError as error:
            raise MediaMissing("The file can no longer be read.", _GONE_ADVICE) from error
        if len(found) < wanted:
            raise MediaMissing("The file became shorter while it was read.", _GONE_ADVICE)
        return found

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _missing(error: OSError | ValueError) -> MediaMissing:
    """What a system's refusal to open a file means."""
    number = getattr(error, "errno", None)
    if number in (errno.EACCES, errno.EPERM):
        return MediaMissing("You may not read this file.", "Nothing was changed; change who may read it, or copy it.")
    if number in (errno.ENOENT, errno.ENOTDIR):
        return MediaMissing("There is no such file.", "Nothing was changed; check the path.")
    if number == errno.ELOOP:
        return MediaMissing("This link leads to no file.", "Nothing was changed; choose the recording itself.")
    if number == errno.EIO:
        return MediaMissing("The disk can't read this file.", "Nothing was changed; try another copy of it.")
    return MediaMissing()


def _time_of(seconds: float) -> datetime | None:
    """The date that a file system tells, or None if it is none of a calendar."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None


def write_atomically(path: Path, data: bytes, *, is_durable: bool = True) -> None:
    """Write a file whole or not at all: to a new file beside it, which then takes its name.

    The new file has a random name, is created exclusively and never through a link, and only its owner may read it:
    two writers never meet in it, and nothing that lies there already is written into. `is_durable` makes the file and
    its name survive a power cut; without it a file that can be written again is spared the wait for the disk.

    Raises:
        OSError: the disk refuses; what was there before is unchanged, and nothing else is left behind.
    """
    temporary = write_beside(path, data, is_durable=is_durable)
    try:
        temporary.replace(path)
    except OSError:
        with suppress(OSError):
            temporary.unlink()
        raise
    if is_durable:
        sync_folder(path.absolute().parent)


def write_beside(path: Path, data: bytes, *, is_durable: bool = True) -> Path:
    """Write the new file of `write_atomically` and return its path, for a caller that renames it later.

    Raises:
        OSError: the disk refuses; nothing is left behind.
    """
    with suppress(OSError):
        remove_unfinished(path, _ABANDONED)
    temporary = path.with_name(f".{path.name[:_LONGEST_STEM]}.{secrets.token_hex(4)}{_NEW}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    for name in ("O_NOFOLLOW", "O_CLOEXEC", "O_BINARY"):
        flags |= getattr(os, name, 0)
    try:
        with open(os.open(temporary, flags, 0o600), "wb") as file:  # noqa: PTH123 - a descriptor
            file.write(data)
            file.flush()
            if is_durable:
                os.fsync(file.fileno())
    except FileExistsError:
        raise  # it is not ours
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    return temporary


def remove_unfinished(path: Path, age: float = 0.0) -> None:
    """Delete the new files that killed writers of `path` left beside it, if they are older than `age` seconds.

    Raises:
        OSError: the folder or one of the files refuses.
    """
    pattern = re.compile(re.escape(f".{path.name[:_LONGEST_STEM]}.") + "[0-9a-f]{8}" + re.escape(_NEW))
    with os.scandir(path.absolute().parent) as entries:
        for entry in entries:
            if pattern.fullmatch(entry.name) and time.time() - entry.stat(follow_symlinks=False).st_mtime >= age:
                Path(entry.path).unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Make renames in `folder` survive a power cut; Windows and some network disks have no such call."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP):
            raise
    finally:
        os.close(descriptor)


def disk_error(error: OSError) -> VaultError | NotEnoughSpace:
    """The error to show for a failed file operation on the vault."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return NotEnoughSpace()
    return VaultUnwritable()
