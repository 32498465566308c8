"""The texts of a note's versions."""

from app.core.ids import NoteId
from app.services.notes.notes import Notes
from app.storage.tables.notes import NoteStore


def version_texts(notes: Notes | NoteStore, note: NoteId) -> list[str]:
    """The texts that a note had, the newest first."""
    return [notes.version(note, version.number) for version in notes.versions(note)]
