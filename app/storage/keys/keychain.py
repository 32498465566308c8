"""The system's keychain: what it keeps for a vault, asked with a patience that ends."""

import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol, TypeVar

from app.core.errors import KeychainRefused

T = TypeVar("T")
_PATIENCE = 20.0  # seconds; long enough to answer the system's own question, if it asks one
_ACCOUNT = "vault"
_OTHERWISE = "The vault is as it was; use the passphrase."
_STOPPED = "The keychain is locked, or did not let Tacit in."
_SILENT = "The keychain does not answer."
_MISSING = "This computer's keychain can't be reached."


class Backend(Protocol):
    """What is used of a keychain; the classes of `keyring` have it."""

    def get_password(self, service: str, username: str) -> str | None:
        """What is kept under a name, or None."""

    def set_password(self, service: str, username: str, password: str) -> None:
        """Keep something under a name."""

    def delete_password(self, service: str, username: str) -> None:
        """Forget what is kept under a name."""


def system_backend() -> Backend:
    """The keychain of this system.

    One class for each system and no search for others: what `keyring` would find by itself, or by a file or a
    variable that another program can write, includes keychains that are plain files.
    """
    if sys.platform == "darwin":
        from keyring.backends.macOS import Keyring as Keychain_

        return Keychain_()
    if sys.platform == "win32":
        from keyring.backends.Windows import WinVaultKeyring

        locker = WinVaultKeyring()
        locker.persist = "local machine"  # not with the profile to other computers
        return locker
    from keyring.backends.SecretService import Keyring

    return Keyring()  # type: ignore[no-untyped-call]


class Keychain:
    """Keeps one secret for each slot of a vault, named by the vault's id alone.

    Every call ends within `patience` seconds, whatever the system does; none is for the GUI thread.
    """

    def __init__(self, backend: Callable[[], Backend] = system_backend, patience: float = _PATIENCE) -> None:
        self._make, self._patience = backend, patience

    def prepare(self) -> None:
        """Load what asking takes, so that the answer is there at once; a fault is told when it is asked."""
        with suppress(Exception):
            self._make()

    def store(self, vault: bytes, slot: str, secret: str) -> None:
        """Keep a secret, and see that it is kept.

        Raises:
            KeychainRefused: it is not.
        """

        def put(backend: Backend) -> str | None:
            backend.set_password(_name(vault, slot), _ACCOUNT, secret)
            return backend.get_password(_name(vault, slot), _ACCOUNT)

        if self._asked(put) != secret:
            raise KeychainRefused(_STOPPED, _OTHERWISE)

    def secret(self, vault: bytes, slot: str) -> str | None:
        """What is kept, or None.

        Raises:
            KeychainRefused: the keychain is missing, locked or silent.
        """
        return self._asked(lambda backend: backend.get_password(_name(vault, slot), _ACCOUNT))

    def forget(self, vault: bytes, slot: str) -> None:
        """Remove what is kept, if anything is.

        Raises:
            KeychainRefused: as `secret`; it may still be there.
        """

        def remove(backend: Backend) -> None:
            if backend.get_password(_name(vault, slot), _ACCOUNT) is not None:
                backend.delete_password(_name(vault, slot), _ACCOUNT)

        self._asked(remove)

    def _asked(self, question: Callable[[Backend], T]) -> T:
        answers: list[T] = []
        faults: list[Exception] = []

        def ask() -> None:
            try:
                answers.append(question(self._make()))
            except Exception as error:  # noqa: BLE001 - each system and each of its services has its own; none is ours
                faults.append(error)

        thread = threading.Thread(target=ask, name="keychain", daemon=True)  # what never answers ends with the process
        thread.start()
        thread.join(self._patience)
        if faults:
            is_locked = any(cls.__name__ in ("KeyringLocked", "LockedException") for cls in type(faults[0]).__mro__)
            raise KeychainRefused(_STOPPED if is_locked else _MISSING, _OTHERWISE) from faults[0]
        if not answers:
            raise KeychainRefused(_SILENT, _OTHERWISE)
        return answers[0]


def _name(vault: bytes, slot: str) -> str:
    return f"Tacit {vault.hex()} {slot}"
