"""The commands on models."""

from typing import Any

import click

from app.cli.frame import Frame, common, pass_frame
from app.core.model import Model


@click.group(invoke_without_command=True)
@common
@click.pass_context
def models(context: click.Context) -> int:
    """Show which models are here and in use; «models use NAME» chooses one."""
    if context.invoked_subcommand is not None:
        return 0
    frame = context.find_object(Frame)
    assert frame is not None
    tacit = frame.tacit()
    used = [tacit.models.in_use(kind) for kind in {m.kind for m in tacit.models.here()}]
    rows = [_row(model, is_used=model in used) for model in tacit.models.here()]
    text = "\n".join(map(_line, rows))
    frame.data(rows, f"{text}\n\nYour own models are looked for in {tacit.models.folder}; * is in use.")
    frame.tell_of_models(tacit)
    return 0


def _row(model: Model, *, is_used: bool) -> dict[str, Any]:
    return {
        "name": model.name, "kind": model.kind.value, "bytes": model.size, "in_use": is_used, "demo": model.is_demo,
        "path": str(model.path),
    }  # fmt: skip


def _line(row: dict[str, Any]) -> str:
    mark, demo = "*" if row["in_use"] else " ", "  demo" if row["demo"] else ""
    return f"{mark} {row['name']:<28} {row['kind']:<9} {row['bytes'] / 1e6:>9.1f} MB{demo}"


@models.command("use")
@click.argument("name")
@common
@pass_frame
def use(frame: Frame, name: str) -> int:
    """Use this model from now on."""
    model = frame.tacit().models.use(name)
    frame.data(_row(model, is_used=True), f"{model.name} is in use for {model.kind.value}.")
    return 0
