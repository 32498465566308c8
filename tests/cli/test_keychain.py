"""The keychain from the command line: turned on, used without asking, and turned off."""

import json
from pathlib import Path
from typing import Any, NoReturn

import pytest
from click.testing import CliRunner, Result

from app import assembly
from app.cli.context import CommandContext
from app.cli.main import tacit
from app.core.errors import AssistantError, VaultError, WrongPassphrase
from app.services.application import Application
from app.storage.vault import Vault
from tests.doubles.keychains import Memory, keychain_on
from tests.running import CHEAP, PASSPHRASE, Home


class Terminal:
    """Runs commands in this process, on a keychain in memory; nobody is there to be asked."""

    def __init__(self, folder: Path) -> None:
        self.backend = Memory()
        self.vault, self.models, self.file = folder / "vault", folder / "models", folder / "passphrase.txt"
        self.file.write_text(PASSPHRASE + "\n")
        Vault.create(self.vault, PASSPHRASE, CHEAP).close()

    def _build(self, *_: object, is_offline_enforced: bool) -> Application:
        return assembly.build(
            self.vault, self.models, is_offline_enforced=is_offline_enforced, cost=CHEAP,
            keychain=keychain_on(self.backend),
        )  # fmt: skip

    def run(self, *arguments: str, with_file: bool = False) -> Result:
        rest = ["--passphrase-file", str(self.file)] if with_file else []
        return CliRunner().invoke(tacit, [*arguments, *rest], obj=CommandContext(self._build, _no_window, False))

    def json(self, *arguments: str, with_file: bool = False) -> Any:
        result = self.run(*arguments, "--json", with_file=with_file)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return json.loads(result.stdout)


def _no_window(*_: object) -> NoReturn:
    raise AssertionError("no window is opened here")


@pytest.fixture
def terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.delenv("TACIT_PASSPHRASE_FILE", raising=False)
    return Terminal(tmp_path)


def test_turned_on_it_opens_the_vault_without_a_question(terminal: Terminal) -> None:
    assert terminal.json("vault", "keychain", "status") == {"keychain": False}
    said = terminal.run("vault", "keychain", "on", with_file=True)
    assert said.stdout == "The keychain opens this vault.\n"
    assert "Whoever can use your account" in said.stderr
    assert terminal.json("vault", "keychain", "status") == {"keychain": True}
    assert terminal.json("list") == []
    assert all(finding["ok"] for finding in terminal.json("vault", "check"))


def test_off_by_default_nothing_is_asked_of_it(terminal: Terminal) -> None:
    with pytest.raises(VaultError, match="no terminal to ask on"):
        terminal.json("list")
    assert terminal.json("list", with_file=True) == []
    assert terminal.backend.asked == 0


def test_turned_off_nothing_is_left_in_it(terminal: Terminal) -> None:
    terminal.json("vault", "keychain", "on", with_file=True)
    assert terminal.json("vault", "keychain", "off") == {"keychain": False}
    assert not terminal.backend.kept
    with pytest.raises(VaultError, match="no terminal to ask on"):
        terminal.json("list")


def test_a_wrong_passphrase_turns_nothing_on(terminal: Terminal) -> None:
    terminal.file.write_text("not the one at all\n")
    with pytest.raises(WrongPassphrase):
        terminal.json("vault", "keychain", "on", with_file=True)
    assert not terminal.backend.kept


def test_a_locked_keychain_is_told_and_the_passphrase_is_asked_for(terminal: Terminal) -> None:
    terminal.json("vault", "keychain", "on", with_file=True)
    terminal.backend.is_locked = True
    result = terminal.run("list")
    assert (
        result.stderr
        == "The keychain is locked, or did not let Tacit in. The vault is as it was; use the passphrase.\n"
    )
    assert isinstance(result.exception, AssistantError)
    assert terminal.json("list", with_file=True) == []


def test_changing_the_passphrase_takes_the_one_before_and_not_the_keychain(terminal: Terminal, tmp_path: Path) -> None:
    terminal.json("vault", "keychain", "on", with_file=True)
    fresh = tmp_path / "new.txt"
    fresh.write_text("seven quiet lanterns on the hill\n")
    with pytest.raises(VaultError, match="no terminal to ask on"):
        terminal.json("vault", "passphrase", "--new-passphrase-file", str(fresh))
    assert terminal.json("vault", "passphrase", "--new-passphrase-file", str(fresh), with_file=True)
    assert terminal.json("list") == []


def test_without_a_keychain_on_this_computer_it_can_not_be_turned_on(tmp_path: Path) -> None:
    home = Home(tmp_path)
    outcome = home.run("vault", "keychain", "on", "--json")
    assert outcome.json["error"]["title"] == "This computer's keychain can't be reached."
    assert outcome.json["error"]["kind"] == "VaultError"
    assert home.run("vault", "keychain", "status", "--json").json == {"keychain": False}
