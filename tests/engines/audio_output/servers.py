"""Real sound servers with a null sink, each in a runtime folder of its own, and what arrives at the sink's monitor."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RATE = 16_000
_PULSE = [
    "pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no",
    "-L", "module-native-protocol-unix", "-L", "module-null-sink sink_name=out norewinds=1",
]  # fmt: skip
_PIPEWIRE = [
    "dbus-run-session", "--", "sh", "-c",
    # The session manager ends at once where it finds no server.
    'pipewire & until [ -S "$XDG_RUNTIME_DIR/pipewire-0" ]; do sleep 0.05; done; wireplumber & exec pipewire-pulse',
]  # fmt: skip
COMMANDS = {
    "pulseaudio": (_PULSE, ("pulseaudio", "pactl", "parec")),
    "pipewire": (_PIPEWIRE, ("pipewire", "wireplumber", "pipewire-pulse", "dbus-run-session", "pactl", "parec")),
}


def missing(kind: str) -> list[str]:
    """The programs that a server of this kind needs and this system has not."""
    return [name for name in COMMANDS[kind][1] if shutil.which(name) is None]


def until(is_so: Callable[[], object], seconds: float = 60.0) -> None:
    """Wait until it is so."""
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.02)


class SoundServer:
    """A running sound server whose default sink is a null sink."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.kind, self._folder = kind, folder
        self.runtime = folder / "runtime"
        self.runtime.mkdir(mode=0o700, parents=True)
        self._server: subprocess.Popen[bytes] | None = None
        self._recorder: subprocess.Popen[bytes] | None = None
        try:
            self.start()
        except BaseException:
            self.stop()
            raise

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a client, which knows no other server."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("PULSE", "XDG", "DBUS"))}
        return kept | {"XDG_RUNTIME_DIR": str(self.runtime), "HOME": str(self._folder), "LC_ALL": "C.UTF-8"}

    def start(self) -> None:
        """Start it, and wait until it has its sink."""
        command, _ = COMMANDS[self.kind]
        self._server = subprocess.Popen(
            command, env=self.environment, start_new_session=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        until(lambda: self.control("info").returncode == 0)
        if self.kind == "pipewire":
            until(lambda: self.control("load-module", "module-null-sink", "sink_name=out").returncode == 0)
        until(lambda: "Default Sink: out" in self.control("info").stdout)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the server and all that belongs to it."""
        assert self._server is not None
        os.killpg(self._server.pid, number)

    def stop(self) -> None:
        """End it at once, as a crash does."""
        if self._server is not None:
            self.signal(signal.SIGKILL)
            self._server.wait()
            self._server = None

    def control(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run pactl; a server that is not ready may keep it waiting, which counts as a refusal."""
        command = ["timeout", "5", "pactl", *arguments]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)

    def is_heard(self) -> bool:
        """Whether a stream plays."""
        return bool(self.control("list", "short", "sink-inputs").stdout.strip())

    def record(self) -> None:
        """Record what the sink gets from now on."""
        self._recorder = subprocess.Popen(
            ["parec", "-d", "out.monitor", f"--rate={RATE}", "--channels=1", "--format=s16le", "--latency-msec=200",
             str(self._folder / "heard.raw")],
            env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        until(lambda: self._recorded() > RATE // 5)

    def _recorded(self) -> int:
        path = self._folder / "heard.raw"
        return path.stat().st_size // 2 if path.exists() else 0

    def heard(self) -> NDArray[np.float64]:
        """End the recording and return its samples."""
        assert self._recorder is not None
        self._recorder.terminate()
        self._recorder.wait()
        return np.fromfile(self._folder / "heard.raw", "<i2").astype(float) / 32768

    def close(self) -> None:
        """End all."""
        if self._recorder is not None:
            self._recorder.kill()
            self._recorder.wait()
        self.stop()


def place_of(part: NDArray[np.float64], whole: NDArray[np.float64]) -> tuple[float, float]:
    """Where in `whole` a part sounds, in seconds, and the correlation there, 1 if it is the same."""
    size = 1 << (len(part) + len(whole)).bit_length()
    products = np.fft.irfft(np.fft.rfft(whole, size) * np.conj(np.fft.rfft(part, size)), size)
    start = int(np.argmax(products[: max(1, len(whole) - len(part))]))
    found = whole[start : start + len(part)]
    norm = float(np.linalg.norm(found) * np.linalg.norm(part))
    return start / RATE, float(found @ part) / norm if norm else 0.0
