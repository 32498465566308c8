"""The README's commands and options are those of the program."""

import re
from pathlib import Path

import click

from app.cli.main import tacit

README = (Path(__file__).resolve().parent.parent / "README.md").read_text()
LINES = [line.partition("#")[0].split() for line in re.findall(r"(?m)^ {4}tacit\b *(.*)$", README)]
CONTEXT = click.Context(tacit)


def verb(words: list[str]) -> click.Command:
    """The command that a line of the README runs; the program itself for one without a verb."""
    command = tacit.get_command(CONTEXT, words[0]) if words and words[0][0].isalpha() else tacit
    assert command is not None, f"no such command: {words[0]}"
    if (
        isinstance(command, click.Group)
        and len(words) > 1
        and words[1].replace("-", "").isalpha()
        and words[1].islower()
    ):
        command = command.get_command(CONTEXT, words[1])
        assert command is not None, f"no such command: {' '.join(words[:2])}"
    return command


def options(command: click.Command) -> set[str]:
    return {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}


def test_every_command_is_described() -> None:
    described = {words[0] for words in LINES if words and words[0][0].isalpha()}
    assert described == set(tacit.list_commands(CONTEXT))


def test_every_option_that_is_described_is_there() -> None:
    wrong = {
        (" ".join(words), option)
        for words in LINES
        for option in re.findall(r"(?<![\w-])--?[a-z][a-z-]*", " ".join(words))
        if option not in options(verb(words))
    }
    assert wrong == set()


def test_the_common_options_are_there() -> None:
    common = set(re.findall(r"`(--[a-z-]+)", README.partition("Common options")[2].partition("\n\n")[0]))
    assert common
    assert all(common <= options(verb(words)) for words in LINES)


def test_the_formats_are_those_of_the_program() -> None:
    for name in ("transcribe", "export"):
        line = next(words for words in LINES if words[:1] == [name])
        choice = next(p.type for p in verb(line).params if "-f" in p.opts)
        assert isinstance(choice, click.Choice)
        assert line[line.index("-f") + 1].split("|") == list(choice.choices)
