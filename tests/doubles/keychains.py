"""Keychains in memory, one for each way in which a real one behaves."""

import threading
from dataclasses import dataclass, field

from keyring.errors import KeyringLocked, PasswordDeleteError

from app.storage.keys.keychain import Keychain


@dataclass
class Memory:
    """Keeps what it is given; it can be locked, silent, or say nothing of having lost something."""

    kept: dict[tuple[str, str], str] = field(default_factory=dict)
    is_locked: bool = False
    is_silent: bool = False
    forgets: bool = False
    asked: int = 0

    def _asked(self) -> None:
        self.asked += 1
        if self.is_silent:
            threading.Event().wait(60)
        if self.is_locked:
            raise KeyringLocked("Failed to unlock the collection!")

    def get_password(self, service: str, username: str) -> str | None:
        self._asked()
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._asked()
        if not self.forgets:
            self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._asked()
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError("No such password!")


def keychain_on(backend: Memory) -> Keychain:
    """A keychain that is asked with little patience."""
    return Keychain(lambda: backend, patience=0.5)
