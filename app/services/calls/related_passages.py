"""The passages of calls that are nearest to a question, by their words and, with an embedding model, by meaning."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

from app.core.embedding import similarity
from app.core.errors import AssistantError, NotFound
from app.core.evidence.words import stems_of
from app.core.ids import CallId
from app.core.job import JobContext
from app.core.languages.table import LanguageTable
from app.core.languages.tables import table_of
from app.core.passage_score import AskedWord, fused_score, rarity, word_share
from app.core.search import any_term_query, content_terms, terms
from app.core.search_passages import PassagePlace, placed_passages
from app.core.transcript import Transcript, Utterance, speaker_name
from app.services.calls.passage_index import Compared, PassageIndex
from app.storage.tables.calls import CallStore

_CANDIDATES = 40  # passages by words, and as many by meaning, of all calls that are looked at closely
_LEAST_NEAR = 0.2
"""In meaning, of the best passage, where none has a word of the question: a quarter of the meetings on something else
have one as near, and five in six of the passages that answer are (`python -m tests.bench.real meaning`)."""
_MOST_MATCHES = 10_000  # matching lines that are ranked, and up to which they are counted


@dataclass(frozen=True, slots=True)
class RelatedPassage:
    """Neighbouring lines of a call, by their indices from 0, and how near they are to the question.

    `share` says how much of the question's words is there, `near` how near it is in meaning: 0 is the mean of what was
    compared and 1 the same; None if meaning was not compared.
    """

    call: CallId
    first: int
    last: int
    score: float
    share: float
    near: float | None


@dataclass(frozen=True, slots=True)
class Related:
    """Passages, the nearest first, and whether their meaning was compared."""

    passages: list[RelatedPassage]
    is_by_meaning: bool


@dataclass(frozen=True)
class _Candidate:
    """A passage with what is said in it and the names of who says it."""

    call: CallId
    place: PassagePlace
    lines: range
    text: str
    language: LanguageTable
    near: float | None

    @cached_property
    def stems(self) -> Counter[str]:
        """The stems of its words."""
        return Counter(stem for word in terms(self.text) for stem in stems_of(word.casefold(), self.language))

    def says(self, word: str) -> bool:
        """Whether it has the word in any form."""
        return not _stems(word, self.language).isdisjoint(self.stems)


class RelatedPassages:
    """Looks for the passages that a question is about; a model that can't be used is done without."""

    def __init__(self, calls: CallStore, index: PassageIndex) -> None:
        self._calls = calls
        self._index = index

    @property
    def has_model(self) -> bool:
        """Whether meaning can be compared."""
        return self._index.model() is not None

    def inside(self, call: CallId, question: str, most: int, context: JobContext) -> Related:
        """The nearest passages of one call; its vectors are made first where they are missing.

        Raises:
            Cancelled: it was stopped.
            NotFound: there is no such call.
        """
        with suppress(AssistantError):
            self._index.complete(context, [call])
        compared = self._index.compare(question, call)
        transcript = self._calls.transcript(call)
        found = list(_candidates(call, transcript, _near_of([call], compared)[call]))
        words = content_terms(question)
        rarities = {word: rarity(sum(one.says(word) for one in found), len(found)) for word in words}
        return Related(_ranked(found, rarities)[:most], compared is not None)

    def anywhere(self, question: str, most: int) -> Related:
        """The nearest passages of all calls; those of a call without vectors are compared by their words alone."""
        compared = self._index.compare(question)
        places: dict[CallId, set[PassagePlace]] = {}
        if compared is not None:
            for position in (-compared.near).argsort()[:_CANDIDATES]:
                call, place = compared.places[int(position)]
                places.setdefault(call, set()).add(place)
        lines: dict[CallId, set[int]] = {}
        for hit in self._calls.search(any_term_query(question), _CANDIDATES, most=_MOST_MATCHES):
            lines.setdefault(hit.id, set()).add(hit.line - 1)
        near_of = _near_of({*places, *lines}, compared)
        found: list[_Candidate] = []
        for call in dict.fromkeys([*places, *lines]):
            with suppress(NotFound):  # deleted meanwhile
                those = _candidates(call, self._calls.transcript(call), near_of[call])
                some, said = places.get(call, set()), lines.get(call, set())
                found += [one for one in those if one.place in some or not said.isdisjoint(one.lines)]
        total = self._calls.count_lines()
        counts = {
            word: self._calls.count_lines(any_term_query(word), _MOST_MATCHES) for word in content_terms(question)
        }
        ranked = _ranked(found, {word: rarity(count, total) for word, count in counts.items()})
        is_near = any(one.share or (one.near or 0.0) >= _LEAST_NEAR for one in ranked)
        return Related(ranked[:most] if is_near else [], compared is not None)

    def lines_of(self, found: RelatedPassage) -> Sequence[Utterance]:
        """The lines of a passage; none if its call is gone."""
        try:
            return self._calls.transcript(found.call).utterances[found.first : found.last + 1]
        except NotFound:
            return ()

    def nearest_lines(self, question: str, passages: Sequence[Sequence[Utterance]]) -> list[Utterance]:
        """Of each of these passages, none of which is empty, the line that is nearest to the question in meaning.

        Where meaning can't be compared it is the first one.
        """
        texts = [line.text for lines in passages for line in lines]
        if not texts:
            return []
        with suppress(AssistantError):
            vector, vectors = self._index.question_vector(question), self._index.embed(texts)
            if vector is not None and vectors is not None:
                near = iter([similarity(vector, one) for one in vectors])
                return [max(zip(lines, near, strict=False), key=lambda one: one[1])[0] for lines in passages]
        return [lines[0] for lines in passages]


def _near_of(calls: Collection[CallId], compared: Compared | None) -> dict[CallId, dict[PassagePlace, float]]:
    """For each of these calls how near its passages are, as far as they were compared."""
    found: dict[CallId, dict[PassagePlace, float]] = {call: {} for call in calls}
    if compared is not None:
        for (call, place), near in zip(compared.places, compared.near.tolist(), strict=True):
            if call in found:
                found[call][place] = near
    return found


def _candidates(call: CallId, transcript: Transcript, near_of: Mapping[PassagePlace, float]) -> Iterator[_Candidate]:
    """The passages of a call."""
    table = table_of(transcript.language)
    for place, passage in placed_passages(transcript.utterances).items():
        lines = range(passage.first, passage.last + 1)
        names = (speaker_name(transcript.utterances[index].speaker, transcript.speakers) for index in lines)
        yield _Candidate(call, place, lines, " ".join([passage.text, *names]), table, near_of.get(place))


def _ranked(found: Sequence[_Candidate], rarities: Mapping[str, float]) -> list[RelatedPassage]:
    """The nearest first; of each word of the question `rarities` says how rare it is."""
    usual = max(1.0, sum(one.stems.total() for one in found) / max(1, len(found)))
    ranked: list[RelatedPassage] = []
    for one in found:
        asked = [AskedWord(_stems(word, one.language), rare) for word, rare in rarities.items()]
        share = word_share(asked, one.stems, one.stems.total() / usual)
        if share or one.near is not None:
            score = fused_score(one.near or 0.0, share)
            ranked.append(RelatedPassage(one.call, one.lines[0], one.lines[-1], score, share, one.near))
    return sorted(ranked, key=lambda one: -one.score)


def _stems(word: str, language: LanguageTable) -> frozenset[str]:
    return frozenset(stems_of(word.casefold(), language))
