"""The pages and commands that the window's rooms register, found by the names of their files."""

import pkgutil
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType
from typing import Any

from app.ui.navigation.command import Command
from app.ui.navigation.page import Group, Page

_UI = __name__.split(".navigation.", maxsplit=1)[0]


def registered_pages() -> tuple[Page[Any], ...]:
    """The `PAGE` of each room's `page.py`, in the order of the side bar."""
    groups = list(Group)
    pages: list[Page[Any]] = [module.PAGE for module in _modules("page")]
    return tuple(sorted(pages, key=lambda page: (groups.index(page.group), page.order, page.key)))


def registered_commands(pages: tuple[Page[Any], ...]) -> dict[str, Command]:
    """The command that shows each page, and the `COMMANDS` of each room's `commands.py`, by their ids.

    Raises:
        ValueError: two commands have the same id or the same keys.
    """
    commands: dict[str, Command] = {}
    own = [command for module in _modules("commands") for command in module.COMMANDS]
    taken: set[str] = set()
    for command in [*(page.command for page in pages), *own]:
        if command.id in commands or command.keys in taken:
            raise ValueError(f"Two commands have the id {command.id} or its keys {command.keys}")
        commands[command.id] = command
        taken |= {command.keys} - {""}
    return commands


def _modules(name: str) -> Iterator[ModuleType]:
    """The module of this name in each room that has one.

    The rooms are listed anew each time, through the import system, so that this also works in a frozen program
    (docs/decisions/0015-pages-and-commands.md).
    """
    for room in pkgutil.iter_modules(import_module(_UI).__path__, f"{_UI}."):
        if not room.ispkg or room.name == __package__:  # this room only says what a page and a command are
            continue
        if any(found.name == name for found in pkgutil.iter_modules(import_module(room.name).__path__)):
            yield import_module(f"{room.name}.{name}")
