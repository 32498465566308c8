"""What every command shares: the common options, the passphrase, the open vault, and the output."""

import getpass
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.cli.safe_output import is_utf_8
from app.cli.usage_errors import Misuse
from app.core.errors import AssistantError, SettingsError, VaultError, VaultMissing
from app.core.file_access import access_notice
from app.core.model import NEEDED_KINDS, ModelKind
from app.core.output import Output
from app.core.plain_text import json_text
from app.options import COMMON_OPTIONS, JSON, MODELS, PASSPHRASE_FILE, VAULT, CommonOption, Options, parse

if TYPE_CHECKING:  # they bring the vault and all that is in it, which «--help» does without
    from app.services.application import Application
    from app.services.session import Session

Build = Callable[..., "Application"]
OpenDemo = Callable[["Application", str], int]

_RECOVERY_KEY_ADVICE = (
    "Write it down or print it, and keep it away from this computer: it opens the vault by itself, and it is not\n"
    "shown again. Without it a forgotten passphrase means that everything in the vault is lost."
)


@dataclass
class CommandContext:
    """The common options, given before or after the command, and what is built from them."""

    build: Build
    open_demo: OpenDemo
    is_offline_enforced: bool
    options: Options = field(default_factory=lambda: parse([]))
    stopped_message: str = "What was saved is safe; run the same command again to go on."

    @property
    def is_json(self) -> bool:
        """Whether data is written as JSON."""
        return JSON in self.options.given

    def application(self, vault: Path | None = None) -> "Application":
        """Build the application on the given folders; messages from its engines go to stderr."""
        folders = (vault or self.options.path(VAULT), self.options.path(MODELS))
        application = self.build(*folders, is_offline_enforced=self.is_offline_enforced)
        application.models.crash_count.observe(self.write_message)
        return application

    @contextmanager
    def open_session(self, *, makes: bool = False) -> "Iterator[Session]":
        """Open the vault; with `makes`, create it if there is none yet.

        Raises:
            VaultMissing: there is none; a typo in a path must not leave an empty vault behind.
        """
        tacit = self.application()
        if not makes and not tacit.vault_exists():
            raise VaultMissing
        session = self._open_or_create(tacit)
        for warning in session.maintenance.warnings:
            self.write_message(f"{warning.title} {warning.advice}")
        try:
            yield session
        finally:
            session.close()

    def write_message(self, sentence: str) -> None:
        """Write a message for the user to stderr, apart from the data."""
        click.echo(sentence, err=True)

    def report_plain_file(self, place: Output) -> None:
        """Say that what was written is not encrypted, if that was a file."""
        if place.is_file:
            self.write_message("Written. This file is not encrypted.")

    def report_copy_problem(self, problem: AssistantError | None) -> None:
        """Write to stderr why the last daily copy of the vault was not made."""
        if problem is not None:
            self.write_message(f"{problem.title} {problem.advice}")

    def write_result(self, shape: Any, text: str) -> None:
        """Write the result to stdout: JSON if requested, else text."""
        click.echo(json_line(shape, indent=1) if self.is_json else text.rstrip("\n"))

    def report_model_notices(self, tacit: "Application", kinds: Sequence[ModelKind] = NEEDED_KINDS) -> None:
        """Write to stderr what the user must know about the models of the kinds that the command uses."""
        for notice in tacit.notices(kinds):
            self.write_message(notice)

    def _open_or_create(self, tacit: "Application") -> "Session":
        for notice in tacit.access_notices():
            self.write_message(" ".join(notice))
        if tacit.vault_exists():
            return tacit.unlock(self.obtain_secret(tacit))
        file = self._secret_file()
        if file is None:
            self.write_message("There is no vault yet: this makes one.")
        session = tacit.create(self.obtain_new_passphrase(tacit, file))
        if file is None and session.recovery_key is not None:
            self.show_recovery_key(session.recovery_key)
        session.recovery_key = None
        return session

    def show_recovery_key(self, key: str) -> None:
        """Show a vault's recovery key, this once."""
        self.write_message(f"\nThe recovery key of this vault:\n\n    {key}\n\n{_RECOVERY_KEY_ADVICE}\n")

    def can_unlock_unattended(self, tacit: "Application") -> bool:
        """Whether the vault can be opened without asking the user."""
        return self._secret_file() is not None or tacit.keychain_opens()

    def _secret_file(self) -> Path | None:
        return self.options.path(PASSPHRASE_FILE) or PASSPHRASE_FILE.in_environment()

    def output(
        self, path: Path, *, is_forced: bool, inputs: Sequence[Path] = (), kind: type[AssistantError] = AssistantError
    ) -> Output:
        """The output at a path, looked at before the work.

        Raises:
            AssistantError: nothing can be written there, or must not.
        """
        secrets = [file for file in (self._secret_file(),) if file is not None]
        return self.application().outputs.named(path, inputs=[*inputs, *secrets], replaces=is_forced, kind=kind)

    def write_text(self, output: Output, text: str) -> None:
        """Write a text to an output; stdout takes it as every other text."""
        if not output.is_standard_output:
            output.write_text(text)
        elif self.is_json and not is_utf_8(sys.stdout):
            click.echo(json_text(json.loads(text), 1, is_ascii=True))
        else:
            click.echo(text.rstrip("\n"))

    def write_content(self, output: Output, content: str | bytes) -> None:
        """Write a text as `write_text` does, or bytes, which go to no terminal.

        Raises:
            Misuse: they would.
        """
        if isinstance(content, str):
            self.write_text(output, content)
        else:
            self.require_not_on_terminal(output)
            output.write(content)

    def write_report(self, output: Output, shape: Any, text: str) -> None:
        """Write what was done: to stderr where stdout has the result itself."""
        if output.is_standard_output:
            self.write_message(text)
        else:
            self.write_result(shape, text)

    def require_not_on_terminal(self, output: Output) -> None:
        """Require that bytes which are no text go to no terminal.

        Raises:
            Misuse: they would.
        """
        if output.is_terminal:
            raise Misuse("This is no text for a terminal.")

    def obtain_secret(self, tacit: "Application") -> str:
        """The secret that opens the vault: from the passphrase file, else the keychain if it is on, else the user."""
        if self._secret_file() is None and tacit.keychain_opens():
            try:
                return tacit.key_slots.keychain_secret()
            except VaultError as error:
                self.write_message(f"{error.title} {error.advice}")
        return self.obtain_passphrase()

    def obtain_passphrase(self, prompt: str = "Passphrase: ") -> str:
        """The passphrase or recovery key, from the passphrase file or else from the user."""
        file = self._secret_file()
        return _ask(prompt) if file is None else self._read_secret(file)

    def obtain_new_passphrase(self, tacit: "Application", file: Path | None) -> str:
        """A new passphrase, from a file or typed twice."""
        if file is not None:
            return self._read_secret(file)
        while True:
            first = _ask("New passphrase (at least 12 characters or 4 words): ")
            judgement = tacit.strength(first)
            if not judgement.is_enough:
                self.write_message(judgement.advice)
                continue
            if _ask("The same again: ") == first:
                return first
            self.write_message("The two were not the same; type them again.")

    def _read_secret(self, file: Path) -> str:
        if notice := access_notice(file, "the passphrase file"):
            self.write_message(" ".join(notice))
        return _first_line(file)


def _first_line(file: Path) -> str:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        advice = "Nothing was changed; check its path and whether you may read it."
        raise SettingsError("The passphrase file can't be read.", advice) from error
    line = text.split("\n", 1)[0].rstrip("\r")
    if not line:
        raise SettingsError("The passphrase file is empty.", "Nothing was changed; write it into the first line.")
    return line


def _ask(prompt: str) -> str:
    try:
        if sys.stdin is None or not sys.stdin.isatty():
            raise EOFError
        return getpass.getpass(prompt)
    except EOFError as error:
        raise VaultError(
            "A passphrase is needed, and there is no terminal to ask on.",
            "Nothing was changed; use --passphrase-file FILE.",
        ) from error


_TYPES = {"DIR": click.Path(path_type=Path, file_okay=False), "FILE": click.Path(path_type=Path), "": None}


def common_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the common options to a command; they may also be given before it."""
    for option in reversed(COMMON_OPTIONS):
        command = click.option(
            option.name,
            type=_TYPES[option.metavar],
            is_flag=option.is_flag or None,  # with False click lets an option's value be left out
            help=option.help,
            expose_value=False,
            callback=partial(_store_option, option),
        )(command)
    return command


def _store_option(option: CommonOption, context: click.Context, _: click.Parameter, value: Any) -> None:
    frame = context.find_object(CommandContext)
    assert frame is not None
    if value:
        frame.options.given[option] = "" if option.is_flag else str(value)


OUTPUT = click.Path(path_type=Path, allow_dash=True)
"""A file for a result: `CommandContext.output` looks at it."""
new_passphrase_option = click.option(
    "--new-passphrase-file",
    type=click.Path(path_type=Path),
    help="A file whose first line is the new passphrase; otherwise it asks, twice.",
)
force_option = click.option("--force", is_flag=True, help="Replace a file that is there already.")

pass_command_context = click.make_pass_decorator(CommandContext)


def confirm(question: str) -> bool:
    """Ask for confirmation; without a terminal the answer is no."""
    if not sys.stdin.isatty():
        return False
    return click.confirm(question, err=True)


def write_error(error: AssistantError, *, is_json: bool) -> None:
    """Write an error: two sentences on stderr, or its JSON on stdout."""
    if is_json:
        click.echo(json_line({"error": error_json(error)}))
    else:
        click.echo(f"tacit: {error.title} {error.advice}", err=True)


def json_line(shape: Any, indent: int | None = None) -> str:
    """JSON for stdout, whatever its encoding."""
    return json_text(shape, indent, is_ascii=not is_utf_8(sys.stdout))


def error_json(error: AssistantError) -> dict[str, str]:
    """An error as `{"title", "advice", "kind"}`."""
    return {"title": error.title, "advice": error.advice, "kind": error.kind}
