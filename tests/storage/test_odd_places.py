"""Vaults in odd places and at odd times: beside a person's own files, under links, with clocks that are wrong."""

import errno
import os
import shutil
import stat
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.core import filelock
from app.core.errors import NotFound, VaultDamaged, VaultError, VaultInUse, VaultTooNew, VaultUnwritable
from app.core.transcript import spoken
from app.services.vault.maintenance import Maintenance, check_vault, repair_vault
from app.storage.database import schema
from app.storage.files.layout import DATABASE_NAME, HEADER_NAME, LOCK_NAME, MEDIA_NAME
from app.storage.files.lock_file import LockFile
from app.storage.safety import backups, folder_swap
from app.storage.safety.backups import write_backup
from app.storage.safety.restore import StagedRestore
from app.storage.tables.calls import CallStore
from app.storage.vault import Vault
from tests.running import CHEAP
from tests.storage.calls import add

PASSPHRASE = "correct horse battery staple"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder with a vault of one call and its backup."""
    vault = Vault.create(tmp_path / "vault", PASSPHRASE, CHEAP)
    add(CallStore(vault), "We agree.", title="Call")
    write_backup(vault, tmp_path / "b.tacit")
    vault.close()
    return tmp_path


def restore(home: Path, folder: Path) -> None:
    StagedRestore(home / "b.tacit", folder, PASSPHRASE).finish()


def test_a_restore_takes_no_folder_that_is_no_vault(home: Path) -> None:
    (home / "letters").mkdir()
    (home / "letters" / "dear.txt").write_text("Dear all")
    with pytest.raises(VaultError, match="not empty"):
        restore(home, home / "letters")
    assert [path.name for path in (home / "letters").iterdir()] == ["dear.txt"]
    (home / "empty").mkdir()
    (home / "empty" / ".DS_Store").touch()
    restore(home, home / "empty")
    Vault.open(home / "empty", PASSPHRASE).close()


def test_a_persons_own_files_in_the_vaults_folder_outlive_a_restore(home: Path) -> None:
    mine = {"notes.txt": "mine", "media/b.tacit": "a backup", "taxes/2026.txt": "much", "backups/why.md": "so"}
    (home / "vault" / "backups").mkdir()
    (home / "vault" / "taxes").mkdir()
    for name, text in mine.items():
        (home / "vault" / name).write_text(text)
    for _ in range(2):
        restore(home, home / "vault")
        assert {name: (home / "vault" / name).read_text() for name in mine} == mine
    folder_swap.remove_replaced_folder(home / "vault")
    assert {name: (home / "vault" / name).read_text() for name in mine} == mine
    assert sorted(path.name for path in home.iterdir()) == ["b.tacit", "vault"]


def test_two_restores_to_one_place_do_not_mix(home: Path) -> None:
    first = StagedRestore(home / "b.tacit", home / "new", PASSPHRASE)
    with pytest.raises(VaultInUse):
        restore(home, home / "new")
    first.finish()
    first.give_up()
    Vault.open(home / "new", PASSPHRASE).close()
    second = StagedRestore(home / "b.tacit", home / "new", PASSPHRASE)
    first.give_up()
    second.finish()
    assert all(finding.is_good for finding in check_vault(home / "new", PASSPHRASE))


def test_a_vault_under_a_link_is_restored_where_it_lies(home: Path) -> None:
    (home / "disk").mkdir()
    (home / "vault").rename(home / "disk" / "real")
    (home / "vault").symlink_to(home / "disk" / "real")
    restore(home, home / "vault")
    folder_swap.remove_replaced_folder(home / "vault")
    assert (home / "vault").is_symlink()
    assert [path.name for path in (home / "disk").iterdir()] == ["real"]
    Vault.open(home / "vault", PASSPHRASE).close()


def test_a_restore_into_the_folder_where_one_is(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(home / "vault")
    StagedRestore(home / "b.tacit", Path(), PASSPHRASE).finish()
    Vault.open(home / "vault", PASSPHRASE).close()


def test_another_vault_is_never_replaced_without_a_yes(home: Path) -> None:
    Vault.create(home / "other", PASSPHRASE, CHEAP).close()
    long_ago = (datetime.now(UTC) - timedelta(days=99)).timestamp()
    for folder, is_other in ((home / "vault", False), (home / "other", True)):
        for path in folder.rglob("*"):
            os.utime(path, (long_ago, long_ago))
        restoring = StagedRestore(home / "b.tacit", folder, PASSPHRASE)
        assert (restoring.replaces_newer_vault, restoring.replaces_other_vault) == (False, is_other)
        restoring.made += timedelta(days=365)
        assert restoring.replaces_newer_vault, "a clock that was ahead says nothing"
        restoring.give_up()


def test_a_vault_that_lost_its_header_is_not_written_over(home: Path) -> None:
    header = (home / "vault" / HEADER_NAME).rename(home / "elsewhere")
    with pytest.raises(VaultDamaged, match="without its header"):
        Vault.create(home / "vault", PASSPHRASE, CHEAP)
    restoring = StagedRestore(home / "b.tacit", home / "vault", PASSPHRASE)
    assert restoring.replaces_newer_vault, "what is there can't be told"
    restoring.give_up()
    header.rename(home / "vault" / HEADER_NAME)
    vault = Vault.open(home / "vault", PASSPHRASE)
    assert len(CallStore(vault).all()) == 1
    vault.close()


def test_rewriting_the_copies_takes_those_that_a_synchroniser_doubled(home: Path) -> None:
    vault = Vault.open(home / "vault", PASSPHRASE)
    backups.make_copy(vault, datetime.now(UTC) - timedelta(days=1))
    ((_, copy),) = backups.list_copies(vault.folder)
    shutil.copy(copy, copy.with_name(f"{copy.stem} (conflicted copy).db"))
    backups.make_copy(vault, datetime.now(UTC))
    assert len(list(copy.parent.iterdir())) == 3
    Maintenance(vault).replace_copies()
    assert len(list(copy.parent.iterdir())) == 1
    vault.close()


def test_a_repair_stays_out_of_the_damaged_vault(home: Path) -> None:
    for name in ("", "backups", "new", HEADER_NAME):
        with pytest.raises(VaultError, match=r"not empty|lies in the damaged vault"):
            repair_vault(home / "vault", PASSPHRASE, home / "vault" / name)


def test_a_file_where_the_folder_of_sound_was_is_told_in_words(home: Path) -> None:
    shutil.rmtree(home / "vault" / MEDIA_NAME)
    (home / "vault" / MEDIA_NAME).touch()
    vault = Vault.open(home / "vault", PASSPHRASE)
    with pytest.raises(VaultUnwritable):
        CallStore(vault).remove_unwanted_sound()
    vault.close()


def test_a_disk_without_links_rights_and_syncs_of_folders_does(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.ENOTSUP, "not supported")

    really = os.fsync

    def fsync(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "not supported")
        really(descriptor)

    for call in ("link", "chmod"):
        monkeypatch.setattr(os, call, refuse)
    monkeypatch.setattr(os, "fsync", fsync)
    vault = Vault.create(home / "earlier", PASSPHRASE, CHEAP)
    write_backup(vault, home / "b.tacit")
    vault.close()
    monkeypatch.setattr(schema, "VERSION", schema.VERSION + 1)
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, lambda _: None))
    for _ in range(2):
        vault = Vault.open(home / "earlier", PASSPHRASE)
        assert vault.is_migrated
        backups.make_copy(vault, datetime.now(UTC))
        vault.close()
        restore(home, home / "earlier")


def test_a_backup_does_not_lie_in_the_vault_itself(home: Path) -> None:
    vault = Vault.open(home / "vault", PASSPHRASE)
    for name in ("b.tacit", "vault.hdr.1", "media/b.tacit"):
        with pytest.raises(VaultError, match="belongs to a vault"):
            write_backup(vault, vault.folder / name)
    vault.close()


def test_a_backup_of_a_newer_version_says_so(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "VERSION", schema.VERSION - 1)
    with pytest.raises(VaultTooNew):
        restore(home, home / "elsewhere")
    (found,) = [finding for finding in check_vault(home / "vault", PASSPHRASE) if not finding.is_good]
    assert "newer version" in found.detail


def test_a_call_deleted_while_a_backup_is_written_does_not_end_it(home: Path) -> None:
    vault = Vault.open(home / "vault", PASSPHRASE)
    store = CallStore(vault)
    (call,) = store.all()

    def watch(step: str, done: int, total: int) -> None:
        if step == "Writing" and store.all():
            store.delete(call.id)

    (missing,) = write_backup(vault, home / "c.tacit", watch)
    assert call.id in missing
    vault.close()


def test_a_piece_of_a_call_that_was_deleted_meanwhile_is_no_damage(home: Path) -> None:
    vault = Vault.open(home / "vault", PASSPHRASE)
    store = CallStore(vault)
    (call,) = store.all()
    store.delete(call.id)
    with pytest.raises(NotFound):
        store.save_utterances(call.id, 0, 1.0, [spoken(0, 0.0, 1.0, "Late.")], "en")
    vault.close()


def test_a_vault_whose_empty_folder_was_left_out_of_a_copy_opens(tmp_path: Path) -> None:
    Vault.create(tmp_path / "vault", PASSPHRASE, CHEAP).close()
    (tmp_path / "vault" / MEDIA_NAME).rmdir()
    vault = Vault.open(tmp_path / "vault", PASSPHRASE)
    CallStore(vault).remove_unwanted_sound()
    add(CallStore(vault), "First.", title="First")
    vault.close()


def test_copies_of_a_clock_that_was_a_year_ahead_age_like_any_other(home: Path) -> None:
    vault = Vault.open(home / "vault", PASSPHRASE)
    now = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
    for day in range(6):
        backups.make_copy(vault, now + timedelta(days=365 + day))
    for day in range(6):
        assert backups.is_copy_due(vault.folder, now + timedelta(days=day))
        backups.make_copy(vault, now + timedelta(days=day))
    last = now + timedelta(days=5)
    made = [moment for moment, _ in backups.list_copies(vault.folder)]
    assert made[:5] == [last - timedelta(days=n) for n in range(5)]
    assert max(made) == last
    backups.make_copy(vault, last + timedelta(weeks=5))
    assert all(moment > last - timedelta(seconds=10) for moment, _ in backups.list_copies(vault.folder))
    vault.close()


def test_a_wrong_clock_never_hides_a_copy_from_the_question(home: Path) -> None:
    vault = Vault.open(home / "vault", PASSPHRASE)
    maintenance, now = Maintenance(vault), datetime.now(UTC)
    backups.make_copy(vault, now - timedelta(days=1))
    until = maintenance.held_until(now + timedelta(days=365))
    assert until is not None, "the call came with the clock ahead: nobody knows when"
    backups.make_copy(vault, now + timedelta(days=365))
    until = maintenance.held_until(now - timedelta(days=2))
    assert until is not None
    assert until < now + timedelta(weeks=6)
    vault.close()


def test_a_copy_that_was_begun_before_a_deletion_is_made_again(home: Path) -> None:
    vault = Vault.open(home / "vault", PASSPHRASE)
    store = CallStore(vault)
    deleting, asked = threading.Thread(target=lambda: store.delete(store.all()[0].id)), 0

    def checkpoint() -> None:
        nonlocal asked
        asked += 1
        if asked == 1:
            deleting.start()
            deleting.join()

    backups.make_copy(vault, datetime.now(UTC), checkpoint=checkpoint)
    ((_, copy),) = backups.list_copies(vault.folder)
    shutil.copy(copy, vault.folder / "copy.db")
    vault.close()
    shutil.move(home / "vault" / "copy.db", home / "vault" / DATABASE_NAME)
    vault = Vault.open(home / "vault", PASSPHRASE)
    assert CallStore(vault).all() == []
    vault.close()


def test_a_disk_without_locks_is_not_called_another_window(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: int) -> None:
        raise OSError(95, "not supported")

    monkeypatch.setattr(filelock, "lock", refuse)
    with pytest.raises(VaultUnwritable):
        LockFile(home / "vault" / LOCK_NAME)


def test_a_lock_on_a_folder_that_was_replaced_meanwhile_owns_nothing(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, really = home / "vault" / LOCK_NAME, filelock.lock

    def lock(descriptor: int) -> None:
        path.unlink()
        path.touch()
        really(descriptor)

    monkeypatch.setattr(filelock, "lock", lock)
    with pytest.raises(VaultInUse):
        LockFile(path)


def test_passphrases_of_any_kind_open_what_they_made(tmp_path: Path) -> None:
    for n, odd in enumerate(("x" * 1_000_000, "a\0b" * 5, "\ud800 lone surrogate", "ﬁ ŉ İ " * 4, "\n\r\t \u2028" * 5)):
        Vault.create(tmp_path / str(n), odd, CHEAP).close()
        Vault.open(tmp_path / str(n), odd).close()
