"""How a call is played: at which speed."""

from typing import Annotated

import msgspec

SLOWEST, FASTEST = 0.5, 3.0
Speed = Annotated[float, msgspec.Meta(ge=SLOWEST, le=FASTEST)]
"""Seconds of a call that are heard in a second."""
SPEEDS = (0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0)
"""The speeds that a person can choose, from slow to fast."""


def faster(speed: float) -> float:
    """The next higher speed; the highest stays."""
    return min((one for one in SPEEDS if one > speed), default=SPEEDS[-1])


def slower(speed: float) -> float:
    """The next lower speed; the lowest stays."""
    return max((one for one in SPEEDS if one < speed), default=SPEEDS[0])


def speed_text(speed: float) -> str:
    """A speed as people write it: its number and the sign for times."""
    return f"{speed:g}×"
