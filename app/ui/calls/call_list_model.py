"""The rows of the call list as a Qt item model: calls, running imports and search hits."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.core.call import Call
from app.core.ids import UtteranceId
from app.core.search import Hit
from app.ui.calls.call_jobs import CallJob

_ROOT = QModelIndex()


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

    @property
    def fraction(self) -> float | None:
        """Progress of the work between 0 and 1, or None if there is none or it is unknown."""
        return self.work.fraction if self.work else None


class CallListModel(QAbstractListModel):
    """Holds the rows; while their keys stay the same they are updated in place, which keeps the selection."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.rows: list[CallListRow] = []

    def show_rows(self, rows: Sequence[CallListRow]) -> None:
        """Show these rows."""
        if [row.key for row in rows] == [row.key for row in self.rows]:
            changed = [n for n, (old, new) in enumerate(zip(self.rows, rows, strict=True)) if old != new or new.work]
            self.rows = list(rows)
            for n in changed:
                self.dataChanged.emit(self.index(n), self.index(n))
            return
        self.beginResetModel()
        self.rows = list(rows)
        self.endResetModel()

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


def call_row(call: Call, aside: str, detail: str, work: CallJob | None, *, is_error: bool) -> CallListRow:
    """The row of a call."""
    return CallListRow(call.id, call.title, aside, detail, call.id, is_error=is_error, work=work)


def hit_row(hit: Hit, stamp: str) -> CallListRow:
    """The row of a search hit: a line, or a call found by its title."""
    return CallListRow(f"{hit.id}:{hit.line}", hit.title, stamp, hit.text, hit.id, hit.line, hit.utterance or None)
