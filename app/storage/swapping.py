"""A whole vault folder takes the place of another, and a power cut between two renames changes nothing."""

import os
import shutil
from pathlib import Path

_OLD, _FRESH, _DROPPED = ".before-restore", ".restored", ".dropped"


def fresh_folder(folder: Path) -> Path:
    """Where the folder that shall replace `folder` is made ready; on the same disk, beside it."""
    return folder.with_name(folder.name + _FRESH)


def old_folder(folder: Path) -> Path:
    """Where the replaced folder stays until the next good start."""
    return folder.with_name(folder.name + _OLD)


def swap(folder: Path) -> None:
    """Put the fresh folder, whole and synced, in the place of `folder`, which is kept."""
    old, dropped = old_folder(folder), folder.with_name(folder.name + _DROPPED)
    shutil.rmtree(dropped, ignore_errors=True)
    if folder.exists():
        # Of several restores without a start in between, what was there before the first is kept.
        folder.rename(dropped if old.exists() else old)
    fresh_folder(folder).rename(folder)
    _sync(folder.parent)
    shutil.rmtree(dropped, ignore_errors=True)


def settle(folder: Path) -> None:
    """Bring back the old folder where a swap was cut off between its two renames; quick if there was none."""
    if not folder.exists() and old_folder(folder).is_dir():
        old_folder(folder).rename(folder)
        _sync(folder.parent)


def forget_old(folder: Path) -> None:
    """After a good start nobody needs the replaced folder, or what a broken-off restore left."""
    for left in (old_folder(folder), fresh_folder(folder), folder.with_name(folder.name + _DROPPED)):
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)


def _sync(folder: Path) -> None:
    if os.name == "nt":  # pragma: no cover - Windows only
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
