"""A test double of the embedding engine, which passes the same behaviour tests as the real one."""

import hashlib
import math
from array import array
from collections.abc import Sequence

from app.core.embedding import EmbeddingFacts, Vector
from app.core.engines import EmbeddingEngine
from app.core.errors import AssistantError, EngineCrashed

_DIMENSIONS = 32


class ScriptedEmbedding(EmbeddingEngine):
    """Adds up a direction for each word, so that texts that share words are near; another `name`, other directions.

    Each of `failures` is raised by one call, None by none.
    """

    def __init__(self, name: str = "scripted", failures: Sequence[AssistantError | None] = ()) -> None:
        self.texts: list[str] = []
        self.is_closed = False
        self._name = name
        self._failures = list(failures)

    def facts(self) -> EmbeddingFacts:
        """See `EmbeddingEngine.facts`."""
        return EmbeddingFacts(self._name, "script", _DIMENSIONS, 512)

    def embed(self, texts: Sequence[str], *, is_question: bool = False) -> list[Vector]:
        """See `EmbeddingEngine.embed`."""
        if self.is_closed:
            raise EngineCrashed("This was stopped.", "What was saved is safe; start it again to go on.")
        if self._failures and (failure := self._failures.pop(0)) is not None:
            raise failure
        self.texts += texts
        return [self._vector(text) for text in texts]

    def peak_bytes(self) -> int:
        """0, as it has no process."""
        return 0

    def close(self) -> None:
        """Refuse all further calls."""
        self.is_closed = True

    def _vector(self, text: str) -> Vector:
        total = [1e-3] * _DIMENSIONS
        for word in text.casefold().split():
            digest = hashlib.sha256(f"{self._name} {word}".encode()).digest()
            total = [value + byte / 128 - 1 for value, byte in zip(total, digest, strict=True)]
        length = math.sqrt(sum(value * value for value in total))
        return array("f", [value / length for value in total])
