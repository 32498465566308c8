"""A lock that one process holds and that no crash leaves behind."""

import os
from pathlib import Path

from app.core import filelock
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
            filelock.lock(self._descriptor)
        except OSError as error:
            self.release()
            raise VaultInUse from error

    def release(self) -> None:
        """Let the next owner in; closing the file is what unlocks it."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
