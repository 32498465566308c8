"""Saves the note that is written, within a second of what is typed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from app.core.errors import NotFound
from app.core.job import Lane

if TYPE_CHECKING:
    from app.core.ids import NoteId
    from app.core.note import Note
    from app.ui.notes.note_services import WritesNotes
    from app.ui.runtime.bridge import Bridge

_PAUSE = 400  # milliseconds from the first unsaved keystroke to the save: what a crash may lose
_RETRY = 5_000  # milliseconds after a save that failed, as on a full disk


@dataclass(frozen=True, slots=True)
class UnsavedNote:
    """What is not saved yet; `is_new` if the note is not stored at all."""

    note: "NoteId"
    text: str
    is_new: bool


class NoteSaver(QObject):
    """Follows one note. `text` gives what is written now.

    All writes of notes go through one lane, so that each comes after those that were asked for before it.
    """

    saved = Signal(object)  # the `Note` as it is stored now
    failed = Signal(object)  # the error; it is tried again

    def __init__(self, notes: "WritesNotes", bridge: "Bridge", text: Callable[[], str], parent: QObject) -> None:
        super().__init__(parent)
        self._notes, self._bridge, self._text = notes, bridge, text
        self._note: NoteId | None = None
        self._stored = ""
        self._is_stored = False
        self._under_way: dict[NoteId, UnsavedNote] = {}  # the last of each note that was passed on
        self._failed: dict[NoteId, UnsavedNote] = {}
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.flush)
        self._retry_timer = QTimer(self)
        self._retry_timer.setSingleShot(True)
        self._retry_timer.timeout.connect(self.flush)

    def follow(self, note: "NoteId | None", text: str, *, is_stored: bool) -> None:
        """Save a note from now on, whose text is stored as it is here; a new one is stored with its first words."""
        self._note, self._stored, self._is_stored = note, text, is_stored

    def touch(self) -> None:
        """Something may have been typed: save it soon."""
        if self._note is not None and not self._timer.isActive():
            self._timer.start(_PAUSE)

    def unsaved(self) -> UnsavedNote | None:
        """What is written now and was not passed on to be saved; None if all was."""
        if self._note is None:
            return None
        text = self._text()
        if text == self._stored or not (self._is_stored or text.strip() or self._stored):
            return None
        return UnsavedNote(self._note, text, not self._is_stored)

    def unconfirmed(self) -> list[UnsavedNote]:
        """All that is not known to be on the disk: what is written now, and what was passed on or failed before."""
        written = self.unsaved()
        waiting = self._failed | self._under_way | ({} if written is None else {written.note: written})
        return list(waiting.values())

    def is_under_way(self, note: "NoteId") -> bool:
        """Whether a text of this note was passed on and is not known to be on the disk: what is read may be older."""
        return note in self._under_way

    def failed_text(self, note: "NoteId") -> str | None:
        """The text of a note that could not be saved yet."""
        return self._failed[note].text if note in self._failed else None

    def flush(self) -> None:
        """Save now what is not saved yet, and try again what failed."""
        self._timer.stop()
        self._retry_timer.stop()
        wanted, failed, self._failed = self.unsaved(), self._failed, {}
        if wanted is not None:
            self._stored = wanted.text
            failed.pop(wanted.note, None)
            self._save(wanted)
        for one in failed.values():
            self._save(one)

    def _save(self, wanted: UnsavedNote) -> None:
        notes = self._notes
        self._under_way[wanted.note] = wanted

        def save() -> "Note":
            if wanted.is_new:
                notes.add(wanted.text, wanted.note)
                return notes.note(wanted.note)
            return notes.save(wanted.note, wanted.text)

        def is_last() -> bool:
            return self._under_way.get(wanted.note) is wanted

        def done(note: "Note") -> None:
            if is_last():
                del self._under_way[wanted.note]
            if self._note == wanted.note:
                self._is_stored = True
            self.saved.emit(note)

        def fail(error: Exception) -> None:
            if is_last():
                del self._under_way[wanted.note]
                if not isinstance(error, NotFound):  # then it was deleted for good
                    self._failed[wanted.note] = wanted
                    self._retry_timer.start(_RETRY)
            self.failed.emit(error)

        self._bridge.run_job(lambda _: save(), done, fail, lane=Lane.DRAFTS, title="Saving")
