"""The passages of calls and their vectors: made by the embedding model in use, kept in the vault, read to search."""

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.core.embedding import Vector, vectors_key
from app.core.engines import EmbeddingEngine
from app.core.errors import AssistantError, NotFound
from app.core.ids import CallId
from app.core.job import JobContext, Progress
from app.core.model import Model
from app.core.search_passages import Passage, PassagePlace, placed_passages
from app.core.transcript import Utterance
from app.services.engine_pool import RESUMED, EnginePool, retry
from app.storage.tables.calls import CallStore
from app.storage.tables.passages import IndexOutdated, KeptPassage, PassageStore

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

INDEXING = "Indexing"
_BATCH_SECONDS = 0.4  # that one batch should take: as long as a question, or a stop, may have to wait for it
_LOOK_SECONDS = 0.1  # between two looks whether a job that waits for another one was cancelled
_MOST_AT_ONCE = 64  # passages
_SCALE_BYTES = 4  # of a packed vector, before one byte for each dimension
_ROWS = 4096  # of the matrix that are widened to float32 at once: the piece stays in the processor's cache


@dataclass(frozen=True, slots=True, eq=False)
class PassageVectors:
    """The vectors of passages: that of `places[n]` is `scales[n] * values[n]`."""

    places: Sequence[tuple[CallId, PassagePlace]]
    values: "NDArray[np.int8]"
    scales: "NDArray[np.float32]"

    def is_of_width(self, width: int) -> bool:
        """Whether there are any, of so many dimensions: the model may have become another meanwhile."""
        return len(self.scales) > 0 and self.values.shape[1] == width

    def cosines(self, vector: Vector) -> "NDArray[np.float32]":
        """The cosine of each passage with a text's vector, from -1 to 1, in the order of `places`."""
        import numpy as np

        wanted = np.asarray(vector, np.float32)
        found = np.empty(len(self.scales), np.float32)
        for start in range(0, len(found), _ROWS):
            found[start : start + _ROWS] = self.values[start : start + _ROWS].astype(np.float32) @ wanted
        return found * self.scales


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """How near in meaning a text is to passages: `near[n]` to `places[n]`.

    0 is the mean of what was compared, and 1 the same: models differ in where their mean is.
    """

    places: Sequence[tuple[CallId, PassagePlace]]
    near: "NDArray[np.float32]"


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    stamp: tuple[int, int]
    places: list[tuple[CallId, PassagePlace]]
    values: "NDArray[np.int8]"
    scales: "NDArray[np.float32]"


class PassageIndex:
    """Makes and reads the passages of calls; without an embedding model there are none, and search goes by words.

    The vectors of all calls are kept in memory once they were asked for, until `close`. Safe to use from any thread.
    """

    def __init__(self, calls: CallStore, passages: PassageStore, engine_pool: EnginePool) -> None:
        self._calls = calls
        self._passages = passages
        self._engine_pool = engine_pool
        self._mutex = threading.Lock()
        self._parts: dict[CallId, _Part] = {}
        self._joined: PassageVectors | None = None
        self._key_in_memory = b""
        self._making = threading.Lock()
        self._known_keys: dict[tuple[object, ...], bytes] = {}

    def model(self) -> Model | None:
        """The embedding model in use, or None."""
        found = self._engine_pool.embedding()
        return None if found is None else found[0]

    @property
    def may_have_model(self) -> bool:
        """Whether there may be a model; `model` may have to look into files that came new."""
        return self._engine_pool.may_embed

    def unfinished(self) -> list[CallId]:
        """The transcribed calls that lack passages made by the model in use, newest first; none without a model."""
        model = self.model()
        return [] if model is None else self._passages.unfinished(self._key(model))

    def complete(
        self,
        context: JobContext,
        calls: Sequence[CallId] | None = None,
        is_wanted: Callable[[], bool] = lambda: True,
    ) -> bool:
        """Make what these calls, or all, lack; whether nothing is left. Goes on where it stopped; does nothing twice.

        It is left for later as soon as `is_wanted` is false, which is asked before each batch of half a second.

        Raises:
            ModelDamaged, ModelTooLarge, EngineCrashed: the model can't be used; what was saved stays.
            Cancelled: it was stopped; what was saved stays.
        """
        wanted = [call for call in self.unfinished() if calls is None or call in calls]
        for number, call in enumerate(wanted):
            while not self._making.acquire(timeout=_LOOK_SECONDS):  # two at once would make the same twice
                context.checkpoint()
            try:
                if not self._complete_call(call, context, is_wanted, (number, len(wanted))):
                    return False
            finally:
                self._making.release()
        return True

    def compare(self, question: str, call: CallId | None = None) -> Compared | None:
        """How near a question is to the passages of a call, or to those of all calls.

        None without a model or passages made by it, and if the model can't be used.
        """
        with suppress(AssistantError):
            vector, vectors = self.question_vector(question), self.vectors(call)
            if vector is not None and vectors is not None and vectors.is_of_width(len(vector)):
                cosines = vectors.cosines(vector)
                mean = float(cosines.mean())
                return Compared(vectors.places, (cosines - mean) / max(1e-6, 1 - mean))
        return None

    def question_vector(self, question: str) -> Vector | None:
        """The vector of a question, to compare with those of passages; None without a model.

        Raises:
            ModelDamaged, ModelTooLarge, EngineCrashed: the model can't be used.
        """
        return next(iter(self.embed([question], is_question=True) or ()), None)

    def embed(self, texts: Sequence[str], *, is_question: bool = False) -> list[Vector] | None:
        """The vectors of these texts by the model in use; None without one.

        Raises:
            ModelDamaged, ModelTooLarge, EngineCrashed: the model can't be used.
        """

        def work() -> list[Vector] | None:
            found = self._engine_pool.embedding()
            return None if found is None else found[1].embed(texts, is_question=is_question)

        return retry(RESUMED, work)

    def vectors(self, call: CallId | None = None) -> PassageVectors | None:
        """The vectors of a call's passages, or those of all calls; None without a model.

        What the model in use has not made yet is not among them (`unfinished`).
        """
        import numpy as np

        model = self.model()
        if model is None:
            return None
        key = self._key(model)
        with self._mutex:
            stamps = self._passages.stamps(key)
            if key != self._key_in_memory:
                self._parts, self._joined, self._key_in_memory = {}, None, key
            is_same = stamps.keys() == self._parts.keys()
            for one, stamp in stamps.items() if call is None else [(call, stamps.get(call))]:
                known = self._parts.get(one)
                if stamp is not None and (known is None or known.stamp != stamp):
                    self._parts[one] = _part(stamp, self._passages.of_call(one))
                    self._joined = None
            if call is not None:
                part = self._parts.get(call) if call in stamps else None
                if part is None:
                    return PassageVectors((), np.empty((0, 0), np.int8), np.empty(0, np.float32))
                return PassageVectors(part.places, part.values, part.scales)
            if self._joined is None or not is_same:
                self._join([one for one in self._parts if one in stamps])
            assert self._joined is not None
            return self._joined

    def close(self) -> None:
        """Overwrite and forget the vectors in memory."""
        with self._mutex:
            for part in self._parts.values():
                part.values.fill(0)
            self._parts, self._joined = {}, None

    def _join(self, wanted: Sequence[CallId]) -> None:
        """One matrix of all parts, which become views of it, so that nothing is in memory twice."""
        import numpy as np

        parts = {call: self._parts[call] for call in wanted if len(self._parts[call].scales)}
        places = [place for part in parts.values() for place in part.places]
        empty = (np.empty((0, 0), np.int8), np.empty(0, np.float32))
        values = np.concatenate([part.values for part in parts.values()]) if parts else empty[0]
        scales = np.concatenate([part.scales for part in parts.values()]) if parts else empty[1]
        start = 0
        for call, part in parts.items():
            end = start + len(part.scales)
            parts[call] = _Part(part.stamp, part.places, values[start:end], scales[start:end])
            start = end
        self._parts = {call: self._parts[call] for call in wanted} | parts
        self._joined = PassageVectors(places, values, scales)

    def _key(self, model: Model) -> bytes:
        try:
            found = model.path.stat()
            seen = (model.path, model.prefixes, found.st_size, found.st_mtime_ns)
            if seen not in self._known_keys:
                self._known_keys[seen] = vectors_key(model.path, model.prefixes)
            return self._known_keys[seen]
        except OSError:  # it was removed this moment, or can't be read, which its worker tells in words
            return bytes(16)

    def _complete_call(
        self, call: CallId, context: JobContext, is_wanted: Callable[[], bool], place: tuple[int, int]
    ) -> bool:
        saved = 0

        def work() -> bool:
            nonlocal saved
            while (found := self._engine_pool.embedding()) is not None:
                model, engine = found
                key = self._key(model)
                try:
                    edits, here = self._passages.begin(call, key)
                    lines = self._calls.transcript(call).utterances
                    cut = placed_passages(lines)
                    missing = [one for one in cut if one not in here]
                    self._passages.save(call, key, edits, outdated=here - cut.keys(), is_whole=not missing)
                    size = 1
                    while missing:
                        context.checkpoint()
                        if not is_wanted():
                            return False
                        context.report(_progress(place, len(cut) - len(missing), len(cut)))
                        some, missing = missing[:size], missing[size:]
                        seconds = self._make(call, key, edits, some, cut, lines, engine, is_whole=not missing)
                        saved += 1
                        size = _next_size(len(some), seconds)
                except IndexOutdated:
                    continue
                except NotFound:  # deleted meanwhile
                    pass
                return True
            return False

        return retry(RESUMED, work, saved=lambda: saved)

    def _make(
        self,
        call: CallId,
        key: bytes,
        edits: int,
        some: Sequence[PassagePlace],
        cut: dict[PassagePlace, Passage],
        lines: Sequence[Utterance],
        engine: EmbeddingEngine,
        *,
        is_whole: bool,
    ) -> float:
        """Embed and save some passages; the seconds that it took."""
        began = time.monotonic()
        vectors = engine.embed([cut[place].text for place in some])
        made = [
            (place, (lines[cut[place].first].start, lines[cut[place].last].start), vector)
            for place, vector in zip(some, vectors, strict=True)
        ]
        self._passages.save(call, key, edits, made, is_whole=is_whole)
        return time.monotonic() - began


def _next_size(size: int, seconds: float) -> int:
    """How many passages the next batch has, after one of this size that took so long."""
    return int(min(_MOST_AT_ONCE, max(1, size * min(4.0, _BATCH_SECONDS / max(seconds, 1e-3)))))


def _progress(place: tuple[int, int], done: int, of: int) -> Progress:
    """Of one call in passages; of several in calls."""
    number, calls = place
    return Progress(INDEXING, done, of, "passages") if calls == 1 else Progress(INDEXING, number, calls, "calls")


def _part(stamp: tuple[int, int], kept: Sequence[KeptPassage]) -> _Part:
    import numpy as np

    width = len(kept[0].packed) if kept else _SCALE_BYTES
    fitting = [one for one in kept if len(one.packed) == width]  # all are, unless the database was changed by hand
    rows = np.frombuffer(b"".join(one.packed for one in fitting), np.uint8).reshape(len(fitting), width)
    scales = rows[:, :_SCALE_BYTES].copy().view("<f4").reshape(-1).astype(np.float32)
    values = rows[:, _SCALE_BYTES:].copy().view(np.int8)
    return _Part(stamp, [(one.call, one.place) for one in fitting], values, scales)
