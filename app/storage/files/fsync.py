"""Syncing a folder, so that files created or renamed in it survive a power cut; quick to import."""

import errno
import os
from pathlib import Path

_UNSUPPORTED = (errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP)


def sync_folder(folder: Path) -> None:
    """Make renames in `folder` survive a power cut; Windows and some network disks have no such call."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _UNSUPPORTED:
            raise
    finally:
        os.close(descriptor)
