"""The stream to PulseAudio or PipeWire's stand-in for it, by the C interface that libpulse offers for just this.

SoundCard is not used on Linux: it looks for its library by starting gcc and ldconfig, which no head may do, and keeps
one connection for the life of the process, so that after a restart of the sound server nothing would be heard again.
"""

import ctypes
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path

_LIBRARY = "libpulse-simple.so.0"  # the loader finds it by this name, without a child process
_PLAYBACK, _FLOAT32_LE = 1, 5  # pa_stream_direction_t, pa_sample_format_t
_BUFFERED = 0.5  # seconds that the server holds, so that a busy computer leaves no gap; a pause drops them
_BEFORE_START = 0.1  # seconds that it waits for before anything is heard
_UNSET = 0xFFFFFFFF


class _SampleSpec(ctypes.Structure):
    _fields_ = (("format", ctypes.c_int), ("rate", ctypes.c_uint32), ("channels", ctypes.c_uint8))


class _BufferAttributes(ctypes.Structure):
    _fields_ = tuple((name, ctypes.c_uint32) for name in ("maximum", "target", "prebuffer", "request", "fragment"))


@cache
def _library() -> ctypes.CDLL:
    library = ctypes.CDLL(_LIBRARY)
    pointer, error = ctypes.c_void_p, ctypes.POINTER(ctypes.c_int)
    library.pa_simple_new.restype = pointer
    library.pa_simple_new.argtypes = [
        ctypes.c_char_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_char_p,
        ctypes.POINTER(_SampleSpec), pointer, ctypes.POINTER(_BufferAttributes), error,
    ]  # fmt: skip
    library.pa_simple_write.argtypes = [pointer, ctypes.c_char_p, ctypes.c_size_t, error]
    library.pa_simple_get_latency.restype = ctypes.c_uint64
    library.pa_simple_get_latency.argtypes = [pointer, error]
    library.pa_simple_drain.argtypes = library.pa_simple_flush.argtypes = [pointer, error]
    library.pa_simple_free.argtypes = [pointer]
    library.pa_simple_free.restype = None
    return library


def may_have_server() -> bool:
    """Whether a sound server has a socket here; without one the library would only leave folders in the user's home."""
    if os.environ.get("PULSE_SERVER"):
        return True
    runtime = os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}"
    own = os.environ.get("PULSE_RUNTIME_PATH") or f"{runtime}/pulse"
    return any(Path(place).exists() for place in (f"{own}/native", "/run/pulse/native", "/mnt/wslg/PulseServer"))


class PulseStream:
    """A stream of mono float32 samples at `rate` Hz to the default sink.

    Raises:
        OSError: there is no library, no server, or no sink.
    """

    def __init__(self, rate: int) -> None:
        self._library = _library()
        spec = _SampleSpec(_FLOAT32_LE, rate, 1)
        target, first = (int(rate * seconds) * 4 for seconds in (_BUFFERED, _BEFORE_START))
        attributes = _BufferAttributes(_UNSET, target, first, _UNSET, _UNSET)
        error = ctypes.c_int()
        self._stream = self._library.pa_simple_new(
            None, b"Tacit", _PLAYBACK, None, b"Recording", spec, None, attributes, error
        )
        if not self._stream:
            raise _refused(error)

    def write(self, samples: bytes) -> None:
        """Hand samples over; waits while the server's buffer is full.

        Raises:
            OSError: the server or the sink is gone.
        """
        self._check(self._library.pa_simple_write, samples, len(samples))

    def delay(self) -> float:
        """The seconds until what is written next is heard.

        Raises:
            OSError: the server or the sink is gone.
        """
        error = ctypes.c_int()
        delay = self._library.pa_simple_get_latency(self._stream, error)
        if error.value:
            raise _refused(error)
        return float(delay) / 1e6

    def drain(self) -> None:
        """Wait until all was heard.

        Raises:
            OSError: the server or the sink is gone.
        """
        self._check(self._library.pa_simple_drain)

    def flush(self) -> None:
        """Drop what was not heard yet.

        Raises:
            OSError: the server or the sink is gone.
        """
        self._check(self._library.pa_simple_flush)

    def free(self) -> None:
        """End the connection."""
        self._library.pa_simple_free(self._stream)

    def _check(self, call: Callable[..., int], *arguments: object) -> None:
        error = ctypes.c_int()
        if call(self._stream, *arguments, error) < 0:
            raise _refused(error)


def _refused(error: ctypes.c_int) -> OSError:
    return OSError(f"the sound server refused, with its error {error.value}")
