"""The notes in which words stand, each with the lines that have them."""

from app.core.found import FoundGroup, Place, has_every_word, spans_of
from app.core.note import Note, shown_title
from app.core.note_markup import lines_of
from app.core.search import all_terms_query
from app.storage.tables.notes import NoteStore

_MOST_GROUPS = 30
_MOST_PLACES = 3  # of one note that are shown


class NoteGroups:
    """Searches notes by their words."""

    def __init__(self, notes: NoteStore) -> None:
        self._notes = notes

    def grouped(self, query: str) -> list[FoundGroup]:
        """The notes with every word of the query, best first."""
        return [_group(note, query) for note in self._notes.search(all_terms_query(query), _MOST_GROUPS)]


def _group(note: Note, query: str) -> FoundGroup:
    title, words = note.title, [line.words for line in lines_of(note.text)]
    first = next((number for number, said in enumerate(words) if said), 0)
    marked = [
        Place(said, spans, line=number)
        for number, said in enumerate(words)
        if number > first and (spans := spans_of(said, query))
    ]
    marked.sort(key=lambda place: not has_every_word(place.text, query))
    return FoundGroup(
        "note", note.id, shown_title(title), note.edited, spans_of(title, query), tuple(marked[:_MOST_PLACES]),
        max(0, len(marked) - _MOST_PLACES),
    )  # fmt: skip
