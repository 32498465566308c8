"""The command rewrite: a filter that puts a text into other words, translates it or sums it up."""

import sys
from pathlib import Path
from typing import Any

import click

from app.cli.context import CommandContext, common_options, pass_command_context
from app.cli.piped_text import piped_text
from app.cli.progress import TerminalContext
from app.cli.usage_errors import Misuse
from app.core.languages.codes import LANGUAGE_CODES, code_of_language
from app.core.model import ModelKind
from app.core.writing.action import TextAction
from app.core.writing.difference import Difference
from app.core.writing.json_shape import written_json
from app.services.text_files import NotText

_ACTIONS = [action.value for action in TextAction if action is not TextAction.ASK]
_TWO_ACTIONS = "Two things are asked for at once."
_NOT_TEXT = "This file is no text in UTF-8: save it as plain text and try again."
_NO_LANGUAGE = "To translate, name the language: --to German, or --to de."
_NO_CHANGES = "Changes are shown of a text in other words, and not of this."


class _NamedLanguage(click.ParamType[str]):
    """A language by its code or its English name."""

    name = "language"
    wanted = "a language, such as German or de"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return its code."""
        named = str(value).strip().casefold()
        code = named if named in LANGUAGE_CODES else code_of_language(named)
        if named and not code:
            self.fail(self.wanted, param, ctx)
        return code


@click.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False, allow_dash=True), default="-")
@click.option("--as", "action", type=click.Choice(_ACTIONS), help="What to do; without it the text is proofread.")
@click.option("--to", "target", type=_NamedLanguage(), default="", help="The language to translate into.")
@click.option("--ask", "question", default="", metavar="QUESTION", help="Answer a question about the text.")
@click.option("--diff", is_flag=True, help="Show the changes as [-old-]{+new+}.")
@common_options
@pass_command_context
def rewrite(frame: CommandContext, file: Path, action: str | None, target: str, question: str, diff: bool) -> int:
    """Proofread, rewrite, translate or sum up a text: FILE or stdin, to stdout; nothing is stored."""
    from app.services.engine_pool import EnginePool
    from app.services.writing.writing import Writing

    wanted = _wanted(action, target, question)
    if wanted is TextAction.TRANSLATE and not target:
        raise Misuse(_NO_LANGUAGE)
    if diff and not wanted.facts.is_rewriting:
        raise Misuse(_NO_CHANGES)
    frame.stopped_message = "Nothing was stored; your text was left as it is."
    if str(file) == "-" and sys.stdin.isatty():
        frame.write_message("Write the text, and end it with Ctrl-D.")
    try:
        text = piped_text(file)
    except NotText as error:
        raise Misuse(_NOT_TEXT) from error
    tacit = frame.application()
    frame.report_model_notices(tacit, [ModelKind.LANGUAGE])
    engine_pool = EnginePool(tacit.engines(), tacit.models)
    context = TerminalContext()
    try:
        written = Writing(engine_pool).run(wanted, text, context, target=target, question=question)
    finally:
        engine_pool.close()
        context.finish()
    for note in written.notes:
        frame.write_message(note)
    if frame.is_json:
        frame.write_result(written_json(written), "")
    else:
        shown = changes_text(written.difference) if diff else written.new
        click.echo(shown, nl=not shown.endswith("\n"))
    return 0


def _wanted(action: str | None, target: str, question: str) -> TextAction:
    """The action that is named, or told by what is named for it; without anything the text is proofread."""
    told = TextAction.ASK if question else TextAction.TRANSLATE if target else TextAction.PROOFREAD
    if action is None:
        return told
    if told is not TextAction.PROOFREAD and told.value != action:
        raise Misuse(_TWO_ACTIONS)
    return TextAction(action)


def changes_text(found: Difference) -> str:
    """A text with its changes as git shows those of words: `[-old-]{+new+}`."""
    return "".join(
        piece
        if isinstance(piece, str)
        else (f"[-{piece.old}-]" if piece.old else "") + (f"{{+{piece.new}+}}" if piece.new else "")
        for piece in found.pieces
    )
