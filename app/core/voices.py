"""Voice prints: vectors that are alike where the same voice speaks."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Protocol

import msgspec

from app.core.ranges import Seconds

if TYPE_CHECKING:
    from app.core.engines import Pcm

LARGEST_PRINT = 2 * 1024
"""Bytes of a voice print at most: 1,024 numbers of 16 bits; models make 192 to 512."""
MOST_SPEAKERS = 20
"""People that one call is taken to have at most."""


class VoiceWindow(msgspec.Struct, frozen=True, array_like=True):
    """The voice between `start` and `end` (seconds of the call): a vector of unit length, as float16, little-endian."""

    start: Seconds
    end: Seconds
    print: Annotated[bytes, msgspec.Meta(max_length=LARGEST_PRINT)]


class VoicePrints(msgspec.Struct, frozen=True, tag=True):
    """The voices on `channel`, in order of time, where somebody speaks; it was listened to up to `until` (seconds)."""

    channel: Annotated[int, msgspec.Meta(ge=0, le=63)]
    until: Seconds
    windows: tuple[VoiceWindow, ...]


class VoiceEngine(Protocol):
    """Tells voices apart with a voice print model."""

    def listen(self, sound: "Iterable[Pcm]", channels: tuple[int, ...]) -> Iterator[VoicePrints]:
        """The voice prints of each track, in flat memory; `channels` gives the channel of each PCM track.

        Raises:
            ModelDamaged, ModelTooLarge: the model can't be loaded.
            EngineCrashed, EngineOutOfMemory: the worker died.
        """

    def group(self, prints: Sequence[bytes], count: int = 0) -> list[int]:
        """For each voice print the number of its speaker, from 0, in order of their first; `count` of them, if given.

        Raises:
            ModelDamaged, ModelTooLarge, EngineCrashed, EngineOutOfMemory: as above.
        """

    def peak_bytes(self) -> int:
        """The peak memory of its process; 0 if it has none."""
        return 0

    def processor_seconds(self) -> float:
        """The processor time that its process has used; 0 if it has none."""
        return 0.0

    def close(self) -> None:
        """Release everything."""
