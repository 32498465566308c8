"""The default loudspeaker: a thread of its own speaks to the sound system, so that one which hangs holds up nobody."""

import queue
import sys
import threading
from collections.abc import Callable
from typing import Protocol

from app.core.errors import SoundUnavailable

_OPENS_WITHIN, _ANSWERS_WITHIN = 5.0, 3.0  # seconds; a stopped server keeps its clients waiting for ever
_QUEUED = 2  # pieces on their way to the thread
_STOPPED = ("The loudspeaker stopped.", "Nothing was changed; press play to go on.")


class Stream(Protocol):
    """A stream to the sound system; each method may wait, and raises what the system's library does."""

    def write(self, samples: bytes) -> None:
        """Hand over mono float32 samples."""

    def delay(self) -> float:
        """The seconds until what is written next is heard."""

    def drain(self) -> None:
        """Wait until all was heard."""

    def flush(self) -> None:
        """Drop what was not heard yet."""

    def free(self) -> None:
        """Release the device."""


class Loudspeaker:
    """An open loudspeaker for mono float32 samples at `rate` Hz.

    Raises:
        SoundUnavailable: there is no sound system, or it doesn't answer.
    """

    def __init__(self, rate: int, open_stream: Callable[[int], Stream]) -> None:
        self._rate = rate
        self._pieces: queue.Queue[bytes | None] = queue.Queue(_QUEUED)
        self._opened, self._ended, self._closing = threading.Event(), threading.Event(), threading.Event()
        self._error: Exception | None = None
        self._delay = 0.0
        threading.Thread(target=self._run, args=(open_stream,), name="loudspeaker", daemon=True).start()
        if not self._opened.wait(_OPENS_WITHIN) or self._error is not None:
            self._closing.set()
            raise SoundUnavailable from self._error

    @property
    def delay(self) -> float:
        """The seconds until what is played next is heard."""
        return self._delay

    def play(self, samples: bytes) -> None:
        """Queue samples; waits while there are enough for now.

        Raises:
            SoundUnavailable: the device is gone, or the sound system doesn't answer any more.
        """
        self._put(samples)

    def finish(self) -> None:
        """Wait until everything was heard.

        Raises:
            SoundUnavailable: the device is gone, or the sound system doesn't answer any more.
        """
        self._put(None)
        if not self._ended.wait(self._delay + _ANSWERS_WITHIN) or self._error is not None:
            raise SoundUnavailable(*_STOPPED) from self._error

    def close(self) -> None:
        """Be silent at once, and release the device; one that hangs is left to itself."""
        self._closing.set()
        self._ended.wait(0.5)

    def _put(self, piece: bytes | None) -> None:
        try:
            self._pieces.put(piece, timeout=_ANSWERS_WITHIN)
        except queue.Full as error:
            raise SoundUnavailable(*_STOPPED) from (self._error or error)
        if self._error is not None:
            raise SoundUnavailable(*_STOPPED) from self._error

    def _run(self, open_stream: Callable[[int], Stream]) -> None:
        stream: Stream | None = None
        try:
            stream = open_stream(self._rate)
            self._opened.set()
            self._pump(stream)
        except Exception as error:  # noqa: BLE001 - the sound system's library raises what it likes
            self._error = error
        finally:
            self._opened.set()
            if stream is not None:
                stream.free()
            self._ended.set()
            while not self._pieces.empty():  # whoever waits for room finds the error
                self._pieces.get_nowait()

    def _pump(self, stream: Stream) -> None:
        while not self._closing.is_set():
            try:
                piece = self._pieces.get(timeout=0.05)
            except queue.Empty:
                continue
            if piece is None:
                stream.drain()
                return
            stream.write(piece)
            self._delay = stream.delay() + self._pieces.qsize() * len(piece) / 4 / self._rate
        stream.flush()


def open_loudspeaker(rate: int) -> Loudspeaker:
    """Open the default loudspeaker for mono float32 samples at `rate` Hz.

    Raises:
        SoundUnavailable: there is no sound system, or it doesn't answer.
    """
    if sys.platform == "linux":
        from app.engines.audio_output.pulse import PulseStream as SystemStream
        from app.engines.audio_output.pulse import may_have_server

        if not may_have_server():
            raise SoundUnavailable
    else:
        from app.engines.audio_output.soundcard_stream import SoundCardStream as SystemStream
    return Loudspeaker(rate, SystemStream)
