"""The lines of one transcript, as a Qt item model."""

from bisect import bisect_right, insort_right
from collections.abc import Iterable
from typing import Any

import msgspec
from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from app.core.durations import format_time
from app.core.ids import UtteranceId
from app.core.line_changes import LineChange, heard_since
from app.core.readable_text import language_mark
from app.core.transcript import Speaker, Transcript, Utterance, shown_name
from app.ui.style.theme import Role

_ROOT = QModelIndex()
_OTHERS: tuple[Role, ...] = ("other", "warning")


def stamp_of(utterance: Utterance) -> str:
    """When an utterance begins; the number of its line in a text without times."""
    return format_time(utterance.start) if utterance.end > 0 else str(utterance.line)


class TranscriptModel(QAbstractListModel):
    """One row per utterance; the row's user data is the utterance itself."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lines: tuple[Utterance, ...] = ()
        self._starts: list[float] = []
        self.speakers: tuple[Speaker, ...] = ()
        self._language = ""

    def show_transcript(self, transcript: Transcript | None) -> bool:
        """Show a transcript; returns whether the view loses its position.

        It keeps it where nothing changed or the transcript only grew at the end, also within its last line.
        """
        lines = () if transcript is None else transcript.utterances
        speakers = () if transcript is None else transcript.speakers
        language = "" if transcript is None else transcript.language
        is_same = (speakers, language) == (self.speakers, self._language)
        self._language = language
        old = len(self._lines)
        is_grown = old and is_same and lines[: old - 1] == self._lines[:-1] and len(lines) >= old
        if is_grown and lines[old - 1].id == self._lines[-1].id:
            has_changed = lines[old - 1] != self._lines[-1]
            if len(lines) > old:
                self.beginInsertRows(_ROOT, old, len(lines) - 1)
            self._set(lines, speakers)
            if len(lines) > old:
                self.endInsertRows()
            if has_changed:
                self.dataChanged.emit(self.index(old - 1), self.index(old - 1))
        elif is_same and [line.id for line in lines] == [line.id for line in self._lines]:  # some were corrected
            changed = [row for row, line in enumerate(lines) if line != self._lines[row]]
            self._set(lines, speakers)
            for row in changed:
                self.dataChanged.emit(self.index(row), self.index(row))
        elif lines != self._lines or not is_same:
            self.beginResetModel()
            self._set(lines, speakers)
            self.endResetModel()
            return True
        return False

    def say(self, utterance: UtteranceId, text: str) -> None:
        """Show another text of a line, before it is read again."""
        row = self.row_of(utterance)
        if row >= 0:
            said = msgspec.structs.replace(self._lines[row], text=text)
            self._set((*self._lines[:row], said, *self._lines[row + 1 :]), self.speakers)
            self.dataChanged.emit(self.index(row), self.index(row))

    def change(self, change: LineChange) -> None:
        """Show what a person did to lines, before they are read again."""
        if change.is_of_words:
            self.say(change.after[0].id, change.after[0].text)
            return
        old, new = {said.id for said in change.before}, {said.id: said for said in change.after}
        lines = [new.pop(said.id, said) for said in self._lines if said.id not in old or said.id in new]
        for said in new.values():  # those that stay are where they were, also among others of the same time
            insort_right(lines, said, key=lambda line: (line.start, line.track))
        gone = {speaker.id for speaker in change.removed}
        speakers = tuple(one for one in (*self.speakers, *change.added) if one.id not in gone)
        self.beginResetModel()
        self._set(tuple(msgspec.structs.replace(said, line=n) for n, said in enumerate(lines, 1)), speakers)
        self.endResetModel()

    def before_on_track(self, row: int) -> int:
        """The row of the line before one on its track, to which it can be joined; -1 without any."""
        return next((n for n in range(row - 1, -1, -1) if self._lines[n].track == self._lines[row].track), -1)

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

    @property
    def all(self) -> tuple[Utterance, ...]:
        """The utterances in order."""
        return self._lines

    def utterance(self, row: int) -> Utterance:
        """The utterance in a row."""
        return self._lines[row]

    def row_at(self, seconds: float) -> int:
        """The row spoken at a time in seconds: the last one that has begun, or -1 before the first."""
        return bisect_right(self._starts, seconds + 0.01) - 1

    def row_of(self, utterance: UtteranceId | None) -> int:
        """The row of an utterance; -1 if it is not in the transcript, or None."""
        return next((row for row, known in enumerate(self._lines) if known.id == utterance), -1)

    def as_now(self, said: Utterance) -> tuple[Utterance, str]:
        """A line as it is now, and what was heard behind it since it was as given: that stays behind what was typed."""
        row = self.row_of(said.id)
        now = self.utterance(row) if row >= 0 else said
        return (now, heard_since(said.text, now.text)) if now.text.startswith(said.text) else (said, "")

    def name(self, row: int) -> str:
        """The name of the speaker in a row; "" where there is one alone, whom nobody named."""
        return shown_name(self._lines[row].speaker, self.speakers)

    def mark(self, row: int) -> str:
        """The language that is spoken in a row, where it is not the call's or not sure; else ""."""
        return language_mark(self._lines[row], self._language)

    def heading(self, row: int) -> str:
        """The name of the speaker in a row, and the mark of its language if it has one."""
        return " · ".join(part for part in (self.name(row), self.mark(row)) if part)

    def ink(self, row: int) -> Role:
        """The colour of a speaker's name: the user's (the first one's if nobody is said to be), or others' by turns."""
        own = next((one for one in self.speakers if one.is_you), next(iter(self.speakers), None))
        if own is not None and self._lines[row].speaker == own.id:
            return "accent"
        others = [one.id for one in self.speakers if one is not own]
        speaker = self._lines[row].speaker
        return _OTHERS[others.index(speaker) % len(_OTHERS)] if speaker in others else _OTHERS[0]

    def as_copied(self, rows: Iterable[int]) -> str:
        """These rows as they are copied: `Anna 2:31  text`; in a text without times `Anna: text`."""
        found = ((self._lines[row], self.heading(row)) for row in sorted(rows))
        return "\n".join(
            f"{f'{name} ' if name else ''}{format_time(u.start)}  {u.text}" if u.end > 0 else _told(name, u)
            for u, name in found
        )

    def as_words(self, rows: Iterable[int]) -> str:
        """These rows without their times; who says them stands there where they are of several."""
        rows = sorted(rows)
        is_of_several = len({self._lines[row].speaker for row in rows}) > 1
        return "\n".join(_told(self.name(row) if is_of_several else "", self._lines[row]) for row in rows)

    def as_text(self, rows: Iterable[int]) -> str:
        """The text of these rows as it is read out: time, speaker and words."""
        found = ((self._lines[row], self.heading(row)) for row in sorted(rows))
        return "\n".join(f"{stamp_of(u)} {f'{name}: ' if name else ''}{u.text}" for u, name in found)


def _told(name: str, said: Utterance) -> str:
    return f"{name}: {said.text}" if name else said.text
