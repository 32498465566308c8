"""A voice engine that hears what its script says."""

import struct
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from app.core.engines import Pcm
from app.core.voices import VoiceEngine, VoicePrints, VoiceWindow

if TYPE_CHECKING:
    from app.core.errors import AssistantError


class ScriptedVoices(VoiceEngine):
    """Hears the voices of its script: the start, end and number of each on each channel.

    Each of `failures` is raised by one call of `listen`, after it took all sound. With a count the voices beyond it
    are taken for the last.
    """

    def __init__(self) -> None:
        self.says: dict[int, Sequence[tuple[float, float, int]]] = {}
        self.failures: list[AssistantError] = []
        self.listened = 0
        self.counts: list[int] = []

    def listen(self, sound: Iterable[Pcm], channels: tuple[int, ...]) -> Iterator[VoicePrints]:
        """See `VoiceEngine.listen`."""
        self.listened += 1
        until = 0.0
        for block in sound:
            assert len(block.tracks) == len(channels)
            until = block.start + block.duration
        if self.failures:
            raise self.failures.pop(0)
        for channel in channels:
            said = self.says.get(channel, ())
            windows = tuple(VoiceWindow(start, end, struct.pack("<e", voice)) for start, end, voice in said)
            yield VoicePrints(channel, until, windows)

    def group(self, prints: Sequence[bytes], count: int = 0) -> list[int]:
        """See `VoiceEngine.group`."""
        self.counts.append(count)
        voices = [int(struct.unpack("<e", raw)[0]) for raw in prints]
        return [min(voice, count - 1) if count else voice for voice in voices]

    def close(self) -> None:
        """Nothing to release."""
