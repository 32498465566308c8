"""The rows of the list of calls, as a Qt item model: calls, imports under way, and hits of a search."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.core.recording import Recording
from app.core.search import Hit
from app.ui.calls.call_jobs import Work

_ROOT = QModelIndex()


@dataclass(frozen=True, slots=True)
class Row:
    """What one row shows; `recording` is empty for an import whose call is not known yet."""

    key: str
    title: str
    aside: str
    detail: str
    recording: str = ""
    line: int = 0
    is_error: bool = False
    work: Work | None = None

    @property
    def fraction(self) -> float | None:
        """How far the work is, if there is any and it is known."""
        return self.work.fraction if self.work else None


class CallRows(QAbstractListModel):
    """Holds the rows; those that stay keep their place, so that the selection does."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.rows: list[Row] = []

    def show_rows(self, rows: Sequence[Row]) -> None:
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
        """Qt: how many."""
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

    def place_of(self, recording: str, line: int = 0) -> int:
        """The row of a call (or of one of its lines), or -1."""
        for n, row in enumerate(self.rows):
            if row.recording == recording and (not line or row.line == line):
                return n
        return -1


def call_row(recording: Recording, aside: str, detail: str, work: Work | None, *, is_error: bool) -> Row:
    """The row of a call."""
    return Row(recording.id, recording.title, aside, detail, recording.id, is_error=is_error, work=work)


def hit_row(hit: Hit, stamp: str) -> Row:
    """The row of a line that was found, or of a call found by its title."""
    return Row(f"{hit.id}:{hit.line}", hit.title, stamp, hit.text, hit.id, hit.line)
