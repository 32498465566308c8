"""The commands that download, add, pack, remove and verify models."""

from contextlib import closing
from pathlib import Path
from typing import Any

import click

from app.cli.context import OUTPUT, CommandContext, common_options, confirm, force_option, pass_command_context
from app.cli.progress import TerminalContext
from app.core.errors import DownloadError
from app.core.figures import size
from app.core.model import Model
from app.services.privacy.network_ledger import entry_json, logged_entries

_ANY = click.Path(path_type=Path)
_KEPT = "What has arrived is kept; run the same command again to go on from there."


def _model_json(model: Model) -> dict[str, Any]:
    return {"name": model.name, "kind": model.kind.value, "bytes": model.size, "path": str(model.path)}


@click.command()
@click.argument("model_id", metavar="ID")
@common_options
@pass_command_context
def pull(frame: CommandContext, model_id: str) -> int:
    """Fetch a model of the catalogue, or go on with one; the only command that connects."""
    frame.stopped_message = _KEPT
    models = frame.application().models
    entry = models.entry(model_id)
    frame.write_message(f"{entry.name}, {size(entry.size)} from {entry.host}, licence: {entry.licence}")
    if not entry.is_confirmed:
        frame.write_message("Its hash is unconfirmed: only one source pins it.")
    context = TerminalContext()
    try:
        model = models.pull(model_id, context)
    finally:
        context.finish()
    frame.write_result(_model_json(model), f"{model.name} is here, whole and checked.")
    return 0


@click.command()
@click.argument("path", type=_ANY)
@common_options
@pass_command_context
def add(frame: CommandContext, path: Path) -> int:
    """Copy a model of yours in: a GGUF file, an ONNX file for voice prints, a Whisper folder, or a model pack."""
    context = TerminalContext()
    try:
        added = frame.application().installing.add(path, context)
    finally:
        context.finish()
    frame.write_result(
        [_model_json(m) for m in added], "\n".join(f"{m.name} is here; a worker has loaded it." for m in added)
    )
    return 0


@click.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.argument("out", type=OUTPUT, metavar="OUT.zip")
@force_option
@common_options
@pass_command_context
def pack(frame: CommandContext, names: tuple[str, ...], out: Path, force: bool) -> int:
    """Write models into one file for a computer without a network; «models add» takes it there."""
    tacit, context = frame.application(), TerminalContext()
    read = [tacit.models.named(name).path for name in names]
    output = frame.output(out, is_forced=force, inputs=read, kind=DownloadError)
    frame.require_not_on_terminal(output)
    try:
        packed = tacit.installing.pack(list(names), output, context)
    finally:
        context.finish()
    total = sum(record.size for record in packed)
    shape = {"path": str(out), "models": [record.id for record in packed], "bytes": total}
    frame.write_report(output, shape, f"{len(packed)} models, {size(total)}, are in {out}.")
    return 0


@click.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Don't ask.")
@common_options
@pass_command_context
def remove(frame: CommandContext, name: str, yes: bool) -> int:
    """Delete a model."""
    tacit = frame.application()
    model = tacit.models.named(name)
    if not (yes or model.is_demo or confirm(f"Delete {model.name}, {size(model.size)}?")):
        frame.write_message("Nothing was removed; --yes removes it without asking.")
        return 1
    tacit.installing.remove(name)
    frame.write_result({"removed": model.name}, f"{model.name} is removed.")
    return 0


@click.command()
@common_options
@pass_command_context
def verify(frame: CommandContext) -> int:
    """Hash every model again, one line each."""
    context, findings = TerminalContext(), []
    marks = {True: "ok  ", False: "FAIL", None: "?   "}
    with closing(frame.application().installing.verify(context)) as running:
        for finding in running:
            context.finish()
            findings.append({"name": finding.name, "ok": finding.is_good, "detail": finding.detail})
            if not frame.is_json:
                click.echo(f"{marks[finding.is_good]}  {finding.name}: {finding.detail}")
    if frame.is_json or not findings:
        frame.write_result(findings, "There are no models of your own here.")
    return 1 if any(finding["ok"] is False for finding in findings) else 0


@click.command()
@common_options
@pass_command_context
def ledger(frame: CommandContext) -> int:
    """Show each time the network was open: when, for which model, and what came from where."""
    tacit = frame.application()
    if tacit.vault_exists():
        with frame.open_session() as session:
            openings = session.ledger.entries()
    else:
        openings = logged_entries(tacit.models.folder)
    rows = [entry_json(opening) for opening in openings]
    text = "\n".join(map(_ledger_line, rows)) or "The network was never open: nothing was ever fetched."
    frame.write_result(rows, text)
    return 0


def _ledger_line(row: dict[str, Any]) -> str:
    hosts = ", ".join(f"{host} {size(count)}" for host, count in row["hosts"].items()) or "no host was asked"
    return f"{row['opened']}  {row['model']}  {row['ending']}: {hosts}"


COMMANDS = (pull, add, pack, remove, verify, ledger)
