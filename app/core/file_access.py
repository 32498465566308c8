"""Whether other users of this computer can read or change a file or folder, by its permissions and those above it."""

import os
import stat
from pathlib import Path

_ACCESS_LIST = "system.posix_acl_access"


def access_of_others(path: Path) -> str:
    """What other users can do: "change" it, "read" it, or "" for nothing, or where the system does not say.

    A group of the same number as its user is that user's own, as most distributions give one; with a list of further
    users and groups (ACL) the group's rights stand for theirs. Whoever can't pass a folder above reaches nothing.
    """
    if os.name != "posix":
        return ""
    try:
        real = Path(os.path.realpath(path))
        found = real.stat()
        parents = [folder.stat() for folder in real.parents]
    except OSError:
        return ""
    is_folder = stat.S_ISDIR(found.st_mode)
    can = ""
    for read, write, passing in (
        (stat.S_IROTH, stat.S_IWOTH, stat.S_IXOTH),
        (stat.S_IRGRP, stat.S_IWGRP, stat.S_IXGRP | stat.S_IXOTH),
    ):
        if read == stat.S_IRGRP and found.st_gid == found.st_uid and not _has_access_list(real):
            continue
        if not all(parent.st_mode & passing for parent in parents):
            continue
        passes = not is_folder or bool(found.st_mode & passing)
        if (found.st_mode & write and passes) or _is_replaceable(parents[0], write):
            return "change"
        if found.st_mode & read or (is_folder and found.st_mode & passing):
            can = "read"
    return can


def _is_replaceable(parent: os.stat_result, write: int) -> bool:
    """Whether others can put another file in the place of one in this folder."""
    return bool(parent.st_mode & write) and not parent.st_mode & stat.S_ISVTX


def _has_access_list(path: Path) -> bool:
    try:
        return bool(os.getxattr(path, _ACCESS_LIST))  # type: ignore[attr-defined,unused-ignore]
    except (OSError, AttributeError):
        return False


def access_notice(path: Path, name: str) -> tuple[str, str] | None:
    """What the user must know if others can reach what lies there, which is called `name`, and what to do about it.

    On a drive of Windows, or one that is shared, nothing helps but another place.
    """
    can = access_of_others(path)
    if not can:
        return None
    rights = "u=rwx,go=" if path.is_dir() else "u=rw,go="
    way = f"«chmod {rights}» on it keeps them out, or another place if its drive keeps no rights"
    return f"Other users of this computer can {can} {name}.", f"Nothing was changed; {way}."
