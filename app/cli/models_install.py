"""The commands that bring models in, pass them on, check them and throw them away."""

from contextlib import closing
from pathlib import Path
from typing import Any

import click

from app.cli.context import Frame, common, confirmed, pass_frame
from app.cli.progress import TerminalContext
from app.core.model import Model
from app.services.privacy.network_ledger import noted_openings, opening_json

_ANY = click.Path(path_type=Path)
_KEPT = "What has arrived is kept; run the same command again to go on from there."


def _model_json(model: Model) -> dict[str, Any]:
    return {"name": model.name, "kind": model.kind.value, "bytes": model.size, "path": str(model.path)}


@click.command()
@click.argument("model_id", metavar="ID")
@common
@pass_frame
def pull(frame: Frame, model_id: str) -> int:
    """Fetch a model of the catalogue, or go on with one; the only command that connects."""
    frame.when_stopped = _KEPT
    models = frame.tacit().models
    entry = models.entry(model_id)
    frame.note(f"{entry.name}, {entry.size / 1e9:.1f} GB from {entry.host}, licence: {entry.licence}")
    if not entry.is_confirmed:
        frame.note("Its hash is unconfirmed: only one source pins it.")
    context = TerminalContext()
    try:
        model = models.pull(model_id, context)
    finally:
        context.finish()
    frame.data(_model_json(model), f"{model.name} is here, whole and checked.")
    return 0


@click.command()
@click.argument("path", type=_ANY)
@common
@pass_frame
def add(frame: Frame, path: Path) -> int:
    """Copy a model of yours in: a GGUF file, a CTranslate2 Whisper folder, or a model pack."""
    context = TerminalContext()
    try:
        added = frame.tacit().bringing.add(path, context)
    finally:
        context.finish()
    frame.data([_model_json(m) for m in added], "\n".join(f"{m.name} is here; a worker has loaded it." for m in added))
    return 0


@click.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.argument("out", type=_ANY, metavar="OUT.zip")
@common
@pass_frame
def pack(frame: Frame, names: tuple[str, ...], out: Path) -> int:
    """Write models into one file for a computer without a network; «models add» takes it there."""
    context = TerminalContext()
    try:
        packed = frame.tacit().bringing.pack(list(names), out, context)
    finally:
        context.finish()
    size = sum(record.size for record in packed)
    shape = {"path": str(out), "models": [record.id for record in packed], "bytes": size}
    frame.data(shape, f"{len(packed)} models, {size / 1e9:.1f} GB, are in {out}.")
    return 0


@click.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Don't ask.")
@common
@pass_frame
def remove(frame: Frame, name: str, yes: bool) -> int:
    """Delete a model."""
    tacit = frame.tacit()
    model = tacit.models.named(name)
    if not (yes or model.is_demo or confirmed(f"Delete {model.name}, {model.size / 1e9:.1f} GB?")):
        frame.note("Nothing was removed; --yes removes it without asking.")
        return 1
    tacit.bringing.remove(name)
    frame.data({"removed": model.name}, f"{model.name} is removed.")
    return 0


@click.command()
@common
@pass_frame
def verify(frame: Frame) -> int:
    """Hash every model again, one line each."""
    context, findings = TerminalContext(), []
    marks = {True: "ok  ", False: "FAIL", None: "?   "}
    with closing(frame.tacit().bringing.verify(context)) as running:
        for finding in running:
            context.finish()
            findings.append({"name": finding.name, "ok": finding.is_good, "detail": finding.detail})
            if not frame.is_json:
                click.echo(f"{marks[finding.is_good]}  {finding.name}: {finding.detail}")
    if frame.is_json or not findings:
        frame.data(findings, "There are no models of your own here.")
    return 1 if any(finding["ok"] is False for finding in findings) else 0


@click.command()
@common
@pass_frame
def ledger(frame: Frame) -> int:
    """Show each time the network was open: when, for which model, and what came from where."""
    tacit = frame.tacit()
    if tacit.vault_exists():
        with frame.session() as session:
            openings = session.ledger.openings()
    else:
        openings = noted_openings(tacit.models.folder)
    rows = [opening_json(opening) for opening in openings]
    text = "\n".join(map(_ledger_line, rows)) or "The network was never open: nothing was ever fetched."
    frame.data(rows, text)
    return 0


def _ledger_line(row: dict[str, Any]) -> str:
    hosts = ", ".join(f"{host} {size / 1e6:.1f} MB" for host, size in row["hosts"].items()) or "no host was asked"
    return f"{row['opened']}  {row['model']}  {row['ending']}: {hosts}"


COMMANDS = (pull, add, pack, remove, verify, ledger)
