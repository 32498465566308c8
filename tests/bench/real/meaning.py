"""Finding passages by words and by meaning: QMSum's questions, and those that share no word with their passage."""

import json
import time
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.core.ids import CallId
from app.services.calls import related_passages, search
from app.services.calls.passage_index import PassageVectors
from tests.bench.claims import JUDGED, TUNED
from tests.bench.library import EMBEDDING, Library, library
from tests.bench.real.figure import Figure
from tests.running import ROOT
from tests.services.stage import Watching, lines_of

_QUESTIONS = ROOT / "tests" / "fixtures" / "questions" / "own.json"
_BEST = 5  # passages among which the right one must be
_WORDS_ALONE = 0.81  # of 86 questions of 12 meetings, measured for BM25 over passages of some 90 words


@dataclass(frozen=True)
class Asked:
    """A question, the call that answers it, and the indices of the lines that do."""

    question: str
    call: CallId
    gold: frozenset[int]
    group: str


def measure(folder: Path) -> Iterator[Figure]:
    """The share of questions whose passage is among the first five, without and with the embedding model."""
    model = folder / "models" / EMBEDDING
    if not model.exists():
        yield Figure("embedding model", 0, 1, f"{EMBEDDING} is missing in models/")
        return
    for chosen in (None, model):
        how = "words alone" if chosen is None else "words and meaning"
        with library(chosen) as made:
            asked = list(add_meetings(made, folder / "qmsum"))
            began = time.monotonic()
            made.index.complete(Watching())
            if chosen is not None:
                count = len(made.index.vectors().places)  # type: ignore[union-attr]
                yield Figure("passages made a second", count / (time.monotonic() - began), note=f"{count} passages")
            yield from _meetings(made, asked, how, least=None if chosen is None else _WORDS_ALONE)
            if chosen is not None:
                yield from _limits(made, asked, _questions("en"))
                yield _comparing()
        with library(chosen) as made:
            asked = list(add_passages(made))
            made.index.complete(Watching())
            if chosen is not None:
                yield from _answers(made, [one for one in asked if one.group == "own, no word shared"])
            for group, least in (("own, no word shared", 0.8), ("own, another language", None)):
                found = [_is_anywhere(made, one) for one in asked if one.group == group]
                bar = None if chosen is None else least
                yield Figure(f"{group}: {how}", sum(found) / len(found), bar, f"of {len(found)} questions")


def _limits(made: Library, asked: Iterable[Asked], strangers: Sequence[str]) -> Iterator[Figure]:
    """What the least nearness keeps away of meetings that are about something else, and of the passages that answer."""
    calls = list(dict.fromkeys(one.call for one in asked))
    by_chance = [_best(made, question, call) for question in strangers for call in calls]
    for least in (related_passages._LEAST_NEAR, search._LEAST_NEAR):
        share = sum(near >= least for near in by_chance) / len(by_chance)
        yield Figure(f"a meeting on something else is as near as {least}", share, note=f"of {len(by_chance)} pairs")


def _answers(made: Library, asked: Sequence[Asked]) -> Iterator[Figure]:
    near = [_best(made, one.question, one.call, of_all=True) for one in asked]
    for least in (related_passages._LEAST_NEAR, search._LEAST_NEAR):
        yield Figure(f"the passage that answers is as near as {least}", sum(n >= least for n in near) / len(near))


def _best(made: Library, question: str, call: CallId, *, of_all: bool = False) -> float:
    """How near the nearest passage of a call is, compared with its others or with those of all calls."""
    found = made.index.compare(question, None if of_all else call)
    assert found is not None
    return max(float(near) for (one, _), near in zip(found.places, found.near, strict=True) if one == call)


def _comparing() -> Figure:
    """Seconds in which a question is compared with a hundred thousand passages."""
    values = np.random.default_rng(3).integers(-127, 127, (100_000, 384), np.int8)
    vectors = PassageVectors([], values, np.ones(100_000, np.float32))
    began = time.monotonic()
    vectors.cosines(array("f", [0.05] * 384))
    return Figure("ms to compare with 100,000 passages", (time.monotonic() - began) * 1000)


def add_meetings(made: Library, folder: Path) -> Iterator[Asked]:
    """Each meeting as a call, with its questions."""
    for path in sorted(folder.glob("*.json")):
        found = json.loads(path.read_text("utf-8"))
        call = lines_of(made.store, [turn["content"] for turn in found["meeting_transcripts"]], path.stem)
        for query in found["specific_query_list"]:
            spans = ((int(first), int(last)) for first, last in query["relevant_text_span"])
            gold = frozenset(i for first, last in spans for i in range(first, last + 1))
            group = "tuned" if path.stem in TUNED else "judged" if path.stem in JUDGED else "other"
            yield Asked(query["query"], call, gold, group)


def add_passages(made: Library, path: Path = _QUESTIONS) -> Iterator[Asked]:
    """Each passage as a call, with its question."""
    for one in json.loads(path.read_text("utf-8")):
        call = lines_of(made.store, [one["passage"]], "A call", language="en")
        group = "own, no word shared" if one["language"] == "en" else "own, another language"
        yield Asked(one["question"], call, frozenset({0}), group)


def _questions(language: str) -> list[str]:
    return [one["question"] for one in json.loads(_QUESTIONS.read_text("utf-8")) if one["language"] == language]


def _meetings(made: Library, asked: Iterable[Asked], how: str, least: float | None) -> Iterator[Figure]:
    found = [(one.group, _is_inside(made, one)) for one in asked]
    for group in ("all", "tuned", "judged"):
        some = [is_found for name, is_found in found if group in ("all", name)]
        yield Figure(f"QMSum, {group}: {how}", sum(some) / len(some), least, f"of {len(some)} questions")


def _is_inside(made: Library, one: Asked) -> bool:
    best = made.related.inside(one.call, one.question, _BEST, Watching()).passages
    return any(not one.gold.isdisjoint(range(passage.first, passage.last + 1)) for passage in best)


def _is_anywhere(made: Library, one: Asked) -> bool:
    return any(passage.call == one.call for passage in made.related.anywhere(one.question, _BEST).passages)
