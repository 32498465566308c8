"""The commands for calls: import, transcribe, list, show, summarize, rename, export, delete."""

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from app.cli.context import (
    OUTPUT,
    CommandContext,
    common_options,
    confirm,
    error_json,
    force_option,
    json_line,
    pass_command_context,
    write_error,
)
from app.cli.dates import date_and_time, full_date
from app.cli.progress import TerminalContext
from app.core.call import Call, CallState, Survey
from app.core.coverage import coverage, coverage_note
from app.core.errors import AssistantError
from app.core.exports import ExportedCall, export_format, export_formats
from app.core.files import FileSource
from app.core.json_shapes import call_json, summary_json, transcript_json
from app.core.languages.codes import LANGUAGE_CODES
from app.core.media_kinds import TEXT_SUFFIXES
from app.core.model import NEEDED_KINDS, ModelKind
from app.core.output import STANDARD_OUTPUT
from app.core.plain_text import one_line
from app.core.readable_text import call_length, reading_notes, sections_text, summary_text, transcript_text
from app.services.calls.importing import ImportOptions, survey_source
from app.services.models.selection import DEMO_HEARD, DEMO_REFUSED
from app.services.session import Session

_TRUNCATED = "This recording breaks off before its end: what could be read is kept. The file was left as it is."
_NOT_TRANSCRIBED = "Not transcribed yet: import the file again to go on."
_SILENT = (
    "No speech was found. The sound is kept: «tacit transcribe-again» with --language or --model, or delete the call."
)
_ELSEWHERE = "There is no undo. A backup file or an export that you made before keeps what it has."
_FORMATS = [one.name for one in export_formats()]
_BY_WORDS = "The call is found by its words; «tacit models» shows the model that is to find it by its meaning."
_WAITS = "The sound is kept in the vault and waits: there is no model for the next step."


class DateParam(click.ParamType[datetime]):
    """A date, or a date and time, in this computer's time zone unless it names one."""

    name = "date"
    wanted = "written as 2026-11-17 or 2026-11-17T14:05"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Read ISO 8601, with a space or a T between date and time."""
        try:
            return datetime.fromisoformat(value).astimezone()
        except (ValueError, TypeError):
            self.fail(self.wanted, param, ctx)


class LanguageParam(click.ParamType[str]):
    """A language code."""

    name = "code"
    wanted = "a code of two or three letters, such as en or de"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Accept a code that speech models know; empty means that the language is detected."""
        code = str(value).strip().casefold()
        if code and code not in LANGUAGE_CODES:
            self.fail(self.wanted, param, ctx)
        return code


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--no-summary", is_flag=True, help="Transcribe only.")
@click.option("--date", type=DateParam(), help="When the call took place.")
@click.option(
    "--language", type=LanguageParam(), default="", help="The language spoken (en, de …); otherwise it is detected."
)
@click.option("--left", default="", help="Who speaks on the left channel, or on the only one.")
@click.option("--right", default="", help="Who speaks on the right channel.")
@click.option("--any-text", is_flag=True, help="Take each line of a text that names no speakers and no times.")
@common_options
@pass_command_context
def import_(
    frame: CommandContext,
    files: tuple[Path, ...],
    no_summary: bool,
    date: datetime | None,
    language: str,
    left: str,
    right: str,
    any_text: bool,
) -> int:
    """Bring recordings, or transcripts of calls (.vtt, .srt, .txt, .json, .docx), into the vault and summarise them."""
    options = ImportOptions(date, language, left, right, not no_summary, any_text)
    shapes: list[dict[str, Any]] = []
    calls: list[Call] = []
    with frame.open_session(makes=True) as session:
        unneeded = {ModelKind.LANGUAGE} if no_summary else set()
        if all(file.suffix.casefold().lstrip(".") in TEXT_SUFFIXES for file in files):
            unneeded.add(ModelKind.SPEECH)
        frame.report_model_notices(frame.application(), [kind for kind in NEEDED_KINDS if kind not in unneeded])
        for number, file in enumerate(files, 1):
            context = TerminalContext()
            heading = f"File {number} of {len(files)}, {one_line(file.name)}:" if len(files) > 1 else ""
            try:
                call = import_file(frame, session, file, options, context, heading)
                calls.append(call)
                shapes.append(call_json(call))
            except AssistantError as error:
                context.finish()
                shapes.append({"error": error_json(error)})
                if not frame.is_json:
                    _write_heading(frame, heading)
                    write_error(error, is_json=False)
                if frame.is_json and len(files) == 1:
                    write_error(error, is_json=True)
                    return 1
        session.maintenance.copy_if_due()
        frame.report_copy_problem(session.maintenance.copy_problem)
    if frame.is_json:
        frame.write_result(shapes, "")
    else:
        for call in calls:
            click.echo(f"{call.id}  {one_line(call.title)}  ({call_length(call)}, {call.state.value})")
    return 1 if len(calls) < len(files) else 0


def import_file(
    frame: CommandContext,
    session: Session,
    file: Path,
    options: ImportOptions,
    context: TerminalContext,
    heading: str = "",
) -> Call:
    """Import one file and run every step on it; `heading` says which of several it is, where something is told of it.

    Raises:
        SilentRecording: nothing was heard in it.
    """
    call = session.importing.import_file(file, options, context)
    _write_survey_notes(frame, session.library.survey(call.id), context, heading)
    try:
        call = session.pipeline.carry_through(call, context)
    except AssistantError:  # a call without a summary can be searched too
        _index(frame, session, call, context)
        raise
    _index(frame, session, call, context)
    context.finish()
    session.transcribing.refuse_if_unknown(call)
    session.importing.refuse_if_silent(call)
    if session.pipeline.is_unfinished(call):
        _write_heading(frame, heading)
        frame.write_message(_WAITS)
    return call


def _index(frame: CommandContext, session: Session, call: Call, context: TerminalContext) -> None:
    """Make what search by meaning finds the call by; without it the call is whole too."""
    try:
        session.passage_index.complete(context, [call.id])
    except AssistantError as error:
        context.finish()
        frame.write_message(f"{error.title} {_BY_WORDS}")


def _write_survey_notes(frame: CommandContext, survey: Survey, context: TerminalContext, heading: str = "") -> None:
    """Write what a person must know about how a recording was read."""
    notes = [*([_TRUNCATED] if survey.is_truncated else []), *reading_notes(survey)]
    if notes:
        context.finish()
        _write_heading(frame, heading)
    for note in notes:
        frame.write_message(note)


def _write_heading(frame: CommandContext, heading: str) -> None:
    if heading:
        frame.write_message(heading)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("-f", "--format", "fmt", type=click.Choice(_FORMATS), default="txt", show_default=True)
@click.option("-o", "--output", type=OUTPUT, default=STANDARD_OUTPUT, help="Write to a file; - is stdout.")
@force_option
@click.option(
    "--language", type=LanguageParam(), default="", help="The language spoken (en, de …); otherwise it is detected."
)
@common_options
@pass_command_context
def transcribe(frame: CommandContext, file: Path, fmt: str, output: Path, force: bool, language: str) -> int:
    """Transcribe a file; nothing is stored, and no vault is needed."""
    from app.services.calls.finding_speakers import told_apart
    from app.services.calls.transcribing import transcribe_source
    from app.services.engine_pool import EnginePool

    place = frame.output(output, is_forced=force, inputs=[file])  # before minutes of work, not after
    frame.stopped_message = "Nothing was stored; the file was left as it is."
    tacit = frame.application()
    frame.report_model_notices(tacit, [ModelKind.SPEECH])
    engine_pool = EnginePool(tacit.engines(), tacit.models)
    context = TerminalContext()
    source = FileSource(file)
    try:
        survey = survey_source(engine_pool, source, context)
        _write_survey_notes(frame, survey, context)
        transcript, layout = transcribe_source(engine_pool, source, survey, language, context)
        transcript = told_apart(engine_pool, source, survey, layout, transcript, context)
    finally:
        engine_pool.close()
        source.close()
        context.finish()
    frame.write_text(place, export_format("json" if frame.is_json else fmt).render(ExportedCall(transcript)))
    return 0


@click.command("list")
@common_options
@pass_command_context
def list_(frame: CommandContext) -> int:
    """List the calls, newest first."""
    with frame.open_session() as session:
        calls = session.library.calls()
        frame.report_copy_problem(session.maintenance.copy_problem)
    rows = [
        f"{call.id}  {date_and_time(call.date)}  {call_length(call) if call.duration else 'text':>12}  "
        f"{call.state.value:<12}  {one_line(call.title)}"
        for call in calls
    ]
    frame.write_result(
        [call_json(r) for r in calls], "\n".join(rows) or "No calls yet: «tacit import FILE» brings one in."
    )
    return 0


@click.command()
@click.argument("id_")
@common_options
@pass_command_context
def show(frame: CommandContext, id_: str) -> int:
    """Show a call: its summary and transcript."""
    with frame.open_session() as session:
        found = session.library.find(id_)
        call = session.library.call(found)
        transcript, summary = session.library.transcript(found), session.library.summary(found)
        if session.is_heard_by_demo(found):
            happened = DEMO_REFUSED[0] if call.state is CallState.SILENT else DEMO_HEARD[0]
            frame.write_message(f"{happened} The recording is kept: «tacit transcribe-again {found} --model NAME».")
    shape = {
        "recording": call_json(call),
        "transcript": transcript_json(transcript),
        "summary": None if summary is None else summary_json(summary, transcript),
    }
    parts = [f"{one_line(call.title)}\n{date_and_time(call.date)}, {call_length(call)}\n"]
    known = coverage(transcript)
    if known is not None and known.gaps:
        parts.append(f"{coverage_note(known)} «tacit coverage {found}» shows where.\n")
    if summary is not None:
        parts.append(sections_text(summary, call.speakers))
        if call.has_earlier_summary:
            parts.append("The summary is of an earlier transcript.\n")
        elif summary.is_before_corrections(transcript):
            parts.append(f"The summary was written before lines were corrected: «tacit summarize {found}».\n")
    parts.append(transcript_text(transcript) or (_SILENT if call.state is CallState.SILENT else _NOT_TRANSCRIBED))
    frame.write_result(shape, "\n".join(parts))
    return 0


@click.command()
@click.argument("id_")
@click.option("--template", metavar="NAME", default="", help="Whose sections it has; otherwise those that it had.")
@common_options
@pass_command_context
def summarize(frame: CommandContext, id_: str, template: str) -> int:
    """Write a call's summary anew."""
    context = TerminalContext()
    with frame.open_session() as session:
        frame.report_model_notices(frame.application(), [ModelKind.LANGUAGE])
        found = session.library.find(id_)
        try:
            summary = session.summarizing.run(found, context, template)
        finally:
            context.finish()
        transcript = session.library.transcript(found)
    frame.write_result(summary_json(summary, transcript), summary_text(summary, transcript.speakers))
    return 0


@click.command()
@click.argument("id_")
@click.argument("title")
@common_options
@pass_command_context
def rename(frame: CommandContext, id_: str, title: str) -> int:
    """Give a call another title."""
    with frame.open_session() as session:
        found = session.library.find(id_)
        session.library.rename(found, title)
        call = session.library.call(found)
    frame.write_result(call_json(call), f"{call.id}  {one_line(call.title)}")
    return 0


@click.command()
@click.argument("id_")
@click.option("-f", "--format", "fmt", type=click.Choice(_FORMATS), default="md", show_default=True)
@click.option("-o", "--output", required=True, type=OUTPUT, help="The file to write; - is stdout.")
@force_option
@common_options
@pass_command_context
def export(frame: CommandContext, id_: str, fmt: str, output: Path, force: bool) -> int:
    """Write a call to a file, in the clear."""
    place = frame.output(output, is_forced=force)
    with frame.open_session() as session:
        text = session.call_export.text(session.library.find(id_), fmt)
    frame.write_text(place, text)
    if place.is_file:
        frame.write_message("Written. This file is not encrypted.")
    return 0


@click.command()
@click.argument("id_")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--rewrite-copies", is_flag=True, help="Rewrite the vault's own copies too, so that they forget it now.")
@common_options
@pass_command_context
def delete(frame: CommandContext, id_: str, yes: bool, rewrite_copies: bool) -> int:
    """Delete a call for good: sound, transcript, summary and questions."""
    with frame.open_session() as session:
        found = session.library.find(id_)
        call, means = session.library.call(found), session.deletion.of_call(found)
        until = None if rewrite_copies else means.copies_until
        copies_sentence = means.copies_sentence(full_date) if until else ""
        if not yes:
            question = f"Delete «{one_line(call.title)}» ({call_length(call)}) for good?"
            loss = f"Its {'sound' if call.has_sound else 'text'} and every word of it are forgotten."
            choice = "--rewrite-copies rewrites them now." if until else ""
            if not confirm(
                " ".join(filter(None, (question, loss, means.answers_sentence, copies_sentence, choice, _ELSEWHERE)))
            ):
                frame.write_message("Nothing was deleted.")
                return 1
        session.library.delete(found)
        if rewrite_copies:
            session.maintenance.replace_copies()
    if frame.is_json:
        shape = {"deleted": found, "answers_removed": means.answers, "copies_until": until and until.isoformat()}
        click.echo(json_line(shape))
        return 0
    frame.write_message(" ".join(filter(None, ("Deleted.", means.answers_sentence, copies_sentence))))
    return 0
