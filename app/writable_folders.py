"""The folders that the window or a command may write in, and the files that it may ask the output broker for."""

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from app.options import EXPORT_TO, MODELS, RESTORE, VAULT, Options, parse

_MAKES_A_VAULT = (["import"], ["watch"], ["note", "add"], ["vault", "create"])
_MAKES_A_FOLDER = (["vault", "repair"], ["demo"])  # which is named among its words
COMMANDS_THAT_WRITE = frozenset({"transcribe", "export", "check", "backup", "models", "doctor", "note", "todo"})
"""The commands that take the name of a file to write."""
_EXPORTS = frozenset({"import", "watch", "retry"})  # the commands that write calls to the folder of `EXPORT_TO`
_EXPORTS_NOTES, _ALL = ["note", "export"], "--all"  # the command that writes all notes to the folder of this option

_FORCE = "--force"


class WritableFolders(NamedTuple):
    """What a head may write in; `made` are those that were missing, and go again if nothing is put into them."""

    vault: Path
    models: Path
    folders: tuple[Path, ...]
    made: tuple[Path, ...]
    emptied: tuple[Path, ...]  # what an earlier restore has left beside the vault
    named: tuple[str, ...] | None  # what a command line names; None for the window
    replaces: bool  # whether the command line agrees to replace what is there
    writes: bool  # whether a file may be named at all
    exports: tuple[Path, ...] = ()  # the folders that a command may make documents in

    @property
    def needs_broker(self) -> bool:
        """Whether there is anything that only a process without these limits can do."""
        return self.writes or bool(self.made) or bool(self.emptied)


def prepare(arguments: list[str], *, is_window: bool) -> WritableFolders:
    """The folders for these arguments; those that are missing and needed are made, with nothing in them."""
    import platformdirs  # late, as all below: the launcher needs nothing of it

    from app.catalog import paths
    from app.storage.safety import folder_swap

    options = parse(arguments)
    words = options.words
    restores = words[:1] == ["restore"] or (is_window and RESTORE in arguments)
    vault = _vault_folder(options)
    models = paths.models_folder(options.path(MODELS))
    made: list[Path] = []
    folders = [vault, models, _temporary_folder()]
    own = (Path(platformdirs.user_config_dir("tacit", appauthor=False)), paths.faults_file().parent)
    named = tuple(_named(arguments))
    with suppress(OSError):  # the work then says what it is refused
        folder_swap.undo_interrupted_swap(vault)
    for folder in own:
        _make(folder)  # stays: another window or command may have started with it
    wanted = []
    if is_window or words[:1] == ["models"]:
        wanted.append(models)
    if restores or is_window:
        wanted.append(vault.parent)
    if (is_window and not restores) or any(words[: len(verb)] == verb for verb in _MAKES_A_VAULT):
        wanted.append(vault)
    new = [Path(name).absolute() for name in _new_folders(options)]
    for folder in (*wanted, *new):
        made += _make(folder)
    folders += [folder for folder in new if folder.is_dir()]
    folders += _linked_folders(vault)
    # GTK, which Qt loads for its looks on some desktops, keeps a mark there that settings have changed.
    folders += [Path(place) / "dconf" for place in (os.environ.get("XDG_RUNTIME_DIR"),) if place]
    beside_vault = vault.resolve().parent
    beside = [other for other in folder_swap.folders_beside(vault) if other.is_dir()]
    if restores or (is_window and beside_vault == paths.data_folder().resolve()):
        folders.append(beside_vault)
    exports = () if is_window else tuple(_export_folders(arguments, words))
    return WritableFolders(
        vault, models, (*folders, *own, *beside), tuple(made), tuple(beside), None if is_window else named,
        _FORCE in arguments, is_window or bool(exports) or not COMMANDS_THAT_WRITE.isdisjoint(words[:1]), exports,
    )  # fmt: skip


def may_use_keychain(arguments: list[str]) -> bool:
    """Whether the system's keychain opens the vault of this command, or is to."""
    from app.storage.files.layout import has_keychain_slot

    options = parse(arguments)
    return options.words[:2] == ["vault", "keychain"] or has_keychain_slot(_vault_folder(options))


def _vault_folder(options: Options) -> Path:
    from app.catalog import paths

    return (options.path(VAULT) or VAULT.in_environment() or paths.data_folder() / "vault").absolute()


def _temporary_folder() -> Path:
    """The folder that `tempfile` will take; without loading that, and without the file that it tries with."""
    variables = (os.environ.get(name) for name in ("TMPDIR", "TEMP", "TMP"))
    for place in (*filter(None, variables), "/tmp", "/var/tmp", "/usr/tmp"):  # noqa: S108 - as tempfile does
        if os.path.isdir(place) and os.access(place, os.W_OK | os.X_OK):  # noqa: PTH112
            return Path(place).absolute()
    return Path("/tmp")  # noqa: S108


def _linked_folders(vault: Path) -> Iterator[Path]:
    """Where the vault's own folders lie if a person has put a link to another disk in their place.

    Never a hidden folder, nor one above the home folder: a head could have put a link there that it found elsewhere.
    """
    from app.storage.files.layout import BACKUPS_NAME, MEDIA_NAME

    for name in (MEDIA_NAME, BACKUPS_NAME):
        if (vault / name).is_symlink():
            real = (vault / name).resolve()
            if not Path.home().is_relative_to(real) and not any(part.startswith(".") for part in real.parts):
                yield real


def _named(arguments: Iterable[str]) -> Iterator[str]:
    """All that may be a file's name on a command line."""
    for word in arguments:
        yield word
        if word.startswith("--"):
            yield word.partition("=")[2]
        elif word.startswith("-"):
            yield word[2:]


def _export_folders(arguments: list[str], words: list[str]) -> Iterator[Path]:
    """The folders that a command line says calls or notes are to be exported to."""
    names = {_ALL} if words[:2] == _EXPORTS_NOTES else set() if _EXPORTS.isdisjoint(words[:1]) else {EXPORT_TO}
    for word, following in zip(arguments, [*arguments[1:], ""], strict=True):
        name, _, value = word.partition("=")
        if name in names and (value or following):
            with suppress(OSError, RuntimeError, ValueError):
                yield Path(value or following).resolve()


def _new_folders(options: Options) -> Iterator[str]:
    """What may be the folder that a command makes: a word after its name, or what is given to its option."""
    for verb in _MAKES_A_FOLDER:
        if options.words[: len(verb)] == verb:
            yield from options.words[len(verb) :]
            yield from (value for word in options.unknown if (value := word.partition("=")[2]))


def _make(folder: Path) -> list[Path]:
    """Make a folder; it and those above it that were missing, outermost first."""
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return [place for place in reversed(missing) if place.is_dir()]
