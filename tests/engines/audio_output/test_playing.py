"""A call is heard through a real sound server by the player inside the window's sandbox, sample by sample."""

import os
import signal
import subprocess
import sys
import time
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.engines.audio_output.servers import COMMANDS, RATE, SoundServer, missing, place_of, until
from tests.running import CHEAP, PASSPHRASE, ROOT

# Sound is played in real time: beside other work on two cores a server drops some of it.
pytestmark = [pytest.mark.alone, pytest.mark.skipif(sys.platform != "linux", reason="the sound servers of Linux")]
_SECONDS = 6


@pytest.fixture(params=sorted(COMMANDS))
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SoundServer]:
    absent = missing(request.param)
    if absent:
        pytest.skip(f"no {request.param} to play through: {', '.join(absent)} not installed (packaging/set-up.sh)")
    made = SoundServer(request.param, tmp_path / "sound")
    yield made
    made.close()


@pytest.fixture(scope="module")
def sound() -> NDArray[np.float64]:
    """Noise whose every stretch is like no other, without the treble that a server's resampling takes away."""
    smooth = np.convolve(np.random.default_rng(3).normal(size=_SECONDS * RATE), np.hanning(16), "same")
    loud = np.clip(smooth * 0.1, -0.9, 0.9)
    return np.asarray((loud * 32767).astype("<i2").astype(float) / 32768)


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory, sound: NDArray[np.float64]) -> Path:
    from app import assembly
    from app.core.import_options import ImportOptions
    from app.storage.vault import Vault
    from tests.services.stage import Watching

    folder = tmp_path_factory.mktemp("player")
    with wave.open(str(folder / "noise.wav"), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes((sound * 32768).astype("<i2").tobytes())
    Vault.create(folder / "vault", PASSPHRASE, CHEAP).close()
    session = assembly.build(folder / "vault", None, is_offline_enforced=True).unlock(PASSPHRASE)
    session.importing.import_file(folder / "noise.wav", ImportOptions(), Watching())
    session.close()
    return folder / "vault"


class Head:
    """A head behind its sandbox, with the product's player."""

    def __init__(self, vault: Path, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.engines.audio_output.confined_player", str(vault)], cwd=ROOT,
            env=environment, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        self.memory = 0

    def does(self, command: str = "look") -> tuple[float, bool, str]:
        """Give a command; the position, whether it plays, and the problem in words."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()
        position, is_playing, memory, problem = self._process.stdout.readline().rstrip("\n").split("\t")
        self.memory = int(memory)
        return float(position), is_playing == "True", problem

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.communicate()


@pytest.fixture
def head(vault: Path, server: SoundServer) -> Iterator[Head]:
    made = Head(vault, server.environment)
    yield made
    made.close()


def test_what_arrives_at_the_sink_is_the_recording_to_its_end(
    head: Head, server: SoundServer, sound: NDArray[np.float64]
) -> None:
    server.record()
    head.does("play")
    position, is_playing, problem = head.does("wait 1000")
    time.sleep(0.3)
    heard = server.heard()
    assert (position, is_playing, problem) == (_SECONDS, False, "")
    first, correlation = place_of(sound[:RATE], heard)
    assert correlation > 0.98
    for second in range(1, _SECONDS):  # no gap, no repetition, nothing lost at the end
        place, correlation = place_of(sound[second * RATE : (second + 1) * RATE], heard)
        assert correlation > 0.98, second
        assert place - first == pytest.approx(second, abs=0.05)


def test_a_pause_is_silent_at_once_and_play_goes_on_where_it_was(
    head: Head, server: SoundServer, sound: NDArray[np.float64]
) -> None:
    server.record()
    head.does("play")
    head.does("wait 2")
    position, is_playing, _ = head.does("pause")
    assert not is_playing
    until(lambda: not server.is_heard(), 2)
    time.sleep(0.5)
    assert head.does()[0] == position
    head.does("play")
    head.does(f"wait {position + 2}")
    head.does("pause")
    heard = server.heard()
    before, correlation = place_of(sound[RATE : int(RATE * (position - 0.1))], heard)
    assert correlation > 0.98
    stopped_at = before + position - 0.1 - 1
    after, correlation = place_of(sound[int(RATE * (position + 0.1)) : int(RATE * (position + 1.1))], heard)
    assert correlation > 0.98
    assert after > stopped_at + 0.5
    end = int(RATE * (stopped_at + 0.6))
    assert np.abs(heard[end : end + RATE // 5]).max() < 0.001


def test_the_position_is_what_is_heard(head: Head, server: SoundServer, sound: NDArray[np.float64]) -> None:
    server.record()
    head.does("seek 2.0")
    head.does("play")
    assert head.does("wait 4")[0] == pytest.approx(4, abs=0.15)
    heard = server.heard()
    latest = heard[-RATE // 2 - RATE // 10 : -RATE // 10]
    place, correlation = place_of(latest, sound)
    assert correlation > 0.95
    assert place + 0.6 == pytest.approx(4, abs=0.35)


def test_seeking_while_it_plays_is_heard_from_there(
    head: Head, server: SoundServer, sound: NDArray[np.float64]
) -> None:
    server.record()
    head.does("play")
    head.does("wait 1")
    position, is_playing, _ = head.does("seek 4")
    assert is_playing
    assert position == 4
    head.does("wait 1000")
    heard = server.heard()
    assert place_of(sound[4 * RATE : 5 * RATE], heard)[1] > 0.98
    assert place_of(sound[2 * RATE : 3 * RATE], heard)[1] < 0.3


def test_a_sink_that_disappears_or_a_server_that_ends_is_told_and_play_goes_on_with_the_next_server(
    head: Head, server: SoundServer
) -> None:
    head.does("play")
    head.does("wait 1.5")
    server.stop()
    position, is_playing, problem = head.does("wait 1000")
    assert not is_playing
    assert 1 < position < 4
    assert "press play" in problem
    head.does("play")
    _, is_playing, problem = head.does("wait 1000")
    assert not is_playing
    assert "sound" in problem
    server.start()
    head.does("play")
    assert head.does(f"wait {position + 1}")[1:] == (True, "")


def test_a_sink_that_is_taken_away_stops_or_moves_the_sound_and_hangs_nothing(head: Head, server: SoundServer) -> None:
    head.does("play")
    head.does("wait 1")
    for line in server.control("list", "short", "modules").stdout.splitlines():
        if "module-null-sink" in line:
            server.control("unload-module", line.split()[0])
    head.does("wait 1000")
    position, is_playing, problem = head.does()
    assert not is_playing
    assert problem or position == _SECONDS


def test_a_server_that_hangs_is_told_and_holds_up_nobody(head: Head, server: SoundServer) -> None:
    head.does("play")
    head.does("wait 1")
    server.signal(signal.SIGSTOP)
    began = time.monotonic()
    _, is_playing, problem = head.does("wait 1000")
    assert not is_playing
    assert "press play" in problem
    assert time.monotonic() - began < 6
    server.signal(signal.SIGCONT)
    head.does("play")
    assert head.does("wait 3")[1:] == (True, "")


def test_without_a_server_a_sentence_says_so_and_nothing_is_left_in_the_home(vault: Path, tmp_path: Path) -> None:
    (tmp_path / "runtime").mkdir(mode=0o700)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PULSE", "XDG", "DBUS"))}
    head = Head(vault, kept | {"HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path / "runtime")})
    try:
        head.does("play")
        _, is_playing, problem = head.does("wait 1000")
    finally:
        head.close()
    assert not is_playing
    assert "no sound system" in problem
    assert "try again" in problem
    assert not (tmp_path / ".config" / "pulse").exists()
