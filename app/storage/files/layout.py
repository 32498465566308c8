"""The names of a vault's files in its folder; quick to import, for callers that only ask whether there is a vault."""

from pathlib import Path

import msgspec

HEADER_NAME, DATABASE_NAME, MEDIA_NAME, LOCK_NAME = "vault.hdr", "vault.db", "media", "vault.lock"
EARLIER_HEADER_NAME = HEADER_NAME + ".1"  # from before the last change, until the next good start
EARLIER_DATABASE_NAME = DATABASE_NAME + ".before"  # from before a migration, until the next good start
BACKUPS_NAME = "backups"


def vault_exists(folder: Path) -> bool:
    """Whether this folder holds a vault."""
    return any((folder / name).is_file() for name in (HEADER_NAME, EARLIER_HEADER_NAME))


class _Slot(msgspec.Struct):
    type: str = ""


class _Slots(msgspec.Struct):
    slots: tuple[_Slot, ...] = ()


def has_keychain_slot(folder: Path) -> bool:
    """Whether the header lists a keychain slot; nothing is verified here."""
    try:
        found = msgspec.json.decode((folder / HEADER_NAME).read_bytes(), type=_Slots)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False  # a fault is reported when the vault is opened
    return any(slot.type == "keychain" for slot in found.slots)
