"""Finding lines of transcripts by their words."""

from app.core.ids import CallId
from app.core.search import Hit, all_terms_query, any_term_query, terms
from app.storage.tables.calls import CallStore

_MOST_MATCHES = 10_000  # matching lines that are ranked: ranking every line with a "the" would take the longest


class Search:
    """Searches every transcript and title."""

    def __init__(self, calls: CallStore) -> None:
        self._calls = calls

    def search(self, query: str, limit: int = 50) -> list[Hit]:
        """Lines that contain every word of the query, best first; then calls whose title does."""
        hits = self._calls.search(all_terms_query(query), limit, most=_MOST_MATCHES)
        there = {hit.id for hit in hits}
        titled = [hit for hit in self._calls.search_titles(terms(query), limit) if hit.id not in there]
        return (hits + titled)[:limit]

    def related(self, question: str, limit: int, inside: CallId | None = None) -> list[Hit]:
        """Lines that contain any content word of a question, best first."""
        return self._calls.search(any_term_query(question), limit, inside)
