"""The rows of the search over everything: found calls and chats with their places, commands, and a new question."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.core.durations import format_time
from app.core.found import FoundGroup, Place, Spans
from app.ui.navigation.command import Command
from app.ui.style.phrases import short_day
from app.ui.widgets.row_model import RowModel

_KINDS = {
    "call": ("Calls", "Call"),
    "chat": ("Chats", "Chat"),
    "note": ("Notes", "Note"),
    "task": ("To do", "Task"),
    "related": ("Close in meaning", "Call"),
}
"""The heading, and the word beside a title; of other kinds they are as they come."""


@dataclass(frozen=True, slots=True)
class PaletteRow:
    """One row: a heading, or something that Enter opens: a group, one of its places, a command, or a new question."""

    text: str
    spans: Spans = ()
    aside: str = ""
    is_heading: bool = False
    group: FoundGroup | None = None
    place: Place | None = None
    command: Command | None = None
    question: str = ""

    @property
    def spoken(self) -> str:
        """The row for screen readers."""
        return ", ".join(part for part in (self.text, self.aside) if part)


class PaletteModel(RowModel[PaletteRow]):
    """The rows; headings can't be selected."""


def rows_of(groups: Iterable[FoundGroup], commands: Iterable[Command], question: str) -> list[PaletteRow]:
    """The rows for what was found, grouped by kind and by call or chat; `question` is what could be asked instead."""
    rows: list[PaletteRow] = []
    kind = ""
    for group in groups:
        heading, word = _KINDS.get(group.kind, (group.kind, group.kind))
        if group.kind != kind:
            kind = group.kind
            rows.append(PaletteRow(heading, is_heading=True))
        aside = f"{word}, {short_day(group.date)}"
        rows.append(PaletteRow(group.title or "New chat", group.title_spans, aside, group=group))
        for place in group.places:
            stamp = "" if place.start is None else format_time(place.start)
            rows.append(PaletteRow(place.text, place.spans, stamp, group=group, place=place))
        if group.more:
            more = "1 more place" if group.more == 1 else f"{group.more} more places"
            rows.append(PaletteRow(more, group=group))
    listed = list(commands)
    if listed:
        rows.append(PaletteRow("Commands", is_heading=True))
        rows += [PaletteRow(command.title, (), command.hint, command=command) for command in listed]
    if question:
        rows.append(PaletteRow("Ask", is_heading=True))
        rows.append(PaletteRow(f"Ask about «{question}»", question=question))
    return rows
