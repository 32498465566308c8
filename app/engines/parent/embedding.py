"""The embedding engine, run in a worker process."""

import sys
from array import array
from collections.abc import Generator, Sequence

from app.core.embedding import TEXT_TOKENS, EmbeddingFacts, Prefixes, Vector
from app.core.engines import EmbeddingEngine
from app.core.errors import EngineCrashed, EngineOutOfMemory, ModelStalls, ModelTooLarge
from app.core.fit import Profile
from app.core.model import Model
from app.engines import protocol
from app.engines.parent.loading import IDLE, EngineMonitor, NoMonitor, load_model, raise_for_model
from app.engines.parent.process import Worker
from app.engines.parent.remote_engine import RemoteEngine
from app.engines.parent.reply_checks import EmbeddedOrder
from app.engines.sandbox.file_rules import model_file_paths

_MOST_LETTERS = 8 * TEXT_TOKENS  # of a text that is sent: no token that counts has more on average
_MOST_TEXTS = 256  # of one request


class RemoteEmbedding(RemoteEngine, EmbeddingEngine):
    """An `EmbeddingEngine` that runs one model in the embedding worker."""

    def __init__(self, model: Model, threads: int, care: EngineMonitor | None = None) -> None:
        self._model = model
        self._threads = threads
        self._care = care or NoMonitor()
        self._facts: EmbeddingFacts | None = None
        self._has_worked = False
        self.worker = Worker("embedding", self._load, model_file_paths(model.path), idle_seconds=IDLE)

    def facts(self) -> EmbeddingFacts:
        """See `EmbeddingEngine.facts`."""
        if self._facts is None:
            list(self._call(protocol.EmbedTexts(())))
        assert self._facts is not None
        return self._facts

    def embed(self, texts: Sequence[str], *, is_question: bool = False) -> list[Vector]:
        """See `EmbeddingEngine.embed`."""
        prefixes = self.facts().prefixes
        prefix = prefixes.question if is_question else prefixes.passage
        found: list[Vector] = []
        for first in range(0, len(texts), _MOST_TEXTS):
            some = tuple(prefix + text[:_MOST_LETTERS] for text in texts[first : first + _MOST_TEXTS])
            for value in self._call(protocol.EmbedTexts(some)):
                if isinstance(value, protocol.Embedded):
                    found += map(_vector, value.vectors)
        self._care.record_success(self._model)
        return found

    def _call(self, request: protocol.EmbedTexts) -> Generator[protocol.Value, None, None]:
        order = EmbeddedOrder(len(request.texts), lambda: self._facts.dimensions if self._facts else 0)
        try:
            yield from self.worker.call(request, check=order.check)
        except EngineOutOfMemory as error:
            if not self._has_worked:  # it takes as much the next time
                raise ModelTooLarge from error
            raise
        except (EngineCrashed, ModelStalls) as error:
            raise_for_model(error, self.worker, self._model, self._care, has_worked=self._has_worked)
        if not order.is_complete:
            raise self.worker.protocol_error()
        self._has_worked = True

    def _load(self, worker: Worker) -> None:
        path, free = str(self._model.path.resolve()), self._care.free_bytes()
        request = protocol.LoadModel(path, self._threads, (Profile(TEXT_TOKENS),), free)
        loaded = load_model(worker, request, self._model, self._care)
        facts = next((value for value in loaded if isinstance(value, EmbeddingFacts)), None)
        if facts is None:
            raise worker.protocol_error()
        self._facts = facts if self._model.prefixes is None else _with_prefixes(facts, self._model.prefixes)


def _with_prefixes(facts: EmbeddingFacts, prefixes: Prefixes) -> EmbeddingFacts:
    return EmbeddingFacts(facts.name, facts.architecture, facts.dimensions, facts.context_tokens, prefixes)


def _vector(raw: bytes) -> Vector:
    found = array("f", raw)
    if sys.byteorder == "big":  # pragma: no cover - no computer that we know
        found.byteswap()
    return found
