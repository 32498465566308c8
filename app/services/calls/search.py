"""Finding lines of transcripts by their words, and by what they mean."""

from collections.abc import Sequence
from contextlib import suppress

from app.core.errors import NotFound
from app.core.found import has_every_word
from app.core.ids import CallId
from app.core.search import MOST_TERMS, Hit, all_terms_query, terms
from app.core.transcript import Utterance
from app.services.calls.related_passages import RelatedPassages
from app.storage.tables.calls import CallStore

_MOST_MATCHES = 10_000  # matching lines that are ranked: ranking every line with a "the" would take the longest
_MOST_PASSAGES = 12  # that are looked at for what is close in meaning
_FEWEST_LETTERS = 4  # of a query that means something
_LEAST_NEAR = 0.25  # in meaning: one in ten meetings on something else comes so near, and two in three answers do


class Search:
    """Searches every transcript and title; without `related` by their words alone."""

    def __init__(self, calls: CallStore, related: RelatedPassages | None = None) -> None:
        self._calls = calls
        self._related = related

    def search(self, query: str, limit: int = 50) -> list[Hit]:
        """Lines that contain every word of the query, best first; then calls whose title does."""
        hits = self._calls.search(all_terms_query(query), limit, most=_MOST_MATCHES)
        there = {hit.id for hit in hits}
        titled = [hit for hit in self._calls.search_titles(terms(query)[:MOST_TERMS], limit) if hit.id not in there]
        return (hits + titled)[:limit]

    def close_in_meaning(self, query: str, limit: int = 5) -> list[Hit]:
        """Lines that lack a word of the query and are close to it in meaning, nearest first.

        There are none without an embedding model, or if it can't be used.
        """
        if len(query.strip()) < _FEWEST_LETTERS or self._related is None or not self._related.has_model:
            return []
        related, found = self._related, list[tuple[CallId, Sequence[Utterance]]]()
        for one in related.anywhere(query, _MOST_PASSAGES).passages:
            lines = related.lines_of(one) if one.near is not None and one.near >= _LEAST_NEAR else ()
            if lines and not any(has_every_word(line.text, query) for line in lines):  # that is found by its words
                found.append((one.call, lines))
        found = found[:limit]
        hits: list[Hit] = []
        for (call, _), line in zip(found, related.nearest_lines(query, [lines for _, lines in found]), strict=True):
            with suppress(NotFound):  # deleted meanwhile
                hits.append(Hit(call, self._calls.get(call).title, line.line, line.start, line.text, line.id))
        return hits
