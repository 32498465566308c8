"""A vault held by its lock and its key without being opened: for checking, saving and replacing it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from app.core.errors import VaultMissing
from app.storage import keys
from app.storage.layout import DATABASE_NAME, HEADER_NAME, LOCK_NAME, MEDIA_NAME, vault_exists
from app.storage.lockfile import LockFile


@dataclass(frozen=True)
class Held:
    """The folder of a vault and its master key; nothing of the database was read yet."""

    folder: Path
    master: bytes = field(repr=False)

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
        return keys.subkey(self.master, "tacit database v1")


@contextmanager
def held(folder: Path, passphrase: str) -> Iterator[Held]:
    """Hold the vault in `folder`; nobody else opens it meanwhile.

    Raises:
        VaultMissing, VaultInUse, WrongPassphrase, VaultTooNew, VaultDamaged: the header can't be used.
    """
    if not vault_exists(folder):
        raise VaultMissing
    lock = LockFile(folder / LOCK_NAME)
    try:
        yield Held(folder, keys.master_key(keys.read_header(folder / HEADER_NAME), passphrase))
    finally:
        lock.release()
