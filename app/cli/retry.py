"""The command that goes on with calls that wait, or of which a step failed."""

from pathlib import Path

import click

from app.cli.context import CommandContext, common_options, pass_command_context
from app.cli.importing import ImportRun, call_line
from app.core.import_options import ImportOptions
from app.core.model import NEEDED_KINDS
from app.core.plain_text import counted
from app.options import EXPORT_TO


@click.command()
@click.argument("ids", metavar="[ID]...", nargs=-1)
@click.option(
    EXPORT_TO, "_folders", multiple=True, type=click.Path(path_type=Path), metavar="FOLDER",
    help="A folder to which calls are still to be exported: only a command that names it may write there.",
)  # fmt: skip
@common_options
@pass_command_context
def retry(frame: CommandContext, ids: tuple[str, ...], _folders: tuple[Path, ...]) -> int:
    """Go on with calls that are not finished; without an ID, with all of them."""
    with frame.open_session() as session:
        library, pipeline = session.library, session.pipeline
        found = [library.call(library.find(id_)) for id_ in ids] or library.calls()[::-1]
        waiting = [call for call in found if pipeline.next_step(call) is not None]
        models = {step.model for call in found if (step := pipeline.open_step(call)) is not None}
        lacking = sum(pipeline.is_unfinished(call) for call in found) - len(waiting)
        frame.report_model_notices(frame.application(), [kind for kind in NEEDED_KINDS if kind in models])
        run = ImportRun(frame, session, ImportOptions())
        done = [finished for call in waiting if (finished := run.go_on(call)) is not None]
        session.maintenance.copy_if_due()
    lines = "\n".join(map(call_line, done))
    if frame.is_json or not run.failures or lines:
        frame.write_result(run.shapes, lines or ("" if lacking else "Nothing waits."))
    if lacking:
        frame.write_message(f"{counted(lacking, 'call')} {'waits' if lacking == 1 else 'wait'} for a model.")
    return 1 if run.failures else 0
