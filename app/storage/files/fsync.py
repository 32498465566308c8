"""Making what was named or renamed in a folder last; quick to import."""

import errno
import os
from pathlib import Path

_CANT = (errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP)


def sync_folder(folder: Path) -> None:
    """Make a rename in `folder` last through a power cut; Windows and some disks of networks have no such call."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _CANT:
            raise
    finally:
        os.close(descriptor)
