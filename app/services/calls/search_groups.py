"""The calls in which words were said, whose title has them, or in which something close in meaning was said."""

from collections.abc import Iterable
from contextlib import suppress

from app.core.errors import NotFound
from app.core.found import FoundGroup, Place, spans_of
from app.core.ids import CallId
from app.core.search import Hit, content_terms
from app.services.calls.search import Search
from app.storage.tables.calls import CallStore

_MOST_HITS = 200  # lines that are looked at
_MOST_PLACES = 3  # of one call that are shown


class CallGroups:
    """Groups the lines that a search finds by their calls."""

    def __init__(self, calls: CallStore, search: Search) -> None:
        self._calls = calls
        self._search = search

    def grouped(self, query: str) -> list[FoundGroup]:
        """The calls with every word of the query in one line or in the title, best first."""
        by_call = _by_call(self._search.search(query, _MOST_HITS))
        return [group for call, hits in by_call.items() if (group := self._group(call, hits, query)) is not None]

    def _group(self, call: CallId, hits: list[Hit], query: str) -> FoundGroup | None:
        try:
            date = self._calls.date(call)
        except NotFound:  # deleted meanwhile
            return None
        marked = [(hit, spans_of(hit.text, query)) for hit in hits]
        said = [Place(hit.text, spans, hit.utterance, hit.time) for hit, spans in marked if spans and hit.utterance]
        return FoundGroup(
            "call", call, hits[0].title, date, spans_of(hits[0].title, query), tuple(said[:_MOST_PLACES]),
            max(0, len(said) - _MOST_PLACES),
        )  # fmt: skip


class RelatedGroups:
    """Groups by their calls the lines that are close in meaning to a query and lack a word of it."""

    def __init__(self, calls: CallStore, search: Search) -> None:
        self._calls = calls
        self._search = search

    def grouped(self, query: str) -> list[FoundGroup]:
        """The calls with a line that is close to the query, nearest first; none without an embedding model."""
        found: list[FoundGroup] = []
        words = " ".join(content_terms(query))
        for call, hits in _by_call(self._search.close_in_meaning(query)).items():
            said = tuple(Place(hit.text, spans_of(hit.text, words), hit.utterance, hit.time) for hit in hits)
            with suppress(NotFound):  # deleted meanwhile
                found.append(FoundGroup("related", call, hits[0].title, self._calls.date(call), (), said))
        return found


def _by_call(hits: Iterable[Hit]) -> dict[CallId, list[Hit]]:
    found: dict[CallId, list[Hit]] = {}
    for hit in hits:
        found.setdefault(hit.id, []).append(hit)
    return found
