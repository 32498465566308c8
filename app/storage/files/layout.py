"""Where the files of a vault lie in its folder; quick to import, for who only wants to know whether there is one."""

from pathlib import Path

import msgspec

HEADER_NAME, DATABASE_NAME, MEDIA_NAME, LOCK_NAME = "vault.hdr", "vault.db", "media", "vault.lock"
EARLIER_HEADER_NAME = HEADER_NAME + ".1"  # from before the last change, until the next good start
EARLIER_DATABASE_NAME = DATABASE_NAME + ".before"  # from before a migration, until the next good start
BACKUPS_NAME = "backups"


def vault_exists(folder: Path) -> bool:
    """Whether a vault lies in this folder."""
    return any((folder / name).is_file() for name in (HEADER_NAME, EARLIER_HEADER_NAME))


class _Slot(msgspec.Struct):
    type: str = ""


class _Slots(msgspec.Struct):
    slots: tuple[_Slot, ...] = ()


def names_keychain(folder: Path) -> bool:
    """Whether the header says that the keychain is one of the ways in; nothing of it is checked here."""
    try:
        found = msgspec.json.decode((folder / HEADER_NAME).read_bytes(), type=_Slots)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False  # what is wrong with it is told where it is opened
    return any(slot.type == "keychain" for slot in found.slots)
