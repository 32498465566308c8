"""Embeddings by llama.cpp, inside the embedding worker."""

import ctypes
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from app.core.embedding import POOLED, EmbeddingFacts, is_embedding, prefixes_of
from app.core.errors import EngineOutOfMemory, ModelDamaged, ModelTooLarge, NoModelLoaded
from app.core.fit import Profile
from app.engines import protocol
from app.engines.memory_shortage import is_of_shortage
from app.engines.model_files import gguf, memory_plan
from app.engines.sandbox import resource_limits
from app.engines.worker.channel import Channel
from app.engines.worker.llama_loading import at_most_together, without_metadata

_BASE_TIMEOUT = 6.0  # seconds in which a small model must load
_MOST_TOGETHER = 8  # texts in one batch, which holds some four passages
_SLOWEST_DISK = 30e6  # bytes per second; a slower load counts as hung


class LlamaEmbedder:
    """The embedding worker's engine: texts are packed into one batch, and each becomes one vector of unit length."""

    def __init__(self) -> None:
        self._llama: Any = None
        self._log: memory_plan.LlamaLog | None = None
        self._channel: Channel | None = None
        self._abort: Any = None
        self._dimensions = 0

    def answer(self, request: protocol.Request, channel: Channel) -> Iterator[protocol.Value]:
        """Load a model, or embed texts."""
        self._channel = channel
        if isinstance(request, protocol.LoadModel):
            yield self._load(request)
        elif not isinstance(request, protocol.EmbedTexts):
            raise protocol.WireError("not for this worker")
        elif self._llama is None:
            raise NoModelLoaded
        else:
            yield from self._embed(request.texts, channel)

    def _load(self, request: protocol.LoadModel) -> EmbeddingFacts:
        from llama_cpp import Llama

        self._log = self._log or memory_plan.LlamaLog()
        memory_plan.record_baseline()
        path = Path(request.path)
        try:
            size = sum(shard.stat().st_size for shard in gguf.shard_paths(path))
            with resource_limits.deadline(_BASE_TIMEOUT + size / _SLOWEST_DISK):
                resource_limits.limit_memory(request.free)
                header, _ = gguf.read_shards(path)
                if not is_embedding(header.metadata):
                    raise ModelDamaged
                profile = _that_fits(request, self._log)
                tokens = profile.context_tokens
                self._log.clear()
                with without_metadata(), at_most_together(_MOST_TOGETHER):
                    self._llama = Llama(
                        request.path, n_ctx=tokens, n_batch=tokens, n_ubatch=tokens, n_threads=request.threads,
                        n_threads_batch=request.threads, use_mmap=False, n_gpu_layers=0, embedding=True,
                        pooling_type=_pooling(header.metadata), verbose=False,
                    )  # fmt: skip
        except (ValueError, RuntimeError, OSError, KeyError, UnicodeDecodeError) as error:
            is_short = is_of_shortage(error) or self._log.shows_out_of_memory()
            raise (EngineOutOfMemory if is_short else ModelDamaged) from error
        self._watch_for_cancel()
        self._dimensions = int(self._llama.n_embd())
        known = header.metadata
        return EmbeddingFacts(
            str(known.get("general.name") or path.stem)[:1000], str(known.get("general.architecture", ""))[:1000],
            self._dimensions, tokens, prefixes_of(known),
        )  # fmt: skip

    def _watch_for_cancel(self) -> None:
        import llama_cpp

        def is_cancelled(_: Any) -> bool:
            return self._channel is not None and self._channel.is_cancelled

        self._abort = llama_cpp.ggml_abort_callback(is_cancelled)  # keep a reference: the library holds only a pointer
        llama_cpp.llama_set_abort_callback(self._llama.ctx, self._abort, ctypes.c_void_p(None))

    def _embed(self, texts: Sequence[str], channel: Channel) -> Iterator[protocol.Embedded]:
        """The vectors of as many texts at a time as one batch holds."""
        some: list[list[int]] = []
        room = int(self._llama.n_batch)
        most = int(self._llama.context_params.n_seq_max)
        for text in texts:
            tokens = self._tokens(text)
            if some and (sum(map(len, some)) + len(tokens) > room or len(some) == most):
                yield protocol.Embedded(self._vectors(some))
                channel.checkpoint()
                some = []
            some.append(tokens)
        if some:
            yield protocol.Embedded(self._vectors(some))

    def _tokens(self, text: str) -> list[int]:
        """The tokens of a text with the marks that the model wants around it; one too long is cut before its end mark.

        What in the text looks like a mark is text: nobody who speaks in a call ends it there.
        """
        found: list[int] = self._llama.tokenize(text.encode(), add_bos=True, special=False)
        most = int(self._llama.n_batch)
        return found if len(found) <= most else [*found[: most - 1], found[-1]]

    def _vectors(self, some: Sequence[Sequence[int]]) -> tuple[bytes, ...]:
        import llama_cpp

        context, batch = self._llama._ctx, self._llama._batch
        batch.reset()
        for number, tokens in enumerate(some):
            batch.add_sequence(tokens, number, True)
        context.kv_cache_clear()
        context.decode(batch)
        found = []
        for number in range(len(some)):
            pointer = llama_cpp.llama_get_embeddings_seq(context.ctx, number)
            vector = np.ctypeslib.as_array(pointer, (self._dimensions,)).astype(np.float64)
            length = float(np.sqrt(np.sum(vector * vector)))
            if not np.isfinite(length) or length <= 0:
                raise ModelDamaged
            found.append((vector / length).astype("<f4").tobytes())
        return tuple(found)


def _that_fits(request: protocol.LoadModel, log: memory_plan.LlamaLog) -> Profile:
    """The first profile that fits into free memory, its context no longer than the model was trained for.

    Raises:
        ModelTooLarge: none does.
    """
    for profile in request.profiles:
        need, _ = memory_plan.need_of_file(request.path, profile, log)
        if not request.free or need.total <= request.free:
            return Profile(need.context_tokens, profile.cache)
    raise ModelTooLarge


def _pooling(metadata: "dict[str, gguf.Value]") -> int:
    """How the vectors of tokens become one: as the header says, else their mean, as most of these models do."""
    value = metadata.get(f"{metadata.get('general.architecture')}.pooling_type")
    return int(value) if isinstance(value, int) and value in POOLED else POOLED[0]
