"""The command that measures the installed models and shows their speed over time."""

from typing import Any

import click
import msgspec

from app.cli.context import CommandContext, common_options, pass_command_context
from app.core.measurement import Measurement, sparkline
from app.core.model import NEEDED_KINDS
from app.services.hardware import memory_and_cores

_CHART_LENGTH = 24  # measurements in a chart


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME...]")
@click.option("--quick", is_flag=True, help="Two seconds of writing each.")
@click.option("--history", "only_history", is_flag=True, help="Measure nothing; show what was measured before.")
@common_options
@pass_command_context
def bench(frame: CommandContext, names: tuple[str, ...], quick: bool, only_history: bool) -> int:
    """Measure how fast the models here are; the results are kept without content."""
    tacit = frame.application()
    models = [tacit.models.named(name) for name in names] or [m for m in tacit.models.here() if m.kind in NEEDED_KINDS]
    rows, lines = [], []
    for model in models:
        if not only_history:
            frame.write_message(f"{model.name} …")
            tacit.benchmark.measure(model, is_quick=quick)
        history = tacit.benchmark.history(model)
        rows.append(_json(model.name, history))
        lines.append(_history_line(model.name, history))
    if not memory_and_cores.has_energy_meter():
        lines.append("\nThis system lets no program read the processor's energy meter.")
    frame.write_result(rows, "\n".join(lines))
    return 0


def _json(name: str, history: list[Measurement]) -> dict[str, Any]:
    return {"name": name, "measurements": [msgspec.structs.asdict(m) for m in history]}


def _history_line(name: str, history: list[Measurement]) -> str:
    if not history:
        return f"{name}: not measured yet"
    newest = history[-1]
    parts = [f"{newest.peak / 1e6:,.0f} MB at most"] if newest.peak else []
    if newest.realtime:
        values = [m.realtime for m in history]
        parts.insert(0, f"hears {newest.realtime:.1f} x real time")
        energy = f"{newest.joules:.1f} J a second of sound"
    else:
        values = [m.tokens_out for m in history]
        parts.insert(0, f"reads {newest.tokens_in:.0f}, writes {newest.tokens_out:.1f} tokens/s")
        parts.insert(1, f"first word after {newest.first_word:.2f} s")
        energy = f"{newest.joules:.2f} J a token"
    if newest.joules:
        parts.append(energy)
    chart = f"   {sparkline(values[-_CHART_LENGTH:])} {len(history)} times" if len(history) > 1 else ""
    return f"{name}: {', '.join(parts)}{chart}"
