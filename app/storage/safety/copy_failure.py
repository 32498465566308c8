"""Why the last automatic copy was not made, noted beside the copies until one is."""

from contextlib import suppress
from pathlib import Path

from app.core.errors import AssistantError, NotEnoughSpace, VaultDamaged, VaultUnwritable
from app.core.files import write_atomically
from app.storage.files.layout import BACKUPS_NAME

_NAME = "failed"
_LONGEST = 100  # bytes read of a note that may be anybody's
_WORDS: dict[type[AssistantError], tuple[str, str]] = {
    VaultDamaged: (
        "The daily copy of the vault met damage and was not made.",
        "Earlier copies are kept; check the vault in Settings or with «tacit vault check», which says what to do.",
    ),
    NotEnoughSpace: (
        "There was no room for the daily copy of the vault.",
        "What was saved is safe; make room on the disk, and the copy is made by itself.",
    ),
    VaultUnwritable: (
        "The daily copy of the vault could not be written.",
        "What was saved is safe; make the vault's folder writable, and the copy is made by itself.",
    ),
}


def copy_failure(error: AssistantError) -> AssistantError:
    """What the person is told when this error kept a copy from being made."""
    kind: type[AssistantError] = VaultUnwritable
    for known in (VaultDamaged, NotEnoughSpace):
        if isinstance(error, known):
            kind = known
    return kind(*_WORDS[kind])


def note_failure(folder: Path, failure: AssistantError) -> None:
    """Note a failure for other commands; a disk that refuses this too has them meet it themselves."""
    with suppress(OSError):
        write_atomically(folder / BACKUPS_NAME / _NAME, type(failure).__name__.encode(), is_durable=False)


def forget_failure(folder: Path) -> None:
    """Forget the failure, because a copy was made."""
    with suppress(OSError):
        (folder / BACKUPS_NAME / _NAME).unlink(missing_ok=True)


def noted_failure(folder: Path) -> AssistantError | None:
    """The failure of the last copy, or None if it was made."""
    with suppress(OSError), (folder / BACKUPS_NAME / _NAME).open("rb") as file:
        untrusted_name = file.read(_LONGEST).decode("ascii", errors="replace")
        return next((kind(*words) for kind, words in _WORDS.items() if kind.__name__ == untrusted_name), None)
    return None
