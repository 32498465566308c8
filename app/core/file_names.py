"""Names of files that every system takes."""

import re

from app.core.plain_text import plain_line

_FORBIDDEN = re.compile(r"[\\/:*?\"<>|%$~\ufffd]+")
_DEVICE = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])(\..*)?", re.IGNORECASE)
_LONGEST = 200  # bytes of a name before its ending; systems take 255, and synchronisers add to them


def is_device(name: str) -> bool:
    """Whether Windows takes a file's name, by any ending, for a device."""
    return _DEVICE.fullmatch(name.rstrip(" .")) is not None


def proposed_name(title: str, ending: str) -> str:
    """A title as the name of a file with this ending, without a dot: nothing in it leads to another folder or device.

    `Call` stands for a title of which nothing is left.
    """
    name = _FORBIDDEN.sub(" ", plain_line(title)).encode()[:_LONGEST].decode(errors="ignore")
    name = " ".join(name.split()).strip(" .-") or "Call"
    return f"{'Call ' if is_device(name) else ''}{name}.{ending}"
