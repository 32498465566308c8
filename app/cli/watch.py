"""The command that imports what is in a folder, and then what comes into it."""

import time
from pathlib import Path

import click

from app.cli.context import CommandContext, common_options, json_line, pass_command_context
from app.cli.import_options import ExportChoice, checked_options, import_options
from app.cli.importing import ImportRun, call_line, left_out, report_models
from app.core.call import Call
from app.core.errors import MediaError, MediaMissing
from app.core.import_options import ImportOptions
from app.core.json_shapes import call_json
from app.core.plain_text import counted, one_line
from app.services.calls.recordings_folder import SETTLING, FoundFile, RecordingsFolder
from app.services.session import Session

_PAUSE = 2.0  # seconds between two looks at the folder
_GONE = "The folder is not there now: its disk was taken out, or it was renamed. Waiting for it."


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--once", is_flag=True, help="Import what is there, and end: for a timer.")
@click.option(
    "--settle",
    type=click.FloatRange(0, 3600),
    default=SETTLING,
    show_default=True,
    metavar="SECONDS",
    help="A file is whole when its size and time stand still for so long.",
)
@import_options
@common_options
@pass_command_context
def watch(
    frame: CommandContext, folder: Path, once: bool, settle: float, options: ImportOptions, export: ExportChoice
) -> int:
    """Import the recordings in a folder, and then those that come, until Ctrl-C.

    What is under way goes on at the next start. The files are only read. While this runs it alone has the vault.
    """
    watched = RecordingsFolder(folder, left_out(folder, export), settle)
    watched.look()  # a name that was mistyped is told before a passphrase is asked for
    with frame.open_session(makes=True) as session:
        wanted = checked_options(session, options, export)
        report_models(frame, wanted)
        frame.report_copy_problem(session.maintenance.copy_problem)
        watching = _Watching(frame, session, wanted, watched)
        watching.go_on()
        watching.round(waits=once)
        while not once:
            _keep_copy(frame, session)
            time.sleep(_PAUSE)
            watching.round()
        _keep_copy(frame, session)
        frame.write_message(watching.run.sum(watched.growing))
    return 1 if watching.run.failures else 0


def _keep_copy(frame: CommandContext, session: Session) -> None:
    """Make the daily copy of the vault if it is due, and tell what kept it from being made."""
    before = session.maintenance.copy_problem
    session.maintenance.copy_if_due()
    problem = session.maintenance.copy_problem
    if problem is not None and (before is None or before.title != problem.title):
        frame.report_copy_problem(problem)


class _Watching:
    """Takes what comes through every step, and says what a stop leaves for the next start."""

    def __init__(
        self, frame: CommandContext, session: Session, options: ImportOptions, folder: RecordingsFolder
    ) -> None:
        self._frame, self._session, self._folder = frame, session, folder
        self._imported = session.imported_files
        self.run = ImportRun(frame, session, options)
        self._is_gone = self._is_waiting = False
        self._finished = 0
        self._note_stop(0)

    def go_on(self) -> None:
        """Finish what an earlier run has left in the vault, the oldest first."""
        library, pipeline = self._session.library, self._session.pipeline
        waiting = [call for call in reversed(library.calls()) if pipeline.next_step(call) is not None]
        for number, call in enumerate(waiting):
            self._note_stop(len(waiting) - number, is_under_way=True)
            done = self.run.go_on(call)
            if done is not None:
                self._tell(done)
            else:
                self._tell_failure()
        self._note_stop(0)

    def round(self, *, waits: bool = False) -> None:
        """Import what is whole by now; with `waits`, what becomes so while one waits for it."""
        try:
            whole = self._folder.look(self._imported.among)
            if waits and self._folder.growing:
                time.sleep(self._folder.settling)
                whole = self._folder.look(self._imported.among)
        except MediaMissing:
            if waits:
                raise
            if not self._is_gone:
                self._frame.write_message(_GONE)
            self._is_gone = True
            return
        self._is_gone = False
        for number, file in enumerate(whole):
            self._note_stop(len(whole) - number, is_under_way=True)
            if file.is_as_seen:  # else the next look decides
                self._take(file)
        self._note_stop(0)
        if not waits and (whole or not self._is_waiting):
            self._frame.write_message("Waiting for recordings. Ctrl-C ends it.")
            self._is_waiting = True

    def _take(self, file: FoundFile) -> None:
        name = one_line(file.path.name)
        self._frame.write_message(f"{name}:")
        failed = len(self.run.failures)
        call = self.run.take(file.path, is_in_vault=lambda: self._imported.add(file))
        if call is not None and self.run.knows(call):
            self._frame.write_message("It is in the vault already.")
        elif call is not None:
            self._tell(call)
        elif len(self.run.failures) > failed:
            error = self.run.failures[-1][1]
            if isinstance(error, MediaError) and not isinstance(error, MediaMissing):  # it will never be a call
                self._imported.add(file)
            else:
                self._imported.leave(file)
            self._tell_failure()

    def _tell_failure(self) -> None:
        if self._frame.is_json:  # else it was told as it happened
            click.echo(json_line(self.run.shapes[-1]))

    def _tell(self, call: Call) -> None:
        self._finished += 1
        click.echo(json_line(call_json(call)) if self._frame.is_json else call_line(call))

    def _note_stop(self, left: int, *, is_under_way: bool = False) -> None:
        """Prepare what Ctrl-C says."""
        finished = counted(self._finished, "call")
        done = f"{finished[:1].upper()}{finished[1:]} {'were' if self._finished > 1 else 'was'} finished"
        if not is_under_way:
            self._frame.stopped_message = f"{done}; nothing was under way."
            return
        waits = f", and {left - 1} more" if left > 1 else ""
        self._frame.stopped_message = f"{done}; the one under way{waits} will go on at the next start."
