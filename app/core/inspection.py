"""What is inside a model's file, and how fast a model is here."""

from collections import defaultdict
from collections.abc import Iterable

import msgspec


class Share(msgspec.Struct, frozen=True):
    """A part of a model's weights: its name, how many tensors, how many bytes."""

    name: str
    tensors: int
    size: int


class Portion(msgspec.Struct, frozen=True):
    """The tensors of one part of a model that are of one type: how many, how many bytes."""

    part: str
    type_name: str
    tensors: int
    size: int


class Inspection(msgspec.Struct, frozen=True, tag=True):
    """A look inside a model. `portions` add up to all weights, `parameters` counts their values.

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
    portions: tuple[Portion, ...]
    facts: tuple[tuple[str, str], ...] = ()
    parameters: int = 0

    @property
    def size(self) -> int:
        """Bytes of all weights."""
        return sum(portion.size for portion in self.portions)

    @property
    def types(self) -> list[Share]:
        """The weights by type, the largest first."""
        return _shares((portion.type_name, portion) for portion in self.portions)

    @property
    def parts(self) -> list[Share]:
        """The weights by part, the largest first."""
        return _shares((portion.part, portion) for portion in self.portions)


def _shares(named: Iterable[tuple[str, Portion]]) -> list[Share]:
    found: dict[str, list[Portion]] = defaultdict(list)
    for name, portion in named:
        found[name].append(portion)
    shares = (Share(name, sum(p.tensors for p in own), sum(p.size for p in own)) for name, own in found.items())
    return sorted(shares, key=lambda share: -share.size)


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
