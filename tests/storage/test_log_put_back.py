"""An earlier database beside a newer log, or an earlier log beside a newer database, is told and changes nothing."""

import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.core.errors import VaultDamaged
from app.services.vault.maintenance import back_up, check_vault, repair_vault
from app.storage.files.layout import DATABASE_NAME, sound_ids
from app.storage.safety.backups import list_copies, make_copy
from app.storage.tables.calls import CallStore
from app.storage.vault import Vault
from tests.running import CHEAP, PASSPHRASE, ROOT
from tests.storage.calls import add, make_vault_of_one_call

LOG = DATABASE_NAME + "-wal"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home whose vault holds one call."""
    make_vault_of_one_call(tmp_path / "vault")
    return tmp_path


def titles(home: Path) -> list[str]:
    vault = Vault.open(home / "vault", PASSPHRASE)
    found = [call.title for call in CallStore(vault).all()]
    vault.close()
    return sorted(found)


def faults(home: Path) -> list[str]:
    return [finding.name for finding in check_vault(home / "vault", PASSPHRASE) if not finding.is_good]


def add_call(home: Path, title: str) -> None:
    vault = Vault.open(home / "vault", PASSPHRASE)
    add(CallStore(vault), "We agree.", title=title)
    vault.close()


def killed(home: Path, *titles: str) -> None:
    """Bring calls in, and end the process before it folds the log into the database."""
    script = f"""
import os
from pathlib import Path
from app.storage.tables.calls import CallStore
from app.storage.vault import Vault
from tests.storage.calls import add
vault = Vault.open(Path({str(home / "vault")!r}), {PASSPHRASE!r})
for title in {titles!r}:
    add(CallStore(vault), "We agree.", title=title)
os._exit(0)
"""
    subprocess.run([sys.executable, "-c", script], check=True, cwd=ROOT)
    assert (home / "vault" / LOG).stat().st_size > 0


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of the database and of the sound."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in ("vault.lock", "vault.db-shm")
    }


def require_told_and_left(home: Path) -> None:
    """A start, a check and a backup tell it, and change nothing."""
    before = contents(home / "vault")
    with pytest.raises(VaultDamaged, match="do not belong together") as refused:
        titles(home)
    assert refused.value.advice.startswith("Nothing was changed: ")
    assert faults(home) == ["log"]
    with pytest.raises(VaultDamaged, match="do not belong together"):
        back_up(home / "vault", PASSPHRASE, home / "b.tacit")
    assert contents(home / "vault") == before


def test_the_log_of_a_killed_process_is_taken_as_always(home: Path) -> None:
    killed(home, "Second")
    killed(home, "Third")
    assert titles(home) == ["First", "Second", "Third"]
    assert faults(home) == []


def test_an_earlier_database_beside_a_newer_log_is_told_and_loses_nothing(home: Path) -> None:
    database = home / "vault" / DATABASE_NAME
    shutil.copy(database, home / "earlier.db")
    add_call(home, "Second")
    killed(home, "Third")
    shutil.copy(database, home / "last.db")
    shutil.copy(home / "earlier.db", database)
    require_told_and_left(home)
    shutil.copy(home / "last.db", database)
    assert titles(home) == ["First", "Second", "Third"]
    assert faults(home) == []


def test_an_earlier_database_from_the_same_run_is_told_too(home: Path) -> None:
    """The log began again meanwhile, since it had grown long."""
    database = home / "vault" / DATABASE_NAME
    shutil.copy(database, home / "earlier.db")
    killed(home, *(f"Call {n}" for n in range(60)))
    if database.read_bytes() == (home / "earlier.db").read_bytes():
        pytest.fail("the log was never folded")
    shutil.copy(database, home / "last.db")
    shutil.copy(home / "earlier.db", database)
    require_told_and_left(home)
    shutil.copy(home / "last.db", database)
    assert len(titles(home)) == 61


def test_the_database_that_the_log_began_over_is_no_earlier_one(home: Path) -> None:
    database = home / "vault" / DATABASE_NAME
    shutil.copy(database, home / "same.db")
    killed(home, "Second")
    shutil.copy(home / "same.db", database)
    assert titles(home) == ["First", "Second"]
    assert faults(home) == []


def test_an_earlier_log_beside_a_newer_database_is_told_and_loses_nothing(home: Path) -> None:
    log = home / "vault" / LOG
    killed(home, "Second")
    shutil.copy(log, home / "earlier-wal")
    assert titles(home) == ["First", "Second"]
    add_call(home, "Third")
    shutil.copy(home / "earlier-wal", log)
    require_told_and_left(home)
    log.unlink()
    assert titles(home) == ["First", "Second", "Third"]


def test_a_copy_from_backups_beside_the_log_is_told_too(home: Path) -> None:
    """It has as many commits as the log began with, and other pages."""
    database = home / "vault" / DATABASE_NAME
    vault = Vault.open(home / "vault", PASSPHRASE)
    make_copy(vault, datetime(2026, 11, 20, tzinfo=UTC))
    vault.close()
    ((_, copy),) = list_copies(home / "vault")
    killed(home, "Second")
    shutil.copy(database, home / "last.db")
    shutil.copy(copy, database)
    require_told_and_left(home)
    shutil.copy(home / "last.db", database)
    assert titles(home) == ["First", "Second"]
    assert faults(home) == []


def test_a_database_of_another_vault_beside_the_log_is_told_as_damage_and_left(home: Path) -> None:
    killed(home, "Second")
    Vault.create(home / "other", PASSPHRASE, CHEAP).close()
    shutil.copy(home / "other" / DATABASE_NAME, home / "vault" / DATABASE_NAME)
    before = contents(home / "vault")
    with pytest.raises(VaultDamaged):
        titles(home)
    assert contents(home / "vault") == before


def test_a_log_that_was_cut_off_is_taken_up_to_there(home: Path) -> None:
    log = home / "vault" / LOG
    killed(home, "Second", "Third")
    with log.open("rb+") as file:
        file.truncate(log.stat().st_size - 5000)
    assert titles(home)[:2] == ["First", "Second"]


def test_without_its_log_an_earlier_database_opens_and_newer_sound_stays(home: Path) -> None:
    database = home / "vault" / DATABASE_NAME
    shutil.copy(database, home / "earlier.db")
    add_call(home, "Second")
    killed(home, "Third")
    shutil.copy(home / "earlier.db", database)
    repaired = repair_vault(home / "vault", PASSPHRASE, home / "repaired")
    assert any("log is not that of the database" in lost for lost in repaired.lost)
    (home / "vault" / LOG).rename(home / "moved-wal")
    assert titles(home) == ["First"]
    assert len(sound_ids(home / "vault" / "media")) == 3
