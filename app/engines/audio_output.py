"""The loudspeaker, through SoundCard: the one engine that runs outside a worker."""

import os
import queue
import sys
import threading
from pathlib import Path
from typing import Any

from app.core.errors import EngineCrashed

_NO_SOUND = "There is no sound system on this computer that Tacit can use."
_NO_SOUND_ADVICE = "Everything else works; connect a loudspeaker, or start the sound service, and try again."


class Loudspeaker:
    """The default loudspeaker, open at a rate in Hz, mono.

    Raises:
        EngineCrashed: there is no sound system.
    """

    def __init__(self, rate: int) -> None:
        self._numpy: Any = None
        if not _may_have_sound():
            raise EngineCrashed(_NO_SOUND, _NO_SOUND_ADVICE)
        try:
            import numpy
            import soundcard

            self._numpy = numpy
            self._stream = soundcard.default_speaker().player(samplerate=rate, channels=1, blocksize=rate // 20)
            self._stream.__enter__()
        except Exception as error:  # SoundCard lets through whatever the system's library raises
            raise EngineCrashed(_NO_SOUND, _NO_SOUND_ADVICE) from error

    def play(self, samples: bytes) -> None:
        """Queue float32 mono samples; waits while the system's buffer is full.

        Raises:
            EngineCrashed: the device is gone.
        """
        try:
            self._stream.play(self._numpy.frombuffer(samples, self._numpy.float32).reshape(-1, 1))
        except Exception as error:
            raise EngineCrashed("The loudspeaker stopped.", "Nothing was changed; press play to go on.") from error

    def close(self) -> None:
        """Let the device go."""
        try:
            self._stream.__exit__(None, None, None)
        except Exception:  # noqa: BLE001 - a device that is gone can't be closed better
            return


def _may_have_sound() -> bool:
    """Whether it makes sense to ask: on Linux, whether a sound server has a socket.

    Without one, the client library would only leave folders of its own behind in the person's home.
    """
    if sys.platform != "linux":
        return True
    if os.environ.get("PULSE_SERVER"):
        return True
    runtime = Path(os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}")
    places = (runtime / "pulse" / "native", Path("/run/pulse/native"), Path("/mnt/wslg/PulseServer"))
    return any(place.exists() for place in places)


def open_loudspeaker(rate: int) -> Loudspeaker:
    """Open the default loudspeaker, giving up after a while: a dead sound server can hang its clients.

    Raises:
        EngineCrashed: there is no sound system.
    """
    found: queue.Queue[Loudspeaker | EngineCrashed] = queue.Queue()

    def open_it() -> None:
        try:
            found.put(Loudspeaker(rate))
        except EngineCrashed as error:
            found.put(error)

    threading.Thread(target=open_it, name="loudspeaker", daemon=True).start()
    try:
        speaker = found.get(timeout=5.0)
    except queue.Empty as error:
        raise EngineCrashed(_NO_SOUND, _NO_SOUND_ADVICE) from error
    if isinstance(speaker, EngineCrashed):
        raise speaker
    return speaker
