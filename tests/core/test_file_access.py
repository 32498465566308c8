"""Whether others reach a person's files, as the permissions of the file and of every folder above say."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.file_access import access_notice, access_of_others
from app.core.resources import demo_call
from tests.running import Home

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="permissions as POSIX has them")


@pytest.fixture
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder that every user can pass into; those of pytest are closed."""
    import shutil
    import tempfile

    made = Path(tempfile.mkdtemp(dir="/tmp"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


@pytest.mark.parametrize(
    ("mode", "folder", "can"),
    [(0o600, 0o755, ""), (0o644, 0o755, "read"), (0o604, 0o755, "read"), (0o602, 0o755, "change"),
     (0o666, 0o755, "change"), (0o666, 0o700, ""), (0o644, 0o700, ""), (0o640, 0o755, ""), (0o660, 0o755, ""),
     (0o600, 0o757, "change"), (0o600, 0o1757, ""), (0o777, 0o755, "change")],
)  # fmt: skip
def test_a_file_is_as_open_as_it_and_its_folder(mode: int, folder: int, can: str, place: Path) -> None:
    (place / "own").mkdir()
    file = place / "own" / "passphrase.txt"
    file.write_text("x")
    file.chmod(mode)
    (place / "own").chmod(folder)
    assert access_of_others(file) == can


@pytest.mark.parametrize(("mode", "can"), [(0o700, ""), (0o755, "read"), (0o711, "read"), (0o777, "change")])
def test_a_folder_is_open_if_others_can_pass_into_it(mode: int, can: str, place: Path) -> None:
    (place / "vault").mkdir()
    (place / "vault").chmod(mode)
    assert access_of_others(place / "vault") == can
    assert (access_notice(place / "vault", "the vault's folder") is None) == (can == "")


@pytest.mark.skipif(not hasattr(os, "getuid") or os.getuid() != 0, reason="only root gives a file to another group")
def test_another_group_counts_and_a_link_is_followed(place: Path) -> None:
    file = place / "passphrase.txt"
    file.write_text("x")
    os.chown(file, 0, 12345)
    file.chmod(0o640)
    (place / "link").symlink_to(file)
    assert access_of_others(file) == access_of_others(place / "link") == "read"
    file.chmod(0o660)
    assert access_of_others(file) == "change"


def test_what_is_not_there_is_nobodys(tmp_path: Path) -> None:
    assert access_of_others(tmp_path / "missing") == ""


def test_a_command_tells_of_an_open_passphrase_file_and_vault_and_works(place: Path) -> None:
    home = Home(place)
    home.passphrase.chmod(0o644)
    home.run("list")
    home.vault.chmod(0o755)
    outcome = home.run("list")
    assert outcome.status == 0
    assert "Other users of this computer can read the passphrase file. Nothing was changed; «chmod" in outcome.err
    assert "Other users of this computer can read the vault's folder." in outcome.err
    home.passphrase.chmod(0o600)
    home.vault.chmod(0o700)
    assert "Other users" not in home.run("list").err


def test_what_the_program_makes_is_for_this_user_alone_whatever_the_umask(place: Path) -> None:
    home = Home(place, makes_vaults=False)
    before = os.umask(0)
    try:
        run = home.start("import", str(demo_call()))
    finally:
        os.umask(before)
    run.communicate(timeout=120)
    made = [*home.vault.rglob("*"), home.vault, *(place / "config").rglob("*"), *(place / "data").rglob("*")]
    assert home.vault / "vault.db" in made
    assert [path.name for path in made if path.stat().st_mode & 0o077] == []
