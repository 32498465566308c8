"""The commands that look after the vault: check, repair, backup, restore."""

from pathlib import Path

import click

from app.cli import vault_keys
from app.cli.context import Frame, common, confirmed, pass_frame
from app.core.errors import VaultError, VaultMissing
from app.services.application import Tacit
from app.services.vault.maintenance import Restoring, back_up, check_vault, repair_vault

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.group()
@common
def vault() -> None:
    """Look after the vault: check it, save what a damaged one holds, change its passphrase."""


def _there(frame: Frame) -> Tacit:
    tacit = frame.tacit()
    if not tacit.vault_exists():
        raise VaultMissing
    return tacit


@click.command()
@common
@pass_frame
def create(frame: Frame) -> int:
    """Make an empty vault; importing the first call makes one too."""
    if frame.tacit().vault_exists():
        raise VaultError("There is a vault in this folder already.", "It was left as it is; name another folder.")
    with frame.session(makes=True):
        pass
    frame.data({"created": True}, "The vault is made; «tacit import FILE» brings a call in.")
    return 0


@click.command()
@common
@pass_frame
def check(frame: Frame) -> int:
    """Check every file of the vault, one line each."""
    tacit = _there(frame)
    findings = []
    for finding in check_vault(tacit.vault_folder, frame.secret(tacit)):
        findings.append(finding)
        if not frame.is_json:
            click.echo(f"{'ok  ' if finding.is_good else 'FAIL'}  {finding.name}: {finding.detail}")
    is_good = all(finding.is_good for finding in findings)
    if frame.is_json:
        frame.data([{"name": f.name, "ok": f.is_good, "detail": f.detail} for f in findings], "")
    elif not is_good:
        frame.note("Restore a backup («tacit restore»), or save what is whole («tacit vault repair NEWDIR»).")
    return 0 if is_good else 1


@click.command()
@click.argument("new", metavar="NEWDIR", type=click.Path(path_type=Path, file_okay=False))
@common
@pass_frame
def repair(frame: Frame, new: Path) -> int:
    """Save what can be read into a new vault, and list what can't; the old one is left as it is."""
    tacit = _there(frame)
    repaired = repair_vault(tacit.vault_folder, frame.secret(tacit), new.absolute())
    rows = [f"saved  {count} {table}" for table, count in repaired.saved.items()]
    rows += [f"lost   {what}" for what in repaired.lost]
    frame.data({"saved": repaired.saved, "lost": repaired.lost}, "\n".join(rows))
    frame.note("The new vault opens with the same passphrase; the old one was left as it is.")
    return 0


@click.command()
@click.argument("file", type=_FILE)
@common
@pass_frame
def backup(frame: Frame, file: Path) -> int:
    """Write the whole vault to one encrypted file, which the same passphrase opens."""
    tacit = _there(frame)
    missing = back_up(tacit.vault_folder, frame.secret(tacit), file.absolute())
    size = file.stat().st_size
    frame.data({"bytes": size, "missing": missing}, f"Written and checked: {size / 1e6:.1f} MB, encrypted.")
    for sentence in missing:
        frame.note(sentence)
    return 0


@click.command()
@click.argument("file", type=_FILE)
@click.option("--yes", is_flag=True, help="Replace a newer or another vault without asking.")
@common
@pass_frame
def restore(frame: Frame, file: Path, yes: bool) -> int:
    """Bring the vault back from a backup; it is checked before it replaces anything."""
    tacit = frame.tacit()
    restoring = Restoring(file, tacit.vault_folder, frame.passphrase())
    try:
        when = f"{restoring.made.astimezone():%Y-%m-%d %H:%M}"
        if (restoring.replaces_other or restoring.replaces_newer) and not yes:
            is_other = restoring.replaces_other
            what = (
                "is another one than was backed up" if is_other else f"was changed after this backup was made ({when})"
            )
            if not confirmed(f"The vault here {what}. Put the backup in its place?"):
                why = "another vault than that of the backup" if is_other else "newer than the backup"
                frame.note(f"Nothing was replaced: the vault here is {why}. --yes replaces it.")
                return 1
        was_there = restoring.replaces
        restoring.finish()
    finally:
        restoring.give_up()
    frame.data(
        {"made": restoring.made.isoformat(), "recordings": restoring.recordings, "notes": restoring.notes},
        f"Restored: {restoring.recordings} calls, as of {when}.",
    )
    for sentence in restoring.notes:
        frame.note(sentence)
    if was_there:
        frame.note("What was there before is kept beside it until the restored vault has been opened.")
    return 0


for command in (create, check, repair, *vault_keys.COMMANDS):
    vault.add_command(command)
