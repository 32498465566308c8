"""What a model file contains, the types it can be converted to, and the memory bandwidth."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Annotated

import msgspec

from app.core.ranges import Count, Tokens


class Share(msgspec.Struct, frozen=True):
    """A share of a model's weights: its name, the number of tensors, and the size in bytes."""

    name: str
    tensors: int
    size: int


class Portion(msgspec.Struct, frozen=True):
    """The tensors of one type in one part of a model: their number, and their size in bytes."""

    part: str
    type_name: str
    tensors: Count
    size: Count


class Inspection(msgspec.Struct, frozen=True, tag=True, rename={"chat_template": "template"}):
    """What a model file contains: `portions` add up to all weights, `parameters` counts their values.

    `facts` are lines of the header as (name, value); `chat_template` is empty if it has
    none. `is_embedding`: it turns texts into vectors, and can't write.
    """

    format: str
    architecture: str
    name: str
    context_tokens: Tokens
    vocabulary: Count
    tokenizer: str
    chat_template: str
    portions: tuple[Portion, ...]
    facts: tuple[tuple[str, str], ...] = ()
    parameters: Count = 0
    is_embedding: bool = False

    @property
    def size(self) -> int:
        """Size of all weights in bytes."""
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
    """Bytes per second that a plain sum reads from memory, all threads together."""

    bytes_per_second: Annotated[float, msgspec.Meta(ge=0, le=1e15)]


class Planned(msgspec.Struct, frozen=True, tag=True):
    """The size in bytes that a converted file will have."""

    size: Count


QUANTISED = {
    "F16": 1, "BF16": 32, "Q8_0": 7, "Q6_K": 18, "Q5_K_M": 17, "Q5_K_S": 16, "Q5_0": 8, "Q4_K_M": 15, "Q4_K_S": 14,
    "Q4_0": 2, "IQ4_NL": 25, "IQ4_XS": 30, "Q3_K_M": 12, "Q2_K": 10,
}  # fmt: skip
"""The types that a model can be converted to, and llama.cpp's number for each (`llama_ftype`)."""
