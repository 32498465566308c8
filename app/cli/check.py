"""The command check: a text against a call."""

from pathlib import Path

import click

from app.cli.context import OUTPUT, CommandContext, common_options, force_option, pass_command_context
from app.cli.piped_text import piped_text
from app.cli.progress import TerminalContext
from app.cli.usage_errors import Misuse
from app.core.check import report_text
from app.core.json_shapes import check_json
from app.services.text_files import NotText

_FORMATS = ("txt", "md")
_NOT_TEXT = "This file is no text in UTF-8, so it was not checked: save it as plain text and try again."


@click.command()
@click.argument("id_")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False, allow_dash=True))
@click.option("-f", "--format", "fmt", type=click.Choice(_FORMATS), default="txt", show_default=True)
@click.option("-o", "--output", type=OUTPUT, default=None, help="Write the report to this file; - is stdout.")
@force_option
@common_options
@pass_command_context
def check(frame: CommandContext, id_: str, file: Path, fmt: str, output: Path | None, force: bool) -> int:
    """Check a text, such as minutes, against what was said in a call."""
    place = frame.output(output, is_forced=force) if output is not None else None
    context = TerminalContext()
    try:
        piped = None if file.is_file() and str(file) != "-" else piped_text(file)
    except NotText as error:
        raise Misuse(_NOT_TEXT) from error
    with frame.open_session() as session:
        try:
            text = session.checking.read(file) if piped is None else piped
        except NotText as error:
            raise Misuse(_NOT_TEXT) from error
        found = session.library.find(id_)
        try:
            checked = session.checking.run(found, text, context)
        finally:
            context.finish()
        transcript, title = session.library.transcript(found), session.library.call(found).title
    report = report_text(checked, transcript, title, is_markdown=fmt == "md")
    if place is not None:
        frame.write_text(place, report)
        frame.report_plain_file(place)
        if not frame.is_json:
            return 0
    frame.write_result(check_json(checked, transcript), report.rstrip("\n"))
    return 0
