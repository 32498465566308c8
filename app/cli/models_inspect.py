"""The commands that forecast whether a model will run, inspect it, and convert it to another type."""

from pathlib import Path
from typing import Any

import click

from app.cli.context import CommandContext, common_options, pass_command_context
from app.cli.progress import TerminalContext
from app.core.errors import ModelMissing
from app.core.figures import rough_duration, size, token_speed
from app.core.fit import CALL_MINUTES, Fit, selectable_minutes, tokens_for
from app.core.inspection import QUANTISED, Inspection, Share
from app.core.model import NEEDED_KINDS, ModelKind
from app.core.plain_text import one_line
from app.services.application import Application
from app.services.models.forecast import fit_json

_BAR_WIDTH = 40  # characters
_SHOWN_MINUTES = (5, 10, 20, 30, 45, 60, 90, 120, 180)  # minutes of call
_MINUTES = click.IntRange(CALL_MINUTES[0], CALL_MINUTES[-1])


@click.command()
@click.argument("name", required=False)
@click.option("--context", "context_tokens", type=click.IntRange(512, 1_048_576), help="Tokens read at once.")
@click.option("--minutes", type=_MINUTES, help="Or minutes of call that it shall read at once.")
@common_options
@pass_command_context
def fit(frame: CommandContext, name: str | None, context_tokens: int | None, minutes: int | None) -> int:
    """Will it run here? All of the catalogue, or one model with several contexts."""
    tacit = frame.application()
    context_tokens = context_tokens or (tokens_for(minutes) if minutes else None)
    if name is None:
        wished = context_tokens or tacit.settings.current.context_tokens
        frame.write_message(_context_text(wished))
        found = list(tacit.forecasting.of_entries(tacit.models.catalogue(), wished))
        rows = [{"id": entry.id} | fit_json(one) for entry, one in found]
        lines = [f"{entry.id:<34}{_fit_line(one)}" for entry, one in found]
    else:
        contexts = [context_tokens] if context_tokens else [tokens_for(m) for m in _SHOWN_MINUTES]
        fits = _fits(tacit, name, contexts)
        rows = [fit_json(one) for one in fits]
        lines = [
            f"{one.need.context_tokens:>7} tokens, {one.minutes:>3} min of call   {_fit_line(one)}" for one in fits
        ] + ["", _memory_parts(fits[0])]
    frame.write_result(rows, "\n".join(lines))
    return 0


@click.command()
@click.argument("minutes", required=False, type=_MINUTES)
@common_options
@pass_command_context
def context(frame: CommandContext, minutes: int | None) -> int:
    """Show, or choose, how many minutes of call a language model reads at once; more takes more memory."""
    tacit = frame.application()
    if minutes is not None:
        tacit.settings.change(context_tokens=tokens_for(minutes))
    tokens = tacit.settings.current.context_tokens
    frame.write_result({"context_tokens": tokens, "minutes_of_call": selectable_minutes(tokens)}, _context_text(tokens))
    return 0


def _context_text(tokens: int) -> str:
    minutes = f"{selectable_minutes(tokens)} minutes"
    return f"For calls up to about {minutes} in one piece, {tokens:,} tokens; longer ones are read in pieces."


def _fits(tacit: Application, name: str, contexts: list[int]) -> list[Fit]:
    here = next((m for m in tacit.models.here() if m.name == name and m.kind is ModelKind.LANGUAGE), None)
    if here is not None:
        found = [tacit.forecasting.of_model(here, tokens, measures=True) for tokens in contexts]
    else:
        entry = tacit.models.entry(name)
        if entry.kind is not ModelKind.LANGUAGE:
            raise ModelMissing("The fit is told for language models, the speech model beside them.", "Name one.")
        found = tacit.forecasting.of_entry(entry, contexts)
    # Contexts longer than the model was trained for give the same result.
    return list({one.need.context_tokens: one for one in found}.values())


def _fit_line(one: Fit) -> str:
    about = "" if one.need.is_exact else "about "
    speed = f", about {token_speed(one.tokens_per_second)}" if one.tokens_per_second else ""
    needs = f"{about}{size(one.total)} of {size(one.free)} free"
    hour = f", an hour's call in {rough_duration(one.hour_seconds)}" if one.hour_seconds else ""
    return f"{one.verdict.value:<13} {needs}{speed}{hour}"


def _memory_parts(one: Fit) -> str:
    need = one.need
    parts = (("weights", need.weights), ("context", need.cache), ("scratch", need.compute), ("program", need.program))
    return ", ".join(f"{name} {size(count)}" for name, count in (*parts, ("speech model", one.speech)))


@click.command()
@common_options
@pass_command_context
def recommend(frame: CommandContext) -> int:
    """What to take on this machine: a language and a speech model, and what more it has room for."""
    forecasting = frame.application().forecasting
    choices = [*forecasting.recommend(), *forecasting.optional()]
    rows: list[dict[str, Any]] = [
        {"id": c.entry.id, "kind": c.entry.kind.value, "bytes": c.entry.size, "reason": c.reason}
        | {"needed": c.entry.kind in NEEDED_KINDS}
        | ({"fit": fit_json(c.fit)} if c.fit else {})
        for c in choices
    ]
    lines = [f"{c.entry.kind.value}: {c.entry.id} ({size(c.entry.size)}): {c.reason}" for c in choices]
    frame.write_result(rows, "\n".join(lines) or "No model of the catalogue fits this machine.")
    return 0


@click.command()
@click.argument("name", metavar="NAME|PATH")
@common_options
@pass_command_context
def inspect(frame: CommandContext, name: str) -> int:
    """Look inside a model: what it is, and where its bytes are."""
    tacit = frame.application()
    here = next((m.path for m in tacit.models.here() if m.name == name), None)
    path = here or Path(name)
    if not path.exists():
        raise ModelMissing(
            "No model goes by that name, and no file.", "Nothing was changed; «tacit models» lists them."
        )
    found = tacit.quantizing.inspect(path)
    frame.write_result(_inspection_json(found), _inspection_text(found))
    return 0


def _inspection_json(found: Inspection) -> dict[str, Any]:
    def shares(listed: list[Share]) -> list[dict[str, Any]]:
        return [{"name": share.name, "tensors": share.tensors, "bytes": share.size} for share in listed]

    return {
        "format": found.format, "architecture": found.architecture, "name": found.name,
        "parameters": found.parameters, "context_tokens": found.context_tokens,
        "vocabulary": found.vocabulary, "tokenizer": found.tokenizer,
        "template": found.chat_template, "types": shares(found.types), "parts": shares(found.parts),
        "facts": dict(found.facts),
    }  # fmt: skip


def _inspection_text(found: Inspection) -> str:
    template = f"{len(found.chat_template)} characters" if found.chat_template else "none"
    words = f"{found.vocabulary:,} words ({one_line(found.tokenizer)})"
    lines = [
        f"{one_line(found.name) or 'A model'}: {one_line(found.architecture)}, {found.format}, "
        f"{found.parameters / 1e6:,.1f} million parameters in {size(found.size)}",
    ]
    if found.vocabulary:
        lines.append(f"context {found.context_tokens:,} tokens; {words}; template: {template}")
    for title, shares in (("By type", found.types), ("By part", found.parts)):
        lines += ["", title, *(_bar(share, found.size) for share in shares)]
    known = [
        f"  {one_line(key):<44} {one_line(value)}" for key, value in found.facts if not key.startswith("tokenizer.")
    ]
    return "\n".join([*lines, "", "Header", *known])


def _bar(share: Share, whole: int) -> str:
    part = share.size / whole if whole else 0.0
    filled = round(part * _BAR_WIDTH)
    bar = "█" * filled + "·" * (_BAR_WIDTH - filled)
    return f"  {one_line(share.name):<24} {bar} {part:>4.0%}  {size(share.size):>9} in {share.tensors} tensors"


@click.command()
@click.argument("name")
@click.argument("type_name", metavar="TYPE", type=click.Choice(list(QUANTISED), case_sensitive=False))
@common_options
@pass_command_context
def quantize(frame: CommandContext, name: str, type_name: str) -> int:
    """Write a language model in another type, smaller or larger, beside the one it is made from."""
    frame.stopped_message = "Nothing was written; the model is as it was."
    tacit = frame.application()
    model = tacit.models.named(name)
    context = TerminalContext()
    try:
        made = tacit.quantizing.quantise(model, type_name, context)
    finally:
        context.finish()
    frame.write_result(
        {"name": made.name, "bytes": made.size, "path": str(made.path)},
        f"{made.name} is here: {size(made.size)} instead of {size(model.size)}. "
        f"A file made from one of few bits is worse than one made from the original.",
    )
    return 0


COMMANDS = (fit, context, recommend, inspect, quantize)
