"""What llama-cpp-python does while it loads a model, and is kept from doing."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def without_metadata() -> Iterator[None]:
    """Keep llama-cpp-python from compiling the model's chat templates while it loads.

    Jinja evaluates a template's constant expressions when compiling it, which can take three
    gigabytes; we compile the one that we need within limits (`ChatTemplate`).
    """
    import llama_cpp._internals

    llama_model: Any = llama_cpp._internals.LlamaModel
    original = llama_model.metadata
    llama_model.metadata = lambda _: {}
    try:
        yield
    finally:
        llama_model.metadata = original


@contextmanager
def at_most_together(sequences: int) -> Iterator[None]:
    """Let a context for embeddings read no more sequences at once.

    llama-cpp-python takes as many as llama.cpp can, and for each llama.cpp keeps room for the scores of a whole
    vocabulary: a quarter of a gigabyte for one of 250,000 words, which an embedding never needs.
    """
    import llama_cpp.llama_cpp

    library: Any = llama_cpp.llama_cpp
    original = library.llama_max_parallel_sequences
    library.llama_max_parallel_sequences = lambda: min(sequences, original())
    try:
        yield
    finally:
        library.llama_max_parallel_sequences = original
