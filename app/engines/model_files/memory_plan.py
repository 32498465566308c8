"""What a language model needs, by llama.cpp's own allocation without allocating.

`no_alloc` makes it read a header, plan every buffer and take none: a tenth of a second. The same
header with holes for weights serves a model that is not here yet.
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
from typing import Any

import msgspec

from app.core.errors import EngineOutOfMemory, ModelDamaged
from app.core.fit import CacheType, HeaderFacts, Need, Profile
from app.engines.model_files import gguf, gguf_from_facts
from app.engines.model_files.gguf import Tensor
from app.engines.sandbox import resource_limits

BATCH = 512
"""Tokens that are evaluated at once; the scratch memory grows with it, and beyond it little gets faster."""

_Q8_0 = 8  # ggml's number of the type
_SIZE = re.compile(r"(KV|RS|compute|output) buffer size\s*=\s*([\d.]+) MiB")
_CACHE = re.compile(r"(?:cache\w*|recurrent): size\s*=\s*([\d.]+) MiB")
_REPACKED = re.compile(r"CPU_REPACK model buffer size\s*=\s*([\d.]+) MiB")
_MEBIBYTE = 1024 * 1024
_LOADED = 3 * _MEBIBYTE
"""What reading, copying and sampling take beside buffers and vocabulary (measured: tests/bench/fit.py)."""
_PER_WORD = 420
"""Bytes that a word of the vocabulary takes: llama.cpp's tables, llama-cpp-python's arrays (measured there too)."""
_FEW_WORDS = 256
"""The vocabulary in a plan of buffers. llama.cpp plans for the scores of all words at each token of a batch, half a
gigabyte for large vocabularies, and never touches them: it is asked for those of the last token alone."""


class Sayings:
    """What llama.cpp says while it works; the last lines tell one failure from another."""

    _MOST = 4000

    def __init__(self) -> None:
        import llama_cpp

        self.lines: list[str] = []

        def keep(_: int, text: bytes, __: Any) -> None:
            if len(self.lines) < self._MOST:
                self.lines.append(text.decode("utf-8", errors="replace"))

        self._keep = llama_cpp.llama_log_callback(keep)  # kept: the library holds only a pointer
        llama_cpp.llama_log_set(self._keep, ctypes.c_void_p(None))

    def means_no_memory(self) -> bool:
        """Whether an allocation was refused."""
        said = "".join(self.lines).casefold()
        return any(sign in said for sign in ("failed to allocate", "unable to allocate", "out of memory", "bad_alloc"))

    def forget(self) -> None:
        """Begin anew."""
        self.lines.clear()


def context_arguments(profile: Profile) -> dict[str, Any]:
    """How a profile is given to `llama_cpp.Llama`. Weights are read, not mapped.

    A mapped file stays in memory beside the copy in another order that llama.cpp makes of most
    types: a third more for nothing (measured). What is read is also what was forecast.
    """
    eight = profile.cache is CacheType.Q8
    return {
        "n_ctx": profile.context_tokens, "n_batch": BATCH, "n_ubatch": BATCH, "use_mmap": False, "n_gpu_layers": 0,
        "flash_attn": eight, "type_k": _Q8_0 if eight else None, "type_v": _Q8_0 if eight else None,
    }  # fmt: skip


def of_file(path: str, profile: Profile, sayings: Sayings) -> tuple[Need, int]:
    """The need of a model on disk, and the context it was trained for.

    Raises:
        ModelDamaged: llama.cpp refuses it.
    """
    header, every = gguf.read_all(Path(path))
    architecture = header.metadata.get("general.architecture", "")
    resource_limits.give_back_now()
    before = resource_limits.resident_bytes()
    sayings.forget()
    with _model(path.encode(), sayings) as (llama_cpp, model):
        held = max(0, resource_limits.resident_bytes() - before)
        trained = int(llama_cpp.llama_model_n_ctx_train(model))
        words = int(llama_cpp.llama_vocab_n_tokens(llama_cpp.llama_model_get_vocab(model)))
    tokens = min(trained, profile.context_tokens) if trained > 0 else profile.context_tokens
    few: dict[str, gguf.Value | bytes] = {
        key: value for key, value in header.packed.items() if not key.startswith(("tokenizer.", "split."))
    }
    few |= {"tokenizer.ggml.model": "no_vocab", f"{architecture}.vocab_size": _FEW_WORDS}
    tensors = [_with_few_words(tensor, words) for tensor in every]
    heads = header.metadata.get(f"{architecture}.attention.head_count", 0)
    most = max((int(str(h)) for h in heads), default=0) if isinstance(heads, list) else int(str(heads))
    cache, compute = _planned(few, tensors, Profile(tokens, profile.cache), sayings)
    compute += _scratch_of_threads(most, Profile(tokens, profile.cache)) + 4 * words
    weights = sum(tensor.size for tensor in every) + _twice(every, sayings)
    return Need(weights, cache, compute, _FRESH + held + _LOADED, tokens), trained


def of_facts(facts: HeaderFacts, file_bytes: int, profile: Profile, sayings: Sayings) -> Need:
    """The need of a model that is not here.

    Where the header of an architecture can't be written, an estimate by the formula of its cache.
    """
    tokens = min(facts.context, profile.context_tokens) if facts.context else profile.context_tokens
    profile = Profile(tokens, profile.cache)
    try:
        metadata, tensors = gguf_from_facts.header(msgspec.structs.replace(facts, vocabulary=_FEW_WORDS))
    except KeyError:
        return _estimate(facts, file_bytes, profile)
    cache, compute = _planned(metadata, tensors, profile, sayings)
    compute += _scratch_of_threads(facts.heads, profile) + 4 * facts.vocabulary
    words = Tensor("token_embd.weight", (facts.embedding, facts.vocabulary), facts.weight_type)
    weights = file_bytes + (_twice([words], sayings) if facts.is_output_tied else 0)
    return Need(weights, cache, compute, _FRESH + _LOADED + facts.vocabulary * _PER_WORD, tokens)


def _estimate(facts: HeaderFacts, file_bytes: int, profile: Profile) -> Need:
    """By hand: each attending block keeps a key and a value of `kv_heads` heads for each token.

    The scratch holds one batch's attention weights, 4 bytes for each head, token and place.
    """
    blocks = len(facts.attention_blocks) or facts.blocks
    width = 2 if profile.cache is CacheType.F16 else 34 / 32
    cache = int(2 * blocks * facts.kv_heads * facts.head_size * profile.context_tokens * width)
    compute = 4 * BATCH * facts.heads * profile.context_tokens + _scratch_of_threads(facts.heads, profile)
    program = _FRESH + _LOADED + facts.vocabulary * _PER_WORD
    return Need(file_bytes, cache, compute, program, profile.context_tokens, is_exact=False)


def _scratch_of_threads(heads: int, profile: Profile) -> int:
    """Where a batch's attention weights are turned into halves before they meet the values (ggml_graph_plan)."""
    return 2 * BATCH * heads * profile.context_tokens if profile.cache is CacheType.F16 else 0


def _with_few_words(tensor: Tensor, words: int) -> Tensor:
    if len(tensor.shape) < 2 or tensor.shape[-1] != words or tensor.name.startswith("blk."):
        return tensor
    return Tensor(tensor.name, (*tensor.shape[:-1], _FEW_WORDS), tensor.type_name)


def _planned(
    metadata: Mapping[str, gguf.Value | bytes], tensors: Sequence[Tensor], profile: Profile, sayings: Sayings
) -> tuple[int, int]:
    """Bytes of the cache and of the scratch, as llama.cpp would take them."""
    sayings.forget()
    with _written(metadata, tensors) as handle, _model(handle, sayings) as (llama_cpp, model):
        resource_limits.give_back_now()
        before = resource_limits.resident_bytes()
        context = llama_cpp.llama_init_from_model(model, _context_settings(profile))
        if not context:
            raise EngineOutOfMemory if sayings.means_no_memory() else ModelDamaged
        plan = max(0, resource_limits.resident_bytes() - before)
        llama_cpp.llama_free(context)
    cache, compute = _sizes(sayings.lines)
    return cache, compute + plan


@contextmanager
def _model(source: bytes | int, sayings: Sayings, *, is_planned: bool = True) -> Iterator[tuple[Any, Any]]:
    """A model that takes no memory for its weights, from a path or an open C file; with the library.

    Raises:
        ModelDamaged, EngineOutOfMemory: llama.cpp refuses it.
    """
    import llama_cpp

    llama_cpp.llama_backend_init()
    settings = llama_cpp.llama_model_default_params()
    settings.no_alloc, settings.n_gpu_layers, settings.load_mode = is_planned, 0, llama_cpp.LLAMA_LOAD_MODE_NONE
    if isinstance(source, bytes):
        model = llama_cpp.llama_model_load_from_file(source, settings)
    else:
        model = llama_cpp.llama_model_load_from_file_ptr(ctypes.c_void_p(source), settings)
    if not model:
        raise EngineOutOfMemory if sayings.means_no_memory() else ModelDamaged
    try:
        yield llama_cpp, model
    finally:
        llama_cpp.llama_model_free(model)


def _context_settings(profile: Profile) -> Any:
    """As `llama_cpp.Llama` makes them of `context_arguments`."""
    import llama_cpp

    settings = llama_cpp.llama_context_default_params()
    batch = min(BATCH, profile.context_tokens)
    settings.n_ctx, settings.n_batch, settings.n_ubatch = profile.context_tokens, batch, batch
    settings.flash_attn_type = llama_cpp.LLAMA_FLASH_ATTN_TYPE_DISABLED
    if profile.cache is CacheType.Q8:
        settings.flash_attn_type = llama_cpp.LLAMA_FLASH_ATTN_TYPE_ENABLED
        settings.type_k = settings.type_v = _Q8_0
    return settings


def _sizes(lines: Sequence[str]) -> tuple[int, int]:
    """Bytes of the cache and of the scratch, from what llama.cpp says it would take."""
    said = "".join(lines)
    cache = sum(float(found) for found in _CACHE.findall(said))
    scratch = sum(float(size) for name, size in _SIZE.findall(said) if name in ("compute", "output"))
    return int(cache * _MEBIBYTE), int(scratch * _MEBIBYTE)


def _twice(tensors: Sequence[Tensor], sayings: Sayings) -> int:
    """Bytes that are kept twice: a table of words that is also the output, if this processor reorders its type."""
    known = {tensor.name: tensor for tensor in tensors}
    words = known.get("token_embd.weight")
    if words is None or "output.weight" in known or len(words.shape) != 2:
        return 0
    return words.size if is_reordered(words.type_name, words.shape[1], sayings) else 0


def is_reordered(type_name: str, rows: int, sayings: Sayings) -> bool:
    """Whether llama.cpp copies weights of this type into another order here; asked of a model of two tensors' size."""
    key = (type_name, rows % 64)
    if key not in _reordered:
        facts = HeaderFacts("llama", 1, 256, 256, 4, 4, 64, 256 + rows % 64, 256, type_name)
        metadata, tensors = gguf_from_facts.header(facts)
        sayings.forget()
        with _written(metadata, tensors) as handle, _model(handle, sayings, is_planned=False):
            pass
        taken = sum(float(size) for size in _REPACKED.findall("".join(sayings.lines))) * _MEBIBYTE
        # The matrices of the one block alone are less than this; only the words' table brings it there.
        matrices = sum(tensor.size for tensor in tensors if tensor.name.startswith("blk.") and len(tensor.shape) == 2)
        _reordered[key] = taken > matrices + tensors[0].size / 2
    return _reordered[key]


_reordered: dict[tuple[str, int], bool] = {}
_FRESH = 0


def remember_fresh() -> None:
    """Note what this process takes before any model: later ones leave holes that would be counted again."""
    global _FRESH
    import llama_cpp

    llama_cpp.llama_backend_init()
    _FRESH = resource_limits.resident_bytes()


@contextmanager
def _written(metadata: Mapping[str, gguf.Value | bytes], tensors: Sequence[Tensor]) -> Iterator[bytes | int]:
    """A header with a hole where the weights would stand: a C file in memory, of which a hole takes none.

    It touches no disk and needs no right to write. Windows has no such files; there it is a path.
    """
    made = io.BytesIO()
    places = gguf.write(made, metadata, tensors)
    header = made.getvalue()
    size = max((places[tensor.name] + tensor.size for tensor in tensors), default=0) + gguf.ALIGNMENT
    if os.name == "posix":
        with _in_memory(header, size) as pointer:
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
def _in_memory(header: bytes, size: int) -> Iterator[int]:
    libc = ctypes.CDLL(None)
    libc.fmemopen.restype = ctypes.c_void_p
    libc.fmemopen.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p]
    libc.fclose.argtypes = [ctypes.c_void_p]
    # Shared pages are no data of this process, so its limit does not count what is never touched.
    area = mmap.mmap(-1, size, mmap.MAP_SHARED | mmap.MAP_ANONYMOUS | getattr(mmap, "MAP_NORESERVE", 0))
    area[: len(header)] = header
    begin = ctypes.c_char.from_buffer(area)
    pointer = libc.fmemopen(ctypes.addressof(begin), size, b"rb")
    try:
        if not pointer:
            raise EngineOutOfMemory
        yield pointer
    finally:
        if pointer:
            libc.fclose(pointer)
        del begin
        area.close()
