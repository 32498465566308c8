"""A new file that takes the place of another once it is whole."""

import errno
import os
import secrets
import shutil
import stat
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

WRITING = os.O_WRONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)


class DraftFile:
    """A new file in the folder of the one that it will be.

    On Linux it has no name before it is whole, so a kill leaves nothing of it; elsewhere a random one.
    """

    def __init__(self, folder: Path) -> None:
        self._temporary: Path | None = None
        self._folder = folder
        descriptor = self._open_nameless()
        self.file: BinaryIO = self._opened_named() if descriptor is None else os.fdopen(descriptor, "w+b")

    @property
    def path(self) -> Path:
        """A path by which it is read."""
        return self._temporary or Path(f"/proc/self/fd/{self.file.fileno()}")

    def _open_nameless(self) -> int | None:
        flags = getattr(os, "O_TMPFILE", 0)
        if not flags or not Path("/proc/self/fd").is_dir():
            return None
        with suppress(OSError):  # not every file system has such files
            return os.open(self._folder, flags | os.O_RDWR | os.O_CLOEXEC, 0o600)
        return None

    def _opened_named(self) -> BinaryIO:
        self._temporary = self._random_name()
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL
        for name in ("O_NOFOLLOW", "O_CLOEXEC", "O_BINARY"):
            flags |= getattr(os, name, 0)
        return os.fdopen(os.open(self._temporary, flags, 0o600), "w+b")

    def _random_name(self) -> Path:
        return self._folder / f".{secrets.token_hex(8)}.new"

    def finish(self) -> None:
        """Make what was written survive a power cut."""
        self.file.flush()
        os.fsync(self.file.fileno())

    def discard(self) -> None:
        """Close it, and delete it unless it has taken its place."""
        with suppress(OSError):
            self.file.close()
        if self._temporary is not None:
            with suppress(OSError):
                self._temporary.unlink()

    def give_name(self, path: Path) -> None:
        """Name it where nothing is yet.

        Raises:
            FileExistsError: something is.
        """
        if self._temporary is None:
            try:
                # With a descriptor beside it, Python has the kernel follow the link to the nameless file.
                os.link(self.path, path, src_dir_fd=self.file.fileno(), follow_symlinks=True)
                return
            except FileExistsError:
                raise
            except OSError:  # a disk without hard links
                self._become_named()
        assert self._temporary is not None
        try:
            os.link(self._temporary, path)
        except FileExistsError:
            raise
        except OSError as error:  # a disk without hard links
            if os.name != "nt" and os.path.lexists(path):
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST)) from error
            self._rename(path, is_over=False)

    def take_place_of(self, path: Path) -> None:
        """Replace a file."""
        if self._temporary is None:
            named = self._random_name()
            self.give_name(named)
            self._temporary = named
        self._rename(path, is_over=True)

    def _become_named(self) -> None:
        nameless = self.file
        self.file = self._opened_named()
        nameless.seek(0)
        shutil.copyfileobj(nameless, self.file)
        if os.name == "posix":
            with suppress(OSError):
                os.fchmod(self.file.fileno(), stat.S_IMODE(os.fstat(nameless.fileno()).st_mode))
        nameless.close()
        self.finish()

    def _rename(self, path: Path, *, is_over: bool) -> None:
        assert self._temporary is not None
        self.file.close()  # Windows renames no open file
        (os.replace if is_over else os.rename)(self._temporary, path)
        self._temporary = None

    def take_rights_of(self, path: Path, there: os.stat_result) -> bool:
        """Take over owner, mode and attributes of a file; False if its owner can't be kept."""
        if os.name == "nt":
            return True
        descriptor = self.file.fileno()
        ours = os.fstat(descriptor)
        try:
            if (ours.st_uid, ours.st_gid) != (there.st_uid, there.st_gid):
                os.fchown(descriptor, there.st_uid, there.st_gid)
        except OSError:
            return False
        with suppress(OSError):
            os.fchmod(descriptor, stat.S_IMODE(there.st_mode) & 0o777)
        if hasattr(os, "listxattr"):
            with suppress(OSError):
                for name in os.listxattr(path):
                    with suppress(OSError):
                        os.setxattr(descriptor, name, os.getxattr(path, name))
        return True

    def overwrite(self, path: Path, there: os.stat_result) -> None:
        """Write its content into a file that stays; room is taken first, so that a full disk changes nothing."""
        size = os.fstat(self.file.fileno()).st_size
        with os.fdopen(os.open(path, WRITING), "wb") as target:
            if not os.path.samestat(os.fstat(target.fileno()), there):
                raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))
            if size > there.st_size and hasattr(os, "posix_fallocate"):
                try:
                    os.posix_fallocate(target.fileno(), 0, size)
                except OSError:
                    os.ftruncate(target.fileno(), there.st_size)
                    raise
            self.file.seek(0)
            shutil.copyfileobj(self.file, target)
            target.truncate(size)
            target.flush()
            os.fsync(target.fileno())
