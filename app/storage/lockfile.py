"""A lock that one process holds and that no crash leaves behind."""

import os
import sys
from pathlib import Path

from app.core.errors import VaultInUse
from app.storage.cipher import disk_error


class LockFile:
    """Holds `path` locked until `release()` or the end of the process.

    Raises:
        VaultInUse: another process holds it.
        VaultUnwritable: the file can't be made.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._descriptor: int | None = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise disk_error(error) from error
        try:
            _lock(self._descriptor)
        except OSError as error:
            self.release()
            raise VaultInUse from error

    def release(self) -> None:
        """Let the next owner in; closing the file is what unlocks it."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


if sys.platform == "win32":  # pragma: no cover - Windows only
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
