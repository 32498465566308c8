"""How the tokens of a reply are chosen from what the model finds likely."""

from collections.abc import Mapping
from typing import Annotated

import msgspec

_Seed = Annotated[int, msgspec.Meta(ge=0, le=0xFFFF_FFFE)]  # llama.cpp takes the number above for "any"
_Temperature = Annotated[float, msgspec.Meta(ge=0, le=5)]
_Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
_Rank = Annotated[int, msgspec.Meta(ge=0, le=1 << 30)]


class Sampling(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """At temperature 0 the likeliest token is taken, else one is drawn; the same seed draws the same reply.

    Drawn is from the `top_k` likeliest tokens (0: from all), from the fewest whose probabilities sum up to `top_p`,
    and from those at least `min_p` times as probable as the likeliest.
    """

    temperature: _Temperature = 0.0
    top_k: _Rank = 0
    top_p: _Share = 1.0
    min_p: _Share = 0.0
    seed: _Seed = 0


GREEDY = Sampling()
"""Always the likeliest token."""

_RETRY = Sampling(temperature=0.7, top_k=40, top_p=0.9, min_p=0.05)  # for a model whose makers name nothing
_KEYS = {"temperature": "temp", "top_k": "top_k", "top_p": "top_p", "min_p": "min_p"}  # general.sampling.* of a GGUF


def of_metadata(metadata: Mapping[str, str]) -> Sampling | None:
    """What a GGUF's makers wrote into it, or None if they wrote nothing that can be followed."""
    named = {field: metadata[f"general.sampling.{key}"] for field, key in _KEYS.items()
             if f"general.sampling.{key}" in metadata}  # fmt: skip
    if "temperature" not in named:
        return None
    try:
        return msgspec.convert(named, Sampling, strict=False)
    except msgspec.ValidationError:
        return None


def for_retry(own: Sampling | None, attempt: int) -> Sampling:
    """The sampling with which a greedy reply that went wrong is tried once more, or again; `attempt` counts from 1."""
    chosen = _RETRY if own is None or own.temperature == 0 else own
    return msgspec.structs.replace(chosen, seed=attempt)
