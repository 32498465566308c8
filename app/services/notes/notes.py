"""The notes in the vault: writing them, their versions, the trash, and finding them by words and tags."""

from collections.abc import Callable
from datetime import UTC, datetime

from app.core.change import Change
from app.core.errors import AssistantError
from app.core.ids import NoteId, new_note_id
from app.core.note import KEPT_IN_TRASH, MOST_CHARACTERS, Note, NoteEntry, NoteVersion
from app.core.plain_text import encodable, one_line
from app.core.search import all_terms_query
from app.storage.tables.notes import NoteStore

_TOO_LONG = (
    f"A note has at most {MOST_CHARACTERS:,} characters.",
    "What was saved before is safe; move a part of this text into another note.",
)


class Notes:
    """Reads and changes notes. Each method touches the disk: not for the GUI thread.

    `now` is the clock.
    """

    def __init__(
        self, store: NoteStore, publish: Callable[[Change], None], now: Callable[[], datetime] | None = None
    ) -> None:
        self._store, self._publish = store, publish
        self._now = now or (lambda: datetime.now(UTC))

    def entries(self, *, in_trash: bool = False) -> list[NoteEntry]:
        """All notes, the pinned ones first and then the newest; or those in the trash, the last deleted first."""
        return self._store.entries(in_trash=in_trash)

    def entry(self, note: NoteId) -> NoteEntry | None:
        """One note as it stands in a list; None once it is gone for good."""
        return self._store.entry(note)

    def note(self, note: NoteId) -> Note:
        """One note, also one in the trash.

        Raises:
            NotFound: there is none.
        """
        return self._store.get(note)

    def find(self, beginning: str) -> NoteId:
        """The one note whose id begins with this text.

        Raises:
            NotFound: there is none, or more than one.
        """
        return self._store.find(one_line(beginning).casefold())

    def search(self, query: str) -> list[NoteEntry]:
        """The notes with every word and every `#tag` of a query, in the order of the list."""
        asked = query.split()
        tags = {word[1:].casefold() for word in asked if word.startswith("#") and len(word) > 1}
        words = " ".join(word for word in asked if not word.startswith("#"))
        if not tags and not words:
            return []
        found = self._store.ids_with(all_terms_query(words))
        return [
            entry
            for entry in self._store.entries()
            if (entry.id in found or not words) and tags <= {tag.casefold() for tag in entry.tags}
        ]

    def add(self, text: str, note: NoteId | None = None) -> NoteId:
        """Store a new note, under an id that was made for it or a new one; one that is there already gets this text.

        Raises:
            AssistantError: the text is too long.
        """
        made = note or new_note_id()
        self._store.add(made, _taken(text), self._now())
        self._publish(Change("note", made))
        return made

    def save(self, note: NoteId, text: str) -> Note:
        """Save the text of a note; the one before it is kept as a version where that is worth it.

        Raises:
            NotFound: there is no such note any more.
            AssistantError: the text is too long; the one before stays.
        """
        if self._store.save(note, _taken(text), self._now()):
            self._publish(Change("note", note))
        return self._store.get(note)

    def pin(self, note: NoteId, is_pinned: bool) -> None:
        """Pin a note to the top of the list, or take it from there.

        Raises:
            NotFound: there is no such note any more.
        """
        self._store.pin(note, is_pinned)
        self._publish(Change("note", note))

    def versions(self, note: NoteId) -> list[NoteVersion]:
        """What texts a note had, the newest first."""
        return self._store.versions(note)

    def version(self, note: NoteId, number: int) -> str:
        """One text that a note had.

        Raises:
            NotFound: it is not kept any more.
        """
        return self._store.version(note, number)

    def put_back(self, note: NoteId, version: int) -> Note:
        """Let a note say again what it said in a version; what it says now becomes a version too.

        Raises:
            NotFound: there is no such note or version any more.
        """
        self._store.save(note, self._store.version(note, version), self._now(), keeps=True)
        self._publish(Change("note", note))
        return self._store.get(note)

    def delete(self, note: NoteId) -> None:
        """Move a note to the trash, from which it goes for good after thirty days.

        Raises:
            NotFound: there is no such note any more.
        """
        self._store.move_to_trash(note, self._now())
        self._publish(Change("note", note))

    def restore(self, note: NoteId) -> None:
        """Bring a note back from the trash.

        Raises:
            NotFound: there is no such note any more.
        """
        self._store.move_to_trash(note, None)
        self._publish(Change("note", note))

    def forget(self, *notes: NoteId) -> None:
        """Delete notes for good, with all their versions. This can't be undone."""
        self._store.forget(notes)
        for note in notes:
            self._publish(Change("note", note, is_gone=True))

    def empty_trash(self) -> int:
        """Delete for good what is in the trash; returns how many notes that were."""
        gone = [entry.id for entry in self._store.entries(in_trash=True)]
        self.forget(*gone)
        return len(gone)

    def forget_expired(self) -> None:
        """Delete for good what has been in the trash for thirty days."""
        self.forget(*self._store.deleted_before(self._now() - KEPT_IN_TRASH))


def _taken(text: str) -> str:
    if len(text) > MOST_CHARACTERS:
        raise AssistantError(*_TOO_LONG)
    return encodable(text).replace("\0", "\ufffd")
