"""What opens a vault is changed while the vault is open, and what works in it goes on writing meanwhile."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.services.vault.key_slots import KeySlots
from app.storage.files.layout import HEADER_NAME
from app.storage.keys import vault_header
from app.storage.vault import Vault
from tests.doubles.keychains import Memory, keychain_on
from tests.running import CHEAP, PASSPHRASE


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    """An open vault, in which another thread commits one thing after the other, as a transcription does."""
    made = Vault.create(tmp_path / "vault", PASSPHRASE, CHEAP)
    is_over, has_begun = threading.Event(), threading.Event()

    def work() -> None:
        number = 0
        while not is_over.is_set():
            number += 1
            with made.write() as db:
                db.execute("INSERT OR REPLACE INTO drafts (place, text) VALUES ('new', ?)", [f"words {number}"])
            has_begun.set()

    working = threading.Thread(target=work)
    working.start()
    has_begun.wait()
    yield made
    is_over.set()
    working.join()
    made.close()


def headers(vault: Vault) -> dict[bytes, bool]:
    """Each header that the database knows, and whether it was replaced."""
    return {mac: bool(is_replaced) for mac, is_replaced in vault.rows("SELECT mac, is_replaced FROM headers")}


def in_force(vault: Vault) -> bytes:
    return vault_header.read_header(vault.folder / HEADER_NAME).mac


def _change_passphrase(slots: KeySlots) -> None:
    slots.change_passphrase(PASSPHRASE, PASSPHRASE)


def _renew_recovery_key(slots: KeySlots) -> None:
    slots.renew_recovery_key(PASSPHRASE)


def _turn_keychain_on(slots: KeySlots) -> None:
    slots.turn_keychain_on(PASSPHRASE)


@pytest.mark.parametrize("change", [_change_passphrase, _renew_recovery_key, _turn_keychain_on])
def test_the_header_that_a_change_replaces_is_noted_while_something_is_written(
    vault: Vault, change: Callable[[KeySlots], None]
) -> None:
    slots = KeySlots(vault.folder, keychain_on(Memory()), CHEAP, vault)
    known = [in_force(vault)]
    for _ in range(5):
        change(slots)
        known.append(in_force(vault))
        assert headers(vault) == {mac: mac != known[-1] for mac in known}


def test_the_keychain_turned_off_while_something_is_written_is_no_alarm(vault: Vault) -> None:
    slots, before = KeySlots(vault.folder, keychain_on(Memory()), CHEAP, vault), in_force(vault)
    for _ in range(5):
        slots.turn_keychain_on(PASSPHRASE)
        assert slots.turn_keychain_off()
        assert in_force(vault) == before
        assert not headers(vault)[before]
