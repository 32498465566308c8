"""Replacement of a whole vault folder by another, safe against a power cut between the renames."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from app.core.files import sync_folder

_OLD, _FRESH, _DROPPED = ".before-restore", ".restored", ".dropped"
_OURS = re.compile(
    r"vault\.(hdr|db|lock|creating)[^/]*|backup\.part[^/]*|media/[0-9a-z]{12}\.(sealed|part)|"
    r"backups/[^/]+\.(db|part)[^/]*"
    r"|(.*/)?(\.DS_Store|desktop\.ini|Thumbs\.db)"  # which operating systems leave in any folder
)


def replacement_folder(folder: Path) -> Path:
    """Where the replacement for `folder` is prepared: beside it, on the same disk."""
    return _sibling(folder, _FRESH)


def replaced_folder(folder: Path) -> Path:
    """Where the replaced folder is kept until the next good start."""
    return _sibling(folder, _OLD)


def can_be_prepared(folder: Path) -> bool:
    """Whether this process may make the replacement for `folder`; nothing is left of the try."""
    fresh = replacement_folder(folder)
    try:
        if not fresh.is_dir():
            fresh.mkdir(parents=True, mode=0o700)
        probe = fresh / "probe"
        probe.touch(0o600)
        probe.unlink()
        with suppress(OSError):  # of an interrupted restore, which the next one tidies up
            fresh.rmdir()
    except OSError:
        return False
    return True


def folders_beside(folder: Path) -> list[Path]:
    """Every folder that a restore may make beside `folder`."""
    return [_sibling(folder, ending) for ending in (_OLD, _FRESH, _DROPPED)]


def swap(folder: Path) -> None:
    """Replace `folder` with the complete, synced fresh one; the old one is kept, and foreign files stay in place."""
    folder = folder.resolve()
    old, dropped = replaced_folder(folder), _sibling(folder, _DROPPED)
    _remove(dropped, folder)
    if folder.exists():
        # Of several restores without a start in between, the folder from before the first is kept.
        folder.rename(dropped if old.exists() else old)
    replacement_folder(folder).rename(folder)
    sync_folder(folder.parent)
    _move_back(old, folder)
    _remove(dropped, folder)


def undo_interrupted_swap(folder: Path) -> None:
    """Bring back the old folder if a swap was cut off between its two renames; quick if there was none."""
    folder = folder.resolve()
    if not folder.exists() and replaced_folder(folder).is_dir():
        replaced_folder(folder).rename(folder)
        sync_folder(folder.parent)


def remove_replaced_folder(folder: Path) -> None:
    """After a good start, remove the replaced folder and whatever an interrupted restore left."""
    folder = folder.resolve()
    for left in folders_beside(folder):
        _remove(left, folder)


def holds_foreign_files(folder: Path) -> bool:
    """Whether there is anything at this path that doesn't belong to a vault."""
    return (folder.exists() and not folder.is_dir()) or next(_foreign_files(folder), None) is not None


def _sibling(folder: Path, ending: str) -> Path:
    folder = folder.resolve()  # next to the folder itself, not to a link to it
    return folder.with_name(folder.name + ending)


def _foreign_files(folder: Path) -> Iterator[str]:
    """The files and links in a folder that don't belong to a vault, as paths relative to it."""
    for directory, folders, files in os.walk(folder):
        for name in [*files, *(name for name in folders if (Path(directory) / name).is_symlink())]:
            path = (Path(directory) / name).relative_to(folder).as_posix()
            if not _OURS.fullmatch(path):
                yield path


def _move_back(left: Path, folder: Path) -> None:
    """Move a person's own files from a replaced vault folder back to where they were."""
    for path in list(_foreign_files(left)):
        with suppress(OSError):  # the next good start tries again
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            if not os.path.lexists(folder / path):
                (left / path).rename(folder / path)


def _remove(left: Path, folder: Path) -> None:
    """Remove a vault folder that is no longer needed, but never a file that doesn't belong to the vault."""
    if left.is_dir():
        _move_back(left, folder)
        if not holds_foreign_files(left):
            shutil.rmtree(left, ignore_errors=True)
