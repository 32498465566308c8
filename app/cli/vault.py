"""The commands that maintain the vault: create, check, repair, backup, restore."""

from pathlib import Path

import click

from app.cli import vault_keys
from app.cli.context import CommandContext, common_options, confirm, pass_command_context
from app.core.errors import VaultError, VaultMissing
from app.services.application import Application
from app.services.vault.maintenance import StagedRestore, back_up, check_vault, noted_failure, repair_vault

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
    repaired = repair_vault(tacit.vault_folder, frame.obtain_secret(tacit), new.absolute())
    rows = [f"saved  {count} {table}" for table, count in repaired.saved.items()]
    rows += [f"lost   {what}" for what in repaired.lost]
    frame.write_result({"saved": repaired.saved, "lost": repaired.lost}, "\n".join(rows))
    frame.write_message("The new vault opens with the same passphrase; the old one was left as it is.")
    return 0


@click.command()
@click.argument("file", type=_FILE)
@common_options
@pass_command_context
def backup(frame: CommandContext, file: Path) -> int:
    """Write the whole vault to one encrypted file, which the same passphrase opens."""
    tacit = _require_vault(frame)
    missing = back_up(tacit.vault_folder, frame.obtain_secret(tacit), file.absolute())
    size = file.stat().st_size
    frame.write_result({"bytes": size, "missing": missing}, f"Written and checked: {size / 1e6:.1f} MB, encrypted.")
    for sentence in missing:
        frame.write_message(sentence)
    return 0


@click.command()
@click.argument("file", type=_FILE)
@click.option("--yes", is_flag=True, help="Replace a newer or another vault without asking.")
@common_options
@pass_command_context
def restore(frame: CommandContext, file: Path, yes: bool) -> int:
    """Bring the vault back from a backup; it is checked before it replaces anything."""
    tacit = frame.application()
    restoring = StagedRestore(file, tacit.vault_folder, frame.obtain_passphrase())
    try:
        when = f"{restoring.made.astimezone():%Y-%m-%d %H:%M}"
        if (restoring.replaces_other_vault or restoring.replaces_newer_vault) and not yes:
            is_other = restoring.replaces_other_vault
            what = (
                "is another one than was backed up" if is_other else f"was changed after this backup was made ({when})"
            )
            if not confirm(f"The vault here {what}. Put the backup in its place?"):
                why = "another vault than that of the backup" if is_other else "newer than the backup"
                frame.write_message(f"Nothing was replaced: the vault here is {why}. --yes replaces it.")
                return 1
        was_there = restoring.replaces
        restoring.finish()
    finally:
        restoring.give_up()
    frame.write_result(
        {"made": restoring.made.isoformat(), "recordings": restoring.calls, "notes": restoring.findings},
        f"Restored: {restoring.calls} calls, as of {when}.",
    )
    for sentence in restoring.findings:
        frame.write_message(sentence)
    if was_there:
        frame.write_message("What was there before is kept beside it until the restored vault has been opened.")
    return 0


for command in (create, check, repair, *vault_keys.COMMANDS):
    vault.add_command(command)
