"""A lock held by one process, which a crash does not leave behind."""

import errno
import os
from pathlib import Path

from app.core import filelock
from app.core.errors import VaultInUse, VaultUnwritable
from app.core.files import disk_error

_NO_LOCKS = (errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS)
_UNLOCKABLE = "The disk of this vault can't keep two programs from using it at once."
_ELSEWHERE = "Nothing was changed; move the vault's folder to a disk of this computer."


class LockFile:
    """Holds `path` locked until `release()` or the end of the process.

    Raises:
        VaultInUse: another process holds it.
        VaultUnwritable: the file can't be created, or its disk does not support locks.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._descriptor: int | None = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise disk_error(error) from error
        try:
            filelock.lock(self._descriptor)
            # If the folder was replaced between the two calls, this lock went with the old folder and protects nothing.
            if not os.path.samestat(os.fstat(self._descriptor), path.stat()):
                raise VaultInUse
        except OSError as error:
            self.release()
            if error.errno in _NO_LOCKS:
                raise VaultUnwritable(_UNLOCKABLE, _ELSEWHERE) from error
            raise VaultInUse from error
        except VaultInUse:
            self.release()
            raise

    def release(self) -> None:
        """Release the lock, by closing the file."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
