"""Backups: one file that is whole or refused, a restore that keeps the old vault, and copies that rotate."""

import random
import shutil
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.core.errors import AssistantError, VaultDamaged, VaultError, VaultInUse, WrongPassphrase
from app.services.vault.maintenance import Maintenance, check_vault, repair_vault
from app.storage.database.connection import open_database
from app.storage.files.backup_archive import ArchiveReader, ArchiveWriter
from app.storage.files.layout import DATABASE_NAME, HEADER_NAME, LOCK_NAME
from app.storage.files.lock_file import LockFile
from app.storage.keys import slots, vault_header
from app.storage.safety import backups, folder_swap
from app.storage.safety.backups import copies_to_keep, write_backup
from app.storage.safety.restore import StagedRestore
from app.storage.tables.calls import CallStore
from app.storage.vault import Vault
from tests.running import CHEAP
from tests.storage.calls import SURVEY, add

PASSPHRASE = "correct horse battery staple"
FRESH = "nine brown kettles whistle softly"
VAULTS = Path(__file__).parents[2] / "fixtures" / "vaults"
NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A vault of three calls and its backup."""
    folder = tmp_path_factory.mktemp("made")
    vault = Vault.create(folder / "vault", PASSPHRASE, CHEAP)
    for n in range(3):
        add(CallStore(vault), f"We agree on {n}.", "And we leave.", title=f"Call {n}")
    assert write_backup(vault, folder / "b.tacit") == []
    vault.close()
    return folder


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Path:
    """A copy of them."""
    shutil.copytree(made, tmp_path / "home")
    return tmp_path / "home"


def titles(folder: Path) -> list[str]:
    vault = Vault.open(folder, PASSPHRASE)
    try:
        return sorted(call.title for call in CallStore(vault).all())
    finally:
        vault.close()


def is_clean(folder: Path) -> bool:
    return all(finding.is_good for finding in check_vault(folder, PASSPHRASE))


def test_what_was_backed_up_comes_back_with_its_sound(home: Path) -> None:
    shutil.rmtree(home / "vault")
    restoring = StagedRestore(home / "b.tacit", home / "vault", PASSPHRASE)
    assert not restoring.replaces_newer_vault
    assert restoring.calls == 3
    restoring.finish()
    assert titles(home / "vault") == ["Call 0", "Call 1", "Call 2"]
    assert is_clean(home / "vault")
    assert sorted(path.name for path in home.iterdir()) == ["b.tacit", "vault"]


def test_with_new_keys_nothing_that_opened_the_backup_opens_the_vault(home: Path) -> None:
    with slots.hold_vault_lock(home / "vault"):
        before = slots.renew_recovery_key(home / "vault", PASSPHRASE)
        keychain = vault_header.new_keychain_secret()
        found = slots.unlock(home / "vault", PASSPHRASE)
        header = vault_header.with_keychain(found.header, found.master, keychain)
        vault_header.write_header(home / "vault" / HEADER_NAME, header)
    vault = Vault.open(home / "vault", PASSPHRASE)
    write_backup(vault, home / "b.tacit")
    old_key = vault.database_key
    vault.close()
    restoring = StagedRestore(home / "b.tacit", home / "new", PASSPHRASE)
    for known in (PASSPHRASE, before):
        with pytest.raises(VaultError, match="opens the backup itself"):
            restoring.make_new_keys(known, CHEAP)
    made = restoring.make_new_keys(FRESH, CHEAP)
    restoring.finish()
    for known in (PASSPHRASE, before, keychain):
        with pytest.raises(WrongPassphrase):
            Vault.open(home / "new", known)
    with pytest.raises(VaultDamaged):
        open_database(home / "new" / DATABASE_NAME, old_key)
    for secret in (FRESH, made):
        vault = Vault.open(home / "new", secret)
        assert len(CallStore(vault).all()) == 3
        assert Maintenance(vault).warnings == []
        for call in CallStore(vault).all():
            with CallStore(vault).sound(call.id) as sound:
                assert sound.read(0, 100) == b"sound of " + call.title.encode()
        vault.close()
    assert all(finding.is_good for finding in check_vault(home / "new", FRESH))
    header = vault_header.read_header(home / "new" / HEADER_NAME)
    assert sorted(slot.type for slot in header.slots) == ["passphrase", "recovery"]
    assert header.vault != found.header.vault


def test_keys_that_a_bad_disk_does_not_take_leave_nothing(home: Path) -> None:
    shutil.rmtree(home / "vault")
    restoring = StagedRestore(home / "b.tacit", home / "vault", PASSPHRASE)
    with (folder_swap.replacement_folder(home / "vault") / DATABASE_NAME).open("rb+") as file:
        file.seek(5 * 4096)
        file.write(bytes(4096))
    with pytest.raises(VaultDamaged):
        restoring.make_new_keys(FRESH, CHEAP)
    assert restoring.is_over
    assert sorted(path.name for path in home.iterdir()) == ["b.tacit"]


@pytest.mark.parametrize("name", ["version-1", "version-5"])
def test_an_earlier_version_gets_new_keys_too(tmp_path: Path, name: str) -> None:
    passphrase = {"version-1": PASSPHRASE, "version-5": "plain horses eat correct batteries"}[name]
    folder = VAULTS / name
    master = vault_header.unwrap_master_key(vault_header.read_header(folder / HEADER_NAME), passphrase)
    with (tmp_path / "b.tacit").open("wb") as file:
        key = vault_header.subkey(master, "tacit backup v1")
        writer = ArchiveWriter(file, key, (folder / HEADER_NAME).read_bytes())
        listed = b'{"made": "2026-01-01T00:00:00+00:00", "recordings": 3, "sounds": 3}'
        writer.add("manifest.json", len(listed), [listed])
        for path in (folder / DATABASE_NAME, *sorted((folder / "media").iterdir())):
            content = path.read_bytes()
            writer.add(path.relative_to(folder).as_posix(), len(content), [content])
        writer.close()
    restoring = StagedRestore(tmp_path / "b.tacit", tmp_path / "vault", passphrase)
    restoring.make_new_keys(FRESH, CHEAP)
    restoring.finish()
    vault = Vault.open(tmp_path / "vault", FRESH)
    assert vault.is_migrated
    assert len(CallStore(vault).all()) == 3
    vault.close()
    assert all(finding.is_good for finding in check_vault(tmp_path / "vault", FRESH))


def test_a_newer_vault_is_told_and_the_old_folder_stays(home: Path) -> None:
    vault = Vault.open(home / "vault", PASSPHRASE)
    add(CallStore(vault), "Later.", title="Later")
    with pytest.raises(VaultInUse):
        StagedRestore(home / "b.tacit", home / "vault", PASSPHRASE)
    vault.close()
    restoring = StagedRestore(home / "b.tacit", home / "vault", PASSPHRASE)
    assert restoring.replaces_newer_vault
    restoring.give_up()
    assert "Later" in titles(home / "vault")
    for _ in range(2):  # the second replaces what the first restored, and keeps what was there before both
        StagedRestore(home / "b.tacit", home / "vault", PASSPHRASE).finish()
    assert "Later" in titles(folder_swap.replaced_folder(home / "vault"))
    assert "Later" not in titles(home / "vault")
    folder_swap.remove_replaced_folder(home / "vault")
    assert sorted(path.name for path in home.iterdir()) == ["b.tacit", "vault"]


def test_a_swap_that_was_cut_off_between_its_renames_is_undone(home: Path) -> None:
    (home / "vault").rename(folder_swap.replaced_folder(home / "vault"))
    folder_swap.undo_interrupted_swap(home / "vault")
    assert len(titles(home / "vault")) == 3


def test_a_wrong_passphrase_restores_nothing(home: Path) -> None:
    with pytest.raises(WrongPassphrase):
        StagedRestore(home / "b.tacit", home / "vault", "another passphrase altogether")
    assert sorted(path.name for path in home.iterdir()) == ["b.tacit", "vault"]
    LockFile(home / "vault" / LOCK_NAME).release()


def test_a_file_of_another_kind_is_neither_replaced_nor_restored(home: Path) -> None:
    other = home / "letter.txt"
    other.write_text("Dear all")
    vault = Vault.open(home / "vault", PASSPHRASE)
    with pytest.raises(VaultError, match="another kind"):
        write_backup(vault, other)
    write_backup(vault, home / "b.tacit")
    with pytest.raises(VaultError, match="no such folder"):
        write_backup(vault, home / "nowhere" / "b.tacit")
    vault.close()
    assert other.read_text() == "Dear all"
    with pytest.raises(VaultDamaged, match="no backup"):
        StagedRestore(other, home / "vault", PASSPHRASE)


def test_every_change_to_a_backup_is_noticed(tmp_path: Path) -> None:
    with (tmp_path / "a").open("wb") as file:
        writer = ArchiveWriter(file, bytes(32), b"{}", 1024)
        writer.add("vault.db", 3000, [bytes(3000)])
        writer.close()
    content = (tmp_path / "a").read_bytes()
    chance = random.Random(5)
    frame = 1024 + 16
    changed = [content[:n] for n in (0, 7, 31, 33, 34, 34 + frame, 34 + 2 * frame, len(content) - 1)]
    changed += [content + b"x", content[:34] + content[34 + frame :], content + content[-100:]]
    for _ in range(200):
        at = chance.randrange(len(content))
        changed.append(content[:at] + bytes([content[at] ^ 1 << chance.randrange(8)]) + content[at + 1 :])
    for n, wrong in enumerate(changed):
        (tmp_path / "b").write_bytes(wrong)
        with pytest.raises(VaultDamaged), ArchiveReader(tmp_path / "b") as reader:
            assert [len(b"".join(blocks)) for _, _, blocks in reader.entries(bytes(32))] == [], n


def test_a_name_that_leads_elsewhere_is_refused(tmp_path: Path) -> None:
    for n, name in enumerate(("../x", "/x", "media/../../x.sealed", "vault.hdr", "media/x.part")):
        with (tmp_path / str(n)).open("wb") as file:
            writer = ArchiveWriter(file, bytes(32), b"{}")
            writer.add(name, 1, [b"x"])
            writer.close()
        with pytest.raises(VaultDamaged), ArchiveReader(tmp_path / str(n)) as reader:
            list(reader.entries(bytes(32)))


def test_a_copy_a_day_and_those_that_have_served_go(home: Path) -> None:
    vault = Vault.open(home / "vault", PASSPHRASE)
    now = NOW
    for day in range(60):
        now = NOW + timedelta(days=day)
        assert backups.is_copy_due(vault.folder, now)
        backups.make_copy(vault, now)
        assert not backups.is_copy_due(vault.folder, now + timedelta(hours=23))
    ages = [(now - made).days for made, _ in backups.list_copies(vault.folder)]
    assert ages[:5] == [0, 1, 2, 3, 4]
    assert len(ages) <= 5 + 5
    assert max(ages) < 35
    vault.close()
    assert is_clean(home / "vault")


def test_what_stays_is_the_last_and_one_a_week() -> None:
    days = [NOW - timedelta(days=n) for n in range(1, 100)]
    staying = copies_to_keep(days, NOW)
    assert set(days[:4]) <= staying
    assert len({moment.isocalendar()[:2] for moment in staying}) >= 5
    assert all(NOW - moment < timedelta(weeks=5) for moment in staying)
    assert copies_to_keep([NOW - timedelta(days=400)], NOW) == set()


def test_rewriting_forgets_what_was_deleted(home: Path) -> None:
    vault = Vault.open(home / "vault", PASSPHRASE)
    maintenance = Maintenance(vault)
    assert maintenance.held_until(NOW) is None
    assert maintenance.copy_if_due()
    assert not maintenance.copy_if_due()
    backups.make_copy(vault, NOW - timedelta(days=2))
    there = datetime.now(UTC)
    assert maintenance.held_until(there - timedelta(days=1)) is not None
    assert maintenance.held_until(there) is None, "what came after the newest copy is in none"
    gone = CallStore(vault).all()[0].id
    CallStore(vault).delete(gone)
    maintenance.replace_copies()
    copies = [path for _, path in backups.list_copies(vault.folder)]
    vault.close()
    assert len(copies) == 1
    (home / "vault" / DATABASE_NAME).unlink()
    copies[0].rename(home / "vault" / DATABASE_NAME)
    assert len(titles(home / "vault")) == 2


def test_a_copy_may_be_made_while_another_thread_writes(home: Path) -> None:
    vault = Vault.open(home / "vault", PASSPHRASE)
    store, stop = CallStore(vault), threading.Event()

    def write() -> None:
        while not stop.is_set():
            add(store, "One more.", title="More")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for n in range(5):
            backups.make_copy(vault, NOW + timedelta(days=n))
        write_backup(vault, home / "busy.tacit")
    finally:
        stop.set()
        writer.join()
    vault.close()
    assert is_clean(home / "vault")
    shutil.rmtree(home / "vault")
    StagedRestore(home / "busy.tacit", home / "vault", PASSPHRASE).finish()
    assert is_clean(home / "vault")


def test_check_names_what_is_missing_and_what_nobody_owns(home: Path) -> None:
    media = home / "vault" / "media"
    first, second, third = sorted(media.iterdir())
    first.unlink()
    second.write_bytes(second.read_bytes()[:-1])
    third.rename(media / "n0b0dyn0b0dy.sealed")
    (media / "x.part").write_bytes(b"")
    bad = [finding.name for finding in check_vault(home / "vault", PASSPHRASE) if not finding.is_good]
    assert sorted(bad) == sorted(
        [f"sound of {first.stem}", f"sound of {second.stem}", f"sound of {third.stem}", "file n0b0dyn0b0dy"]
    )


def test_check_repair_and_backup_go_by_the_earlier_header_where_the_header_is_damaged(home: Path) -> None:
    vault = home / "vault"
    with slots.hold_vault_lock(vault):
        slots.change_passphrase(vault, PASSPHRASE, "another passphrase altogether", CHEAP)
    (vault / HEADER_NAME).write_bytes(b"{")
    findings = {finding.name: finding for finding in check_vault(vault, PASSPHRASE)}
    assert [name for name, finding in findings.items() if not finding.is_good] == ["header"]
    assert "before the last change" in findings["header"].detail
    with pytest.raises(WrongPassphrase, match="before the last change"):
        list(check_vault(vault, "another passphrase altogether"))
    repair_vault(vault, PASSPHRASE, home / "new")
    assert is_clean(home / "new")
    open_vault = Vault.open(vault, PASSPHRASE)
    (vault / HEADER_NAME).write_bytes(b"{")  # while it is open
    with pytest.raises(VaultDamaged, match="header"):
        write_backup(open_vault, home / "c.tacit")
    open_vault.close()
    assert not (home / "c.tacit").exists()


def test_check_says_so_where_no_header_is_whole(home: Path) -> None:
    (home / "vault" / HEADER_NAME).write_bytes(b"")
    (finding,) = check_vault(home / "vault", PASSPHRASE)
    assert (finding.name, finding.is_good) == ("header", False)


def test_repair_makes_a_clean_vault_of_what_is_left(home: Path) -> None:
    media = home / "vault" / "media"
    first, second, third = sorted(media.iterdir())
    first.unlink()
    second.write_bytes(second.read_bytes()[:-1])
    repaired = repair_vault(home / "vault", PASSPHRASE, home / "new")
    assert repaired.saved == {
        "recordings": 3, "steps": 3, "surveys": 3, "speakers": 6, "tracks": 6, "utterances": 6, "retranscriptions": 0,
        "new_utterances": 0, "earlier_utterances": 0, "conversations": 0, "messages": 0, "chat_calls": 0, "drafts": 0,
        "door_openings": 0, "headers": 1, "sound_without_call": 0, "step_options": 0, "imported_files": 0, "speech": 0,
        "notes": 0, "note_versions": 0,
        "tasks": 0,
    }  # fmt: skip
    assert len(repaired.lost) == 2
    assert is_clean(home / "new")
    vault = Vault.open(home / "new", PASSPHRASE)
    with CallStore(vault).sound(CallStore(vault).find(third.stem)) as reader:
        assert reader.read(0, 100).startswith(b"sound of Call")
    assert all(CallStore(vault).survey(call.id) == SURVEY for call in CallStore(vault).all())
    vault.close()
    with pytest.raises(VaultError, match="not empty"):
        repair_vault(home / "vault", PASSPHRASE, home / "new")


def test_repair_takes_the_newest_copy_where_the_database_is_gone(home: Path) -> None:
    vault = Vault.open(home / "vault", PASSPHRASE)
    backups.make_copy(vault, NOW)
    vault.close()
    (home / "vault" / DATABASE_NAME).write_bytes(b"")
    before = {path: path.read_bytes() for path in (home / "vault").rglob("*") if path.is_file()}
    repaired = repair_vault(home / "vault", PASSPHRASE, home / "new")
    assert repaired.saved["utterances"] == 6
    assert "backup of 2026-11-21" in repaired.lost[0]
    assert before == {path: path.read_bytes() for path in (home / "vault").rglob("*") if path.is_file()}
    shutil.rmtree(home / "vault" / "backups")
    with pytest.raises(AssistantError, match="Neither"):
        repair_vault(home / "vault", PASSPHRASE, home / "newer")
    assert not (home / "newer").exists()
