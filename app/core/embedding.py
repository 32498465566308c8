"""What is known of an embedding model, and how it wants its texts: the vectors of texts near in meaning are near."""

import hashlib
from array import array
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import msgspec

from app.core.ranges import Tokens

MOST_DIMENSIONS = 8192
"""No published embedding model has more than half as many."""

if TYPE_CHECKING:
    Vector: TypeAlias = array[float]
else:
    Vector = array  # takes no type in brackets before Python 3.12
"""The embedding of a text: float32 values (type code "f") of unit length, so that a dot product is a cosine."""

TEXT_TOKENS = 512
"""The most of one text that is read: a passage has some 130, and many embedding models are trained for no more."""

Dimensions = Annotated[int, msgspec.Meta(ge=1, le=MOST_DIMENSIONS)]
_Prefix = Annotated[str, msgspec.Meta(max_length=400)]

_KEY_BYTES = 16
_SAMPLES, _SAMPLE = 32, 65_536  # pieces of a file and bytes of each: other weights differ everywhere
_FORM = b"1"  # changes with how texts are given to a model, so that vectors made before are made anew


class Prefixes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What stands before a question and before a passage, as the model was trained."""

    question: _Prefix = ""
    passage: _Prefix = ""


class EmbeddingFacts(msgspec.Struct, frozen=True, tag=True):
    """What a loaded embedding model reports; a text of more than `context_tokens` is cut."""

    name: Annotated[str, msgspec.Meta(max_length=1000)]
    architecture: Annotated[str, msgspec.Meta(max_length=1000)]
    dimensions: Dimensions
    context_tokens: Tokens
    prefixes: Prefixes = Prefixes()


ENCODERS = frozenset(
    "bert nomic-bert nomic-bert-moe jina-bert-v2 jina-bert-v3 modern-bert neo-bert eurobert gemma-embedding".split()
)
"""Architectures (llama.cpp's names) that only read, and so are for embeddings or for ranking."""
POOLED, RANKING = (1, 2, 3), 4  # `{architecture}.pooling_type`, llama.cpp's llama_pooling_type: mean, cls, last; rank
_LAST = 3


def similarity(first: Vector, second: Vector) -> float:
    """How near two texts are in meaning, from -1 to 1: their vectors have unit length."""
    return sum(a * b for a, b in zip(first, second, strict=True))


def is_embedding(metadata: Mapping[str, object]) -> bool:
    """Whether the header of a GGUF file is that of an embedding model: one whose tokens are pooled into one vector."""
    architecture = str(metadata.get("general.architecture", ""))
    pooling = _pooling(metadata, architecture)
    return pooling in POOLED or (architecture in ENCODERS and pooling != RANKING)


def prefixes_of(metadata: Mapping[str, object]) -> Prefixes:
    """The prefixes that a model's makers published, by what its header says of its architecture and its origin."""
    architecture = str(metadata.get("general.architecture", ""))
    if architecture == "gemma-embedding":
        return Prefixes("task: search result | query: ", "title: none | text: ")
    if architecture.startswith("nomic-bert"):
        return Prefixes("search_query: ", "search_document: ")
    if architecture == "qwen3" and _pooling(metadata, architecture) == _LAST:
        task = "Given a web search query, retrieve relevant passages that answer the query"
        return Prefixes(f"Instruct: {task}\nQuery:")
    origin = " ".join(str(metadata.get(key, "")) for key in ("general.name", "general.basename")).casefold()
    if "e5" in origin.replace("-", " ").replace("_", " ").split():
        return Prefixes("query: ", "passage: ")
    return Prefixes()


def vectors_key(path: Path, prefixes: Prefixes | None) -> bytes:
    """16 bytes that are others when the model file at `path`, or how texts are given to it, is another.

    Vectors can be compared only with those of the same key. The file is sampled, not read whole; of a model in
    several files the first one stands for all.

    Raises:
        OSError: the file can't be read.
    """
    found = hashlib.sha256(_FORM)
    found.update(repr(prefixes).encode())
    with path.open("rb") as file:
        size = file.seek(0, 2)
        found.update(size.to_bytes(8, "big"))
        for number in range(_SAMPLES):
            file.seek(number * max(0, size - _SAMPLE) // (_SAMPLES - 1))
            found.update(file.read(_SAMPLE))
    return found.digest()[:_KEY_BYTES]


def _pooling(metadata: Mapping[str, object], architecture: str) -> int | None:
    value = metadata.get(f"{architecture}.pooling_type")
    try:
        return None if value is None else int(str(value))
    except ValueError:
        return None
