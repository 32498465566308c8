"""The commands on what opens the vault: its passphrase, its recovery key and the system's keychain."""

from pathlib import Path

import click

from app.cli.context import Frame, common, pass_frame
from app.core.errors import VaultMissing

_GIVEN_UP = (
    "Whoever can use your account on this computer while you are logged in can then open the vault.",
    "On Linux and Windows so can other programs that you run.",
)
_PROMPT = "Passphrase or recovery key: "


@click.command()
@click.option(
    "--new-passphrase-file",
    type=click.Path(path_type=Path),
    help="A file whose first line is the new passphrase; otherwise it asks, twice.",
)
@common
@pass_frame
def passphrase(frame: Frame, new_passphrase_file: Path | None) -> int:
    """Change the passphrase; the recovery key, which may stand in for a forgotten one, stays."""
    tacit = frame.tacit()
    if not tacit.vault_exists():
        raise VaultMissing
    secret = frame.passphrase(_PROMPT)
    fresh = frame.new_passphrase(tacit, new_passphrase_file)
    tacit.rekeying.change_passphrase(secret, fresh)
    said = "The passphrase was changed. Copies and backups made before still open with the one before."
    if frame.is_json:
        frame.data({"changed": "passphrase"}, "")
    else:
        frame.note(said)
    return 0


@click.command("recovery-key")
@common
@pass_frame
def recovery_key(frame: Frame) -> int:
    """Make a new recovery key and show it this once; the one before stops working."""
    tacit = frame.tacit()
    if not tacit.vault_exists():
        raise VaultMissing
    made = tacit.rekeying.renew_recovery_key(frame.passphrase(_PROMPT))
    frame.data({"recovery_key": made}, made)
    if not frame.is_json:
        frame.note("Write it down or print it, and keep it away from this computer: it opens the vault by itself.")
        frame.note("It is not shown again. The recovery key from before no longer opens this vault.")
    return 0


@click.command()
@click.argument("wanted", metavar="on|off|status", type=click.Choice(["on", "off", "status"]))
@common
@pass_frame
def keychain(frame: Frame, wanted: str) -> int:
    """Let the system's keychain open the vault without its passphrase, or no longer."""
    tacit = frame.tacit()
    if not tacit.vault_exists():
        raise VaultMissing
    if wanted == "on":
        for sentence in _GIVEN_UP:
            frame.note(sentence)
        tacit.rekeying.turn_keychain_on(frame.passphrase(_PROMPT))
    elif wanted == "off" and tacit.keychain_opens():
        with frame.session() as session:
            if not session.rekeying.turn_keychain_off():
                frame.note("Its entry in the keychain could not be removed; it opens nothing but copies from before.")
    is_on = tacit.keychain_opens()
    words = "The keychain opens this vault." if is_on else "The keychain does not open this vault."
    frame.data({"keychain": is_on}, words)
    return 0


COMMANDS = (passphrase, recovery_key, keychain)
