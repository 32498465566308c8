"""A vault held by its lock and its key without being opened: for checking, saving and replacing it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from app.storage.files.layout import DATABASE_NAME, EARLIER_HEADER_NAME, HEADER_NAME, MEDIA_NAME
from app.storage.keys import slots, vault_header


@dataclass(frozen=True)
class Held:
    """The folder of a vault and its master key; nothing of the database was read yet."""

    folder: Path
    master: bytes = field(repr=False)
    is_by_earlier_header: bool = False

    @property
    def header(self) -> Path:
        """The header in force: the one from before the last change where the header itself is damaged."""
        return self.folder / (EARLIER_HEADER_NAME if self.is_by_earlier_header else HEADER_NAME)

    @property
    def database(self) -> Path:
        """The database's file."""
        return self.folder / DATABASE_NAME

    @property
    def media(self) -> Path:
        """The folder of the sealed sound."""
        return self.folder / MEDIA_NAME

    @property
    def database_key(self) -> bytes:
        """The key of the database and of its copies."""
        return vault_header.subkey(self.master, "tacit database v1")


@contextmanager
def held(folder: Path, passphrase: str) -> Iterator[Held]:
    """Hold the vault in `folder`; nobody else opens it meanwhile.

    Raises:
        VaultMissing, VaultInUse, WrongPassphrase, VaultTooNew, VaultDamaged: no header can be used.
    """
    with slots.owned(folder):
        unlocked = slots.unlock(folder, passphrase)
        yield Held(folder, unlocked.master, unlocked.is_earlier)
