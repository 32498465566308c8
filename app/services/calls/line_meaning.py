"""What lines of calls mean, compared with sentences by the vectors of the passages that they stand in."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache

from app.core.errors import AssistantError
from app.core.evidence.passages import Meaning
from app.core.ids import CallId, UtteranceId
from app.core.job import JobContext
from app.core.search_passages import PassagePlace
from app.services.calls.passage_index import PassageIndex
from app.storage.tables.calls import CallStore

_REMEMBERED = 256  # sentences


class LineMeanings:
    """Makes what compares the lines of calls with sentences; without an embedding model there is nothing to compare."""

    def __init__(self, calls: CallStore, index: PassageIndex) -> None:
        self._calls = calls
        self._index = index

    def of_lines(self, lines: Sequence[tuple[CallId, UtteranceId]]) -> Meaning | None:
        """What compares these lines, as far as their calls have vectors."""
        return None if self._index.model() is None else LineMeaning(self._calls, self._index, lines)

    def of_call(self, call: CallId, context: JobContext) -> Meaning | None:
        """What compares all lines of a call, whose missing vectors are made first.

        Raises:
            Cancelled: it was stopped; the vectors so far are kept.
        """
        with suppress(AssistantError):
            self._index.complete(context, [call])
        return self.of_lines([(call, line.id) for line in self._calls.transcript(call).utterances])


class LineMeaning(Meaning):
    """Compares sentences with these lines, each of which is named by its call and utterance.

    Lines whose passages have no vectors can't be compared, and none can if the model fails.
    """

    def __init__(self, calls: CallStore, index: PassageIndex, lines: Sequence[tuple[CallId, UtteranceId]]) -> None:
        self._calls = calls
        self._index = index
        self._lines = lines
        self._near_of = lru_cache(_REMEMBERED)(self._compare)
        self._order_of = lru_cache(None)(self._order)

    def near(self, sentence: str, lines: Collection[int]) -> float | None:
        """See `Meaning.near`."""
        found: list[float] = []
        for call in {self._lines[index][0] for index in lines}:
            order = self._order_of(call)
            wanted = {order[line] for one, line in map(self._lines.__getitem__, lines) if one == call and line in order}
            found += [
                near
                for place, near in self._near_of(sentence, call).items()
                if place.first in order
                and place.last in order
                and not wanted.isdisjoint(range(order[place.first], order[place.last] + 1))
            ]
        return max(found, default=None)

    def _compare(self, sentence: str, call: CallId) -> Mapping[PassagePlace, float]:
        """How near the sentence is to each passage of the call; empty if they can't be compared."""
        compared = self._index.compare(sentence, call)
        if compared is None:
            return {}
        return {place: float(near) for (_, place), near in zip(compared.places, compared.near, strict=True)}

    def _order(self, call: CallId) -> dict[UtteranceId, int]:
        return {line.id: number for number, line in enumerate(self._calls.transcript(call).utterances)}
