"""Making what was named or renamed in a folder last; quick to import."""

import os
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Make a rename in `folder` last through a power cut; Windows has no such call."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
