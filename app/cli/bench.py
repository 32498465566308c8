"""The command that measures the installed models and shows their speed over time."""

from typing import Any

import click
import msgspec

from app.cli.context import CommandContext, common_options, pass_command_context
from app.cli.progress import TerminalContext
from app.core.errors import ModelMissing
from app.core.figures import size, speech_speed, speed_figure, token_speed
from app.core.measurement import Measurement, sparkline
from app.core.model import NEEDED_KINDS
from app.services.hardware import memory_and_cores

_BUSY = "Other programs kept the processor busy."
_NOT_KEPT = "This says nothing of the computer and was not kept; measure again when they are done."
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
    if any(model.kind not in NEEDED_KINDS for model in models):
        raise ModelMissing("The speed is measured of language and speech models.", "Name one, or none for all of them.")
    rows, lines = [], []
    for model in models:
        if not only_history:
            frame.write_message(f"{model.name} …")
            context = TerminalContext()
            try:
                found = tacit.benchmark.measure(model, context, is_quick=quick)
            finally:
                context.finish()
            if found.is_contended:
                frame.write_message(f"{_BUSY} {_history_line(model.name, [found])}. {_NOT_KEPT}")
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
    parts = [f"{size(newest.peak)} at most"] if newest.peak else []
    if newest.realtime:
        values = [m.realtime for m in history]
        parts.insert(0, f"hears {speech_speed(newest.realtime)}")
        energy = f"{newest.joules:.1f} J a second of sound"
    else:
        values = [m.tokens_out for m in history]
        parts.insert(0, f"reads {speed_figure(newest.tokens_in)}, writes {token_speed(newest.tokens_out)}")
        parts.insert(1, f"first word after {newest.first_word:.2f} s")
        energy = f"{newest.joules:.2f} J a token"
    if newest.joules:
        parts.append(energy)
    chart = f"   {sparkline(values[-_CHART_LENGTH:])} {len(history)} times" if len(history) > 1 else ""
    return f"{name}: {', '.join(parts)}{chart}"
