"""What is inside a model's file, and how fast a model is here."""

import msgspec


class Share(msgspec.Struct, frozen=True):
    """A part of a model's weights: its name, how many tensors, how many bytes."""

    name: str
    tensors: int
    size: int


class Inspection(msgspec.Struct, frozen=True, tag=True):
    """A look inside a model. `types` and `parts` each add up to all weights, the largest first.

    `facts` are lines of the header as (name, value); `template` is the chat template, empty if there
    is none.
    """

    format: str
    architecture: str
    name: str
    context_tokens: int
    vocabulary: int
    tokenizer: str
    template: str
    types: tuple[Share, ...]
    parts: tuple[Share, ...]
    facts: tuple[tuple[str, str], ...] = ()

    @property
    def size(self) -> int:
        """Bytes of all weights."""
        return sum(share.size for share in self.types)


class Bandwidth(msgspec.Struct, frozen=True, tag=True):
    """Bytes a second that plain sums read from memory, all threads together."""

    bytes_per_second: float


class Planned(msgspec.Struct, frozen=True, tag=True):
    """Bytes that a file will have."""

    size: int


QUANTISED = {
    "F16": 1, "BF16": 32, "Q8_0": 7, "Q6_K": 18, "Q5_K_M": 17, "Q5_K_S": 16, "Q5_0": 8, "Q4_K_M": 15, "Q4_K_S": 14,
    "Q4_0": 2, "IQ4_NL": 25, "IQ4_XS": 30, "Q3_K_M": 12, "Q2_K": 10,
}  # fmt: skip
"""The types that a model can be written in here, and llama.cpp's number of each mix (`llama_ftype`)."""
