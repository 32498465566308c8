"""The formats in which a call can be exported: each file of this package is one."""

import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from app.core.call import Call
from app.core.summary import Summary
from app.core.transcript import Transcript


@dataclass(frozen=True, slots=True)
class ExportedCall:
    """What an export contains; without `call` it is a transcript alone, which stands in no vault."""

    transcript: Transcript
    call: Call | None = None
    summary: Summary | None = None


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """One format; a file of this package says all of it by constants of these names and a function `render`.

    `needs_times`: a call that came as a text without times can't be written in it.
    """

    name: str  # what `--format` takes
    title: str  # what the window's menu says
    suffix: str  # of the file, without the dot
    order: int  # its place in the menu and in the help, smallest first
    render: Callable[[ExportedCall], str]
    needs_times: bool = False


def export_formats() -> tuple[ExportFormat, ...]:
    """All formats in order.

    The package itself is asked which files it has, also where they lie in a wheel or a frozen build: so a new
    format is one new file and no entry in a list.
    """
    modules = [import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)]
    formats = [
        ExportFormat(m.NAME, m.TITLE, m.SUFFIX, m.ORDER, m.render, getattr(m, "NEEDS_TIMES", False)) for m in modules
    ]
    return tuple(sorted(formats, key=lambda one: (one.order, one.name)))


def export_format(name: str) -> ExportFormat:
    """The format with this name.

    Raises:
        KeyError: there is none.
    """
    return {one.name: one for one in export_formats()}[name]
