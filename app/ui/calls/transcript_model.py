"""The lines of one transcript, as a Qt item model."""

from bisect import bisect_right
from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.core.durations import format_time
from app.core.ids import UtteranceId
from app.core.transcript import Speaker, Transcript, Utterance, speaker_name

UNSURE_PROBABILITY = 0.5  # words with a lower probability are underlined
_ROOT = QModelIndex()


class TranscriptModel(QAbstractListModel):
    """One row per utterance; the row's user data is the utterance itself."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lines: tuple[Utterance, ...] = ()
        self._starts: list[float] = []
        self.speakers: tuple[Speaker, ...] = ()

    def show_transcript(self, transcript: Transcript | None) -> None:
        """Show a transcript; if it only grew at the end, the new lines are inserted and the view keeps its position."""
        lines = () if transcript is None else transcript.utterances
        speakers = () if transcript is None else transcript.speakers
        old = len(self._lines)
        if old and speakers == self.speakers and len(lines) > old and lines[:old] == self._lines:
            self.beginInsertRows(_ROOT, old, len(lines) - 1)
            self._set(lines, speakers)
            self.endInsertRows()
        elif lines != self._lines or speakers != self.speakers:
            self.beginResetModel()
            self._set(lines, speakers)
            self.endResetModel()

    def _set(self, lines: tuple[Utterance, ...], speakers: tuple[Speaker, ...]) -> None:
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

    def row_of(self, utterance: UtteranceId | None) -> int:
        """The row of an utterance; -1 if it is not in the transcript, or None."""
        return next((row for row, known in enumerate(self._lines) if known.id == utterance), -1)

    def name(self, row: int) -> str:
        """The name of the speaker in a row."""
        return speaker_name(self._lines[row].speaker, self.speakers)

    def is_own(self, row: int) -> bool:
        """Whether the user speaks in a row; the first speaker counts as the user if nobody is said to be."""
        own = next((one for one in self.speakers if one.is_you), next(iter(self.speakers), None))
        return own is not None and self._lines[row].speaker == own.id

    def as_text(self, rows: Iterable[int]) -> str:
        """The text of these rows as it is copied: time, speaker and words."""
        found = ((self._lines[row], self.name(row)) for row in sorted(rows))
        return "\n".join(f"{format_time(u.start)} {name}: {u.text}" for u, name in found)


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
