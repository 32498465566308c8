"""A vault locked and decryptable but not opened, for checking, repairing and replacing it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from app.storage.files.layout import DATABASE_NAME, EARLIER_HEADER_NAME, HEADER_NAME, MEDIA_NAME
from app.storage.keys import slots, vault_header


@dataclass(frozen=True)
class OfflineVault:
    """A vault's folder and master key; its database has not been read."""

    folder: Path
    master: bytes = field(repr=False)
    header_mac: bytes = b""  # empty where it is not known, as in a vault that is being restored
    uses_earlier_header: bool = False

    @property
    def header(self) -> Path:
        """The header in use: the one from before the last change if the current one is damaged."""
        return self.folder / (EARLIER_HEADER_NAME if self.uses_earlier_header else HEADER_NAME)

    @property
    def database(self) -> Path:
        """The database file."""
        return self.folder / DATABASE_NAME

    @property
    def media(self) -> Path:
        """The folder with the sealed sound."""
        return self.folder / MEDIA_NAME

    @property
    def database_key(self) -> bytes:
        """The key of the database and its copies."""
        return vault_header.database_key(self.master)


@contextmanager
def open_offline(folder: Path, passphrase: str) -> Iterator[OfflineVault]:
    """Lock the vault in `folder` and unwrap its master key; nobody else can open it meanwhile.

    Raises:
        VaultMissing, VaultInUse, WrongPassphrase, VaultTooNew, VaultDamaged: no header can be used.
    """
    with slots.hold_vault_lock(folder):
        unlocked = slots.unlock(folder, passphrase)
        mac = b"" if unlocked.is_earlier else unlocked.header.mac  # that it is an earlier one is told anyway
        yield OfflineVault(folder, unlocked.master, mac, unlocked.is_earlier)
