"""The keychain opens the vault beside the passphrase, never instead of it, and nothing of it is for ever."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest

from app.core.errors import AssistantError, KeychainRefused, VaultDamaged, VaultError, WrongPassphrase
from app.storage.files.layout import EARLIER_HEADER_NAME, HEADER_NAME
from app.storage.keys import slots, vault_header
from app.storage.keys.keychain import Keychain, system_backend
from app.storage.keys.vault_header import Slot
from app.storage.vault import Vault
from tests.doubles.keychains import Memory, keychain_on
from tests.running import CHEAP, ROOT

OLD, NEW = "correct horse battery staple", "another passphrase altogether"
LATER = Slot("t1", "hardware", "later-kdf", 7, 8, 9, b"salt", b"no", b"a longer wrap than any of ours is, with its tag")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    Vault.create(tmp_path / "vault", OLD, CHEAP).close()
    return tmp_path / "vault"


@pytest.fixture
def backend(folder: Path) -> Memory:
    """A keychain that opens the vault."""
    made = Memory()
    turn_on(folder, made)
    return made


def turn_on(folder: Path, backend: Memory, secret: str = OLD) -> None:
    with slots.hold_vault_lock(folder):
        slots.add_keychain_slot(folder, secret, keychain_on(backend))


def header_of(folder: Path) -> vault_header.Header:
    return vault_header.read_header(folder / HEADER_NAME)


def held_by(folder: Path, backend: Memory) -> str:
    return slots.keychain_secret(folder, keychain_on(backend))


def opens(folder: Path, secret: str) -> bool:
    try:
        Vault.open(folder, secret).close()
    except WrongPassphrase:
        return False
    return True


def test_the_keychain_opens_the_vault_and_the_passphrase_still_does(folder: Path, backend: Memory) -> None:
    assert opens(folder, held_by(folder, backend))
    assert opens(folder, OLD)
    assert [slot.id for slot in header_of(folder).slots] == ["p1", "r1", "k1"]
    (name, account), secret = next(iter(backend.kept.items()))
    assert name == f"Tacit {header_of(folder).vault.hex()} k1"
    assert account == "vault"
    assert not any(secret.encode() in path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_turning_it_on_takes_the_passphrase(folder: Path) -> None:
    backend, before = Memory(), (folder / HEADER_NAME).read_bytes()
    with pytest.raises(WrongPassphrase):
        turn_on(folder, backend, NEW)
    assert not backend.kept
    assert (folder / HEADER_NAME).read_bytes() == before


def test_turning_it_off_removes_the_slot_and_the_entry(folder: Path, backend: Memory) -> None:
    secret = held_by(folder, backend)
    vault = Vault.open(folder, OLD)
    assert slots.remove_keychain_slot(folder, vault.header_key, vault.database_key, keychain_on(backend))
    vault.close()
    assert not backend.kept
    assert vault_header.keychain_slot(header_of(folder)) is None
    assert not opens(folder, secret)
    with pytest.raises(KeychainRefused):
        held_by(folder, backend)


def test_turned_off_while_the_keychain_is_locked_it_opens_nothing_all_the_same(folder: Path, backend: Memory) -> None:
    secret = held_by(folder, backend)
    vault = Vault.open(folder, OLD)
    backend.is_locked = True
    assert not slots.remove_keychain_slot(folder, vault.header_key, vault.database_key, keychain_on(backend))
    vault.close()
    assert not opens(folder, secret)


def test_turned_on_anew_there_is_one_entry_and_the_one_before_is_worth_nothing(folder: Path, backend: Memory) -> None:
    first = held_by(folder, backend)
    turn_on(folder, backend)
    assert [name.rpartition(" ")[2] for name, _ in backend.kept] == ["k2"]
    assert opens(folder, held_by(folder, backend))
    assert not opens(folder, first)


def test_it_outlives_a_change_of_the_passphrase_and_of_the_recovery_key(folder: Path, backend: Memory) -> None:
    with slots.hold_vault_lock(folder):
        slots.change_passphrase(folder, OLD, NEW, CHEAP)
        slots.renew_recovery_key(folder, NEW)
    assert opens(folder, held_by(folder, backend))
    assert not opens(folder, OLD)


@pytest.mark.parametrize("fault", ["is_locked", "is_silent", "forgets"])
def test_a_keychain_that_fails_is_told_in_time_and_changes_nothing(folder: Path, fault: str) -> None:
    backend, before, began = Memory(), (folder / HEADER_NAME).read_bytes(), time.monotonic()
    setattr(backend, fault, True)
    with pytest.raises(KeychainRefused):
        turn_on(folder, backend)
    assert time.monotonic() - began < 5
    assert (folder / HEADER_NAME).read_bytes() == before


@pytest.mark.parametrize("fault", ["is_locked", "is_silent"])
def test_a_keychain_that_does_not_answer_leaves_the_passphrase(folder: Path, backend: Memory, fault: str) -> None:
    setattr(backend, fault, True)
    with pytest.raises(KeychainRefused, match=r"use the passphrase|does not"):
        held_by(folder, backend)
    assert opens(folder, OLD)


def test_a_stale_secret_opens_nothing_and_costs_no_time(folder: Path, backend: Memory) -> None:
    backend.kept = dict.fromkeys(backend.kept, vault_header.new_keychain_secret())
    with pytest.raises(WrongPassphrase):
        Vault.open(folder, held_by(folder, backend))
    backend.kept = dict.fromkeys(backend.kept, "what another program wrote there")
    with pytest.raises(WrongPassphrase):
        Vault.open(folder, held_by(folder, backend))


def test_no_keychain_at_all_is_a_clear_error(folder: Path) -> None:
    def none_here() -> Memory:
        raise RuntimeError("no bus")

    with pytest.raises(KeychainRefused, match="can't be reached"), slots.hold_vault_lock(folder):
        slots.add_keychain_slot(folder, OLD, Keychain(none_here))


def test_the_keychain_is_never_the_only_way_in(folder: Path, backend: Memory) -> None:
    header = header_of(folder)
    alone = msgspec.structs.replace(header, slots=tuple(s for s in header.slots if s.type == vault_header.KEYCHAIN))
    vault_header.write_header(folder / HEADER_NAME, alone)
    with pytest.raises(VaultDamaged):
        header_of(folder)


def test_a_way_in_of_a_later_version_outlives_every_change(folder: Path) -> None:
    unlocked, backend = slots.unlock(folder, OLD), Memory()
    header = msgspec.structs.replace(unlocked.header, slots=(LATER, *unlocked.header.slots))
    key = vault_header.header_key(unlocked.master)
    vault_header.write_header(folder / HEADER_NAME, vault_header.without_keychain(header, key))
    assert opens(folder, OLD)
    turn_on(folder, backend)
    with slots.hold_vault_lock(folder):
        slots.change_passphrase(folder, OLD, NEW, CHEAP)
        recovery_key = slots.renew_recovery_key(folder, NEW)
        assert slots.remove_keychain_slot(folder, key, vault_header.database_key(unlocked.master), keychain_on(backend))
    assert LATER in header_of(folder).slots
    assert opens(folder, NEW)
    assert opens(folder, recovery_key)


def test_the_header_is_not_rewritten_with_a_key_that_is_not_its_own(folder: Path, backend: Memory) -> None:
    with pytest.raises(VaultError):
        slots.remove_keychain_slot(folder, b"x" * 32, b"x" * 32, keychain_on(backend))
    assert opens(folder, held_by(folder, backend))


_SERVICE = """
import sys, time
from pathlib import Path
from app.core.errors import KeychainRefused
from app.engines.sandbox import seccomp
from app.storage.keys import slots
from app.storage.keys.keychain import Keychain, system_backend
from app.storage.vault import Vault

seccomp.harden()
assert seccomp.forbid_network() or sys.platform != "linux"
folder, keychain, passphrase = Path(sys.argv[1]), Keychain(patience=10), sys.argv[2]
with slots.hold_vault_lock(folder):
    slots.add_keychain_slot(folder, passphrase, keychain)
times = []
for _ in range(10):
    began = time.perf_counter()
    vault = Vault.open(folder, slots.keychain_secret(folder, keychain))
    times.append(time.perf_counter() - began)
    keys = vault.header_key, vault.database_key
    vault.close()
print("unlocked", sorted(times)[5])
import secretstorage
collection = secretstorage.get_default_collection(secretstorage.dbus_init())
collection.lock()
try:
    slots.keychain_secret(folder, keychain)
except KeychainRefused as error:
    print(error)
assert not slots.remove_keychain_slot(folder, *keys, keychain)
print("off")
"""


@pytest.mark.skipif(
    not (shutil.which("gnome-keyring-daemon") and shutil.which("dbus-run-session")), reason="no Secret Service here"
)
def test_a_real_secret_service_opens_it_in_a_tenth_of_a_second(folder: Path, tmp_path: Path) -> None:
    """Under the filter that leaves the window nothing but local sockets."""
    runtime, home = tmp_path / "run", tmp_path / "home"
    for made in (runtime, home):
        made.mkdir(mode=0o700)
    (tmp_path / "service.py").write_text(_SERVICE)
    script = 'printf pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null && exec "$@"'
    outcome = subprocess.run(
        ["dbus-run-session", "--", "sh", "-c", script, "sh", sys.executable, str(tmp_path / "service.py"),
         str(folder), OLD],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
        env={"PATH": os.environ["PATH"], "HOME": str(home), "XDG_RUNTIME_DIR": str(runtime), "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert outcome.returncode == 0, outcome.stderr
    figures = outcome.stdout.split()
    assert float(figures[1]) < 0.1, outcome.stdout
    assert "The keychain is locked, or did not let Tacit in." in outcome.stdout
    assert outcome.stdout.strip().endswith("off")
    print(outcome.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="each system has a keychain of its own")
def test_no_variable_can_steer_to_another_keychain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    assert type(system_backend()).__module__ == "keyring.backends.SecretService"


def test_a_header_that_cant_be_written_leaves_no_entry_behind(folder: Path) -> None:
    memory = Memory()
    before = (folder / HEADER_NAME).read_bytes()
    (folder / EARLIER_HEADER_NAME / "in the way").mkdir(parents=True)
    with pytest.raises(AssistantError):
        turn_on(folder, memory)
    assert memory.asked >= 2  # it was stored, and read back
    assert not memory.kept
    assert (folder / HEADER_NAME).read_bytes() == before


def test_turning_off_what_was_never_on_changes_nothing(folder: Path) -> None:
    before, memory = (folder / HEADER_NAME).read_bytes(), Memory()
    with slots.hold_vault_lock(folder):
        assert slots.remove_keychain_slot(folder, b"x" * 32, b"x" * 32, keychain_on(memory))
    assert memory.asked == 0
    assert (folder / HEADER_NAME).read_bytes() == before


def test_preparing_reports_no_fault_but_the_first_call_does() -> None:
    made = []

    def fail() -> Memory:
        made.append(1)
        raise RuntimeError("no keychain")

    keychain = Keychain(fail, patience=0.5)
    keychain.prepare()
    assert made == [1]
    with pytest.raises(KeychainRefused):
        keychain.store(b"v", "k1", "secret")
