"""The command that has a call in the vault transcribed again, perhaps by another model or in another language."""

import click

from app.cli.context import CommandContext, common_options, pass_command_context
from app.cli.import_options import LanguageParam
from app.cli.progress import TerminalContext
from app.core.durations import format_duration
from app.core.json_shapes import call_json
from app.core.model import ModelKind

_STOPPED = "The earlier transcript is shown until the new one is whole; run the same command again to begin it anew."
_REPLACED = "The new transcript has taken the place of the earlier one. Answers stay, and show the words they quoted."
_CORRECTED = "Corrected lines keep your words where the same was heard again; the others are as they are heard now."


@click.command("transcribe-again")
@click.argument("id_", metavar="ID")
@click.option("--model", metavar="NAME", default="", help="The speech model that hears it; otherwise the one in use.")
@click.option(
    "--language", type=LanguageParam(), default="", help="The language spoken (en, de …); otherwise it is detected."
)
@common_options
@pass_command_context
def transcribe_again(frame: CommandContext, id_: str, model: str, language: str) -> int:
    """Transcribe a call in the vault anew; what is there stays until the new transcript is whole."""
    frame.stopped_message = _STOPPED
    context = TerminalContext()
    with frame.open_session() as session:
        found = session.library.find(id_)
        session.require_model(model, ModelKind.SPEECH)
        if not model:
            frame.report_model_notices(frame.application(), [ModelKind.SPEECH])
        earlier = session.library.transcript(found)
        session.transcribing.request_again(found, language, model)
        try:
            call = session.pipeline.carry_through(session.library.call(found), context)
        finally:
            context.finish()
        session.transcribing.refuse_if_unknown(call)
        session.importing.refuse_if_silent(call)
        session.maintenance.copy_if_due()
    if earlier.utterances:
        frame.write_message(_REPLACED)
    if earlier.corrections:
        frame.write_message(_CORRECTED)
    frame.write_result(
        call_json(call), f"{call.id}  {call.title}  ({format_duration(call.duration)}, {call.state.value})"
    )
    return 0
