"""The options by which calls come in: the same for «import» and for «watch», and one value of all of them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from app.cli.export import FORMATS
from app.core.import_options import DEFAULT_NAME, ImportOptions, StepOptions
from app.core.languages.codes import LANGUAGE_CODES
from app.core.model import ModelKind
from app.core.voices import MOST_SPEAKERS
from app.options import EXPORT_TO

if TYPE_CHECKING:
    from app.services.session import Session


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


@dataclass(frozen=True, slots=True)
class ExportChoice:
    """Where finished calls are to be exported, as it was typed; without a folder nowhere."""

    folder: Path | None
    format: str
    name: str


_OPTIONS = (
    click.option("--no-summary", is_flag=True, help="Transcribe only."),
    click.option("--date", type=DateParam(), help="When the call took place."),
    click.option(
        "--language", type=LanguageParam(), default="", help="The language spoken (en, de …); otherwise it is detected."
    ),
    click.option("--model", metavar="NAME", default="", help="The speech model; otherwise the one in use."),
    click.option("--left", default="", help="Who speaks on the left channel, or on the only one."),
    click.option("--right", default="", help="Who speaks on the right channel."),
    click.option(
        "--speakers", type=click.IntRange(1, MOST_SPEAKERS), help="How many people speak; otherwise it is found out."
    ),
    click.option("--template", metavar="NAME", default="", help="Whose sections the summary has."),
    click.option("--summary-language", type=LanguageParam(), default="", help="Otherwise that of the call."),
    click.option(
        EXPORT_TO, metavar="FOLDER", type=click.Path(path_type=Path),
        help="Write each finished call there, in the clear.",
    ),
    click.option("--export-format", type=click.Choice(FORMATS), default="md", show_default=True),
    click.option(
        "--export-name", metavar="PATTERN", default=DEFAULT_NAME, show_default=True,
        help="Of {date}, {time}, {title}, {id} and {file}.",
    ),
    click.option("--any-text", is_flag=True, help="Take each line of a text that names no speakers and no times."),
)  # fmt: skip


def import_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a command, which gets them as `options`, an `ImportOptions`, and `export`."""

    @wraps(command)
    def collected(
        *arguments: Any,
        no_summary: bool,
        date: datetime | None,
        language: str,
        model: str,
        left: str,
        right: str,
        speakers: int | None,
        template: str,
        summary_language: str,
        export_to: Path | None,
        export_format: str,
        export_name: str,
        any_text: bool,
        **others: Any,
    ) -> Any:
        steps = StepOptions(speakers or 0, template, summary_language)
        options = ImportOptions(date, language, left, right, not no_summary, any_text, model, steps)
        export = ExportChoice(export_to, export_format, export_name)
        return command(*arguments, options=options, export=export, **others)

    for option in reversed(_OPTIONS):
        collected = option(collected)
    return collected


def checked_options(session: "Session", options: ImportOptions, export: ExportChoice) -> ImportOptions:
    """The options with the plan for exports, once all that they name is known to be there.

    Raises:
        ModelMissing, SettingsError, AssistantError: something they name is not.
    """
    if options.speech_model:
        session.require_model(options.speech_model, ModelKind.SPEECH)
    if options.steps.template:
        session.templates.get(options.steps.template)
    if export.folder is None:
        return options
    plan = session.planned_exports.plan(export.folder, export.format, export.name)
    return replace(options, steps=msgspec.structs.replace(options.steps, export=plan))
