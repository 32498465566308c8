"""A daily copy that met damage or a full disk is told, until one is made."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.core.errors import NotEnoughSpace, VaultDamaged, VaultUnwritable
from app.services.vault.maintenance import Maintenance
from app.storage.files.layout import DATABASE_NAME
from app.storage.safety import backups
from app.storage.safety.copy_failure import noted_failure
from app.storage.tables.calls import CallStore
from app.storage.vault import Vault
from tests.conftest import opened_vault
from tests.running import CHEAP, PASSPHRASE, Home
from tests.storage.calls import add

KEY = b"m" * 32


@contextmanager
def opened(folder: Path) -> Iterator[Vault]:
    vault = opened_vault(folder, KEY)
    try:
        yield vault
    finally:
        vault.close()


def fill(vault: Vault) -> None:
    calls = CallStore(vault)
    for number in range(20):
        add(calls, *[f"line {number} {at} " + "word " * 40 for at in range(20)], title=f"Call {number}")


def damage(folder: Path) -> bytes:
    """Zero 64 bytes in the middle of the database; returns what it was."""
    database = folder / DATABASE_NAME
    whole = database.read_bytes()
    at = len(whole) * 6 // 10
    database.write_bytes(whole[:at] + bytes(64) + whole[at + 64 :])
    return whole


def test_a_copy_that_meets_damage_says_so_until_one_is_made(tmp_path: Path) -> None:
    folder = tmp_path / "vault"
    with opened(folder) as vault:
        fill(vault)
    whole = damage(folder)
    with opened(folder) as vault:
        maintenance = Maintenance(vault)
        assert not maintenance.copy_if_due()
        assert isinstance(maintenance.copy_problem, VaultDamaged)
        assert "daily copy" in maintenance.copy_problem.title
        assert backups.list_copies(folder) == []
    assert isinstance(noted_failure(folder), VaultDamaged)
    (folder / DATABASE_NAME).write_bytes(whole)
    with opened(folder) as vault:
        maintenance = Maintenance(vault)
        assert isinstance(maintenance.copy_problem, VaultDamaged), "another start still says so"
        assert maintenance.copy_if_due()
    assert noted_failure(folder) is None


@pytest.mark.parametrize(
    ("number", "kind"),
    [(errno.ENOSPC, NotEnoughSpace), (errno.EROFS, VaultUnwritable), (errno.EACCES, VaultUnwritable)],
)
def test_a_copy_that_the_disk_refused_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, kind: type[Exception]
) -> None:
    with opened(tmp_path / "vault") as vault:
        maintenance = Maintenance(vault)

        def refuse(*_: object) -> None:
            raise OSError(number, "refused")

        with monkeypatch.context() as patch:
            patch.setattr(backups, "_date_back", refuse)
            assert not maintenance.copy_if_due()
        assert isinstance(maintenance.copy_problem, kind)
        maintenance.replace_copies()
        assert maintenance.copy_problem is None


@pytest.mark.parametrize("content", [b"", b"KeyError", b"\xff" * 5000, b"SystemExit"])
def test_a_note_that_is_not_ours_says_nothing(tmp_path: Path, content: bytes) -> None:
    with opened(tmp_path / "vault") as vault:
        Maintenance(vault).copy_if_due()
    (tmp_path / "vault" / "backups" / "failed").write_bytes(content)
    assert noted_failure(tmp_path / "vault") is None


def test_the_commands_say_so(tmp_path: Path) -> None:
    home = Home(tmp_path)
    vault = Vault.create(home.vault, PASSPHRASE, CHEAP)
    fill(vault)
    vault.close()
    whole = damage(home.vault)
    vault = Vault.open(home.vault, PASSPHRASE)
    Maintenance(vault).copy_if_due()
    vault.close()
    checked = home.run("vault", "check")
    assert checked.status == 1
    assert "The daily copy of the vault met damage and was not made." in checked.err
    (home.vault / DATABASE_NAME).write_bytes(whole)
    listed = home.run("list")
    assert listed.status == 0
    assert "The daily copy of the vault met damage and was not made." in listed.err
