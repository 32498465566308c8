"""The commands that maintain the vault: create, check, repair, backup, restore."""

from pathlib import Path

import click

from app.cli import vault_keys
from app.cli.context import (
    OUTPUT,
    CommandContext,
    common_options,
    confirm,
    force_option,
    new_passphrase_option,
    pass_command_context,
)
from app.cli.dates import date_and_time
from app.core.errors import VaultError, VaultMissing
from app.core.figures import size
from app.services.application import Application
from app.services.vault.maintenance import StagedRestore, back_up, check_vault, noted_failure, repair_vault

_SAME_KEYS = (
    "It opens with the passphrase and the recovery key of the backup. If somebody else made it, or could know them, "
    "restore it again with --new-keys before you import anything: they open this vault too."
)
_FILE = click.Path(path_type=Path, dir_okay=False)


@click.group()
@common_options
def vault() -> None:
    """Look after the vault: check it, save what a damaged one holds, change its passphrase."""


def _require_vault(frame: CommandContext) -> Application:
    tacit = frame.application()
    if not tacit.vault_exists():
        raise VaultMissing
    return tacit


@click.command()
@common_options
@pass_command_context
def create(frame: CommandContext) -> int:
    """Make an empty vault; importing the first call makes one too."""
    if frame.application().vault_exists():
        raise VaultError("There is a vault in this folder already.", "It was left as it is; name another folder.")
    with frame.open_session(makes=True):
        pass
    frame.write_result({"created": True}, "The vault is made; «tacit import FILE» brings a call in.")
    return 0


@click.command()
@common_options
@pass_command_context
def check(frame: CommandContext) -> int:
    """Check every file of the vault, one line each."""
    tacit = _require_vault(frame)
    findings = []
    for finding in check_vault(tacit.vault_folder, frame.obtain_secret(tacit)):
        findings.append(finding)
        if not frame.is_json:
            click.echo(f"{'ok  ' if finding.is_good else 'FAIL'}  {finding.name}: {finding.detail}")
    frame.report_copy_problem(noted_failure(tacit.vault_folder))
    is_good = all(finding.is_good for finding in findings)
    if frame.is_json:
        frame.write_result([{"name": f.name, "ok": f.is_good, "detail": f.detail} for f in findings], "")
    elif not is_good:
        frame.write_message("Restore a backup («tacit restore»), or save what is whole («tacit vault repair NEWDIR»).")
    return 0 if is_good else 1


@click.command()
@click.argument("new", metavar="NEWDIR", type=click.Path(path_type=Path, file_okay=False))
@common_options
@pass_command_context
def repair(frame: CommandContext, new: Path) -> int:
    """Save what can be read into a new vault, and list what can't; the old one is left as it is."""
    tacit = _require_vault(frame)
    tacit.outputs.require_new_folder(new)
    repaired = repair_vault(tacit.vault_folder, frame.obtain_secret(tacit), new.absolute())
    rows = [f"saved  {count} {table}" for table, count in repaired.saved.items()]
    rows += [f"lost   {what}" for what in repaired.lost]
    frame.write_result({"saved": repaired.saved, "lost": repaired.lost}, "\n".join(rows))
    frame.write_message("The new vault opens with the same passphrase; the old one was left as it is.")
    return 0


@click.command()
@click.argument("file", type=OUTPUT)
@force_option
@common_options
@pass_command_context
def backup(frame: CommandContext, file: Path, force: bool) -> int:
    """Write the whole vault to one encrypted file, which the same passphrase opens."""
    tacit = _require_vault(frame)
    output = frame.output(file, is_forced=force, kind=VaultError)
    frame.require_not_on_terminal(output)
    missing = back_up(tacit.vault_folder, frame.obtain_secret(tacit), output)
    if output.is_file:
        written = output.path.stat().st_size
        frame.write_result({"bytes": written, "missing": missing}, f"Written and checked: {size(written)}, encrypted.")
    else:
        said = "Written, encrypted. It can't be read back here: check it with «tacit restore»."
        frame.write_report(output, {"bytes": None, "missing": missing}, said)
    for sentence in missing:
        frame.write_message(sentence)
    return 0


@click.command()
@click.argument("file", type=_FILE)
@click.option("--yes", is_flag=True, help="Replace a newer or another vault without asking.")
@click.option("--new-keys", is_flag=True, help="New passphrase and keys: for a backup that others can open.")
@new_passphrase_option
@common_options
@pass_command_context
def restore(frame: CommandContext, file: Path, yes: bool, new_keys: bool, new_passphrase_file: Path | None) -> int:
    """Bring the vault back from a backup; it is checked before it replaces anything."""
    tacit = frame.application()
    recovery_key = None
    restoring = StagedRestore(file, tacit.vault_folder, frame.obtain_passphrase())
    try:
        when = date_and_time(restoring.made)
        if (restoring.replaces_other_vault or restoring.replaces_newer_vault) and not yes:
            is_other = restoring.replaces_other_vault
            what = (
                "is another one than was backed up" if is_other else f"was changed after this backup was made ({when})"
            )
            if not confirm(f"The vault here {what}. Put the backup in its place?"):
                why = "another vault than that of the backup" if is_other else "newer than the backup"
                frame.write_message(f"Nothing was replaced: the vault here is {why}. --yes replaces it.")
                return 1
        if new_keys or new_passphrase_file is not None:
            chosen = frame.obtain_new_passphrase(tacit, new_passphrase_file)
            recovery_key = tacit.make_new_keys(restoring, chosen)
        was_there = restoring.replaces
        restoring.finish()
    finally:
        restoring.give_up()
    shape = {"made": restoring.made.isoformat(), "recordings": restoring.calls, "notes": restoring.findings}
    frame.write_result(
        shape if recovery_key is None else {**shape, "recovery_key": recovery_key},
        f"Restored: {restoring.calls} calls, as of {when}.",
    )
    for sentence in restoring.findings:
        frame.write_message(sentence)
    if recovery_key is None:
        frame.write_message(_SAME_KEYS)
    elif not frame.is_json:
        frame.show_recovery_key(recovery_key)
    if was_there:
        frame.write_message("What was there before is kept beside it until the restored vault has been opened.")
    return 0


for command in (create, check, repair, *vault_keys.COMMANDS):
    vault.add_command(command)
