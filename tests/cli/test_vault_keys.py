"""The commands that change what opens the vault, as a person types them and as a script runs them."""

import os
import re
import subprocess
import time
from pathlib import Path

import pytest

from app.core import recovery_key
from tests.running import CHEAP, PASSPHRASE, Home

NEW = "seven quiet lanterns on the hill"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def typed(home: Home, arguments: list[str], answers: list[tuple[str, str]]) -> tuple[int, str]:
    """Run on a terminal, answer each prompt; the status and what the terminal showed."""
    import pty

    environment = home.environment
    del environment["TACIT_PASSPHRASE_FILE"]
    ours, theirs = pty.openpty()
    run = subprocess.Popen(
        home.command(*arguments), env=environment, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    os.close(theirs)
    shown, read_up_to, end = "", 0, time.monotonic() + 60
    try:
        while time.monotonic() < end:
            try:
                piece = os.read(ours, 4096).decode()
            except OSError:  # the other side was closed
                break
            if not piece:
                break
            shown += piece
            if answers and answers[0][0] in shown[read_up_to:]:
                read_up_to = len(shown)
                time.sleep(0.1)  # until the echo is off
                os.write(ours, answers.pop(0)[1].encode() + b"\n")
    finally:
        os.close(ours)
        status = run.wait(timeout=30)
    assert answers == []
    return status, shown


def recovery_key_in(text: str) -> str:
    (found,) = re.findall(r"(?m)^\s*((?:[0-9A-Z]{4}-){7}\S{5})\s*$", text)
    assert recovery_key.parse_key(found) is not None
    return str(found)


@pytest.mark.skipif(os.name != "posix", reason="needs a terminal of its own")
def test_a_vault_made_on_a_terminal_shows_its_recovery_key_and_it_opens(tmp_path: Path) -> None:
    home = Home(tmp_path, makes_vaults=False)  # made by the product itself, at the cost that it measures
    status, shown = typed(home, ["vault", "create"], [("New passphrase", PASSPHRASE), ("The same again", PASSPHRASE)])
    assert status == 0, shown
    assert PASSPHRASE not in shown
    key = recovery_key_in(shown)
    assert home.run("list").status == 0
    home.passphrase.write_text(key.lower().replace("-", " ") + "\n")
    again = home.run("list")
    assert again.status == 0, again.err
    assert key not in again.out + again.err


def test_a_vault_made_from_a_file_shows_no_recovery_key(tmp_path: Path) -> None:
    home = Home(tmp_path, makes_vaults=False)
    outcome = home.run("vault", "create")
    assert (outcome.status, outcome.err.count("-")) == (0, 0), outcome.err
    assert home.run("vault", "create", "--json").json["error"]["kind"] == "VaultError"
    assert home.run("list", "--json").json == []


def test_a_slip_in_the_folder_leaves_no_empty_vault(tmp_path: Path) -> None:
    home = Home(tmp_path, makes_vaults=False)
    for command in (["list"], ["search", "word"], ["ask", "what?"], ["show", "x"], ["delete", "x", "--yes"]):
        outcome = home.run(*command)
        assert outcome.status == 1
        assert "There is no vault in this folder." in outcome.err
        assert not home.vault.exists()


@pytest.mark.skipif(os.name != "posix", reason="needs a terminal of its own")
def test_the_passphrase_is_changed_on_a_terminal(home: Home) -> None:
    home.run("list")
    answers = [("recovery key: ", PASSPHRASE), ("New passphrase", "short"), ("New passphrase", NEW)]
    answers += [("The same again", NEW + "x"), ("New passphrase", NEW), ("The same again", NEW)]
    status, shown = typed(home, ["vault", "passphrase"], answers)
    assert status == 0, shown
    assert "The passphrase was changed" in shown
    assert home.run("list", "--json").json["error"]["kind"] == "WrongPassphrase"
    home.passphrase.write_text(NEW)
    assert home.run("list", "--json").json == []


def test_the_passphrase_is_changed_from_files(home: Home, tmp_path: Path) -> None:
    fresh = tmp_path / "new.txt"
    fresh.write_text(NEW + "\n")
    outcome = home.run("vault", "passphrase", "--new-passphrase-file", str(fresh), "--json")
    assert (outcome.status, outcome.json) == (0, {"changed": "passphrase"})
    assert home.run("list", "--json").json["error"]["kind"] == "WrongPassphrase"
    assert home.run("list", "--passphrase-file", str(fresh), "--json").json == []
    assert sorted(p.name for p in home.vault.iterdir()) == ["media", "vault.db", "vault.hdr", "vault.lock"]


def test_a_recovery_key_is_made_and_sets_a_forgotten_passphrase(home: Home, tmp_path: Path) -> None:
    first = home.run("vault", "recovery-key")
    assert first.status == 0, first.err
    key = recovery_key_in(first.out)
    assert key not in first.err
    second = home.run("vault", "recovery-key", "--json").json["recovery_key"]
    fresh, kept = tmp_path / "new.txt", tmp_path / "key.txt"
    fresh.write_text(NEW)
    kept.write_text(key)
    change = ("vault", "passphrase", "--passphrase-file", str(kept), "--new-passphrase-file", str(fresh), "--json")
    assert home.run(*change).json["error"]["kind"] == "WrongPassphrase", "the first one is no longer good"
    kept.write_text(second)
    assert home.run(*change).status == 0
    assert home.run("list", "--passphrase-file", str(fresh)).status == 0


def test_a_short_new_passphrase_changes_nothing(home: Home, tmp_path: Path) -> None:
    fresh = tmp_path / "new.txt"
    fresh.write_text("short")
    outcome = home.run("vault", "passphrase", "--new-passphrase-file", str(fresh), "--json")
    assert outcome.json["error"]["kind"] == "VaultError"
    assert "too short" in outcome.json["error"]["title"]
    assert home.run("list").status == 0


def test_no_vault_is_made_by_changing_one(tmp_path: Path) -> None:
    home = Home(tmp_path, makes_vaults=False)
    for verb in ("passphrase", "recovery-key"):
        outcome = home.run("vault", verb, "--json")
        assert "no vault" in outcome.json["error"]["title"]
    assert not home.vault.exists()


def test_a_new_passphrase_costs_what_this_machine_can_bear(home: Home, tmp_path: Path) -> None:
    home.run("list")
    assert f'"m_kib": {CHEAP.m_kib},' in (home.vault / "vault.hdr").read_text()
    fresh = tmp_path / "new.txt"
    fresh.write_text(NEW)
    assert home.run("vault", "passphrase", "--new-passphrase-file", str(fresh)).status == 0
    costs = [int(found) for found in re.findall(r'"m_kib": (\d+)', (home.vault / "vault.hdr").read_text())]
    assert max(costs) >= 64 * 1024
    assert CHEAP.m_kib not in costs


def test_a_backup_is_restored_with_new_keys_or_says_who_can_open_it(home: Home, tmp_path: Path) -> None:
    home.run("list")
    backup = str(tmp_path / "b.tacit")
    assert home.run("backup", backup).status == 0
    kept = home.run("restore", backup, "--yes")
    assert (kept.status, "--new-keys" in kept.err) == (0, True)
    fresh, weak, key_file = (tmp_path / name for name in ("new", "weak", "key"))
    fresh.write_text(NEW + "\n")
    weak.write_text("aaaaaaaaaaaa\n")
    for file, why in ((weak, "too easy to guess"), (home.passphrase, "opens the backup itself")):
        refused = home.run("restore", backup, "--yes", "--new-passphrase-file", str(file))
        assert (refused.status, why in refused.err) == (1, True), refused.err
    told = home.run("restore", backup, "--yes", "--new-keys", "--new-passphrase-file", str(fresh))
    assert told.status == 0, told.err
    key_file.write_text(recovery_key_in(told.err) + "\n")
    assert home.run("list", "--json").json["error"]["kind"] == "WrongPassphrase"
    for file in (fresh, key_file):
        assert home.run("list", "--passphrase-file", str(file), "--json").json == []
    again = home.run("restore", backup, "--yes", "--new-passphrase-file", str(fresh), "--json")
    assert recovery_key.parse_key(again.json["recovery_key"]) is not None
    assert "recovery key of this vault" not in again.err
