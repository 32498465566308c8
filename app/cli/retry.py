"""The command that goes on with calls that wait, or of which a step failed."""

import click

from app.cli.context import CommandContext, common_options, pass_command_context
from app.cli.importing import ImportRun, call_line
from app.core.import_options import ImportOptions
from app.core.model import NEEDED_KINDS


@click.command()
@click.argument("ids", metavar="[ID]...", nargs=-1)
@common_options
@pass_command_context
def retry(frame: CommandContext, ids: tuple[str, ...]) -> int:
    """Go on with calls that are not finished; without an ID, with all of them."""
    with frame.open_session() as session:
        library, pipeline = session.library, session.pipeline
        found = [library.call(library.find(id_)) for id_ in ids] or library.calls()[::-1]
        steps = {call: step for call in found if (step := pipeline.next_step(call)) is not None}
        waiting = list(steps)
        models = {step.model for step in steps.values()}
        frame.report_model_notices(frame.application(), [kind for kind in NEEDED_KINDS if kind in models])
        run = ImportRun(frame, session, ImportOptions())
        done = [finished for call in waiting if (finished := run.go_on(call)) is not None]
        session.maintenance.copy_if_due()
    lines = "\n".join(map(call_line, done))
    if frame.is_json or not run.failures or lines:
        frame.write_result(run.shapes, lines or "Nothing waits.")
    return 1 if run.failures else 0
