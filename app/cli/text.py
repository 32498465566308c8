"""The command text: what is read of a document."""

from pathlib import Path

import click

from app.cli.context import CommandContext, common_options, pass_command_context
from app.cli.progress import TerminalContext
from app.core.json_shapes import document_json
from app.core.plain_text import plain


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@common_options
@pass_command_context
def text(frame: CommandContext, file: Path) -> int:
    """Show what is read of a document; nothing is stored, and no vault is needed."""
    from app.services.documents.reading import DocumentReading
    from app.services.engine_pool import EnginePool

    frame.stopped_message = "Nothing was stored; the file was left as it is."
    tacit = frame.application()
    context = TerminalContext()
    try:
        document = DocumentReading(EnginePool(tacit.engines(), tacit.models)).read(file, context)
    finally:
        context.finish()
    for note in document.notes:
        frame.write_message(note)
    frame.write_result(document_json(document), plain(document.text))
    return 0
