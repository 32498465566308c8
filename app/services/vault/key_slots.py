"""Changing what opens a vault: its passphrase, its recovery key, and the system's keychain."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.core.errors import KeychainRefused, VaultError, WrongPassphrase
from app.services.vault.passphrase_strength import strength
from app.storage.files.layout import has_keychain_slot
from app.storage.keys import slots
from app.storage.keys.kdf_cost import KdfCost
from app.storage.keys.keychain import Keychain
from app.storage.vault import Vault

_WAIT = 3.0  # seconds that closing a session waits for a change that is being written


class KeySlots:
    """Changes the header of a vault: of the open `vault`, else of the closed one in `folder`."""

    def __init__(
        self, folder: Path, keychain: Keychain, cost: KdfCost | None = None, vault: Vault | None = None
    ) -> None:
        self._folder, self._keychain, self._cost, self._vault = folder, keychain, cost, vault
        self._write = None if vault is None else vault.write
        self._mutex = threading.Lock()
        self._is_closed = False

    def change_passphrase(self, secret: str, passphrase: str) -> None:
        """Change the passphrase; `secret` is the present one or the recovery key. Slow.

        Raises:
            VaultError: the new one is too short, or as for unlocking; what opened the vault before still does.
        """
        require_long_enough(passphrase, "Nothing was changed.")
        with self._exclusive_access():
            slots.change_passphrase(self._folder, secret, passphrase, self._cost, self._write)

    def renew_recovery_key(self, secret: str) -> str:
        """Replace the recovery key and return the new one, which is never shown again. Slow.

        Raises:
            As for unlocking; what opened the vault before still does.
        """
        with self._exclusive_access():
            return slots.renew_recovery_key(self._folder, secret, self._write)

    def keychain_opens(self) -> bool:
        """Whether the keychain can open the vault, according to its header; the keychain itself is not asked."""
        return has_keychain_slot(self._folder)

    def turn_keychain_on(self, secret: str) -> None:
        """Let the system's keychain open the vault; `secret` is the passphrase or the recovery key. Slow.

        Raises:
            KeychainRefused: the keychain is missing, locked or does not answer.
            As for unlocking; what opened the vault before still does.
        """
        with self._exclusive_access():
            slots.add_keychain_slot(self._folder, secret, self._keychain, self._write)

    def turn_keychain_off(self) -> bool:
        """Stop the keychain from opening the open vault; True if its entry in the keychain was removed too.

        Raises:
            VaultDamaged, VaultUnwritable, NotEnoughSpace: nothing was changed.
        """
        assert self._vault is not None
        with self._exclusive_access():
            keys = self._vault.header_key, self._vault.database_key
            return slots.remove_keychain_slot(self._folder, *keys, self._keychain, self._write)

    def keychain_secret(self) -> str:
        """The secret in the keychain, which opens the vault like a passphrase. May take long, but times out.

        Raises:
            KeychainRefused: it has no secret or a stale one, or does not answer.
        """
        secret = slots.keychain_secret(self._folder, self._keychain)
        try:
            slots.unlock(self._folder, secret)  # fast: this secret needs no key stretching
        except WrongPassphrase as error:
            raise KeychainRefused from error
        return secret

    def close(self) -> None:
        """Wait for a change that is being written; no other begins after this."""
        self._is_closed = True
        if self._mutex.acquire(timeout=_WAIT):
            self._mutex.release()

    @contextmanager
    def _exclusive_access(self) -> Iterator[None]:
        """Own the vault, and be the only one changing its header."""
        with self._mutex:
            if self._is_closed:
                raise VaultError("The vault was being closed.", "Nothing was changed; open it and try again.")
            if self._vault is not None:
                yield
                return
            with slots.hold_vault_lock(self._folder):
                yield


def require_long_enough(passphrase: str, what_is_safe: str) -> None:
    """Refuse a new passphrase that is too short or too easy to guess.

    Raises:
        VaultError: it is.
    """
    judged = strength(passphrase)
    if not judged.is_enough:
        is_short = judged.advice.startswith("Use at least")
        raise VaultError(
            f"That passphrase is too {'short' if is_short else 'easy to guess'}.", f"{what_is_safe} {judged.advice}"
        )
