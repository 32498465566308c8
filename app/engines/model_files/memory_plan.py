"""How much memory a language model needs, planned by llama.cpp itself without allocating.

With `no_alloc` llama.cpp reads a header and plans every buffer but allocates none, in a tenth of a
second. For a model that is not downloaded yet, a generated header with holes for weights is enough.
"""

import ctypes
import io
import mmap
import os
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import msgspec

from app.core.embedding import is_embedding
from app.core.errors import EngineOutOfMemory, ModelDamaged
from app.core.fit import CacheType, HeaderFacts, Need, Profile
from app.engines.memory_shortage import shows_shortage
from app.engines.model_files import gguf, gguf_from_facts
from app.engines.model_files.gguf import Tensor
from app.engines.model_files.llama_library import begun_library
from app.engines.sandbox import resource_limits

BATCH = 512
"""Tokens evaluated at once. Scratch memory grows with this, and a larger batch is hardly faster."""

SEQUENCES = 3
"""Token sequences that a context holds in one cache: the prompt, what is kept beside it, and one for moving parts."""

_Q8_0 = 8  # ggml's number of the type
_SIZE = re.compile(r"(KV|RS|compute|output) buffer size\s*=\s*([\d.]+) MiB")
_CACHE = re.compile(r"(?:cache\w*|recurrent): size\s*=\s*([\d.]+) MiB")
_REPACKED = re.compile(r"CPU_REPACK model buffer size\s*=\s*([\d.]+) MiB")
_MEBIBYTE = 1024 * 1024
_RUNTIME_OVERHEAD = 3 * _MEBIBYTE
"""Bytes for reading, copying and sampling, beside buffers and vocabulary (measured: tests/bench/fit.py)."""
_BYTES_PER_TOKEN = 420
"""Bytes per token of the vocabulary: llama.cpp's tables, llama-cpp-python's arrays (measured there too)."""
_SMALL_VOCABULARY = 256
"""The vocabulary size for planning buffers. llama.cpp plans room for the scores of the whole vocabulary at each token
of a batch, half a gigabyte for large vocabularies, but never touches it: only those of the last token are asked for."""


_OF_WEIGHTS = "tokenizer.ggml.token_type_count"
"""Named as if it were of the vocabulary, but the number of rows of a tensor that BERT has."""


class LlamaLog:
    """Captures llama.cpp's log, which tells one failure from another."""

    _MOST = 4000
    _installed: ClassVar[Any] = None  # the library holds only a pointer, and calls it for as long as the process lives

    def __init__(self) -> None:
        import llama_cpp

        self.lines: list[str] = []

        def keep(_: int, text: bytes, __: Any) -> None:
            if len(self.lines) < self._MOST:
                self.lines.append(text.decode("utf-8", errors="replace"))

        callback = llama_cpp.llama_log_callback(keep)
        llama_cpp.llama_log_set(callback, ctypes.c_void_p(None))
        LlamaLog._installed = callback

    def shows_out_of_memory(self) -> bool:
        """Whether an allocation was refused."""
        return shows_shortage("".join(self.lines))

    def clear(self) -> None:
        """Drop all lines."""
        self.lines.clear()


def context_arguments(profile: Profile) -> dict[str, Any]:
    """The arguments of `llama_cpp.Llama` for a profile. Weights are read, not mapped.

    llama.cpp repacks weights of most types, and a mapped file would stay in memory beside the repacked
    copy: a third more for nothing (measured). Reading also takes just what was forecast.
    """
    is_q8 = profile.cache is CacheType.Q8
    return {
        "n_ctx": profile.context_tokens, "n_batch": BATCH, "n_ubatch": BATCH, "use_mmap": False, "n_gpu_layers": 0,
        "flash_attn": is_q8, "type_k": _Q8_0 if is_q8 else None, "type_v": _Q8_0 if is_q8 else None,
    }  # fmt: skip


def with_sequences(settings: Any) -> Any:
    """llama.cpp's settings of a context, with room for the sequences in one cache."""
    settings.n_seq_max, settings.kv_unified = SEQUENCES, True
    return settings


@contextmanager
def contexts_with_sequences() -> Iterator[None]:
    """Have llama-cpp-python make contexts with room for the sequences, for which it has no argument."""
    import llama_cpp.llama

    library: Any = vars(llama_cpp.llama)["llama_cpp"]
    original = library.llama_context_default_params
    library.llama_context_default_params = lambda: with_sequences(original())
    try:
        yield
    finally:
        library.llama_context_default_params = original


def need_of_file(path: str, profile: Profile, log: LlamaLog) -> tuple[Need, int]:
    """The need of a model on disk, and the context in tokens that it was trained for.

    Raises:
        ModelDamaged: llama.cpp refuses it.
    """
    header, all_tensors = gguf.read_shards(Path(path))
    architecture = header.metadata.get("general.architecture", "")
    resource_limits.trim_heap()
    before = resource_limits.resident_bytes()
    log.clear()
    with _open_model(path.encode(), log) as (llama_cpp, model):
        loaded_bytes = max(0, resource_limits.resident_bytes() - before)
        trained_tokens = int(llama_cpp.llama_model_n_ctx_train(model))
        vocabulary = int(llama_cpp.llama_vocab_n_tokens(llama_cpp.llama_model_get_vocab(model)))
    tokens = min(trained_tokens, profile.context_tokens) if trained_tokens > 0 else profile.context_tokens
    plan_metadata: dict[str, gguf.Value | bytes] = {
        key: value
        for key, value in header.raw_values.items()
        if not key.startswith(("tokenizer.", "split.")) or key == _OF_WEIGHTS
    }
    plan_metadata |= {"tokenizer.ggml.model": "no_vocab", f"{architecture}.vocab_size": _SMALL_VOCABULARY}
    tensors = [_with_small_vocabulary(tensor, vocabulary) for tensor in all_tensors]
    heads = header.metadata.get(f"{architecture}.attention.head_count", 0)
    most_heads = max((int(str(h)) for h in heads), default=0) if isinstance(heads, list) else int(str(heads))
    cache, compute = _plan_buffers(plan_metadata, tensors, Profile(tokens, profile.cache), log)
    compute += _thread_scratch_bytes(most_heads, Profile(tokens, profile.cache)) + 4 * vocabulary
    if is_embedding(header.metadata):
        width = int(str(header.metadata.get(f"{architecture}.embedding_length", 0)))
        compute += output_bytes(min(tokens, BATCH), vocabulary, width)
    weights = sum(tensor.size for tensor in all_tensors) + _duplicated_bytes(all_tensors, log)
    return Need(weights, cache, compute, _BASELINE + loaded_bytes + _RUNTIME_OVERHEAD, tokens), trained_tokens


def need_of_facts(facts: HeaderFacts, file_bytes: int, profile: Profile, log: LlamaLog) -> Need:
    """The need of a model that is not downloaded.

    For an architecture whose header can't be written it is an estimate from the size of its cache.
    """
    tokens = min(facts.context, profile.context_tokens) if facts.context else profile.context_tokens
    profile = Profile(tokens, profile.cache)
    try:
        metadata, tensors = gguf_from_facts.header(msgspec.structs.replace(facts, vocabulary=_SMALL_VOCABULARY))
    except KeyError:
        return _estimate(facts, file_bytes, profile)
    cache, compute = _plan_buffers(metadata, tensors, profile, log)
    compute += _thread_scratch_bytes(facts.heads, profile) + 4 * facts.vocabulary
    embedding = Tensor("token_embd.weight", (facts.embedding, facts.vocabulary), facts.weight_type)
    weights = file_bytes + (_duplicated_bytes([embedding], log) if facts.is_output_tied else 0)
    return Need(weights, cache, compute, _BASELINE + _RUNTIME_OVERHEAD + facts.vocabulary * _BYTES_PER_TOKEN, tokens)


def output_bytes(tokens: int, vocabulary: int, width: int) -> int:
    """What llama.cpp keeps for each token of a batch of texts to embed: scores, which nobody reads, and its vector."""
    return 4 * tokens * (vocabulary + width)


def _estimate(facts: HeaderFacts, file_bytes: int, profile: Profile) -> Need:
    """A formula: each attention block caches a key and a value of `kv_heads` heads for each token.

    The scratch memory holds one batch's attention weights, 4 bytes for each head, token and position.
    """
    blocks = len(facts.attention_blocks) or facts.blocks
    width = 2 if profile.cache is CacheType.F16 else 34 / 32
    cache = int(2 * blocks * facts.kv_heads * facts.head_size * profile.context_tokens * width)
    compute = 4 * BATCH * facts.heads * profile.context_tokens + _thread_scratch_bytes(facts.heads, profile)
    program = _BASELINE + _RUNTIME_OVERHEAD + facts.vocabulary * _BYTES_PER_TOKEN
    return Need(file_bytes, cache, compute, program, profile.context_tokens, is_exact=False)


def _thread_scratch_bytes(heads: int, profile: Profile) -> int:
    """Bytes for a batch's attention weights, converted to F16 before they multiply the values (ggml_graph_plan)."""
    return 2 * BATCH * heads * profile.context_tokens if profile.cache is CacheType.F16 else 0


def _with_small_vocabulary(tensor: Tensor, vocabulary: int) -> Tensor:
    if len(tensor.shape) < 2 or tensor.shape[-1] != vocabulary or tensor.name.startswith("blk."):
        return tensor
    return Tensor(tensor.name, (*tensor.shape[:-1], _SMALL_VOCABULARY), tensor.type_name)


def _plan_buffers(
    metadata: Mapping[str, gguf.Value | bytes], tensors: Sequence[Tensor], profile: Profile, log: LlamaLog
) -> tuple[int, int]:
    """Bytes of the cache and of the scratch memory that llama.cpp would allocate."""
    log.clear()
    with _header_file(metadata, tensors) as handle, _open_model(handle, log) as (llama_cpp, model):
        resource_limits.trim_heap()
        before = resource_limits.resident_bytes()
        context = llama_cpp.llama_init_from_model(model, _context_settings(profile))
        if not context:
            raise EngineOutOfMemory if log.shows_out_of_memory() else ModelDamaged
        grown = resource_limits.resident_bytes() - before
        llama_cpp.llama_free(context)
    cache, compute, allocated = _logged_sizes(log.lines)
    return cache, compute + max(0, grown - allocated * (SEQUENCES - 1) // SEQUENCES)


@contextmanager
def _open_model(source: bytes | int, log: LlamaLog, *, is_planned: bool = True) -> Iterator[tuple[Any, Any]]:
    """Open a model, with no memory for its weights if planned, from a path or an open C file; yields library and model.

    Raises:
        ModelDamaged, EngineOutOfMemory: llama.cpp refuses it.
    """
    llama_cpp = begun_library()
    settings = llama_cpp.llama_model_default_params()
    settings.no_alloc, settings.n_gpu_layers, settings.load_mode = is_planned, 0, llama_cpp.LLAMA_LOAD_MODE_NONE
    if isinstance(source, bytes):
        model = llama_cpp.llama_model_load_from_file(source, settings)
    else:
        model = llama_cpp.llama_model_load_from_file_ptr(ctypes.c_void_p(source), settings)
    if not model:
        raise EngineOutOfMemory if log.shows_out_of_memory() else ModelDamaged
    try:
        yield llama_cpp, model
    finally:
        llama_cpp.llama_model_free(model)


def _context_settings(profile: Profile) -> Any:
    """The settings that `llama_cpp.Llama` derives from `context_arguments`."""
    import llama_cpp

    settings = with_sequences(llama_cpp.llama_context_default_params())
    batch = min(BATCH, profile.context_tokens)
    settings.n_ctx, settings.n_batch, settings.n_ubatch = profile.context_tokens, batch, batch
    settings.flash_attn_type = llama_cpp.LLAMA_FLASH_ATTN_TYPE_DISABLED
    if profile.cache is CacheType.Q8:
        settings.flash_attn_type = llama_cpp.LLAMA_FLASH_ATTN_TYPE_ENABLED
        settings.type_k = settings.type_v = _Q8_0
    return settings


def _logged_sizes(lines: Sequence[str]) -> tuple[int, int, int]:
    """Bytes of the cache, of the scratch memory, and of what of the cache was made in a plan, from llama.cpp's log.

    A recurrent state is made even where nothing is to be allocated. Models that have one take about as much as one
    sequence's beside all that llama.cpp tells (measured: tests/bench/fit.py).
    """
    text = "".join(lines)
    cache = sum(float(found) for found in _CACHE.findall(text))
    sizes = [(name, float(size)) for name, size in _SIZE.findall(text)]
    scratch = sum(size for name, size in sizes if name in ("compute", "output"))
    allocated = sum(size for name, size in sizes if name in ("KV", "RS"))
    return int(cache * _MEBIBYTE), int(scratch * _MEBIBYTE), int(allocated * _MEBIBYTE)


def _duplicated_bytes(tensors: Sequence[Tensor], log: LlamaLog) -> int:
    """Bytes in memory twice: an embedding table that is also the output, if llama.cpp repacks its type here."""
    known = {tensor.name: tensor for tensor in tensors}
    embedding = known.get("token_embd.weight")
    if embedding is None or "output.weight" in known or len(embedding.shape) != 2:
        return 0
    return embedding.size if is_repacked(embedding.type_name, embedding.shape[1], log) else 0


def is_repacked(type_name: str, rows: int, log: LlamaLog) -> bool:
    """Whether llama.cpp repacks weights of this type on this processor, found out with a tiny model."""
    key = (type_name, rows % 64)
    if key not in _is_repacked_by_type:
        facts = HeaderFacts("llama", 1, 256, 256, 4, 4, 64, 256 + rows % 64, 256, type_name)
        metadata, tensors = gguf_from_facts.header(facts)
        log.clear()
        with _header_file(metadata, tensors) as handle, _open_model(handle, log, is_planned=False):
            pass
        taken = sum(float(size) for size in _REPACKED.findall("".join(log.lines))) * _MEBIBYTE
        # More than the matrices of the only block: then the embedding table was repacked too.
        matrices = sum(tensor.size for tensor in tensors if tensor.name.startswith("blk.") and len(tensor.shape) == 2)
        _is_repacked_by_type[key] = taken > matrices + tensors[0].size / 2
    return _is_repacked_by_type[key]


_is_repacked_by_type: dict[tuple[str, int], bool] = {}
_BASELINE = 0


def record_baseline() -> None:
    """Record this process's memory before any model is loaded: freed models leave gaps that would be counted again."""
    global _BASELINE
    begun_library()
    _BASELINE = resource_limits.resident_bytes()


@contextmanager
def _header_file(metadata: Mapping[str, gguf.Value | bytes], tensors: Sequence[Tensor]) -> Iterator[bytes | int]:
    """A file with a header and a hole instead of weights: a C file in memory, where the hole takes no space.

    It touches no disk and needs no right to write. Windows has no such files; there it is a path on disk.
    """
    buffer = io.BytesIO()
    offsets = gguf.write(buffer, metadata, tensors)
    header = buffer.getvalue()
    size = max((offsets[tensor.name] + tensor.size for tensor in tensors), default=0) + gguf.ALIGNMENT
    if os.name == "posix":
        with _memory_file(header, size) as pointer:
            yield pointer
        return
    descriptor, path = tempfile.mkstemp()
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(header)
            file.truncate(size)
        yield os.fsencode(path)
    finally:
        Path(path).unlink(missing_ok=True)


@contextmanager
def _memory_file(header: bytes, size: int) -> Iterator[int]:
    libc = ctypes.CDLL(None)
    libc.fmemopen.restype = ctypes.c_void_p
    libc.fmemopen.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p]
    libc.fclose.argtypes = [ctypes.c_void_p]
    # Shared pages don't count as this process's data, so its limit ignores pages that are never touched.
    area = mmap.mmap(-1, size, mmap.MAP_SHARED | mmap.MAP_ANONYMOUS | getattr(mmap, "MAP_NORESERVE", 0))
    area[: len(header)] = header
    first_byte = ctypes.c_char.from_buffer(area)
    pointer = libc.fmemopen(ctypes.addressof(first_byte), size, b"rb")
    try:
        if not pointer:
            raise EngineOutOfMemory
        yield pointer
    finally:
        if pointer:
            libc.fclose(pointer)
        del first_byte
        area.close()
