"""Demo vaults: each in a temporary folder, deleted when it is closed or, at the latest, at the next start."""

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from app.core.errors import VaultError
from app.storage.files.layout import LOCK_NAME
from app.storage.files.lock_file import LockFile

_PREFIX = "tacit-vanishing-"


def make_folder() -> Path:
    """Create a folder for a demo vault."""
    return Path(tempfile.mkdtemp(prefix=_PREFIX))


def sweep() -> None:
    """Delete the demo vaults whose process was ended before it could; those that are open are skipped."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError, VaultError):  # somebody else's, or open at the moment
            if folder.is_symlink() or (hasattr(os, "getuid") and folder.stat().st_uid != os.getuid()):
                continue
            if (folder / LOCK_NAME).is_file():
                LockFile(folder / LOCK_NAME).release()
                shutil.rmtree(folder, ignore_errors=True)
