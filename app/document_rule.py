"""Which files the window may have written outside its own folders: documents, and nothing that is run or started."""

import os
import re
import stat
import sys
from functools import cache
from pathlib import Path

from app.core.errors import AssistantError

# Of proofs, the ledger, backups, packs, keys and tasks.
_OTHER_SUFFIXES = frozenset({"html", "htm", "tacit", "zip", "txt", "json", "ics"})
# By their names, tools that build programs run what such files say.
_RUN_BY_TOOLS = frozenset(
    "package.json package-lock.json composer.json tsconfig.json deno.json cmakelists.txt requirements.txt "
    "constraints.txt meson_options.txt".split()
)
_STARTED = re.compile(r"autostart|systemd|site-packages|dist-packages|__pycache__", re.IGNORECASE)
_RUN = stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH


@cache
def document_suffixes() -> frozenset[str]:
    """The endings of all that the window writes for a person, without a dot."""
    from app.core.exports import export_formats

    return _OTHER_SUFFIXES | {known.suffix.lstrip(".") for known in export_formats()}


def require_document(path: Path) -> None:
    """Require that a file is a document in a place for documents; `path` is what all links lead to.

    The dialog that asks the person where to save is drawn by the window itself, so what the window says is not enough.

    Raises:
        AssistantError: it is, or lies where it might be, something that a program reads as its own.
    """
    if path.suffix.casefold().lstrip(".") not in document_suffixes():
        raise _refused("The window does not write files of that kind.", "use an ending that is offered.")
    if path.name.casefold() in _RUN_BY_TOOLS:
        raise _refused("A file of that name says what a program does.", "choose another name.")
    if any(part.startswith(".") or _STARTED.fullmatch(part) for part in path.parts):
        raise _refused("The window does not write into hidden folders or programs' own.", "choose another folder.")
    if any((folder / "pyvenv.cfg").exists() for folder in path.parents) or any(
        path.is_relative_to(place) for place in _programs_places()
    ):
        raise _refused("That place belongs to a program.", "choose another folder.")
    try:
        there = path.lstat()
    except FileNotFoundError:
        return
    if there.st_mode & _RUN or there.st_uid != os.getuid():
        raise _refused("That file is a program, or somebody else's.", "choose another name.")


@cache
def _programs_places() -> tuple[Path, ...]:
    """The folders of Tacit itself, of Python, and of all that is started by its name."""
    from app.engines.sandbox.file_rules import engine_paths

    listed = [*engine_paths(), sys.prefix, *os.environ.get("PATH", "").split(os.pathsep)]
    return tuple(Path(os.path.realpath(place)) for place in listed if place)


def _refused(title: str, advice: str) -> AssistantError:
    return AssistantError(title, f"Nothing was changed; {advice}")
