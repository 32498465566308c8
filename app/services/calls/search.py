"""Finding lines by their words."""

from app.core.ids import RecordingId
from app.core.search import Hit, all_terms, any_term, terms
from app.storage.tables.recordings import RecordingStore

_MOST = 10_000  # matching lines that compete for the best places: ranking every line with a "the" takes the longest


class Searching:
    """Searches every transcript and title."""

    def __init__(self, recordings: RecordingStore) -> None:
        self._recordings = recordings

    def search(self, query: str, limit: int = 50) -> list[Hit]:
        """Lines that hold every word of the query, best first; then calls whose title does."""
        hits = self._recordings.search(all_terms(query), limit, most=_MOST)
        there = {hit.id for hit in hits}
        titled = [hit for hit in self._recordings.titled(terms(query), limit) if hit.id not in there]
        return (hits + titled)[:limit]

    def related(self, question: str, limit: int, inside: RecordingId | None = None) -> list[Hit]:
        """Lines that hold any word of content of a question, best first."""
        return self._recordings.search(any_term(question), limit, inside)
