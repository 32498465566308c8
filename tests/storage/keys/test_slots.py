"""Passphrase and recovery key change in the header alone, and at every moment the old or the new one opens."""

import io
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from app.core import files
from app.core.errors import (
    AssistantError,
    VaultDamaged,
    VaultError,
    VaultInUse,
    VaultMissing,
    VaultTooNew,
    WrongPassphrase,
)
from app.storage.files.layout import DATABASE_NAME, EARLIER_HEADER_NAME, HEADER_NAME, vault_exists
from app.storage.keys import slots, vault_header
from app.storage.keys.vault_header import Header
from app.storage.tables.calls import CallStore
from app.storage.vault import Vault
from tests.running import CHEAP
from tests.storage.calls import add

OLD, NEW = "correct horse battery staple", "another passphrase altogether"
ROOT = Path(__file__).parents[3]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A vault under `OLD`, with something in it."""
    vault = Vault.create(tmp_path / "vault", OLD, CHEAP)
    add(CallStore(vault), "We agree.")
    vault.close()
    return tmp_path / "vault"


def opens(folder: Path, secret: str) -> bool:
    """Whether it opens the vault, and its content is there."""
    try:
        vault = Vault.open(folder, secret)
    except WrongPassphrase:
        return False
    assert [hit.text for hit in CallStore(vault).search('"agree"', 5)] == ["We agree."]
    vault.close()
    return True


def change(folder: Path, secret: str = OLD, passphrase: str = NEW) -> None:
    with slots.hold_vault_lock(folder):
        slots.change_passphrase(folder, secret, passphrase, CHEAP)


def renewed(folder: Path, secret: str = OLD) -> str:
    with slots.hold_vault_lock(folder):
        return slots.renew_recovery_key(folder, secret)


def rewrite(folder: Path, **fields: Any) -> None:
    header = vault_header.read_header(folder / HEADER_NAME)
    vault_header.write_header(folder / HEADER_NAME, msgspec.structs.replace(header, **fields))


# --- Changes -----------------------------------------------------------------------------------


def test_a_new_vault_shows_its_recovery_key_once(tmp_path: Path) -> None:
    made = Vault.create(tmp_path, OLD, CHEAP)
    recovery_key = made.recovery_key
    made.close()
    assert recovery_key is not None
    assert not any(recovery_key.encode() in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    again = Vault.open(tmp_path, recovery_key.lower().replace("-", " "))
    assert again.recovery_key is None
    again.close()
    slip = ("1" if recovery_key[0] == "0" else "0") + recovery_key[1:]
    with pytest.raises(WrongPassphrase, match="slip"):
        Vault.open(tmp_path, slip)
    Vault.open(tmp_path, OLD).close()


def test_the_passphrase_changes_in_the_header_and_the_database_keeps_its_key(folder: Path) -> None:
    change(folder)
    assert (folder / EARLIER_HEADER_NAME).is_file()
    assert not opens(folder, OLD)
    assert (folder / EARLIER_HEADER_NAME).is_file(), "a start that failed is no good one"
    assert opens(folder, NEW)
    assert sorted(p.name for p in folder.iterdir()) == ["media", "vault.db", "vault.hdr", "vault.lock"]


def test_a_recovery_key_stays_when_the_passphrase_changes_and_sets_a_forgotten_one(folder: Path) -> None:
    recovery_key = renewed(folder)
    change(folder)
    assert opens(folder, recovery_key)
    change(folder, recovery_key, OLD)
    assert (opens(folder, OLD), opens(folder, NEW), opens(folder, recovery_key)) == (True, False, True)


def test_a_new_recovery_key_ends_the_one_before(folder: Path) -> None:
    first = renewed(folder)
    second = renewed(folder, first)
    assert (opens(folder, first), opens(folder, second), opens(folder, OLD)) == (False, True, True)
    assert [slot.id for slot in vault_header.read_header(folder / HEADER_NAME).slots] == ["p1", "r3"]


def test_a_vault_of_the_first_days_opens_and_changes(folder: Path) -> None:
    """One slot, no recovery key and no sum: as the first versions wrote it."""
    found = slots.unlock(folder, OLD)
    bare = vault_header.with_passphrase(Header(1, found.header.vault, ()), found.master, OLD, CHEAP)
    (folder / HEADER_NAME).write_bytes(msgspec.json.format(msgspec.json.encode(bare), indent=1))
    assert b"sha256" not in (folder / HEADER_NAME).read_bytes()
    assert opens(folder, OLD)
    recovery_key = renewed(folder)
    change(folder)
    assert (opens(folder, OLD), opens(folder, NEW), opens(folder, recovery_key)) == (False, True, True)


def test_the_wrong_passphrase_changes_nothing(folder: Path) -> None:
    before = (folder / HEADER_NAME).read_bytes()
    for action in (lambda: change(folder, NEW, NEW), lambda: renewed(folder, NEW)):
        with pytest.raises(WrongPassphrase):
            action()
    assert (folder / HEADER_NAME).read_bytes() == before
    assert not (folder / EARLIER_HEADER_NAME).exists()


def test_a_vault_in_use_is_not_changed(folder: Path) -> None:
    vault = Vault.open(folder, OLD)
    with pytest.raises(VaultInUse):
        change(folder)
    vault.close()
    change(folder)


# --- Errors ------------------------------------------------------------------------------------


def test_four_faults_are_four_errors(folder: Path) -> None:
    good, database = (folder / HEADER_NAME).read_bytes(), (folder / DATABASE_NAME).read_bytes()
    with pytest.raises(WrongPassphrase):
        Vault.open(folder, NEW)
    (folder / HEADER_NAME).write_bytes(good.replace(b'"format": 1', b'"format": 2'))
    with pytest.raises(VaultTooNew):
        Vault.open(folder, OLD)
    (folder / HEADER_NAME).write_bytes(good)
    (folder / DATABASE_NAME).write_bytes(os.urandom(len(database)))
    with pytest.raises(VaultDamaged, match="A file of this vault") as in_database:
        Vault.open(folder, OLD)
    (folder / DATABASE_NAME).write_bytes(database)
    for place in (good.index(b'"salt"') + 10, good.index(b'"wrapped"') + 14, good.index(b'"mac"') + 9):
        flipped = bytearray(good)
        flipped[place] = ord("A") if flipped[place] != ord("A") else ord("B")
        (folder / HEADER_NAME).write_bytes(flipped)
        with pytest.raises(VaultDamaged, match="header") as in_header:  # not: a wrong passphrase
            Vault.open(folder, OLD)
        assert in_header.value.title != in_database.value.title
    (folder / HEADER_NAME).write_bytes(good)
    assert opens(folder, OLD)


@pytest.mark.parametrize("damage", [b"", b"{", b"\0" * 500, None], ids=["empty", "torn", "zeroes", "gone"])
def test_the_earlier_header_stands_in_for_a_damaged_one(folder: Path, damage: bytes | None) -> None:
    change(folder)
    if damage is None:
        (folder / HEADER_NAME).unlink()
    else:
        (folder / HEADER_NAME).write_bytes(damage)
    assert vault_exists(folder), "nobody makes another vault over it"
    with pytest.raises(WrongPassphrase, match="before the last change"):
        Vault.open(folder, NEW)
    assert opens(folder, OLD)
    assert not (folder / EARLIER_HEADER_NAME).exists()
    assert opens(folder, OLD), "it was written back"


def test_a_change_under_a_damaged_header_keeps_the_good_one(folder: Path) -> None:
    change(folder)
    (folder / HEADER_NAME).write_bytes(b"{")
    change(folder, OLD, "a third passphrase")
    assert slots.unlock(folder, "a third passphrase").is_earlier is False
    (folder / HEADER_NAME).write_bytes(b"{")
    assert opens(folder, OLD)


def test_a_good_header_is_never_passed_over_for_the_earlier_one(folder: Path) -> None:
    change(folder)
    assert (folder / EARLIER_HEADER_NAME).is_file()
    assert not opens(folder, OLD)


def test_both_headers_damaged_are_a_damaged_header(folder: Path) -> None:
    change(folder)
    for name in (HEADER_NAME, EARLIER_HEADER_NAME):
        (folder / name).write_bytes(b"{}")
    for secret in (OLD, NEW):
        with pytest.raises(VaultDamaged, match="header"):
            Vault.open(folder, secret)


def test_a_header_without_a_way_in_is_damaged(folder: Path) -> None:
    rewrite(folder, slots=())
    with pytest.raises(VaultDamaged):
        Vault.open(folder, OLD)


def test_a_disk_that_keeps_something_else_changes_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (folder / HEADER_NAME).read_bytes()
    write = vault_header.write_replacement

    def flipped(path: Path, header: Header) -> Path:
        made = write(path, header)
        made.write_bytes(made.read_bytes().replace(b'"p": 4', b'"p": 5'))
        return made

    monkeypatch.setattr(vault_header, "write_replacement", flipped)
    with pytest.raises(VaultError, match="did not keep"):
        change(folder)
    assert (folder / HEADER_NAME).read_bytes() == before
    assert sorted(p.name for p in folder.iterdir()) == ["media", "vault.db", "vault.hdr", "vault.lock"]


# --- Cut off -----------------------------------------------------------------------------------


class Cut(BaseException):
    """The process ends here."""


class Faults:
    """Lets the n-th call that reaches the disk fail, before or after it has had its effect."""

    def __init__(self, patch: pytest.MonkeyPatch, number: int, fault: Callable[[], BaseException], *, after: bool):
        self.left, self.fault, self.after, self.has_struck = number, fault, after, False
        calls: list[tuple[Any, str]] = [
            (os, "fsync"), (os, "open"), (Path, "open"), (Path, "replace"), (Path, "unlink"),
            (files, "sync_folder"),
        ]  # fmt: skip
        for owner, name in calls:
            patch.setattr(owner, name, self._failing(getattr(owner, name)))

    def _failing(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            self.left -= 1
            strikes = self.left == 0 or (self.has_struck and self.fault is Cut)
            if strikes and not self.after:
                self.has_struck = True
                raise self.fault()
            result = real(*arguments, **named)
            if strikes:
                self.has_struck = True
                if isinstance(result, io.IOBase):
                    result.close()  # nobody else can
                elif isinstance(result, int):
                    os.close(result)
                raise self.fault()
            return result

        return call


@pytest.mark.parametrize("fault", [Cut, lambda: OSError(28, "No space left"), lambda: OSError(5, "I/O error")])
@pytest.mark.parametrize("after", [False, True])
def test_every_call_to_the_disk_may_fail(folder: Path, fault: Callable[[], BaseException], after: bool) -> None:
    opening, passphrases = OLD, [OLD, NEW]
    for number in range(1, 60):
        to = passphrases[number % 2] if opening != passphrases[number % 2] else passphrases[(number + 1) % 2]
        with pytest.MonkeyPatch.context() as patch:
            faults = Faults(patch, number, fault, after=after)
            try:
                change(folder, opening, to)
                is_confirmed = True
            except (Cut, AssistantError):  # an OSError would be none that a person can read
                is_confirmed = False
        which = [secret for secret in passphrases if opens(folder, secret)]
        assert len(which) == 1, (number, which)
        assert not is_confirmed or which == [to]
        assert not (folder / EARLIER_HEADER_NAME).exists()
        opening = which[0]
        if not faults.has_struck:
            assert number > 8, "some calls were met"
            return
    pytest.fail("the calls have no end")


_LOOP = """
import sys, pathlib
from app.storage.keys import slots
from app.storage.vault import Vault
from tests.running import CHEAP
folder, number = pathlib.Path(sys.argv[1]), int(sys.argv[2])
while True:
    with slots.hold_vault_lock(folder):
        slots.change_passphrase(folder, f"passphrase {number}", f"passphrase {number + 1}", CHEAP)
    number += 1
    print(number, flush=True)
    if number % 3 == 2:
        Vault.open(folder, f"passphrase {number}").close()
"""


def killed(folder: Path, times: int, seed: int) -> int:
    """Kill a process that changes the passphrase again and again; the number of confirmed changes."""
    chance, confirmed, now = random.Random(seed), 0, 0
    change(folder, OLD, "passphrase 0")
    for _ in range(times):
        command = [sys.executable, "-c", _LOOP, str(folder), str(now)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as run:
            assert run.stdout is not None
            first = run.stdout.readline()
            time.sleep(chance.uniform(0.0, 0.08))
            run.kill()
            said = [int(line) for line in (first, *run.stdout.read().splitlines())]
        confirmed += len(said)
        which = [n for n in (said[-1] - 1, said[-1], said[-1] + 1) if opens(folder, f"passphrase {n}")]
        assert which in ([said[-1]], [said[-1] + 1]), "the last that was confirmed, or the one under way"
        now = which[0]
    return confirmed


def test_a_kill_at_any_moment_leaves_the_old_or_the_new(folder: Path) -> None:
    confirmed = killed(folder, 15, seed=5)
    print(f"15 kills, {confirmed} confirmed changes, every vault opened")


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_many_kills_leave_the_old_or_the_new(folder: Path) -> None:
    confirmed = killed(folder, 400, seed=6)
    print(f"400 kills, {confirmed} confirmed changes, every vault opened")


def test_the_header_in_use_is_the_earlier_one_only_if_the_first_is_damaged(folder: Path) -> None:
    earlier = (folder / HEADER_NAME).read_bytes()
    assert slots.usable_header_path(folder) == folder / HEADER_NAME
    (folder / HEADER_NAME).write_bytes(b"damaged")
    with pytest.raises(VaultDamaged):
        slots.usable_header_path(folder)
    (folder / EARLIER_HEADER_NAME).write_bytes(earlier)
    assert slots.usable_header_path(folder) == folder / EARLIER_HEADER_NAME


def test_the_lock_of_a_folder_without_a_vault_is_refused(tmp_path: Path) -> None:
    with pytest.raises(VaultMissing), slots.hold_vault_lock(tmp_path):
        pass
    assert not list(tmp_path.iterdir())
