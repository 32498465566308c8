"""The commands that make a transcript right: a line, words wherever they stand, who speaks and who says a line."""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from app.cli.context import CommandContext, common_options, pass_command_context
from app.cli.progress import TerminalContext
from app.cli.usage_errors import Misuse
from app.core.errors import NotFound
from app.core.ids import CallId, new_speaker_id
from app.core.plain_text import one_line
from app.core.transcript import Speaker, speaking
from app.core.voices import MOST_SPEAKERS

if TYPE_CHECKING:
    from app.services.session import Session

_NUMBERS = "Nothing was changed; «tacit show ID --json» has the number of each line."
_FOUND = "Its voices were told apart, and nobody was named; «tacit speakers ID» shows their numbers."
_SPEAKERS = "Nothing was changed; «tacit speakers ID» shows their numbers and names."


@click.command()
@click.argument("id_", metavar="ID")
@click.option("--line", type=click.IntRange(1), required=True, help="The number of the line, as «show --json» has it.")
@click.option("--text", help="What was said.")
@click.option("--speaker", help="Who said it: the number or the name of a speaker, or the name of a new one.")
@common_options
@pass_command_context
def edit(frame: CommandContext, id_: str, line: int, text: str | None, speaker: str | None) -> int:
    """Correct what a line of a call says, or who says it."""
    if text is None and speaker is None:
        raise Misuse("Say with --text what was said, or with --speaker who said it.")
    with frame.open_session() as session:
        found = session.library.find(id_)
        earlier = session.library.transcript(found)
        utterance = next((one for one in earlier.utterances if one.line == line), None)
        if utterance is None:
            raise NotFound(f"The call has no line {line}.", _NUMBERS)
        heard = speaking(session.library.call(found).layout, earlier.speakers)
        who = None if speaker is None else _speaker(speaker, heard)
        if text is not None:
            session.library.correct(found, utterance.id, text)
        if who is not None:
            session.library.give(found, [utterance.id], who)
        transcript = session.library.transcript(found)
        after = next(one for one in transcript.utterances if one.id == utterance.id)
        summary = session.library.summary(found)
    if summary is not None and summary.is_before_corrections(transcript):
        frame.write_message(f"The summary was written before this: «tacit summarize {found}» writes it anew.")
    name = transcript.name(after)
    shape = {"recording": found, "line": line, "before": utterance.text, "text": after.text, "speaker": name}
    frame.write_result(shape, f"{line}  {one_line(name)}: {one_line(after.text)}")
    return 0


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
