"""Messages for usage errors that never repeat the input, which may be a title, a question or a name."""

import click

_TOO_MANY_WORDS = "Nothing was done; put words that belong together into quotes, and see «{command} --help»."
_SEE_HELP = "Nothing was done; «{command} --help» shows what it takes."


class Misuse(click.UsageError):
    """A usage error that a command finds itself; its message is a sentence of ours."""


def usage_message(error: click.ClickException) -> tuple[str, str]:
    """What was wrong and what to do: two sentences made only of our own words."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    command = context.command_path if context is not None else "tacit"
    title, advice = _title(error), _SEE_HELP
    if title is None:
        title, advice = "There are more words than this command takes.", _TOO_MANY_WORDS
    return title, advice.format(command=command)


def _title(error: click.ClickException) -> str | None:
    if isinstance(error, Misuse):
        return error.message
    if isinstance(error, click.NoSuchOption):
        return "There is no such option."
    if isinstance(error, click.MissingParameter):
        return f"{_name(error)} is missing."
    if isinstance(error, click.BadParameter):
        return f"{_name(error)} does not take that{_expectation(error.param)}."
    if isinstance(error, click.BadOptionUsage):
        return f"The option {error.option_name} lacks its value, or takes none."
    if isinstance(error, click.UsageError) and isinstance(error.ctx and error.ctx.command, click.Group):
        return "There is no such command."
    return None


def _name(error: click.BadParameter) -> str:
    if error.param is None:
        return "A value"
    return (
        f"The option {error.param.opts[0]}"
        if isinstance(error.param, click.Option)
        else error.param.human_readable_name
    )


def _expectation(parameter: click.Parameter | None) -> str:
    """What a parameter accepts, as far as its type says."""
    kind = None if parameter is None else parameter.type
    if isinstance(kind, click.Choice):
        return f": it is one of {', '.join(map(str, kind.choices))}"
    if isinstance(kind, click.Path):
        return ": it names a file" if kind.file_okay else ": it names a folder"
    if isinstance(kind, click.IntRange) and kind.min is not None:
        return f": it is a number, {kind.min} or more"
    wanted = getattr(kind, "wanted", "a number" if kind is click.INT else "")
    return f": it is {wanted}" if wanted else ""
