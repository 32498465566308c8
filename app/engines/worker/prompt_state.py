"""Taking what is kept of a prompt out of llama.cpp's memory, and putting it back, in pieces."""

import hashlib
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path

from app.core.job import Progress
from app.core.prompt_state import LARGEST_PIECE, StateHead, StatePiece
from app.engines.model_files import gguf
from app.engines.worker.channel import Channel
from app.engines.worker.prompt_memory import PromptMemory, shared_prefix

_PIECE_TOKENS = 256  # at most: a small model's pieces are then a megabyte, large enough for the disk and the cipher
_LEAST_PIECE_TOKENS = 8
_NOT_WORTH = 64  # tokens, which are read in about the time that storing or opening takes
_SAMPLES, _SAMPLE = 256, 4096  # of a model's file, spread evenly, and the bytes of each


def model_identity(path: Path) -> bytes:
    """A digest that tells a model's files from others: their sizes, their headers, and samples of their weights."""
    digest = hashlib.sha256()
    for shard in gguf.shard_paths(path):
        size = shard.stat().st_size
        digest.update(size.to_bytes(8))
        with shard.open("rb") as file:
            for number in range(_SAMPLES):
                file.seek(number * max(0, size - _SAMPLE) // (_SAMPLES - 1))
                digest.update(file.read(_SAMPLE))
    return digest.digest()


def taken_out(
    memory: PromptMemory, tokens: Sequence[int], identity: bytes, known: StateHead | None
) -> Iterator[StatePiece]:
    """The pieces of what is kept of these tokens; none if the `known` one reaches nearly as far already.

    A memory that can't be cut has no pieces.
    """
    count = shared_prefix(memory.kept, tokens)
    if known is not None and known.tokens + _NOT_WORTH >= count and fitting([known], tokens, identity):
        return
    if memory.can_cut:
        yield from pieces(memory, identity, count)


def put_back(
    memory: PromptMemory, tokens: Sequence[int], identity: bytes, heads: Sequence[StateHead], channel: Channel
) -> Iterator[Progress]:
    """Put back the pieces that are of these tokens, if they reach further than what is evaluated; yields how far it is.

    What does not fit is left out; what a piece before it gave stays.
    """
    heads = [head for head in heads[: fitting(heads, tokens, identity)] if head.tokens <= memory.size]
    if not memory.can_cut or not heads or heads[-1].tokens <= memory.reused(tokens) + _NOT_WORTH:
        return
    memory.clear()
    offset = first = 0
    for head in heads:
        data = channel.request_bytes(offset, head.size)
        if len(data) != head.size or not memory.add_state(data, tokens[first : head.tokens]):
            return
        offset, first = offset + head.size, head.tokens
        yield Progress("Opening", first, heads[-1].tokens, "tokens")


def pieces(memory: PromptMemory, identity: bytes, count: int) -> Iterator[StatePiece]:
    """The state of the first `count` tokens that are kept."""
    tokens, first = memory.kept[:count], 0
    step = _PIECE_TOKENS
    while first < len(tokens):
        end = min(len(tokens), first + step)
        size = memory.state_size(first, end)
        if size > LARGEST_PIECE and step > _LEAST_PIECE_TOKENS:
            step //= 2
            continue
        if not 0 < size <= LARGEST_PIECE:
            return
        data = memory.state(first, end, size)
        yield StatePiece(StateHead(digest_of(identity, tokens[:end]), end, len(data)), data)
        first = end


def fitting(heads: Sequence[StateHead], tokens: Sequence[int], identity: bytes) -> int:
    """How many of the stored pieces, from the first on, are of these tokens."""
    for index, head in enumerate(heads):
        is_further = head.tokens > (heads[index - 1].tokens if index else 0)
        if not is_further or head.tokens > len(tokens) or head.digest != digest_of(identity, tokens[: head.tokens]):
            return index
    return len(heads)


def digest_of(identity: bytes, tokens: Sequence[int]) -> bytes:
    """The digest of these tokens as this engine evaluates them."""
    return hashlib.sha256(identity + array("i", tokens).tobytes()).digest()
