"""A vault without notes, for tests of pages that have nothing to do with them; notes are tested on a real vault."""

from pathlib import Path

from app.core.errors import NotFound
from app.core.ids import NoteId, new_note_id
from app.core.note import Note, NoteEntry, NoteVersion
from app.core.note_links import NoteLink
from app.services.notes.linking import Backlink, Completion, LinkTarget, Targets


class NoNotes:
    """There is no note, and none is kept."""

    def entries(self, *, in_trash: bool = False) -> list[NoteEntry]:
        return []

    def entry(self, note: NoteId) -> NoteEntry | None:
        return None

    def note(self, note: NoteId) -> Note:
        raise NotFound

    def search(self, query: str) -> list[NoteEntry]:
        return []

    def add(self, text: str, note: NoteId | None = None) -> NoteId:
        return note or new_note_id()

    def save(self, note: NoteId, text: str) -> Note:
        raise NotFound

    def pin(self, note: NoteId, is_pinned: bool) -> None:
        raise NotFound

    def versions(self, note: NoteId) -> list[NoteVersion]:
        return []

    def version(self, note: NoteId, number: int) -> str:
        raise NotFound

    def put_back(self, note: NoteId, version: int) -> Note:
        raise NotFound

    def delete(self, note: NoteId) -> None:
        raise NotFound

    def restore(self, note: NoteId) -> None:
        raise NotFound

    def forget(self, *notes: NoteId) -> None:
        """There is nothing to forget."""

    def empty_trash(self) -> int:
        return 0


class NoLinks:
    """Nothing is linked."""

    def targets(self) -> Targets:
        return Targets()

    def target(self, link: NoteLink) -> LinkTarget | None:
        return None

    def backlinks(self, note: NoteId) -> list[Backlink]:
        return []

    def completions(self, typed: str, note: NoteId | None = None) -> list[Completion]:
        return []

    def follow_title(self, note: NoteId) -> list[NoteId]:
        return []


class NoNoteExport:
    """There is nothing to export."""

    def save(self, note: NoteId, path: Path) -> None:
        raise NotFound
