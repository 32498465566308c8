"""What opens a vault, changed: its passphrase, its recovery key, and whether the system's keychain does too."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.core.errors import KeychainRefused, VaultError, WrongPassphrase
from app.services.vault.passphrase_strength import strength
from app.storage.files.layout import names_keychain
from app.storage.keys import slots
from app.storage.keys.kdf_cost import Cost
from app.storage.keys.keychain import Keychain
from app.storage.vault import Vault

_WAIT = 3.0  # seconds that the end of a session waits for a change that is being written


class Rekeying:
    """Changes the header of a vault: of the open `vault`, else of the one that nobody has open in `folder`."""

    def __init__(self, folder: Path, keychain: Keychain, cost: Cost | None = None, vault: Vault | None = None) -> None:
        self._folder, self._keychain, self._cost, self._vault = folder, keychain, cost, vault
        self._mutex = threading.Lock()
        self._is_closed = False

    def change_passphrase(self, secret: str, passphrase: str) -> None:
        """Let another passphrase open the vault; `secret` is the one before, or the recovery key. Slow.

        Raises:
            VaultError: the new one is too short, or as for `Tacit.unlock`; what opened the vault still does.
        """
        must_be_enough(passphrase, "Nothing was changed.")
        with self._owned():
            slots.change_passphrase(self._folder, secret, passphrase, self._cost)

    def renew_recovery_key(self, secret: str) -> str:
        """Make a recovery key, which is there this once; the one before opens the vault no longer. Slow.

        Raises:
            As `Tacit.unlock`; what opened the vault still does.
        """
        with self._owned():
            return slots.renew_recovery_key(self._folder, secret)

    def keychain_opens(self) -> bool:
        """Whether the keychain is one of the ways to open the vault; the keychain itself is not asked."""
        return names_keychain(self._folder)

    def turn_keychain_on(self, secret: str) -> None:
        """Let the system's keychain open the vault; `secret` is the passphrase or the recovery key. Slow.

        Raises:
            KeychainRefused: the keychain is missing, locked or silent.
            As `Tacit.unlock`; what opened the vault still does.
        """
        with self._owned():
            slots.let_keychain_open(self._folder, secret, self._keychain)

    def turn_keychain_off(self) -> bool:
        """Let it open the open vault no longer; whether its entry in the keychain could be removed too.

        Raises:
            VaultDamaged, VaultUnwritable, NotEnoughSpace: nothing was changed.
        """
        assert self._vault is not None
        with self._owned():
            return slots.close_to_keychain(self._folder, self._vault.header_key, self._keychain)

    def keychain_secret(self) -> str:
        """What the keychain holds for this vault: it opens it like a passphrase. May take long; never for ever.

        Raises:
            KeychainRefused: it holds nothing, holds what is stale, or does not answer.
        """
        secret = slots.keychain_secret(self._folder, self._keychain)
        try:
            slots.unlock(self._folder, secret)  # takes no time: nothing is stretched
        except WrongPassphrase as error:
            raise KeychainRefused from error
        return secret

    def close(self) -> None:
        """Let a change that is being written end; none begins after this."""
        self._is_closed = True
        if self._mutex.acquire(timeout=_WAIT):
            self._mutex.release()

    @contextmanager
    def _owned(self) -> Iterator[None]:
        """Be the vault's owner, and the only one that changes its header."""
        with self._mutex:
            if self._is_closed:
                raise VaultError("The vault was being closed.", "Nothing was changed; open it and try again.")
            if self._vault is not None:
                yield
                return
            with slots.owned(self._folder):
                yield


def must_be_enough(passphrase: str, what_is_safe: str) -> None:
    """See that a new passphrase is long enough.

    Raises:
        VaultError: it is too short.
    """
    judged = strength(passphrase)
    if not judged.is_enough:
        raise VaultError("That passphrase is too short.", f"{what_is_safe} {judged.advice}")
