"""The names of a vault's files in its folder; quick to import, for callers that only ask whether there is a vault."""

from pathlib import Path

import msgspec

from app.core.errors import VaultDamaged
from app.core.ids import is_id

HEADER_NAME, DATABASE_NAME, MEDIA_NAME, LOCK_NAME = "vault.hdr", "vault.db", "media", "vault.lock"
EARLIER_HEADER_NAME = HEADER_NAME + ".1"  # from before the last change, until the next good start
EARLIER_DATABASE_NAME = DATABASE_NAME + ".before"  # from before a migration, until the next good start
BACKUPS_NAME = "backups"
MANIFEST_NAME = "manifest.json"  # in a backup
STATES_NAME = "states"  # what was evaluated of calls, to be opened faster; may be missing, and is in no backup
CREATING_NAME = "vault.creating"  # there while a vault is made: what lies beside it is not a vault yet
LARGEST_HEADER = 65_536  # bytes; nothing reads more of a header
SOUND_SUFFIX, PART_SUFFIX, STATE_SUFFIX = ".sealed", ".part", ".state"


def sound_path(media: Path, call: str) -> Path:
    """The path of a call's sealed sound; every path that is made of an id is made here or below.

    Raises:
        VaultDamaged: no version of the program makes such ids, so that it could lead out of the folder.
    """
    return _path_of(media, call, SOUND_SUFFIX)


def partial_sound_path(media: Path, call: str) -> Path:
    """The path of a call's sound while it is being imported.

    Raises:
        VaultDamaged: as for `sound_path`.
    """
    return _path_of(media, call, PART_SUFFIX)


def state_path(states: Path, call: str) -> Path:
    """The path of what was evaluated of a call.

    Raises:
        VaultDamaged: as for `sound_path`.
    """
    return _path_of(states, call, STATE_SUFFIX)


def partial_state_path(states: Path, call: str) -> Path:
    """The path of what was evaluated of a call while it is being written.

    Raises:
        VaultDamaged: as for `sound_path`.
    """
    return _path_of(states, call, PART_SUFFIX)


def _path_of(media: Path, call: str, suffix: str) -> Path:
    if not is_id(call):
        raise VaultDamaged("A call in the vault has an id that no version of Tacit makes.")
    return media / f"{call}{suffix}"


def sound_ids(media: Path, suffix: str = SOUND_SUFFIX) -> set[str]:
    """The ids of which the folder holds such a file; what has another name is not the vault's.

    Raises:
        OSError: the folder can't be read.
    """
    if not media.exists():
        return set()
    return {path.stem for path in media.iterdir() if path.suffix == suffix and is_id(path.stem)}


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
        with (folder / HEADER_NAME).open("rb") as file:
            found = msgspec.json.decode(file.read(LARGEST_HEADER + 1), type=_Slots)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False  # a fault is reported when the vault is opened
    return any(slot.type == "keychain" for slot in found.slots)
