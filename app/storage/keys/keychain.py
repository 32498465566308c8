"""The system's keychain, which can hold a secret for a vault; every call has a time limit."""

import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol, TypeVar

from app.core.errors import KeychainRefused

T = TypeVar("T")
_TIMEOUT = 20.0  # seconds; long enough for a person to answer the system's own prompt, if it shows one
_ACCOUNT = "vault"
_OTHERWISE = "The vault is as it was; use the passphrase."
_STOPPED = "The keychain is locked, or did not let Tacit in."
_SILENT = "The keychain does not answer."
_MISSING = "This computer's keychain can't be reached."


class Backend(Protocol):
    """The part of a keychain that is used here; the classes of `keyring` provide it."""

    def get_password(self, service: str, username: str) -> str | None:
        """Return what is stored under a name, or None."""

    def set_password(self, service: str, username: str, password: str) -> None:
        """Store something under a name."""

    def delete_password(self, service: str, username: str) -> None:
        """Delete what is stored under a name."""


def system_backend() -> Backend:
    """This system's keychain.

    One fixed class per system, without `keyring`'s own discovery: that can be steered by a file or a variable that
    another program can write, and may pick keychains that are plain files.
    """
    if sys.platform == "darwin":  # pragma: no cover - macOS only
        from keyring.backends.macOS import Keyring as Keychain_

        return Keychain_()
    if sys.platform == "win32":  # pragma: no cover - Windows only
        from keyring.backends.Windows import WinVaultKeyring

        locker = WinVaultKeyring()
        locker.persist = "local machine"  # so that it doesn't roam to other computers with the profile
        return locker
    from keyring.backends.SecretService import Keyring

    return Keyring()  # type: ignore[no-untyped-call]


class Keychain:
    """Stores one secret for each slot of a vault, under the ids of vault and slot and nothing else.

    Every call returns within `patience` seconds, whatever the system does; none may run on the GUI thread.
    """

    def __init__(self, backend: Callable[[], Backend] = system_backend, patience: float = _TIMEOUT) -> None:
        self._make, self._patience = backend, patience

    def prepare(self) -> None:
        """Load the backend ahead of time, so that the first call is quick; a fault is reported by that call."""
        with suppress(Exception):
            self._make()

    def store(self, vault: bytes, slot: str, secret: str) -> None:
        """Store a secret, and read it back to be sure.

        Raises:
            KeychainRefused: it was not stored.
        """

        def store_and_read(backend: Backend) -> str | None:
            backend.set_password(_name(vault, slot), _ACCOUNT, secret)
            return backend.get_password(_name(vault, slot), _ACCOUNT)

        if self._call_backend(store_and_read) != secret:
            raise KeychainRefused(_STOPPED, _OTHERWISE)

    def secret(self, vault: bytes, slot: str) -> str | None:
        """Return the stored secret, or None.

        Raises:
            KeychainRefused: the keychain is missing, locked or silent.
        """
        return self._call_backend(lambda backend: backend.get_password(_name(vault, slot), _ACCOUNT))

    def forget(self, vault: bytes, slot: str) -> None:
        """Remove the stored secret, if there is one.

        Raises:
            KeychainRefused: as for `secret`; the secret may still be there.
        """

        def remove(backend: Backend) -> None:
            if backend.get_password(_name(vault, slot), _ACCOUNT) is not None:
                backend.delete_password(_name(vault, slot), _ACCOUNT)

        self._call_backend(remove)

    def _call_backend(self, call: Callable[[Backend], T]) -> T:
        results: list[T] = []
        faults: list[Exception] = []

        def run() -> None:
            try:
                results.append(call(self._make()))
            except Exception as error:  # noqa: BLE001 - every system and keychain service raises its own types
                faults.append(error)

        thread = threading.Thread(target=run, name="keychain", daemon=True)  # if it hangs, it ends with the process
        thread.start()
        thread.join(self._patience)
        if faults:
            is_locked = any(cls.__name__ in ("KeyringLocked", "LockedException") for cls in type(faults[0]).__mro__)
            raise KeychainRefused(_STOPPED if is_locked else _MISSING, _OTHERWISE) from faults[0]
        if not results:
            raise KeychainRefused(_SILENT, _OTHERWISE)
        return results[0]


def _name(vault: bytes, slot: str) -> str:
    return f"Tacit {vault.hex()} {slot}"
