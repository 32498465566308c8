"""The formats in which a call can be exported: each file of this package is one."""

import pkgutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Literal, get_args

import msgspec

from app.core.call import Call
from app.core.call_document import CallDocument
from app.core.errors import AssistantError
from app.core.summary import Summary, without_owners, without_times
from app.core.transcript import Transcript, Utterance, Word

Part = Literal["times", "speakers", "summary"]
"""What an export can do without."""
PARTS: tuple[Part, ...] = get_args(Part)


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """What a person wants in an export, beside the words."""

    has_times: bool = True
    has_speakers: bool = True
    has_summary: bool = True

    @property
    def left_out(self) -> tuple[Part, ...]:
        """What is to be left out."""
        wanted = (self.has_times, self.has_speakers, self.has_summary)
        return tuple(part for part, is_wanted in zip(PARTS, wanted, strict=True) if not is_wanted)


@dataclass(frozen=True, slots=True)
class ExportedCall:
    """What an export contains; without `call` it is a transcript alone, which stands in no vault."""

    transcript: Transcript
    call: Call | None = None
    summary: Summary | None = None

    def without(self, parts: tuple[Part, ...]) -> "ExportedCall":
        """The same without these parts: lines without times as in a text that has none, speakers without names."""
        found = self
        if "summary" in parts:
            found = replace(found, summary=None)
        if "times" in parts:
            lines = tuple(map(_untimed, found.transcript.utterances))
            transcript = msgspec.structs.replace(found.transcript, utterances=lines, duration=0.0)
            found = replace(found, transcript=transcript, summary=found.summary and without_times(found.summary))
        if "speakers" in parts:
            nameless = tuple(msgspec.structs.replace(one, name="") for one in found.transcript.speakers)
            transcript = msgspec.structs.replace(found.transcript, speakers=nameless)
            call = found.call and msgspec.structs.replace(found.call, speakers=nameless)
            found = replace(
                found, transcript=transcript, call=call, summary=found.summary and without_owners(found.summary)
            )
        return found


def _untimed(said: Utterance) -> Utterance:
    words = tuple(Word(word.text, 0.0, 0.0, word.probability) for word in said.words)
    return msgspec.structs.replace(said, start=0.0, end=0.0, words=words)


Content = str | bytes
"""What stands in the file: a text, which is written as UTF-8, or bytes."""
DrawDocument = Callable[[CallDocument], bytes]
"""Draws a document in pages that end as a PDF; raises `NotDrawable` where there is nothing that could."""


class NotDrawable(AssistantError):
    """There is nothing here that draws pages."""

    default_title = "A PDF can't be made here: the libraries that draw the window's text are missing."
    default_advice = "Nothing was written; export it as docx or html, which print as well."


def draw_nothing(_: CallDocument) -> bytes:
    """Draw no document (`DrawDocument`): for a program without fonts.

    Raises:
        NotDrawable: always.
    """
    raise NotDrawable


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """One format; a file of this package says all of it by constants of these names and a function `render`.

    `render` gives what stands in the file; or a document, if that takes fonts, which the core has not, and is drawn by
    a `DrawDocument`. `needs_times`: a call that came as a text without times can't be written in it. `optional`: what
    it can do without.
    """

    name: str  # what `--format` takes
    title: str  # what the window's menu says
    suffix: str  # of the file, without the dot
    order: int  # its place in the menu and in the help, smallest first
    render: Callable[[ExportedCall], Content | CallDocument]
    needs_times: bool = False
    optional: tuple[Part, ...] = PARTS
    is_binary: bool = False  # bytes that are no text

    def content(self, exported: ExportedCall, options: ExportOptions, draw: DrawDocument) -> Content:
        """What stands in the file; of what is to be left out, what this format can do without.

        Raises:
            NotDrawable: it takes fonts, and `draw` has none.
        """
        parts = tuple(part for part in options.left_out if part in self.optional)
        rendered = self.render(exported.without(parts))
        return draw(rendered) if isinstance(rendered, CallDocument) else rendered


def export_formats() -> tuple[ExportFormat, ...]:
    """All formats in order.

    The package itself is asked which files it has, also where they lie in a wheel or a frozen build: so a new
    format is one new file and no entry in a list.
    """
    modules = [import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)]
    formats = [
        ExportFormat(
            m.NAME,
            m.TITLE,
            m.SUFFIX,
            m.ORDER,
            m.render,
            getattr(m, "NEEDS_TIMES", False),
            getattr(m, "OPTIONAL", PARTS),
            getattr(m, "IS_BINARY", False),
        )
        for m in modules
    ]
    return tuple(sorted(formats, key=lambda one: (one.order, one.name)))


def export_format(name: str) -> ExportFormat:
    """The format with this name.

    Raises:
        KeyError: there is none.
    """
    return {one.name: one for one in export_formats()}[name]
