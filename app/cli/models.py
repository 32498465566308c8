"""The commands that list models and choose one."""

from typing import Any

import click

from app.cli import models_inspect, models_install
from app.cli.context import CommandContext, common_options, pass_command_context
from app.core.figures import size
from app.core.model import Model
from app.core.plain_text import one_line


@click.group(invoke_without_command=True)
@common_options
@click.pass_context
def models(context: click.Context) -> int:
    """Show which models are here and in use; bring others, check them, choose one."""
    if context.invoked_subcommand is not None:
        return 0
    frame = context.find_object(CommandContext)
    assert frame is not None
    tacit = frame.application()
    tacit.forecasting.recognise()
    used = [tacit.models.in_use(kind) for kind in {m.kind for m in tacit.models.here()}]
    bases = tacit.models.base_models
    rows = [_model_json(model, is_used=model in used, is_base=model in bases) for model in tacit.models.here()]
    text = "\n".join(map(_model_line, rows))
    frame.write_result(rows, f"{text}\n\nYour own models are looked for in {tacit.models.folder}; * is in use.")
    frame.report_model_notices(tacit)
    return 0


@models.command("list")
@common_options
@pass_command_context
def list_(frame: CommandContext) -> int:
    """Show the models that can be fetched, and which of them are here."""
    tacit = frame.application()
    here, waiting = {model.name for model in tacit.models.here()}, tacit.models.waiting()
    rows = [_entry_json(entry, entry.id in here, waiting.get(entry.id, 0)) for entry in tacit.models.catalogue()]
    lines = [f"{line}\n    {_details(row)}" for row in rows for line in [_entry_line(row)]]
    frame.write_result(rows, "\n".join([*lines, "", "«tacit models pull ID» fetches one; ✓ is here."]))
    return 0


def _entry_json(entry: Any, is_here: bool, waiting: int) -> dict[str, Any]:
    return {
        "id": entry.id, "kind": entry.kind.value, "name": entry.name, "bytes": entry.size,
        "memory_gb": entry.ram_tier_gb,
        "licence": entry.licence, "languages": entry.languages, "context_tokens": entry.context_tokens,
        "good_for": entry.good_for, "host": entry.host, "repository": entry.repository,
        "confirmed": entry.is_confirmed, "default_for_gb": list(entry.default_for_gb), "here": is_here,
        "arrived_bytes": waiting,
    }  # fmt: skip


def _entry_line(row: dict[str, Any]) -> str:
    mark = "✓" if row["here"] else " "
    return f"{mark} {row['id']:<32} {row['kind']:<11} {size(row['bytes']):>8}  from {row['memory_gb']} GB of memory"


def _details(row: dict[str, Any]) -> str:
    details = [row["good_for"], row["languages"], row["licence"]]
    if row["default_for_gb"]:
        details.append("proposed for " + ", ".join(map(str, row["default_for_gb"])) + " GB")
    if not row["confirmed"]:
        details.append("unconfirmed: one source pins its hash")
    if row["arrived_bytes"]:
        details.append(f"{size(row['arrived_bytes'])} have arrived")
    return "; ".join(details)


def _model_json(model: Model, *, is_used: bool, is_base: bool = False) -> dict[str, Any]:
    return {
        "name": model.name, "kind": model.kind.value, "bytes": model.size, "in_use": is_used, "demo": model.is_demo,
        "base": is_base, "has_use": model.has_use, "path": str(model.path),
    }  # fmt: skip


def _model_line(row: dict[str, Any]) -> str:
    mark, note = "*" if row["in_use"] else " ", "  demo" if row["demo"] else "  no chat template" if row["base"] else ""
    note = note if row["has_use"] else "  not used by Tacit"
    return f"{mark} {one_line(row['name']):<28} {row['kind']:<11} {size(row['bytes']):>8}{note}"


@models.command("use")
@click.argument("name")
@common_options
@pass_command_context
def use(frame: CommandContext, name: str) -> int:
    """Use this model from now on."""
    tacit = frame.application()
    tacit.forecasting.recognise()
    model = tacit.models.use(name)
    frame.write_result(_model_json(model, is_used=True), f"{model.name} is in use for {model.kind.value}.")
    return 0


for _command in (*models_install.COMMANDS, *models_inspect.COMMANDS):
    models.add_command(_command)
