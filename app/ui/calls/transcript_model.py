"""The lines of one transcript, as a Qt item model."""

from bisect import bisect_right
from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.core.durations import format_time
from app.core.transcript import Speakers, Transcript, Utterance

UNSURE_PROBABILITY = 0.5  # words with a lower probability are underlined
_NO_SPEAKERS = Speakers(("", ""), None)
_ROOT = QModelIndex()


class TranscriptModel(QAbstractListModel):
    """One row per utterance; the row's user data is the utterance itself."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lines: tuple[Utterance, ...] = ()
        self._starts: list[float] = []
        self.speakers = _NO_SPEAKERS

    def show_transcript(self, transcript: Transcript | None) -> None:
        """Show a transcript; if it only grew at the end, the new lines are inserted and the view keeps its position."""
        lines = () if transcript is None else transcript.utterances
        speakers = _NO_SPEAKERS if transcript is None else transcript.speakers
        old = len(self._lines)
        if old and speakers == self.speakers and len(lines) > old and lines[:old] == self._lines:
            self.beginInsertRows(_ROOT, old, len(lines) - 1)
            self._set(lines, speakers)
            self.endInsertRows()
        elif lines != self._lines or speakers != self.speakers:
            self.beginResetModel()
            self._set(lines, speakers)
            self.endResetModel()

    def _set(self, lines: tuple[Utterance, ...], speakers: Speakers) -> None:
        self._lines, self.speakers = lines, speakers
        self._starts = [u.start for u in lines]

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = _ROOT) -> int:
        """Qt: one row per utterance."""
        return 0 if parent.isValid() else len(self._lines)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Qt: the line as text, or the utterance itself."""
        if not index.isValid():
            return None
        utterance = self._lines[index.row()]
        if role == Qt.ItemDataRole.UserRole:
            return utterance
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.as_text([index.row()])
        return None

    def utterance(self, row: int) -> Utterance:
        """The utterance in a row."""
        return self._lines[row]

    def row_at(self, seconds: float) -> int:
        """The row spoken at a time in seconds: the last one that has begun, or -1 before the first."""
        return bisect_right(self._starts, seconds + 0.01) - 1

    def row_of_line(self, line: int) -> int:
        """The row of a line number; -1 if there is none."""
        if 0 < line <= len(self._lines) and self._lines[line - 1].line in (0, line):
            return line - 1
        return next((row for row, u in enumerate(self._lines) if u.line == line), -1)

    def as_text(self, rows: Iterable[int]) -> str:
        """The text of these rows as it is copied: time, speaker and words."""
        found = (self._lines[row] for row in sorted(rows))
        return "\n".join(f"{format_time(u.start)} {self.speakers.name(u.channel)}: {u.text}" for u in found)


def unsure_spans(utterance: Utterance) -> list[tuple[int, int]]:
    """The (start, end) offsets in the text of words recognised with low probability."""
    if not any(word.probability < UNSURE_PROBABILITY for word in utterance.words):
        return []
    whole = "".join(word.text for word in utterance.words)
    leading_spaces = len(whole) - len(whole.lstrip())
    if whole.strip() != utterance.text:
        return []
    spans, offset = [], -leading_spaces
    for word in utterance.words:
        bare = word.text.strip()
        start = offset + len(word.text) - len(word.text.lstrip())
        if word.probability < UNSURE_PROBABILITY and bare:
            spans.append((max(0, start), start + len(bare.rstrip(".,;:?!"))))
        offset += len(word.text)
    return spans
