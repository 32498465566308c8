"""Audio output through SoundCard: the only engine that runs outside a worker."""

import os
import queue
import sys
import threading
from pathlib import Path
from typing import Any

from app.core.errors import SoundUnavailable


class Loudspeaker:
    """The default loudspeaker, opened for mono audio at `rate` Hz.

    Raises:
        SoundUnavailable: there is no sound system.
    """

    def __init__(self, rate: int) -> None:
        self._numpy: Any = None
        if not _may_have_sound():
            raise SoundUnavailable
        try:
            import numpy
            import soundcard

            self._numpy = numpy
            self._stream = soundcard.default_speaker().player(samplerate=rate, channels=1, blocksize=rate // 20)
            self._stream.__enter__()
        except Exception as error:  # SoundCard passes on whatever the system's library raises
            raise SoundUnavailable from error

    def play(self, samples: bytes) -> None:
        """Queue float32 mono samples; blocks while the system's buffer is full.

        Raises:
            SoundUnavailable: the device is gone.
        """
        try:
            self._stream.play(self._numpy.frombuffer(samples, self._numpy.float32).reshape(-1, 1))
        except Exception as error:
            raise SoundUnavailable("The loudspeaker stopped.", "Nothing was changed; press play to go on.") from error

    def close(self) -> None:
        """Release the device."""
        try:
            self._stream.__exit__(None, None, None)
        except Exception:  # noqa: BLE001 - nothing more can be done for a device that is gone
            return


def _may_have_sound() -> bool:
    """Whether opening a device can succeed: on Linux, whether a sound server has a socket.

    Without one, the client library would only leave folders of its own behind in the user's home.
    """
    if sys.platform != "linux":
        return True
    if os.environ.get("PULSE_SERVER"):
        return True
    runtime = Path(os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}")
    sockets = (runtime / "pulse" / "native", Path("/run/pulse/native"), Path("/mnt/wslg/PulseServer"))
    return any(socket.exists() for socket in sockets)


def open_loudspeaker(rate: int) -> Loudspeaker:
    """Open the default loudspeaker, giving up after 5 seconds: a dead sound server can hang its clients.

    Raises:
        SoundUnavailable: there is no sound system.
    """
    found: queue.Queue[Loudspeaker | SoundUnavailable] = queue.Queue()

    def open_device() -> None:
        try:
            found.put(Loudspeaker(rate))
        except SoundUnavailable as error:
            found.put(error)

    threading.Thread(target=open_device, name="loudspeaker", daemon=True).start()
    try:
        speaker = found.get(timeout=5.0)
    except queue.Empty as error:
        raise SoundUnavailable from error
    if isinstance(speaker, SoundUnavailable):
        raise speaker
    return speaker
