"""What every command shares: the common options, the passphrase, the open vault, and how output is written."""

import getpass
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from app.core.errors import AssistantError, SettingsError, VaultError, VaultMissing
from app.services.application import Tacit
from app.services.session import Session

Build = Callable[..., Tacit]
OpenDemo = Callable[[Tacit, str], int]

_KEEP = (
    "Write it down or print it, and keep it away from this computer: it opens the vault by itself, and it is not\n"
    "shown again. Without it a forgotten passphrase means that everything in the vault is lost."
)


@dataclass
class Frame:
    """The common options as given, before or after the verb, and what is made from them."""

    build: Build
    open_demo: OpenDemo
    is_offline_enforced: bool
    vault: Path | None = None
    models: Path | None = None
    passphrase_file: Path | None = None
    is_json: bool = False
    when_stopped: str = "What was saved is safe; run the same command again to go on."

    def tacit(self, vault: Path | None = None) -> Tacit:
        """The product on the folders named; what its engines have to tell goes to stderr."""
        made = self.build(vault or self.vault, self.models, is_offline_enforced=self.is_offline_enforced)
        made.models.minding.observe(self.note)
        return made

    @contextmanager
    def session(self, *, makes: bool = False) -> Iterator[Session]:
        """The open vault; with `makes` it is made if there is none yet.

        Raises:
            VaultMissing: there is none; a slip in a path must not leave an empty vault behind.
        """
        tacit = self.tacit()
        if not makes and not tacit.vault_exists():
            raise VaultMissing
        session = self._opened(tacit)
        try:
            yield session
        finally:
            session.close()

    def note(self, sentence: str) -> None:
        """Tell the person something beside the data."""
        click.echo(sentence, err=True)

    def data(self, shape: Any, text: str) -> None:
        """Write the result: JSON if asked for, else text."""
        click.echo(json.dumps(shape, ensure_ascii=False, indent=1) if self.is_json else text.rstrip("\n"))

    def tell_of_models(self, tacit: Tacit) -> None:
        """Say on stderr what a person must know of the models in use."""
        for notice in tacit.notices:
            self.note(notice)

    def _opened(self, tacit: Tacit) -> Session:
        if tacit.vault_exists():
            return tacit.unlock(self.secret(tacit))
        file = self._file()
        if file is None:
            self.note("There is no vault yet: this makes one.")
        session = tacit.create(self.new_passphrase(tacit, file))
        if file is None:
            self.note(f"\nThe recovery key of this vault:\n\n    {session.recovery_key}\n\n{_KEEP}\n")
        session.recovery_key = None
        return session

    def unlocks_by_itself(self, tacit: Tacit) -> bool:
        """Whether the vault can be opened without asking the person."""
        return self._file() is not None or tacit.keychain_opens()

    def _file(self) -> Path | None:
        named = os.environ.get("TACIT_PASSPHRASE_FILE")
        return self.passphrase_file or (Path(named) if named else None)

    def secret(self, tacit: Tacit) -> str:
        """What opens the vault: from the file named, else from the keychain if it may, else from the person."""
        if self._file() is None and tacit.keychain_opens():
            try:
                return tacit.rekeying.keychain_secret()
            except VaultError as error:
                self.note(f"{error.title} {error.advice}")
        return self.passphrase()

    def passphrase(self, prompt: str = "Passphrase: ") -> str:
        """What opens the vault, from the file named or from the person."""
        file = self._file()
        return _asked(prompt) if file is None else _read(file)

    def new_passphrase(self, tacit: Tacit, file: Path | None) -> str:
        """A passphrase to be set, from a file or typed twice."""
        if file is not None:
            return _read(file)
        while True:
            first = _asked("New passphrase (at least 12 characters or 4 words): ")
            judged = tacit.strength(first)
            if not judged.is_enough:
                self.note(judged.advice)
                continue
            if _asked("The same again: ") == first:
                return first
            self.note("The two were not the same; type them again.")


def _read(file: Path) -> str:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        advice = "Nothing was changed; check its path and whether you may read it."
        raise SettingsError("The passphrase file can't be read.", advice) from error
    line = text.split("\n", 1)[0].rstrip("\r")
    if not line:
        raise SettingsError("The passphrase file is empty.", "Nothing was changed; write it into the first line.")
    return line


def _asked(prompt: str) -> str:
    try:
        if sys.stdin is None or not sys.stdin.isatty():
            raise EOFError
        return getpass.getpass(prompt)
    except EOFError as error:
        raise VaultError(
            "A passphrase is needed, and there is no terminal to ask on.",
            "Nothing was changed; use --passphrase-file FILE.",
        ) from error


_FOLDER = click.Path(path_type=Path, file_okay=False)
_COMMON: tuple[tuple[tuple[str, ...], dict[str, Any]], ...] = (
    (("--vault",), {"type": _FOLDER, "help": "The vault's folder (or TACIT_VAULT)."}),
    (
        ("--passphrase-file",),
        {
            "type": click.Path(path_type=Path),
            "help": "A file whose first line is the passphrase (or TACIT_PASSPHRASE_FILE); otherwise it asks.",
        },
    ),
    (("--models",), {"type": _FOLDER, "help": "The folder with your own models (or TACIT_MODELS)."}),
    (("--json", "is_json"), {"is_flag": True, "help": "Write data as JSON."}),
)


def common(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the common options; they may also stand before the verb."""
    for declaration, settings in reversed(_COMMON):
        command = click.option(*declaration, **settings, expose_value=False, callback=_keep)(command)
    return command


def _keep(context: click.Context, parameter: click.Parameter, value: Any) -> None:
    if value and parameter.name:
        setattr(context.find_object(Frame), parameter.name, value)


pass_frame = click.make_pass_decorator(Frame)


def confirmed(question: str) -> bool:
    """Ask; whoever can't be asked has not said yes."""
    if not sys.stdin.isatty():
        return False
    return click.confirm(question, err=True)


def failure(error: AssistantError, *, is_json: bool) -> None:
    """Write an error: two sentences on stderr, or its JSON on stdout."""
    if is_json:
        click.echo(json.dumps({"error": error_json(error)}, ensure_ascii=False))
    else:
        click.echo(f"tacit: {error.title} {error.advice}", err=True)


def error_json(error: AssistantError) -> dict[str, str]:
    """An error as `{"title", "advice", "kind"}`."""
    return {"title": error.title, "advice": error.advice, "kind": error.kind}
