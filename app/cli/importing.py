"""The command that brings recordings and folders of them into the vault, and what it shares with «watch»."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from app.cli.context import CommandContext, common_options, error_json, pass_command_context, write_error
from app.cli.import_options import ExportChoice, checked_options, import_options
from app.cli.progress import TerminalContext
from app.core.call import Call, Survey
from app.core.errors import AssistantError
from app.core.import_options import ImportOptions
from app.core.json_shapes import call_json
from app.core.media_kinds import TEXT_SUFFIXES
from app.core.model import NEEDED_KINDS, ModelKind
from app.core.plain_text import counted, one_line
from app.core.readable_text import call_length, reading_notes
from app.services.calls.recordings_folder import RecordingsFolder
from app.services.session import Session

_TRUNCATED = "This recording breaks off before its end: what could be read is kept. The file was left as it is."
_BY_WORDS = "The call is found by its words; «tacit models» shows the model that is to find it by its meaning."
_WAITS = "The sound is kept in the vault and waits: there is no model for the next step."
_INTO_ITSELF = AssistantError(
    "What is written there would be imported again.", "Nothing was changed; name another folder to export to."
)


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@import_options
@common_options
@pass_command_context
def import_(frame: CommandContext, files: tuple[Path, ...], options: ImportOptions, export: ExportChoice) -> int:
    """Bring recordings, or transcripts of calls (.vtt, .srt, .txt, .json, .docx), into the vault and summarise them.

    Of a folder all that are in it and below it are taken, but for hidden files, links, and what is still being written.
    """
    with frame.open_session(makes=True) as session:
        wanted = checked_options(session, options, export)
        has_folder = any(file.is_dir() for file in files)
        chosen, growing = _chosen(frame, files, export) if has_folder else (list(files), 0)
        if chosen:
            report_models(frame, wanted, chosen)
        run = ImportRun(frame, session, wanted)
        for number, file in enumerate(chosen, 1):
            heading = f"File {number} of {len(chosen)}, {one_line(file.name)}:" if len(chosen) > 1 else ""
            run.take(file, heading)
            if frame.is_json and len(chosen) == 1 and run.failures:
                write_error(run.failures[0][1], is_json=True)
                return 1
        session.maintenance.copy_if_due()
        frame.report_copy_problem(session.maintenance.copy_problem)
    if frame.is_json:
        frame.write_result(run.shapes, "")
    else:
        for call in run.calls:
            click.echo(call_line(call))
    if has_folder:
        frame.write_message(run.sum(growing))
    return 1 if run.failures else 0


def _chosen(frame: CommandContext, files: Sequence[Path], export: ExportChoice) -> tuple[list[Path], int]:
    """The files, and those in the folders among them, each once; and how many are still being written."""
    found: dict[Path, None] = {}
    growing = 0
    for file in files:
        if not file.is_dir():
            found[file] = None
            continue
        folder = RecordingsFolder(file, left_out(file, export))
        folder.look()
        if folder.growing:
            frame.write_message(f"Seeing whether files in the folder are whole: {folder.settling:.0f} seconds.")
            time.sleep(folder.settling)
        found |= dict.fromkeys(known.path for known in folder.look())
        growing += folder.growing
    return list(found), growing


def left_out(folder: Path, export: ExportChoice) -> list[Path]:
    """The folder below that calls are exported to, so that none is imported again.

    Raises:
        AssistantError: they are exported to the folder itself.
    """
    if export.folder is None:
        return []
    if export.folder.resolve() == folder.resolve():
        raise _INTO_ITSELF
    return [export.folder]


class ImportRun:
    """Takes files through import and every step, one after the other, and keeps what became of them.

    `came_in` is the number of calls that were not in the vault before.
    """

    def __init__(self, frame: CommandContext, session: Session, options: ImportOptions) -> None:
        self._frame, self._session, self._options = frame, session, options
        self._before = {call.id for call in session.library.calls()}
        self.calls: list[Call] = []
        self.shapes: list[dict[str, Any]] = []
        self.failures: list[tuple[str, AssistantError]] = []

    def take(self, file: Path, heading: str = "", is_in_vault: Callable[[], None] = lambda: None) -> Call | None:
        """Take one file to its end; None if that failed, which is told. `is_in_vault` is called once it is there."""
        context = TerminalContext()
        try:
            call = import_file(self._frame, self._session, file, self._options, context, heading, is_in_vault)
        except AssistantError as error:
            context.finish()
            self.fail(one_line(file.name), error, heading)
            return None
        self.calls.append(call)
        self.shapes.append(call_json(call))
        return call

    def go_on(self, call: Call) -> Call | None:
        """Take a call in the vault through the steps that it lacks; None if one failed, which is told."""
        context = TerminalContext()
        self._frame.write_message(f"Going on with «{one_line(call.title)}».")
        try:
            done = carry_through(self._frame, self._session, call, context)
        except AssistantError as error:
            context.finish()
            self.fail(one_line(call.title), error)
            return None
        self.shapes.append(call_json(done))
        return done

    def knows(self, call: Call) -> bool:
        """Whether a call was in the vault before, or came in twice."""
        return call.id in self._before or self.calls.count(call) > 1

    def fail(self, name: str, error: AssistantError, heading: str = "") -> None:
        """Keep and tell that a file, or a call, failed."""
        self.failures.append((name, error))
        self.shapes.append({"error": error_json(error)})
        if not self._frame.is_json:
            _write_heading(self._frame, heading)
            write_error(error, is_json=False)

    def sum(self, growing: int = 0) -> str:
        """What became of the files, in words."""
        new = len({call.id for call in self.calls} - self._before)
        known = len(self.calls) - new
        parts = [f"{counted(new, 'call')} came in"]
        if known:
            parts.append(f"{known} {'was' if known == 1 else 'were'} here already")
        if growing:
            parts.append(f"{counted(growing, 'file')} still being written {'was' if growing == 1 else 'were'} left out")
        if self.failures:
            parts.append(f"{len(self.failures)} failed")
        first, *others = parts
        told = ", ".join([first[:1].upper() + first[1:], *others])
        reasons = [f"  {name}: {error.title}" for name, error in self.failures]
        return "\n".join([f"{told}.", *reasons])


def call_line(call: Call) -> str:
    """A finished call in one line."""
    return f"{call.id}  {one_line(call.title)}  ({call_length(call)}, {call.state.value})"


def report_models(frame: CommandContext, options: ImportOptions, files: Sequence[Path] | None = None) -> None:
    """Write what the user must know of the models that these files need; of files that are not known yet, all."""
    unneeded = set() if options.wants_summary else {ModelKind.LANGUAGE}
    if options.speech_model or (files and all(file.suffix.casefold().lstrip(".") in TEXT_SUFFIXES for file in files)):
        unneeded.add(ModelKind.SPEECH)
    frame.report_model_notices(frame.application(), [kind for kind in NEEDED_KINDS if kind not in unneeded])


def import_file(
    frame: CommandContext,
    session: Session,
    file: Path,
    options: ImportOptions,
    context: TerminalContext,
    heading: str = "",
    is_in_vault: Callable[[], None] = lambda: None,
) -> Call:
    """Import one file and run every step on it; `heading` says which of several it is, where something is told of it.

    Raises:
        SilentRecording: nothing was heard in it.
    """
    call = session.importing.import_file(file, options, context)
    is_in_vault()
    write_survey_notes(frame, session.library.survey(call.id), context, heading)
    call = carry_through(frame, session, call, context)
    session.transcribing.refuse_if_unknown(call)
    session.importing.refuse_if_silent(call)
    if session.pipeline.is_unfinished(call):
        _write_heading(frame, heading)
        frame.write_message(_WAITS)
    return call


def carry_through(frame: CommandContext, session: Session, call: Call, context: TerminalContext) -> Call:
    """Run every remaining step on a call."""
    try:
        call = session.pipeline.carry_through(call, context)
    except AssistantError:  # a call without a summary can be searched too
        _index(frame, session, call, context)
        raise
    _index(frame, session, call, context)
    context.finish()
    return call


def _index(frame: CommandContext, session: Session, call: Call, context: TerminalContext) -> None:
    """Make what search by meaning finds the call by; without it the call is whole too."""
    try:
        session.passage_index.complete(context, [call.id])
    except AssistantError as error:
        context.finish()
        frame.write_message(f"{error.title} {_BY_WORDS}")


def write_survey_notes(frame: CommandContext, survey: Survey, context: TerminalContext, heading: str = "") -> None:
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
