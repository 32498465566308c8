"""Where somebody speaks in a call's sound, whether the words were understood or not."""

import msgspec

from app.core.ranges import Seconds

Interval = tuple[float, float]
"""A stretch of a recording, from start to end in seconds."""


class Speech(msgspec.Struct, frozen=True, array_like=True):
    """A stretch of a track in which speech was found; `start` and `end` in seconds from the beginning of the call."""

    track: int
    start: Seconds
    end: Seconds

    @property
    def duration(self) -> float:
        """Seconds."""
        return self.end - self.start
