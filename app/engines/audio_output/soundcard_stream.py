"""The stream to the sound system of Windows and macOS, through SoundCard."""

from typing import Any


class SoundCardStream:
    """A stream of mono float32 samples at `rate` Hz to the default loudspeaker, raising what its library does."""

    def __init__(self, rate: int) -> None:
        import numpy
        import soundcard

        self._numpy: Any = numpy
        self._player = soundcard.default_speaker().player(samplerate=rate, channels=1, blocksize=rate // 20)
        self._player.__enter__()

    def write(self, samples: bytes) -> None:
        """Hand samples over; waits while the system's buffer is full."""
        self._player.play(self._numpy.frombuffer(samples, self._numpy.float32).reshape(-1, 1))

    def delay(self) -> float:
        """The seconds until what is written next is heard; SoundCard does not say, and it is little."""
        return 0.0

    def drain(self) -> None:
        """SoundCard plays out what it has as it is freed."""

    def flush(self) -> None:
        """SoundCard has no such call; its buffer is short."""

    def free(self) -> None:
        """Release the device."""
        self._player.__exit__(None, None, None)
