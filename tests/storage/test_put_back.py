"""An earlier database or an earlier header that is put back is told, and deletes nothing."""

import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest

from app.assembly import build
from app.core.errors import VaultDamaged, WrongPassphrase
from app.services.session import Session
from app.services.vault.maintenance import check_vault, repair_vault
from app.storage.files.layout import DATABASE_NAME, EARLIER_HEADER_NAME, HEADER_NAME
from app.storage.keys import slots, vault_header
from app.storage.tables.calls import CallStore
from app.storage.vault import Vault
from tests.doubles.keychains import Memory, keychain_on
from tests.running import CHEAP, PASSPHRASE, ROOT, Home
from tests.storage.calls import add, make_vault_of_one_call

OTHER = "another passphrase altogether"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home whose vault holds one call."""
    make_vault_of_one_call(tmp_path / "vault")
    return tmp_path


def start(home: Path, passphrase: str = PASSPHRASE) -> Session:
    return build(home / "vault", home / "models", is_offline_enforced=True, cost=CHEAP).unlock(passphrase)


def told(home: Path, passphrase: str = PASSPHRASE) -> list[str]:
    """What a start tells."""
    session = start(home, passphrase)
    session.close()
    return [warning.title for warning in session.maintenance.warnings]


def titles(home: Path) -> list[str]:
    session = start(home)
    found = [call.title for call in session.library.calls()]
    session.close()
    return sorted(found)


def faults(home: Path, passphrase: str = PASSPHRASE) -> list[str]:
    return [finding.name for finding in check_vault(home / "vault", passphrase) if not finding.is_good]


def add_call(home: Path, title: str) -> str:
    vault = Vault.open(home / "vault", PASSPHRASE)
    made = add(CallStore(vault), "We agree.", title=title)
    vault.close()
    return made


# --- An earlier database ------------------------------------------------------------------------


def test_newer_sound_outlives_an_earlier_database_and_is_taken_back(home: Path) -> None:
    database = home / "vault" / DATABASE_NAME
    shutil.copy(database, home / "earlier.db")
    newer = [add_call(home, "Second"), add_call(home, "Third")]
    shutil.copy(database, home / "newer.db")
    shutil.copy(home / "earlier.db", database)
    (sentence,) = told(home)
    assert sentence.startswith("The sound of 2 calls that this database does not know lies in the vault")
    assert told(home) == [], "it is told once"
    assert sorted(faults(home)) == sorted(f"file {id_}" for id_ in newer), "and by each check"
    assert titles(home) == ["First"]
    third = add_call(home, "Fourth")
    for _ in range(3):
        told(home)
    shutil.copy(home / "newer.db", database)
    assert told(home) == ["The sound of a call that this database does not know lies in the vault; an earlier "
                          "vault.db was probably put back."]  # fmt: skip
    assert titles(home) == ["First", "Second", "Third"]
    assert faults(home) == [f"file {third}"]
    session = start(home)
    store = CallStore(vars(session)["_vault"])
    for call in session.library.calls():
        with store.sound(call.id) as sound:
            assert sound.read(0, sound.size) == b"sound of " + call.title.encode()
    session.close()


def test_one_that_is_told_leaves_room_to_tell_the_next(home: Path) -> None:
    media = home / "vault" / "media"
    (media / "0123456789ab.sealed").write_bytes(b"x")
    assert len(told(home)) == 1
    assert told(home) == []
    (media / "0123456789ac.sealed").write_bytes(b"x")
    assert told(home)[0].startswith("The sound of 2 calls")
    assert told(home) == []


def test_a_copy_of_the_vault_itself_put_back_deletes_nothing(home: Path) -> None:
    session = start(home)
    session.maintenance.replace_copies()
    session.close()
    newer = add_call(home, "Second")
    (copy,) = (home / "vault" / "backups").glob("*.db")
    shutil.copy(copy, home / "vault" / DATABASE_NAME)
    assert told(home)
    assert (home / "vault" / "media" / f"{newer}.sealed").is_file()


def test_a_call_deleted_in_the_newer_database_has_no_sound_in_the_earlier(home: Path) -> None:
    database = home / "vault" / DATABASE_NAME
    shutil.copy(database, home / "earlier.db")
    session = start(home)
    (call,) = session.library.calls()
    session.library.delete(call.id)
    session.close()
    shutil.copy(home / "earlier.db", database)
    assert titles(home) == ["First"], "an earlier database has its words, as a copy has"
    assert faults(home) == [f"sound of {call.id}"], "the sound is gone for good"


def test_the_command_line_says_so_once(tmp_path: Path) -> None:
    home = Home(tmp_path)
    vault = Vault.create(home.vault, PASSPHRASE, CHEAP)
    vault.close()
    (home.vault / "media" / "0123456789ab.sealed").write_bytes(b"x")
    first, second = home.run("list"), home.run("list")
    assert "The sound of a call that this database does not know lies in the vault" in first.err
    assert "It is kept" in first.err
    assert "this database" not in second.err
    assert home.run("vault", "check").status == 1


@pytest.mark.parametrize("name", [DATABASE_NAME, DATABASE_NAME + "-wal", DATABASE_NAME + ".before"])
def test_no_vault_is_made_over_a_database_whose_header_has_not_arrived(home: Path, name: str) -> None:
    folder = home / "vault"
    shutil.rmtree(folder / "media")
    (folder / HEADER_NAME).rename(home / "header")
    (folder / DATABASE_NAME).rename(home / "database")
    (folder / name).write_bytes((home / "database").read_bytes())
    with pytest.raises(VaultDamaged, match="without its header"):
        Vault.create(folder, OTHER, CHEAP)
    assert (folder / name).read_bytes() == (home / "database").read_bytes()


# --- An earlier header --------------------------------------------------------------------------


def change(folder: Path, secret: str = PASSPHRASE, passphrase: str = OTHER) -> None:
    with slots.hold_vault_lock(folder):
        slots.change_passphrase(folder, secret, passphrase, CHEAP)


@pytest.mark.parametrize("is_opened_between", [False, True])
def test_the_header_from_before_a_change_is_told(home: Path, is_opened_between: bool) -> None:
    folder = home / "vault"
    earlier = (folder / HEADER_NAME).read_bytes()
    change(folder)
    if is_opened_between:
        assert told(home, OTHER) == []
    assert faults(home, OTHER) == []
    (folder / HEADER_NAME).write_bytes(earlier)
    for _ in range(2):
        assert told(home) == [
            "The vault's header is one from before a change: what opened the vault then opens it again."
        ]
        assert faults(home) == ["header"]
    change(folder)
    assert (told(home, OTHER), faults(home, OTHER)) == ([], [])


def test_it_is_told_of_the_open_vault_too(home: Path) -> None:
    folder = home / "vault"
    earlier = (folder / HEADER_NAME).read_bytes()
    change(folder)
    session = start(home, OTHER)
    found: list[str] = []

    class Context:
        def checkpoint(self) -> None:
            pass

        def report(self, event: object) -> None:
            if not getattr(event, "is_good", True):
                found.append(getattr(event, "name", ""))

    assert session.maintenance.check(Context())
    (folder / HEADER_NAME).write_bytes(earlier)
    assert not session.maintenance.check(Context())
    session.close()
    assert found == ["header"]


@pytest.mark.parametrize("what", ["recovery", "keychain", "passphrase twice"])
def test_so_is_one_from_before_any_other_change(home: Path, what: str) -> None:
    folder = home / "vault"
    earlier = (folder / HEADER_NAME).read_bytes()
    with slots.hold_vault_lock(folder):
        if what == "recovery":
            slots.renew_recovery_key(folder, PASSPHRASE)
        elif what == "keychain":
            slots.add_keychain_slot(folder, PASSPHRASE, keychain_on(Memory()))
        else:
            slots.change_passphrase(folder, PASSPHRASE, OTHER, CHEAP)
            slots.change_passphrase(folder, OTHER, PASSPHRASE, CHEAP)
    assert told(home) == []
    (folder / HEADER_NAME).write_bytes(earlier)
    assert len(told(home)) == 1
    assert faults(home) == ["header"]


def test_the_keychain_turned_off_brings_the_same_header_back_and_is_no_alarm(home: Path) -> None:
    folder, keychain = home / "vault", keychain_on(Memory())
    earlier, with_slot = vault_header.read_header(folder / HEADER_NAME), b""
    for _ in range(2):
        with slots.hold_vault_lock(folder):
            slots.add_keychain_slot(folder, PASSPHRASE, keychain)
        vault = Vault.open(folder, PASSPHRASE)
        with_slot = (folder / HEADER_NAME).read_bytes()
        assert slots.remove_keychain_slot(folder, vault.header_key, vault.database_key, keychain)
        vault.close()
        assert vault_header.read_header(folder / HEADER_NAME) == earlier
        assert (told(home), faults(home)) == ([], [])
    (folder / HEADER_NAME).write_bytes(with_slot)
    assert len(told(home)) == 1


def test_an_earlier_database_beside_the_header_in_force_is_no_alarm(home: Path) -> None:
    folder = home / "vault"
    earlier = (folder / DATABASE_NAME).read_bytes()
    change(folder)
    told(home, OTHER)
    (folder / DATABASE_NAME).write_bytes(earlier)
    for _ in range(2):
        assert told(home, OTHER) == []
        assert faults(home, OTHER) == []


def test_a_header_that_stands_in_for_a_damaged_one_says_that_it_is_earlier(home: Path) -> None:
    folder = home / "vault"
    change(folder)
    (folder / HEADER_NAME).write_bytes(b"{")
    assert len(told(home)) == 1
    change(folder)
    assert told(home, OTHER) == []


def test_a_change_is_made_though_the_database_is_damaged(home: Path) -> None:
    folder = home / "vault"
    whole = (folder / DATABASE_NAME).read_bytes()
    (folder / DATABASE_NAME).write_bytes(b"x" * len(whole))
    change(folder)
    (folder / DATABASE_NAME).write_bytes(whole)
    assert told(home, OTHER) == [], "the start notes what the change could not"
    assert not (folder / EARLIER_HEADER_NAME).exists()


def test_the_repaired_vault_knows_the_headers_too(home: Path) -> None:
    earlier = (home / "vault" / HEADER_NAME).read_bytes()
    change(home / "vault")
    repair_vault(home / "vault", OTHER, home / "new")
    shutil.rmtree(home / "vault")
    (home / "new").rename(home / "vault")
    assert told(home, OTHER) == []
    (home / "vault" / HEADER_NAME).write_bytes(earlier)
    assert len(told(home)) == 1


@pytest.mark.parametrize("kind", ["passphrase", "recovery"])
def test_a_header_with_two_slots_of_a_kind_is_refused_at_once(home: Path, kind: str) -> None:
    path = home / "vault" / HEADER_NAME
    header = vault_header.read_header(path)
    slot = next(slot for slot in header.slots if slot.type == kind)
    many = tuple(msgspec.structs.replace(slot, id=f"{kind[0]}{n}") for n in range(2, 4))
    vault_header.write_header(path, msgspec.structs.replace(header, slots=(*header.slots, *many)))
    with pytest.raises(VaultDamaged):
        vault_header.read_header(path)


@pytest.mark.parametrize(
    "cost",
    [{"m_kib": 4 << 20, "t": 1}, {"m_kib": 1 << 20, "t": 64}, {"m_kib": 512 << 10, "t": 64}, {"m_kib": 2 << 20}],
)
def test_what_a_slot_costs_is_bounded_before_it_is_tried(home: Path, cost: dict[str, int]) -> None:
    path = home / "vault" / HEADER_NAME
    header = vault_header.read_header(path)
    slot = msgspec.structs.replace(header.slots[0], **cost)
    vault_header.write_header(path, msgspec.structs.replace(header, slots=(slot, *header.slots[1:])))
    with pytest.raises(VaultDamaged):
        vault_header.read_header(path)


@pytest.mark.alone
def test_150_slots_cost_less_than_a_moment(home: Path) -> None:
    path = home / "vault" / HEADER_NAME
    header = vault_header.read_header(path)
    slots_ = tuple(
        msgspec.structs.replace(header.slots[0], id=f"p{n}", m_kib=256 * 1024, t=1, p=4) for n in range(2, 152)
    )
    vault_header.write_header(path, msgspec.structs.replace(header, slots=(*slots_, *header.slots)))
    began = time.monotonic()
    with pytest.raises(VaultDamaged):
        Vault.open(home / "vault", PASSPHRASE)
    assert time.monotonic() - began < 1.0


# --- Kills --------------------------------------------------------------------------------------

_DAY = """
import sys, pathlib, random
from app.storage.keys import slots
from app.storage.files.sealed_file import SealedWriter
from app.storage.safety import backups
from app.storage.tables.calls import CallStore
from app.storage.vault import Vault
from datetime import datetime, UTC
from tests.running import CHEAP
from tests.storage.calls import new
folder, number, chance = pathlib.Path(sys.argv[1]), int(sys.argv[2]), random.Random(int(sys.argv[3]))
print(number, flush=True)
while True:
    vault = Vault.open(folder, f"passphrase {number}")
    store = CallStore(vault)
    store.remove_unwanted_sound()
    for _ in range(3):
        call = new("A call")
        writer = SealedWriter(store.partial_media_path(call.id), call.media_key, 1024)
        writer.write(bytes(9000))
        writer.close()
        store.store(call)
        if chance.random() < 0.6:
            store.delete(chance.choice(store.all()).id)
    backups.write_backup(vault, folder.parent / "b.tacit")
    backups.make_copy(vault, datetime.now(UTC))
    vault.close()
    with slots.hold_vault_lock(folder):
        slots.change_passphrase(folder, f"passphrase {number}", f"passphrase {number + 1}", CHEAP)
    number += 1
    print(number, flush=True)
"""


def kill_and_check(home: Path, times: int, seed: int) -> int:
    """Kill a process at random moments of its work; each time the vault is whole, and nothing is a false alarm."""
    chance, now = random.Random(seed), 0
    change(home / "vault", PASSPHRASE, "passphrase 0")
    for round_ in range(times):
        command = [sys.executable, "-c", _DAY, str(home / "vault"), str(now), str(round_)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as run:
            assert run.stdout is not None
            first = run.stdout.readline()
            time.sleep(chance.uniform(0.0, 0.4))
            run.kill()
            now = int((first.splitlines() + run.stdout.read().splitlines())[-1])
        assert run.returncode == -signal.SIGKILL, "it was at work until then"
        try:
            found = list(check_vault(home / "vault", f"passphrase {now}"))
        except WrongPassphrase:
            now += 1
            found = list(check_vault(home / "vault", f"passphrase {now}"))
        assert [finding for finding in found if not finding.is_good] == []
        if chance.random() < 0.3:  # else another kill comes before any start
            assert told(home, f"passphrase {now}") == []
    return now


def test_a_check_right_after_a_kill_is_clean(home: Path) -> None:
    print(f"12 kills, {kill_and_check(home, 12, seed=7)} changes of the passphrase")


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_many_checks_right_after_kills_are_clean(home: Path) -> None:
    print(f"300 kills, {kill_and_check(home, 300, seed=8)} changes of the passphrase")
