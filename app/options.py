"""The options that every command and the window's start share: one table, and how a command line is read by it."""

import os
from pathlib import Path
from typing import NamedTuple

RESTORE = "--restore"
"""With it the window restores a backup, may write beside the vault for that, and opens no vault."""

EXPORT_TO = "--export-to"
"""The option of «import», «watch» and «retry» that names the folder in which they write calls."""


class CommonOption(NamedTuple):
    """An option that every command takes, before or after its name."""

    name: str  # as it is typed
    metavar: str  # what its value is: DIR, FILE, or "" for a flag
    variable: str  # the environment variable that stands in for it, or ""
    help: str
    is_for_window: bool = False  # whether the window takes it too

    @property
    def is_flag(self) -> bool:
        """Whether it is given without a value."""
        return not self.metavar

    def in_environment(self) -> Path | None:
        """The path in its environment variable; None if that is unset or empty."""
        value = os.environ.get(self.variable)
        return Path(value) if value else None


# A new option is one entry here; the order is that of --help.
COMMON_OPTIONS = (
    VAULT := CommonOption(
        "--vault", "DIR", "TACIT_VAULT", "The vault's folder (or TACIT_VAULT).", is_for_window=True
    ),
    PASSPHRASE_FILE := CommonOption(
        "--passphrase-file", "FILE", "TACIT_PASSPHRASE_FILE",
        "A file whose first line is the passphrase (or TACIT_PASSPHRASE_FILE); otherwise it asks.",
    ),
    MODELS := CommonOption(
        "--models", "DIR", "TACIT_MODELS", "The folder with your own models (or TACIT_MODELS).", is_for_window=True
    ),
    JSON := CommonOption("--json", "", "", "Write data as JSON."),
)  # fmt: skip
_BY_NAME = {option.name: option for option in COMMON_OPTIONS}


class Options(NamedTuple):
    """The common options of a command line, and what else is on it."""

    given: dict[CommonOption, str]  # "" for a flag; of an option given twice the last value
    incomplete: list[CommonOption]  # those whose value is missing or empty
    words: list[str]  # a command and its arguments
    unknown: list[str]  # options that are not common ones; a value that follows one is among the words

    def path(self, option: CommonOption) -> Path | None:
        """The path given for an option."""
        return Path(self.given[option]) if option in self.given else None

    def asks_for_window(self) -> bool:
        """Whether there are only options with values and no command: they open the window on what they name."""
        is_flagged = any(option.is_flag and not option.is_for_window for option in self.given)
        return not self.words and not self.unknown and not is_flagged

    def window_arguments(self) -> list[str] | None:
        """The options as the window's process gets them, paths made absolute; None if the window does not take all."""
        if self.words or self.unknown or self.incomplete or not all(option.is_for_window for option in self.given):
            return None
        values = {
            option: [] if option.is_flag else [str(Path(value).absolute())] for option, value in self.given.items()
        }
        return [word for option, value in values.items() for word in (option.name, *value)]


def parse(arguments: list[str]) -> Options:
    """Read the common options wherever they stand, and judge nothing else: commands know their own options."""
    options = Options({}, [], [], [])
    rest = list(arguments)
    while rest:
        word = rest.pop(0)
        name, is_joined, value = word.partition("=")
        option = _BY_NAME.get(name)
        if not word.startswith("-"):
            options.words.append(word)
        elif option is None or (option.is_flag and is_joined):
            options.unknown.append(word)
            if word == "--":  # what follows is no option, whatever it looks like
                options.words.extend(rest)
                break
        elif option.is_flag:
            options.given[option] = ""
        else:
            if not is_joined and rest:
                value = rest.pop(0)
            if value:
                options.given[option] = value
            else:
                options.incomplete.append(option)
    return options
