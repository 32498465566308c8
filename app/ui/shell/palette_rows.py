"""The rows of the search over everything: found calls and chats with their places, commands, and a new question."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.core.durations import format_time
from app.core.found import FoundGroup, Place, Spans
from app.ui.navigation.command import Command
from app.ui.style.phrases import short_day

_ROOT = QModelIndex()
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
    def can_be_opened(self) -> bool:
        """Whether Enter and a click do something."""
        return not self.is_heading


class PaletteModel(QAbstractListModel):
    """The rows; headings can't be selected."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.rows: list[PaletteRow] = []

    def show_rows(self, rows: Sequence[PaletteRow]) -> None:
        """Show these rows."""
        self.beginResetModel()
        self.rows = list(rows)
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = _ROOT) -> int:
        """Qt: the number of rows."""
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Qt: a row as text for screen readers."""
        if index.isValid() and role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            row = self.rows[index.row()]
            return ", ".join(part for part in (row.text, row.aside) if part)
        return None

    def flags(self, index: QModelIndex | QPersistentModelIndex) -> Qt.ItemFlag:
        """Qt: headings are not selectable."""
        if index.isValid() and not self.rows[index.row()].can_be_opened:
            return Qt.ItemFlag.NoItemFlags
        return super().flags(index)

    def next_row(self, row: int, step: int) -> int:
        """The next row in a direction that can be opened; the same one at the end."""
        at = row + step
        while 0 <= at < len(self.rows):
            if self.rows[at].can_be_opened:
                return at
            at += step
        return row


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
