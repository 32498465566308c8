"""The command that corrects a line of a transcript."""

import click

from app.cli.context import CommandContext, common_options, pass_command_context
from app.core.errors import NotFound
from app.core.plain_text import one_line

_NUMBERS = "Nothing was changed; «tacit show ID --json» has the number of each line."


@click.command()
@click.argument("id_", metavar="ID")
@click.option("--line", type=click.IntRange(1), required=True, help="The number of the line, as «show --json» has it.")
@click.option("--text", required=True, help="What was said.")
@common_options
@pass_command_context
def edit(frame: CommandContext, id_: str, line: int, text: str) -> int:
    """Correct what a line of a call says."""
    with frame.open_session() as session:
        found = session.library.find(id_)
        utterance = next((one for one in session.library.transcript(found).utterances if one.line == line), None)
        if utterance is None:
            raise NotFound(f"The call has no line {line}.", _NUMBERS)
        before = session.library.correct(found, utterance.id, text)
        after = next(one for one in session.library.transcript(found).utterances if one.id == utterance.id)
        summary = session.library.summary(found)
    if summary is not None:
        frame.write_message(f"The summary was written before this: «tacit summarize {found}» writes it anew.")
    shape = {"recording": found, "line": line, "before": before, "text": after.text}
    frame.write_result(shape, f"{line}  {one_line(after.text)}")
    return 0
