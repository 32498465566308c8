"""Vaults for a look around: each in a temporary folder, deleted when it closes or, at the latest, at the next start."""

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from app.core.errors import VaultError
from app.storage.files.layout import LOCK_NAME
from app.storage.files.lock_file import LockFile

_PREFIX = "tacit-vanishing-"


def fresh_folder() -> Path:
    """A folder for one of them."""
    return Path(tempfile.mkdtemp(prefix=_PREFIX))


def sweep() -> None:
    """Delete those whose process was ended before it could: a lock waits for nothing."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError, VaultError):  # somebody else's, or open now
            if folder.is_symlink() or (hasattr(os, "getuid") and folder.stat().st_uid != os.getuid()):
                continue
            if (folder / LOCK_NAME).is_file():
                LockFile(folder / LOCK_NAME).release()
                shutil.rmtree(folder, ignore_errors=True)
