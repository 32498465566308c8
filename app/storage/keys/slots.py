"""Unlocking a vault and replacing its header, such that an intact header exists at every moment."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from app.core.errors import (
    AssistantError,
    KeychainRefused,
    VaultDamaged,
    VaultError,
    VaultMissing,
    VaultTooNew,
    VaultUnwritable,
    WrongPassphrase,
)
from app.core.files import disk_error, remove_unfinished, sync_folder
from app.storage.database.header_history import Write, allow_header, note_replacement
from app.storage.files.layout import DATABASE_NAME, EARLIER_HEADER_NAME, HEADER_NAME, LOCK_NAME, vault_exists
from app.storage.files.lock_file import LockFile
from app.storage.keys import vault_header
from app.storage.keys.kdf_cost import KdfCost
from app.storage.keys.keychain import Keychain

_BEFORE = (
    "Its header is damaged, and the one from before the last change is used instead: try the passphrase or the "
    "recovery key from then."
)
_NOT_KEPT = "The disk did not keep what was written to it."
_AS_BEFORE = "Nothing was changed: what opened the vault still opens it. Check the disk."
_UNCERTAIN = "It is not certain that the change is on the disk."
_EITHER = "Your calls are safe: the new one opens the vault, or else the one from before."


@dataclass(frozen=True)
class Unlocked:
    """A header, its master key, and whether the header is the one from before the last change."""

    header: vault_header.Header
    master: bytes = field(repr=False)
    is_earlier: bool

    def same_key_check(self, secret: str) -> Callable[[vault_header.Header], bool]:
        """Return a check whether this secret unwraps the same master key from a header."""
        return lambda header: vault_header.unwrap_master_key(header, secret) == self.master


@contextmanager
def hold_vault_lock(folder: Path) -> Iterator[None]:
    """Hold the vault's lock without opening the vault.

    Raises:
        VaultMissing, VaultInUse, VaultUnwritable: the lock can't be taken.
    """
    if not vault_exists(folder):
        raise VaultMissing
    lock = LockFile(folder / LOCK_NAME)
    try:
        yield
    finally:
        lock.release()


def unlock(folder: Path, secret: str) -> Unlocked:
    """Unwrap the master key with any of the vault's secrets; the earlier header stands in for a damaged one.

    Raises:
        WrongPassphrase, VaultDamaged, VaultTooNew, VaultUnwritable, VaultError.
    """
    try:
        header = vault_header.read_header(folder / HEADER_NAME)
        return Unlocked(header, vault_header.unwrap_master_key(header, secret), False)
    except VaultDamaged as damage:
        try:
            header = vault_header.read_header(folder / EARLIER_HEADER_NAME)
            return Unlocked(header, vault_header.unwrap_master_key(header, secret), True)
        except WrongPassphrase as error:
            raise WrongPassphrase(None, _BEFORE) from error
        except (VaultDamaged, VaultTooNew, VaultUnwritable):
            raise damage from None


def usable_header_path(folder: Path) -> Path:
    """The path of the header in use, determined without a passphrase.

    Raises:
        VaultDamaged, VaultTooNew, VaultUnwritable: no header can be used.
    """
    try:
        vault_header.read_header(folder / HEADER_NAME)
    except VaultDamaged as damage:
        try:
            vault_header.read_header(folder / EARLIER_HEADER_NAME)
        except VaultDamaged:
            raise damage from None
        return folder / EARLIER_HEADER_NAME
    return folder / HEADER_NAME


def discard_earlier_headers(folder: Path, unlocked: Unlocked) -> None:
    """After a good start, keep only the header in use, so that an earlier passphrase no longer opens the vault."""
    with suppress(AssistantError, OSError):  # a folder that can't be written can still be read
        if unlocked.is_earlier:
            vault_header.write_header(folder / HEADER_NAME, unlocked.header)
        (folder / EARLIER_HEADER_NAME).unlink(missing_ok=True)
        for name in (HEADER_NAME, EARLIER_HEADER_NAME):
            (folder / f"{name}.new").unlink(missing_ok=True)  # of a version that used one fixed name
            remove_unfinished(folder / name)


def change_passphrase(
    folder: Path, secret: str, passphrase: str, cost: KdfCost | None = None, write: Write | None = None
) -> None:
    """Replace the vault's passphrase. The caller holds the vault's lock, and has the vault closed or gives its `write`.

    `secret` is the current passphrase, or the recovery key, which stays valid.

    Raises:
        WrongPassphrase, VaultDamaged, VaultTooNew, VaultUnwritable, NotEnoughSpace, VaultError: what opened the vault
            still does, unless the error says otherwise.
    """
    found = unlock(folder, secret)
    _replace_header(
        folder,
        found,
        vault_header.with_passphrase(found.header, found.master, passphrase, cost),
        found.same_key_check(passphrase),
        write=write,
    )


def renew_recovery_key(folder: Path, secret: str, write: Write | None = None) -> str:
    """Make a new recovery key, which replaces any earlier one. Lock and `write` are as for `change_passphrase`.

    Raises:
        As for `change_passphrase`.
    """
    found = unlock(folder, secret)
    header, recovery_key = vault_header.with_recovery(found.header, found.master)
    _replace_header(folder, found, header, found.same_key_check(recovery_key), write=write)
    return recovery_key


def add_keychain_slot(folder: Path, secret: str, keychain: Keychain, write: Write | None = None) -> None:
    """Let the system's keychain open the vault too, with a new secret of its own.

    `secret` is the passphrase or the recovery key: an unlocked vault is not enough. Lock and `write` are as for
    `change_passphrase`.

    Raises:
        KeychainRefused: the keychain does not store the secret, or does not return it.
        As for `change_passphrase`.
    """
    found = unlock(folder, secret)
    before, made = vault_header.keychain_slot(found.header), vault_header.new_keychain_secret()
    header = vault_header.with_keychain(found.header, found.master, made)
    slot = vault_header.keychain_slot(header)
    assert slot is not None
    keychain.store(header.vault, slot.id, made)  # first: a slot that nothing opens would be an empty promise
    try:
        _replace_header(folder, found, header, found.same_key_check(made), write=write)
    except BaseException:
        with suppress(AssistantError):
            keychain.forget(header.vault, slot.id)
        raise
    if before is not None:
        with suppress(AssistantError):  # it no longer opens anything
            keychain.forget(header.vault, before.id)


def remove_keychain_slot(
    folder: Path, header_key: bytes, database_key: bytes, keychain: Keychain, write: Write | None = None
) -> bool:
    """Stop the keychain from opening the vault; return whether its entry was removed too.

    Lock and `write` are as for `change_passphrase`.

    Raises:
        VaultDamaged, VaultTooNew, VaultUnwritable, NotEnoughSpace: nothing was changed.
    """
    header = vault_header.read_header(folder / HEADER_NAME)
    slot = vault_header.keychain_slot(header)
    if slot is None:
        return True
    if not vault_header.is_authentic(header, header_key):
        raise VaultDamaged("The vault's header was changed.")
    without = vault_header.without_keychain(header, header_key)
    # It may equal the header from before the slot was added, byte by byte; every other change has new random bytes.
    with suppress(AssistantError):  # a damaged database keeps nobody from turning it off
        allow_header(folder / DATABASE_NAME, database_key, without.mac, write)
    found = Unlocked(header, b"", False)
    _replace_header(
        folder, found, without, lambda fresh: vault_header.is_authentic(fresh, header_key), database_key, write
    )
    try:
        keychain.forget(header.vault, slot.id)
    except AssistantError:
        return False
    return True


def keychain_secret(folder: Path, keychain: Keychain) -> str:
    """The secret the keychain holds for this vault; it is used like a passphrase.

    Raises:
        KeychainRefused: the keychain holds none, or does not answer.
        VaultDamaged, VaultTooNew, VaultUnwritable: the header can't be read.
    """
    header = vault_header.read_header(folder / HEADER_NAME)
    slot = vault_header.keychain_slot(header)
    found = None if slot is None else keychain.secret(header.vault, slot.id)
    if found is None:
        raise KeychainRefused
    return found


def _replace_header(
    folder: Path,
    found: Unlocked,
    header: vault_header.Header,
    is_good: Callable[[vault_header.Header], bool],
    database_key: bytes | None = None,
    write: Write | None = None,
) -> None:
    """Write the new header beside the current one, verify what was read back, save the current one, then swap.

    The database learns of it last: a header that it does not know is a newer one, and never a false alarm.
    """
    path = folder / HEADER_NAME
    fresh = vault_header.write_replacement(path, header)
    try:
        _verify(fresh, is_good)
        if not found.is_earlier:  # otherwise the earlier header is the good one, and stays
            vault_header.write_header(folder / EARLIER_HEADER_NAME, found.header)
        fresh.replace(path)
    except BaseException as error:
        with suppress(OSError):
            fresh.unlink()
        if isinstance(error, OSError):
            raise disk_error(error) from error
        raise
    try:
        sync_folder(folder)
    except OSError as error:
        raise VaultUnwritable(_UNCERTAIN, _EITHER) from error
    key = database_key or vault_header.database_key(found.master)
    with suppress(AssistantError):  # a damaged database keeps nobody from a new passphrase; the next start notes it
        note_replacement(folder / DATABASE_NAME, key, found.header.mac, header.mac, write)


def _verify(path: Path, is_good: Callable[[vault_header.Header], bool]) -> None:
    try:
        is_kept = is_good(vault_header.read_header(path))
    except (VaultDamaged, VaultTooNew, WrongPassphrase):
        is_kept = False
    if not is_kept:
        raise VaultError(_NOT_KEPT, _AS_BEFORE)
