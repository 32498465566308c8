"""A whole vault folder takes the place of another, and a power cut between two renames changes nothing."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from app.storage.files.fsync import sync_folder

_OLD, _FRESH, _DROPPED = ".before-restore", ".restored", ".dropped"
_OURS = re.compile(
    r"vault\.(hdr|db|lock)[^/]*|backup\.part[^/]*|media/[^/]+\.(sealed|part)|backups/[^/]+\.(db|part)[^/]*"
    r"|(.*/)?(\.DS_Store|desktop\.ini|Thumbs\.db)"  # which systems leave in any folder
)


def fresh_folder(folder: Path) -> Path:
    """Where the folder that shall replace `folder` is made ready; on the same disk, beside it."""
    return _beside(folder, _FRESH)


def old_folder(folder: Path) -> Path:
    """Where the replaced folder stays until the next good start."""
    return _beside(folder, _OLD)


def swap(folder: Path) -> None:
    """Put the fresh folder, whole and synced, in the place of `folder`, which is kept; other files in it stay there."""
    folder = folder.resolve()
    old, dropped = old_folder(folder), _beside(folder, _DROPPED)
    _drop(dropped, folder)
    if folder.exists():
        # Of several restores without a start in between, what was there before the first is kept.
        folder.rename(dropped if old.exists() else old)
    fresh_folder(folder).rename(folder)
    sync_folder(folder.parent)
    _give_back(old, folder)
    _drop(dropped, folder)


def settle(folder: Path) -> None:
    """Bring back the old folder where a swap was cut off between its two renames; quick if there was none."""
    folder = folder.resolve()
    if not folder.exists() and old_folder(folder).is_dir():
        old_folder(folder).rename(folder)
        sync_folder(folder.parent)


def forget_old(folder: Path) -> None:
    """After a good start nobody needs the replaced folder, or what a broken-off restore left."""
    folder = folder.resolve()
    for left in (old_folder(folder), fresh_folder(folder), _beside(folder, _DROPPED)):
        _drop(left, folder)


def holds_others(folder: Path) -> bool:
    """Whether there is anything in this place that no vault has."""
    return (folder.exists() and not folder.is_dir()) or next(_others(folder), None) is not None


def _beside(folder: Path, ending: str) -> Path:
    folder = folder.resolve()  # beside the folder itself, not beside a link to it
    return folder.with_name(folder.name + ending)


def _others(folder: Path) -> Iterator[str]:
    """The files and links in a folder that are none of a vault's, by their path in it."""
    for place, folders, files in os.walk(folder):
        for name in [*files, *(name for name in folders if (Path(place) / name).is_symlink())]:
            path = (Path(place) / name).relative_to(folder).as_posix()
            if not _OURS.fullmatch(path):
                yield path


def _give_back(left: Path, folder: Path) -> None:
    """Move a person's own files, which lay in the vault's folder, to where they were."""
    for path in list(_others(left)):
        with suppress(OSError):  # the next good start tries again
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            if not os.path.lexists(folder / path):
                (left / path).rename(folder / path)


def _drop(left: Path, folder: Path) -> None:
    """Remove a vault's folder that has served; never a file that is none of the vault's."""
    if left.is_dir():
        _give_back(left, folder)
        if not holds_others(left):
            shutil.rmtree(left, ignore_errors=True)
