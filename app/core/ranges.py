"""The ranges of the numbers that a worker may report: what lies outside comes from no working engine."""

from typing import Annotated

import msgspec

LONGEST_SECONDS = 1e7
"""Seconds: four months, more than any recording lasts."""

Seconds = Annotated[float, msgspec.Meta(ge=0, le=LONGEST_SECONDS)]
"""A time or a duration; not a number and infinity are outside every such range."""

Count = Annotated[int, msgspec.Meta(ge=0, le=1 << 60)]
"""A number of bytes or of other things."""

Tokens = Annotated[int, msgspec.Meta(ge=0, le=1 << 40)]
"""A number of tokens."""

Rate = Annotated[int, msgspec.Meta(ge=4_000, le=768_000)]
"""Samples a second, in Hz."""
