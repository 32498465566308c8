"""The commands that correct lines of transcripts: one line, or words wherever they stand."""

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
        transcript = session.library.transcript(found)
        after = next(one for one in transcript.utterances if one.id == utterance.id)
        summary = session.library.summary(found)
    if summary is not None and summary.is_before_corrections(transcript):
        frame.write_message(f"The summary was written before this: «tacit summarize {found}» writes it anew.")
    shape = {"recording": found, "line": line, "before": before, "text": after.text}
    frame.write_result(shape, f"{line}  {one_line(after.text)}")
    return 0


@click.command()
@click.argument("old")
@click.argument("new")
@click.option("--in", "inside", metavar="ID", default="", help="The one call in which they are replaced.")
@common_options
@pass_command_context
def replace(frame: CommandContext, old: str, new: str, inside: str) -> int:
    """Replace OLD by NEW in the lines of all calls, as whole words and in the same letters."""
    with frame.open_session() as session:
        changed = session.library.replace(old, new, session.library.find(inside) if inside else None)
    rows = [f"{one.call}  {one.line}  {one_line(one.text)}" for one in changed]
    shape = [{"recording": one.call, "title": one.title, "line": one.line, "text": one.text} for one in changed]
    frame.write_message(_told(len(changed), len({one.call for one in changed})))
    frame.write_result(shape, "\n".join(rows))
    return 0


def _told(lines: int, calls: int) -> str:
    if not lines:
        return "Nothing was replaced: no line has these words. «tacit search» finds them in other forms."
    where = "one line" if lines == 1 else f"{lines} lines"
    return f"Replaced in {where} of {'one call' if calls == 1 else f'{calls} calls'}."
