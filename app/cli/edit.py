"""The commands that make a transcript right: a line, words wherever they stand, who speaks and who says a line."""

import math
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from app.cli.context import CommandContext, common_options, pass_command_context
from app.cli.progress import TerminalContext
from app.cli.usage_errors import Misuse
from app.core.coverage import coverage
from app.core.errors import NotFound
from app.core.ids import CallId, UtteranceId, new_speaker_id
from app.core.line_changes import place_for
from app.core.plain_text import one_line
from app.core.transcript import Speaker, speaking
from app.core.voices import MOST_SPEAKERS

if TYPE_CHECKING:
    from app.services.session import Session

_NUMBERS = "Nothing was changed; «tacit show ID --json» has the number of each line."
_FOUND = "Its voices were told apart, and nobody was named; «tacit speakers ID» shows their numbers."
_LENGTH = "Nothing was written; «tacit show ID» says how long it is."
_TIMES = "A time is given as 12:50, as 1:02:31 or in seconds."
_SPEAKERS = "Nothing was changed; «tacit speakers ID» shows their numbers and names."


@click.command()
@click.argument("id_", metavar="ID")
@click.option("--line", type=click.IntRange(1), help="The number of the line, as «show --json» has it.")
@click.option("--at", "moment", metavar="TIME", help="Write a new line with --text there: 12:50, or seconds.")
@click.option("--text", help="What was said.")
@click.option("--speaker", help="Who said it: the number or the name of a speaker, or the name of a new one.")
@common_options
@pass_command_context
def edit(
    frame: CommandContext, id_: str, line: int | None, moment: str | None, text: str | None, speaker: str | None
) -> int:
    """Correct what a line of a call says, or who says it; or write one where there is none."""
    if (line is None) == (moment is None):
        raise Misuse("Say with --line which line is meant, or with --at when a new one begins.")
    if text is None and (speaker is None or moment is not None):
        raise Misuse("Say with --text what was said, or with --speaker who said it.")
    seconds = None if moment is None else _seconds(moment)
    with frame.open_session() as session:
        found = session.library.find(id_)
        earlier = session.library.transcript(found)
        heard = speaking(session.library.call(found).layout, earlier.speakers)
        who = None if speaker is None else _speaker(speaker, heard)
        utterance = None if seconds is not None else next((u for u in earlier.utterances if u.line == line), None)
        if seconds is not None and text is not None:
            changed = _write_line(session, found, seconds, text)
        elif utterance is None:
            raise NotFound(f"The call has no line {line}.", _NUMBERS)
        else:
            changed = utterance.id
            if text is not None:
                session.library.correct(found, changed, text)
        if who is not None:
            session.library.give(found, [changed], who)
        transcript = session.library.transcript(found)
        after = next(one for one in transcript.utterances if one.id == changed)
        summary = session.library.summary(found)
    if summary is not None and summary.is_before_corrections(transcript):
        frame.write_message(f"The summary was written before this: «tacit summarize {found}» writes it anew.")
    name, before = transcript.name(after), "" if utterance is None else utterance.text
    shape = {"recording": found, "line": after.line, "before": before, "text": after.text, "speaker": name}
    frame.write_result(shape, f"{after.line}  {one_line(name)}: {one_line(after.text)}")
    return 0


def _write_line(session: "Session", call: CallId, seconds: float, text: str) -> UtteranceId:
    """Write a line at a second of a call; returns its id."""
    known, transcript = session.library.call(call), session.library.transcript(call)
    if not known.has_sound or seconds >= known.duration:
        raise NotFound("The call has no sound at this time.", _LENGTH)
    covered = coverage(transcript)
    gaps = () if covered is None else covered.gaps
    place = place_for(seconds, transcript.utterances, gaps, known.tracks)
    return session.library.write_line(call, place, text)


def _seconds(said: str) -> float:
    """The seconds of `12:50`, `1:02:31` or a number.

    Raises:
        Misuse: it is none of them.
    """
    parts = said.split(":")
    try:
        *sixties, last = [float(part) for part in parts]
    except ValueError:
        raise Misuse(_TIMES) from None
    seconds = last + sum(part * 60.0**power for power, part in enumerate(reversed(sixties), 1))
    if len(parts) > 3 or not 0 <= seconds < math.inf:
        raise Misuse(_TIMES)
    return seconds


def _speaker(said: str, known: Sequence[Speaker]) -> Speaker:
    """The speaker of this number or name, else a new one of this name."""
    name = one_line(said)
    if not name:
        raise Misuse("A speaker is given by number or by name.")
    if name.isdecimal():
        if 1 <= int(name) <= len(known):
            return known[int(name) - 1]
        raise NotFound(f"The call has no speaker {name}.", _SPEAKERS)
    return next((one for one in known if one.name.casefold() == name.casefold()), Speaker(new_speaker_id(), name))


@click.command()
@click.argument("id_", metavar="ID")
@click.option("--name", "names", multiple=True, metavar="N=NAME", help="Name a speaker by number; can be given again.")
@click.option("--find", is_flag=True, help="Tell the voices apart first, as many as are heard.")
@click.option("--count", type=click.IntRange(1, MOST_SPEAKERS), help="As --find, when so many people speak.")
@common_options
@pass_command_context
def speakers(frame: CommandContext, id_: str, names: tuple[str, ...], find: bool, count: int | None) -> int:
    """Show the speakers of a call with their numbers, name them, or tell them apart by their voices."""
    named = dict(map(_numbered, names))
    with frame.open_session() as session:
        found = session.library.find(id_)
        if find or count:
            _find_speakers(frame, session, found, count or 0)
        call = session.library.call(found)
        heard = speaking(call.layout, call.speakers)
        if missing := [number for number in named if not 1 <= number <= len(heard)]:
            raise NotFound(f"The call has no speaker {min(missing)}.", _FOUND if find or count else _SPEAKERS)
        if named:
            by_speaker = {one.id: named.get(number, "") for number, one in enumerate(heard, 1)}
            session.library.name_speakers(found, [by_speaker.get(one.id, "") for one in call.speakers])
        transcript = session.library.transcript(found)
    lines = Counter(one.speaker for one in transcript.utterances)
    shape = [
        {"number": number, "name": one.name, "is_you": one.is_you, "lines": lines[one.id]}
        for number, one in enumerate(speaking(call.layout, transcript.speakers), 1)
    ]
    rows = (f"{one['number']}  {one_line(str(one['name']))}{'  (you)' if one['is_you'] else ''}" for one in shape)
    frame.write_result({"recording": found, "speakers": shape}, "\n".join(rows))
    return 0


def _find_speakers(frame: CommandContext, session: "Session", call: CallId, count: int) -> None:
    context = TerminalContext()
    frame.stopped_message = "Nothing was changed; run the same command again to listen anew."
    try:
        change = session.speakers.find(call, context, count)
    finally:
        context.finish()
    if change is None:
        frame.write_message("Nothing was changed: every line has the speaker whose voice is heard in it.")
    elif session.library.summary(call) is not None:
        frame.write_message(f"The summary was written before this: «tacit summarize {call}» writes it anew.")


def _numbered(said: str) -> tuple[int, str]:
    number, equals, name = said.partition("=")
    if not equals or not number.strip().isdecimal() or not one_line(name):
        raise Misuse("A name is given as 1=Anna: the number of the speaker, and the name.")
    return int(number), name


@click.command()
@click.argument("old")
@click.argument("new")
@click.option("--in", "inside", metavar="ID", default="", help="The one call in which they are replaced.")
@common_options
@pass_command_context
def replace(frame: CommandContext, old: str, new: str, inside: str) -> int:
    """Replace OLD by NEW in the lines of all calls, as whole words and in the same letters."""
    with frame.open_session() as session:
        changes = session.library.replace(old, new, session.library.find(inside) if inside else None)
        titles = {change.call: session.library.call(change.call).title for change in changes}
    changed = [(change.call, said) for change in changes for said in change.after]
    rows = [f"{call}  {said.line}  {one_line(said.text)}" for call, said in changed]
    shape = [{"recording": call, "title": titles[call], "line": said.line, "text": said.text} for call, said in changed]
    frame.write_message(_told(len(changed), len(changes)))
    frame.write_result(shape, "\n".join(rows))
    return 0


def _told(lines: int, calls: int) -> str:
    if not lines:
        return "Nothing was replaced: no line has these words. «tacit search» finds them in other forms."
    where = "one line" if lines == 1 else f"{lines} lines"
    return f"Replaced in {where} of {'one call' if calls == 1 else f'{calls} calls'}."
