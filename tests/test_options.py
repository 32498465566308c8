"""Each common option of the one table is known wherever a command line is read."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from app import assembly
from app.cli.context import CommandContext, common_options
from app.cli.main import tacit
from app.options import COMMON_OPTIONS, MODELS, VAULT, CommonOption, parse

ROOT = Path(__file__).resolve().parent.parent
WITH_VALUE = [option for option in COMMON_OPTIONS if not option.is_flag]
FOR_WINDOW = [option for option in COMMON_OPTIONS if option.is_for_window]
_LAUNCHER = """
import sys
sys.path.insert(0, sys.argv[1])
from app import launcher
launcher.own_command = lambda: [sys.executable, "-c", "import sys; print(*sys.argv[1:-3], sep='|')"]
sys.exit(launcher.main(sys.argv[2:]))
"""


def option_id(option: CommonOption) -> str:
    return option.name


def frame() -> CommandContext:
    return CommandContext(assembly.build, lambda *_: 0, is_offline_enforced=True)


def written(option: CommonOption, value: str = "there") -> list[str]:
    return [option.name] if option.is_flag else [option.name, value]


def launched(arguments: list[str], folder: Path) -> "subprocess.CompletedProcess[str]":
    """The launcher as it runs, with a window that tells its arguments."""
    command = [sys.executable, "-I", "-c", _LAUNCHER, str(ROOT), *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=60)


def commands(group: click.Group = tacit) -> Iterator[click.Command]:
    yield group
    for name in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command)
        else:
            yield command


@pytest.mark.parametrize("option", COMMON_OPTIONS, ids=option_id)
def test_every_command_takes_it(option: CommonOption) -> None:
    found = {
        command.name: [parameter for parameter in command.params if option.name in parameter.opts]
        for command in commands()
    }
    assert len(found) > 20
    assert {name for name, parameters in found.items() if len(parameters) != 1} == set()
    for (parameter,) in found.values():
        assert isinstance(parameter, click.Option)
        assert (parameter.help, parameter.is_flag) == (option.help, option.is_flag)


@pytest.mark.parametrize("option", COMMON_OPTIONS, ids=option_id)
def test_a_command_line_is_read_alike_before_and_within_the_commands(option: CommonOption) -> None:
    @click.group()
    @common_options
    def outer() -> None: ...

    @outer.command()
    @common_options
    def inner() -> None: ...

    joined = written(option) if option.is_flag else ["=".join(written(option))]
    for words in (
        [*written(option), "inner"], ["inner", *written(option)], [*joined, "inner"],
        [*written(option, "elsewhere"), "inner", *joined],
    ):  # fmt: skip
        context = frame()
        assert CliRunner().invoke(outer, words, obj=context).exit_code == 0
        assert context.options.given == parse(words).given == {option: "" if option.is_flag else "there"}
        assert parse(words).words == ["inner"]


@pytest.mark.parametrize("option", WITH_VALUE, ids=option_id)
def test_an_option_without_its_value_is_incomplete(option: CommonOption) -> None:
    for words in ([option.name], [option.name, ""], [f"{option.name}="]):
        read = parse(words)
        assert (read.given, read.incomplete) == ({}, [option])
        assert read.asks_for_window()  # which says what it takes
        assert read.window_arguments() is None
    with pytest.raises(click.BadOptionUsage):
        tacit.main(["list", option.name], standalone_mode=False, obj=frame())


@pytest.mark.parametrize("option", WITH_VALUE, ids=option_id)
def test_its_variable_stands_in_for_it(option: CommonOption, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert option.variable in option.help
    monkeypatch.setenv(option.variable, str(tmp_path))
    assert option.in_environment() == tmp_path
    monkeypatch.setenv(option.variable, "")
    assert option.in_environment() is None


@pytest.mark.parametrize("option", FOR_WINDOW, ids=option_id)
def test_the_launcher_hands_it_to_the_window_whole(option: CommonOption, tmp_path: Path) -> None:
    assert parse(written(option)).asks_for_window()
    ended = launched(written(option), tmp_path)
    expected = written(option, str(tmp_path / "there"))
    assert (ended.returncode, ended.stdout.strip(), ended.stderr) == (0, "|".join(["--window", *expected]), "")
    assert parse(expected).window_arguments() == expected


@pytest.mark.parametrize("option", [o for o in COMMON_OPTIONS if not o.is_for_window], ids=option_id)
def test_the_launcher_refuses_what_the_window_does_not_take(option: CommonOption, tmp_path: Path) -> None:
    assert parse(written(option)).asks_for_window() != option.is_flag  # a flag alone is left to the command line
    ended = launched(written(option), tmp_path)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == "tacit: the window takes --vault DIR and --models DIR; see «tacit --help».\n"


def test_the_window_opens_on_the_folders_given(tmp_path: Path) -> None:
    arguments = [*written(VAULT, str(tmp_path / "vault")), *written(MODELS, str(tmp_path / "models")), "--demo"]
    built = assembly.build_from_arguments(arguments, is_offline_enforced=False)
    assert (built.vault_folder, built.models.folder) == (tmp_path / "vault", tmp_path / "models")


def test_what_is_no_common_option_is_kept_apart() -> None:
    read = parse(["--vault", "--json", "models", "-x", "--json=1", "pull", "--", "--models"])
    assert read.given == {VAULT: "--json"}
    assert read.unknown == ["-x", "--json=1", "--"]
    assert read.words == ["models", "pull", "--models"]
    assert not read.asks_for_window()
