"""The commands for what opens the vault: its passphrase, its recovery key and the system's keychain."""

from pathlib import Path

import click

from app.cli.context import CommandContext, common_options, new_passphrase_option, pass_command_context
from app.core.errors import VaultMissing

_GIVEN_UP = (
    "Whoever can use your account on this computer while you are logged in can then open the vault.",
    "On Linux and Windows so can other programs that you run.",
)
_PROMPT = "Passphrase or recovery key: "


@click.command()
@new_passphrase_option
@common_options
@pass_command_context
def passphrase(frame: CommandContext, new_passphrase_file: Path | None) -> int:
    """Change the passphrase; the recovery key, which may stand in for a forgotten one, stays."""
    tacit = frame.application()
    if not tacit.vault_exists():
        raise VaultMissing
    secret = frame.obtain_passphrase(_PROMPT)
    fresh = frame.obtain_new_passphrase(tacit, new_passphrase_file)
    tacit.key_slots.change_passphrase(secret, fresh)
    said = "The passphrase was changed. Copies and backups made before still open with the one before."
    if frame.is_json:
        frame.write_result({"changed": "passphrase"}, "")
    else:
        frame.write_message(said)
    return 0


@click.command("recovery-key")
@common_options
@pass_command_context
def recovery_key(frame: CommandContext) -> int:
    """Make a new recovery key and show it this once; the one before stops working."""
    tacit = frame.application()
    if not tacit.vault_exists():
        raise VaultMissing
    made = tacit.key_slots.renew_recovery_key(frame.obtain_passphrase(_PROMPT))
    frame.write_result({"recovery_key": made}, made)
    if not frame.is_json:
        frame.write_message(
            "Write it down or print it, and keep it away from this computer: it opens the vault by itself."
        )
        frame.write_message("It is not shown again. The recovery key from before no longer opens this vault.")
    return 0


@click.command()
@click.argument("wanted", metavar="on|off|status", type=click.Choice(["on", "off", "status"]))
@common_options
@pass_command_context
def keychain(frame: CommandContext, wanted: str) -> int:
    """Let the system's keychain open the vault without its passphrase, or no longer."""
    tacit = frame.application()
    if not tacit.vault_exists():
        raise VaultMissing
    if wanted == "on":
        for sentence in _GIVEN_UP:
            frame.write_message(sentence)
        tacit.key_slots.turn_keychain_on(frame.obtain_passphrase(_PROMPT))
    elif wanted == "off" and tacit.keychain_opens():
        with frame.open_session() as session:
            if not session.key_slots.turn_keychain_off():
                frame.write_message(
                    "Its entry in the keychain could not be removed; it opens nothing but copies from before."
                )
    is_on = tacit.keychain_opens()
    words = "The keychain opens this vault." if is_on else "The keychain does not open this vault."
    frame.write_result({"keychain": is_on}, words)
    return 0


COMMANDS = (passphrase, recovery_key, keychain)
