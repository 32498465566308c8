"""The commands on calls: import, transcribe, list, show, summarize, rename, export, delete."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from app.cli.context import Frame, common, confirmed, error_json, failure, pass_frame
from app.cli.progress import TerminalContext
from app.core.errors import AssistantError
from app.core.export import (
    FORMATS,
    length,
    recording_json,
    rendered,
    retitled,
    summary_json,
    summary_text,
    transcript_json,
    transcript_text,
)
from app.core.files import FileSource, must_be_writable, write_whole
from app.core.languages import CODES
from app.core.recording import Recording, Step, next_step
from app.services.calls.importing import ImportOptions, surveyed
from app.services.session import Session

_TRUNCATED = "This recording breaks off before its end: what could be read is kept. The file was left as it is."
_WAITS = "The sound is kept in the vault and waits: there is no model for the next step."


class When(click.ParamType[datetime]):
    """A date, or a date and a time, of this computer's time zone unless it names one."""

    name = "date"
    wanted = "written as 2026-11-17 or 2026-11-17T14:05"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Read ISO 8601, with a space or a T between date and time."""
        try:
            return datetime.fromisoformat(value).astimezone()
        except (ValueError, TypeError):
            self.fail(self.wanted, param, ctx)


class Spoken(click.ParamType[str]):
    """A language as its code."""

    name = "code"
    wanted = "a code of two or three letters, such as en or de"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Take a code that speech models know; none means that it is detected."""
        code = str(value).strip().casefold()
        if code and code not in CODES:
            self.fail(self.wanted, param, ctx)
        return code


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--no-summary", is_flag=True, help="Transcribe only.")
@click.option("--date", type=When(), help="When the call took place.")
@click.option("--language", type=Spoken(), default="", help="The language spoken (en, de …); otherwise it is detected.")
@click.option("--left", default="", help="Who speaks on the left channel, or on the only one.")
@click.option("--right", default="", help="Who speaks on the right channel.")
@common
@pass_frame
def import_(
    frame: Frame, files: tuple[Path, ...], no_summary: bool, date: datetime | None, language: str, left: str, right: str
) -> int:
    """Bring recordings into the vault, transcribe and summarise them."""
    options = ImportOptions(date, language, left, right, not no_summary)
    shapes: list[dict[str, Any]] = []
    failed = 0
    with frame.session(makes=True) as session:
        frame.tell_of_models(frame.tacit())
        for number, file in enumerate(files, 1):
            context = TerminalContext()
            try:
                recording = take_in(frame, session, file, options, context)
                shapes.append(recording_json(recording))
            except AssistantError as error:
                context.finish()
                failed += 1
                shapes.append({"error": error_json(error)})
                if not frame.is_json:
                    if len(files) > 1:
                        frame.note(f"File {number} of {len(files)}:")
                    failure(error, is_json=False)
                if frame.is_json and len(files) == 1:
                    failure(error, is_json=True)
                    return 1
        session.keeping.keep_if_due()
    if frame.is_json:
        frame.data(shapes, "")
    else:
        for shape in shapes:
            if "error" not in shape:
                click.echo(f"{shape['id']}  {shape['title']}  ({length(shape['duration'])}, {shape['state']})")
    return 1 if failed else 0


def take_in(frame: Frame, session: Session, file: Path, options: ImportOptions, context: TerminalContext) -> Recording:
    """Import one file and carry it through every step."""
    recording = session.importing.bring_in(file, options, context)
    if recording.is_truncated:
        context.finish()
        frame.note(_TRUNCATED)
    recording = session.carry_through(recording, context)
    context.finish()
    if next_step(recording) is not Step.NOTHING:
        frame.note(_WAITS)
    return recording


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("-f", "--format", "fmt", type=click.Choice(FORMATS), default="txt", show_default=True)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write to a file.")
@click.option("--language", type=Spoken(), default="", help="The language spoken (en, de …); otherwise it is detected.")
@common
@pass_frame
def transcribe(frame: Frame, file: Path, fmt: str, output: Path | None, language: str) -> int:
    """Transcribe a file; nothing is stored, and no vault is needed."""
    from app.services.calls.transcribing import transcribe_source
    from app.services.engine_pool import Residency

    if output is not None:
        must_be_writable(output)  # before the minutes of work, not after them
    frame.when_stopped = "Nothing was stored; the file was left as it is."
    tacit = frame.tacit()
    frame.tell_of_models(tacit)
    residency = Residency(tacit.engines(), tacit.models)
    context = TerminalContext()
    source = FileSource(file)
    try:
        survey = surveyed(residency, source, context)
        if survey.is_truncated:
            frame.note(_TRUNCATED)
        transcript, _ = transcribe_source(residency, source, survey, language, context)
    finally:
        residency.close()
        source.close()
        context.finish()
    text = rendered("json" if frame.is_json else fmt, transcript, None, None)  # type: ignore[arg-type]
    if output is None:
        click.echo(text.rstrip("\n"))
    else:
        write_whole(output, text)
    return 0


@click.command("list")
@common
@pass_frame
def list_(frame: Frame) -> int:
    """List the calls, newest first."""
    with frame.session() as session:
        recordings = session.library.recordings()
    rows = [
        f"{r.id}  {r.date.astimezone():%Y-%m-%d %H:%M}  {length(r.duration):>12}  {r.state.value:<12}  {r.title}"
        for r in recordings
    ]
    frame.data(
        [recording_json(r) for r in recordings], "\n".join(rows) or "No calls yet: «tacit import FILE» brings one in."
    )
    return 0


@click.command()
@click.argument("id_")
@common
@pass_frame
def show(frame: Frame, id_: str) -> int:
    """Show a call: its summary and transcript."""
    with frame.session() as session:
        found = session.library.find(id_)
        recording = session.library.recording(found)
        transcript, summary = session.library.transcript(found), session.library.summary(found)
    shape = {
        "recording": recording_json(recording),
        "transcript": transcript_json(transcript),
        "summary": None if summary is None else summary_json(summary, recording.speakers),
    }
    parts = [f"{recording.title}\n{recording.date.astimezone():%Y-%m-%d %H:%M}, {length(recording.duration)}\n"]
    if summary is not None:
        parts.append(summary_text(retitled(summary, recording.title), recording.speakers).split("\n", 2)[2])
    parts.append(transcript_text(transcript) or "Not transcribed yet: import the file again to go on.")
    frame.data(shape, "\n".join(parts))
    return 0


@click.command()
@click.argument("id_")
@common
@pass_frame
def summarize(frame: Frame, id_: str) -> int:
    """Write a call's summary anew."""
    context = TerminalContext()
    with frame.session() as session:
        frame.tell_of_models(frame.tacit())
        found = session.library.find(id_)
        try:
            summary = session.summarizing.run(found, context)
        finally:
            context.finish()
        speakers = session.library.recording(found).speakers
    frame.data(summary_json(summary, speakers), summary_text(summary, speakers))
    return 0


@click.command()
@click.argument("id_")
@click.argument("title")
@common
@pass_frame
def rename(frame: Frame, id_: str, title: str) -> int:
    """Give a call another title."""
    with frame.session() as session:
        found = session.library.find(id_)
        session.library.rename(found, title)
        recording = session.library.recording(found)
    frame.data(recording_json(recording), f"{recording.id}  {recording.title}")
    return 0


@click.command()
@click.argument("id_")
@click.option("-f", "--format", "fmt", type=click.Choice(FORMATS), default="md", show_default=True)
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path, dir_okay=False))
@common
@pass_frame
def export(frame: Frame, id_: str, fmt: str, output: Path) -> int:
    """Write a call to a file, in the clear."""
    with frame.session() as session:
        session.exporting.save(session.library.find(id_), fmt, output)  # type: ignore[arg-type]
    frame.note("Written. This file is not encrypted.")
    return 0


@click.command()
@click.argument("id_")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--rewrite-copies", is_flag=True, help="Rewrite the vault's own copies too, so that they forget it now.")
@common
@pass_frame
def delete(frame: Frame, id_: str, yes: bool, rewrite_copies: bool) -> int:
    """Delete a call for good: sound, transcript, summary and questions."""
    with frame.session() as session:
        found = session.library.find(id_)
        recording, means = session.library.recording(found), session.forgetting.of_call(found)
        until = None if rewrite_copies else means.copies_until
        if not yes:
            question = f"Delete «{recording.title}» ({length(recording.duration)}) for good?"
            on_copies = f"{means.on_copies} --rewrite-copies rewrites them now." if until else ""
            loss = "Its sound and every word of it are forgotten."
            if not confirmed(" ".join(filter(None, (question, loss, means.on_answers, on_copies)))):
                frame.note("Nothing was deleted.")
                return 1
        session.library.delete(found)
        if rewrite_copies:
            session.keeping.rewrite_now()
    if frame.is_json:
        shape = {"deleted": found, "answers_removed": means.answers, "copies_until": until and until.isoformat()}
        click.echo(json.dumps(shape))
        return 0
    frame.note(" ".join(filter(None, ("Deleted.", means.on_answers, means.on_copies if until else ""))))
    return 0
