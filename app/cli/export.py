"""The command export, and what of a call an export leaves out."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from app.cli.context import OUTPUT, CommandContext, common_options, force_option, pass_command_context
from app.cli.usage_errors import Misuse
from app.core.exports import PARTS, ExportOptions, Part, export_format, export_formats

FORMATS = [one.name for one in export_formats()]


def leaving_out(*parts: Part) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The options that leave parts out of an export."""

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        for part in reversed(parts):
            command = click.option(f"--no-{part}", is_flag=True, help=f"Leave the {part} out.")(command)
        return command

    return add


def export_options(fmt: str, left_out: dict[str, bool]) -> ExportOptions:
    """What a command line leaves out of an export.

    Raises:
        Misuse: the format can't do without that.
    """
    options = ExportOptions(**{f"has_{part}": not left_out.get(f"no_{part}", False) for part in PARTS})
    for part in options.left_out:
        if part not in export_format(fmt).optional:
            raise Misuse(f"There is no {fmt} with --no-{part}.")
    return options


@click.command()
@click.argument("id_")
@click.option("-f", "--format", "fmt", type=click.Choice(FORMATS), default="md", show_default=True)
@click.option("-o", "--output", required=True, type=OUTPUT, help="The file to write; - is stdout.")
@force_option
@leaving_out(*PARTS)
@common_options
@pass_command_context
def export(frame: CommandContext, /, id_: str, fmt: str, output: Path, force: bool, **left_out: bool) -> int:
    """Write a call to a file, in the clear."""
    options = export_options(fmt, left_out)
    place = frame.output(output, is_forced=force)
    if export_format(fmt).is_binary:
        frame.require_not_on_terminal(place)
    with frame.open_session() as session:
        content = session.call_export.content(session.library.find(id_), fmt, options)
    frame.write_content(place, content)
    frame.report_plain_file(place)
    return 0
