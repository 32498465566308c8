"""The command that says how much of a call's speech has text, and where it has none."""

import click

from app.cli.context import CommandContext, common_options, pass_command_context
from app.core.call import CallState
from app.core.coverage import coverage, coverage_note, gap_note
from app.core.durations import format_time
from app.core.json_shapes import coverage_json
from app.core.plain_text import one_line
from app.core.transcript import speaker_name

_UNKNOWN = (
    "How much of the speech has text is not known of this call. «tacit transcribe-again {}» looks where people speak."
)
_SILENT = "No speech was found in this call."
_WRITTEN = "This call came as text: it has no speech that could lack text."
_WRITE = "Listen to a gap in the window, or write what is said there: «tacit edit {} --at TIME --text TEXT»."


@click.command("coverage")
@click.argument("id_", metavar="ID")
@common_options
@pass_command_context
def coverage_(frame: CommandContext, id_: str) -> int:
    """Say how much of a call's speech has text, and where it has none."""
    with frame.open_session() as session:
        found = session.library.find(id_)
        call, transcript = session.library.call(found), session.library.transcript(found)
    known = coverage(transcript)
    shape = {"recording": found, "coverage": None if known is None else coverage_json(known)}
    if known is None:
        unknown = _SILENT if call.state is CallState.SILENT else _UNKNOWN.format(found)
        frame.write_result(shape, unknown if call.has_sound else _WRITTEN)
        return 0
    who = {track.number: one_line(speaker_name(track.speaker, call.speakers)) for track in call.tracks}
    names = {number: f", {name}" for number, name in who.items()} if len(who) > 1 else {}
    rows = [f"{format_time(gap.start):>7}  {gap_note(gap)}{names.get(gap.track, '')}" for gap in known.gaps]
    frame.write_result(shape, "\n".join([coverage_note(known), *rows, *([_WRITE.format(found)] if rows else [])]))
    return 0
