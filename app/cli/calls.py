"""The commands for calls: transcribe, list, show, summarize, rename, delete."""

from pathlib import Path
from typing import Any

import click

from app.cli.context import (
    OUTPUT,
    CommandContext,
    common_options,
    confirm,
    force_option,
    json_line,
    pass_command_context,
)
from app.cli.dates import date_and_time, full_date
from app.cli.export import FORMATS, export_options, leaving_out
from app.cli.import_options import LanguageParam
from app.cli.importing import write_survey_notes
from app.cli.progress import TerminalContext
from app.core.call import CallState
from app.core.coverage import coverage, coverage_note
from app.core.exports import ExportedCall, export_format
from app.core.files import FileSource
from app.core.json_shapes import call_json, summary_json, transcript_json
from app.core.model import ModelKind
from app.core.output import STANDARD_OUTPUT
from app.core.plain_text import one_line
from app.core.readable_text import call_length, sections_text, summary_text, transcript_text
from app.services.calls.importing import survey_source
from app.services.models.selection import DEMO_HEARD, DEMO_REFUSED

_NOT_TRANSCRIBED = "Not transcribed yet: import the file again to go on."
_SILENT = (
    "No speech was found. The sound is kept: «tacit transcribe-again» with --language or --model, or delete the call."
)
_ELSEWHERE = "There is no undo. A backup file or an export that you made before keeps what it has."


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("-f", "--format", "fmt", type=click.Choice(FORMATS), default="txt", show_default=True)
@click.option("-o", "--output", type=OUTPUT, default=STANDARD_OUTPUT, help="Write to a file; - is stdout.")
@force_option
@leaving_out("times", "speakers")
@click.option(
    "--language", type=LanguageParam(), default="", help="The language spoken (en, de …); otherwise it is detected."
)
@common_options
@pass_command_context
def transcribe(
    frame: CommandContext, /, file: Path, fmt: str, output: Path, force: bool, language: str, **left_out: Any
) -> int:
    """Transcribe a file; nothing is stored, and no vault is needed."""
    from app.services.calls.finding_speakers import told_apart
    from app.services.calls.transcribing import transcribe_source
    from app.services.engine_pool import EnginePool

    options = export_options("json" if frame.is_json else fmt, left_out)
    place = frame.output(output, is_forced=force, inputs=[file])  # before minutes of work, not after
    if export_format(fmt).is_binary and not frame.is_json:
        frame.require_not_on_terminal(place)
    frame.stopped_message = "Nothing was stored; the file was left as it is."
    tacit = frame.application()
    frame.report_model_notices(tacit, [ModelKind.SPEECH])
    engine_pool = EnginePool(tacit.engines(), tacit.models)
    context = TerminalContext()
    source = FileSource(file)
    try:
        survey = survey_source(engine_pool, source, context)
        write_survey_notes(frame, survey, context)
        transcript, layout = transcribe_source(engine_pool, source, survey, language, context)
        transcript = told_apart(engine_pool, source, survey, layout, transcript, context)
    finally:
        engine_pool.close()
        source.close()
        context.finish()
    chosen = export_format("json" if frame.is_json else fmt)
    frame.write_content(place, chosen.content(ExportedCall(transcript), options, tacit.draw))
    return 0


@click.command("list")
@common_options
@pass_command_context
def list_(frame: CommandContext) -> int:
    """List the calls, newest first, and what is still to be done."""
    with frame.open_session() as session:
        calls = session.library.calls()
        frame.report_copy_problem(session.maintenance.copy_problem)
        steps = [session.pipeline.open_step(call) for call in calls]
    rows = [
        f"{call.id}  {date_and_time(call.date)}  {call_length(call) if call.duration else 'text':>12}  "
        f"{call.state.value:<12}  {one_line(call.title)}{'' if step is None else f'  (waits: {step.title.lower()})'}"
        for call, step in zip(calls, steps, strict=True)
    ]
    shapes = [
        call_json(call) | {"next_step": None if step is None else step.name}
        for call, step in zip(calls, steps, strict=True)
    ]
    frame.write_result(shapes, "\n".join(rows) or "No calls yet: «tacit import FILE» brings one in.")
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
