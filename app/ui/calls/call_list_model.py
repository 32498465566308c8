"""The rows of the call list as a Qt item model: calls, running imports and search hits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.core.call import Call
from app.core.ids import UtteranceId, made_at
from app.core.search import Hit
from app.ui.calls.call_jobs import CallJob

_ROOT = QModelIndex()
_NEW = timedelta(days=1)  # how long a call counts as new after its import
_MOST_STEPS = 60  # rows that come or go one by one; beyond it is another list


@dataclass(frozen=True, slots=True)
class CallListRow:
    """What one row shows; the id of the call is empty for an import that has none yet."""

    key: str
    title: str
    aside: str
    detail: str
    call: str = ""
    line: int = 0
    utterance: UtteranceId | None = None
    is_error: bool = False
    work: CallJob | None = None
    again: str = ""  # what a button says that takes a call up again: one that failed, or was paused

    @property
    def has_buttons(self) -> bool:
        """Whether buttons lie over the row."""
        return self.work is not None or bool(self.again)

    @property
    def fraction(self) -> float | None:
        """Progress of the work between 0 and 1, or None if there is none or it is unknown."""
        return self.work.fraction if self.work else None


class CallListModel(QAbstractListModel):
    """Holds the rows; one that stays keeps its index, and with that its selection and what lies over it."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.rows: list[CallListRow] = []

    def show_rows(self, rows: Sequence[CallListRow]) -> None:
        """Show these rows; only those that came, went, moved or say something else are touched."""
        shown, wanted = [row.key for row in self.rows], [row.key for row in rows]
        if shown != wanted and len(set(shown) ^ set(wanted)) > _MOST_STEPS:
            self.beginResetModel()
            self.rows = list(rows)
            self.endResetModel()
            return
        if shown != wanted:
            self._take_out(set(wanted))
            self._bring_in(rows)
        changed = [n for n, (old, new) in enumerate(zip(self.rows, rows, strict=True)) if old != new or new.work]
        self.rows = list(rows)
        for n in changed:
            self.dataChanged.emit(self.index(n), self.index(n))

    def _take_out(self, kept: set[str]) -> None:
        for n in reversed(range(len(self.rows))):
            if self.rows[n].key not in kept:
                self.beginRemoveRows(_ROOT, n, n)
                del self.rows[n]
                self.endRemoveRows()

    def _bring_in(self, rows: Sequence[CallListRow]) -> None:
        known = {row.key for row in self.rows}
        for n, row in enumerate(rows):
            if n < len(self.rows) and self.rows[n].key == row.key:
                continue
            if row.key in known:
                place = next(m for m in range(n, len(self.rows)) if self.rows[m].key == row.key)
                self.beginMoveRows(_ROOT, place, place, _ROOT, n)
                self.rows.insert(n, self.rows.pop(place))
                self.endMoveRows()
            else:
                self.beginInsertRows(_ROOT, n, n)
                self.rows.insert(n, row)
                self.endInsertRows()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = _ROOT) -> int:
        """Qt: the number of rows."""
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Qt: a row as text for screen readers, or the row itself."""
        if not index.isValid():
            return None
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.UserRole:
            return row
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return ", ".join(part for part in (row.title, row.aside, row.detail) if part)
        return None

    def row_of(self, call: str, line: int = 0) -> int:
        """The row number of a call, or of one of its lines; -1 if it is not listed."""
        for n, row in enumerate(self.rows):
            if row.call == call and (not line or row.line == line):
                return n
        return -1


def in_list_order(calls: Sequence[Call], now: datetime | None = None) -> list[Call]:
    """The calls as they are listed, given the newest first: on top, for a day, what was imported last.

    A recording may be years old; the person who has just brought it looks for it on top.
    """
    since = (now or datetime.now(UTC)) - _NEW
    new = sorted((call for call in calls if made_at(call.id) > since), key=lambda call: made_at(call.id), reverse=True)
    brought = {call.id for call in new}
    return new + [call for call in calls if call.id not in brought]


def call_row(
    call: Call, aside: str, detail: str, work: CallJob | None, *, is_error: bool, again: str = ""
) -> CallListRow:
    """The row of a call."""
    return CallListRow(call.id, call.title, aside, detail, call.id, is_error=is_error, work=work, again=again)


def hit_row(hit: Hit, stamp: str) -> CallListRow:
    """The row of a search hit: a line, or a call found by its title."""
    return CallListRow(f"{hit.id}:{hit.line}", hit.title, stamp, hit.text, hit.id, hit.line, hit.utterance or None)
