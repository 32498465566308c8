"""A call is heard: the position follows the loudspeaker, and without one it says so."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.core.call import Call
from app.core.errors import AssistantError, SoundUnavailable
from app.core.import_options import ImportOptions
from app.services.calls.playback import RATE, Player
from app.storage.vault import Vault
from tests.doubles.engines import ScriptedEngines
from tests.services.stage import Stage, Watching


class Loudspeaker:
    """A loudspeaker that takes each piece `pace` times as fast as it sounds, and remembers what it got."""

    def __init__(self, pace: float = 100.0, lasts: int = 1 << 30) -> None:
        self.pace = pace
        self.opened = self.closed = self.finished = 0
        self.delay = 0.0
        self.heard = bytearray()
        self._lasts = lasts

    def __call__(self, rate: int) -> "Loudspeaker":
        assert rate == RATE
        assert self.opened == self.closed, "two streams at a time"
        self.opened += 1
        return self

    def play(self, samples: bytes) -> None:
        self._lasts -= 1
        if self._lasts < 0:
            raise SoundUnavailable("The loudspeaker stopped.", "Press play to go on.")
        self.heard += samples
        time.sleep(len(samples) / 4 / RATE / self.pace)

    def finish(self) -> None:
        self.finished += 1

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def stage(vault: Vault) -> Stage:
    return Stage(vault, ScriptedEngines())


@pytest.fixture
def call(stage: Stage, demo_wav: Path) -> Call:
    return stage.importing.import_file(demo_wav, ImportOptions(), Watching())


@pytest.fixture
def on(stage: Stage, call: Call) -> Iterator[Callable[[Any], Player]]:
    made: list[Player] = []

    def player(speaker: Any) -> Player:
        made.append(Player(stage.store, stage.engine_pool, speaker))
        made[-1].open(call)
        return made[-1]

    yield player
    for one in made:
        one.close()


def wait(is_so: Callable[[], object]) -> None:
    end = time.monotonic() + 10
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.002)


def test_playing_moves_the_position_to_the_end_and_stops(on: Callable[[Any], Player], call: Call) -> None:
    speaker = Loudspeaker(500)
    player = on(speaker)
    assert (player.position, player.duration, player.is_playing) == (0.0, call.duration, False)
    player.play()
    seen = []
    while player.is_playing:
        seen.append(player.position)
        time.sleep(0.002)
    assert seen == sorted(seen)
    assert len(set(seen)) > 5
    assert player.position == call.duration
    wait(lambda: speaker.closed == 1)
    assert len(speaker.heard) == pytest.approx(call.duration * RATE * 4, rel=0.01)
    assert player.problem is None


def test_from_the_end_it_starts_over(on: Callable[[Any], Player], call: Call) -> None:
    speaker = Loudspeaker(50)
    player = on(speaker)
    player.seek(call.duration)
    player.play()
    wait(lambda: 0 < player.position < 10)


def test_a_pause_stays_where_it_was_and_play_goes_on(on: Callable[[Any], Player]) -> None:
    speaker = Loudspeaker(50)
    player = on(speaker)
    player.play()
    wait(lambda: player.position > 2)
    player.pause()
    assert not player.is_playing
    wait(lambda: speaker.closed == 1)
    stood = player.position
    time.sleep(0.05)
    assert player.position == stood
    player.play()
    wait(lambda: player.position > stood)
    assert player.position < stood + 20


def test_seeking_moves_at_once_and_plays_on_only_if_it_played(on: Callable[[Any], Player], call: Call) -> None:
    player = on(Loudspeaker(20))
    player.seek(20.0)
    assert (player.position, player.is_playing) == (20.0, False)
    player.seek(-5)
    assert player.position == 0
    player.seek(10_000)
    assert player.position == call.duration
    player.seek(30.0)
    player.play()
    wait(lambda: player.position > 30.1)
    player.seek(5.0)
    assert player.is_playing
    for _ in range(40):  # what the old run had under way must not bring the old position back
        assert player.position < 30
        time.sleep(0.005)
    assert player.position >= 5.0


def test_what_is_heard_is_the_call_from_that_second(on: Callable[[Any], Player]) -> None:
    speaker = Loudspeaker(500)
    player = on(speaker)
    player.seek(22.0)
    player.play()
    wait(lambda: len(speaker.heard) > 4 * RATE)
    loudest = max(map(abs, memoryview(bytes(speaker.heard[: 4 * RATE])).cast("f")))
    assert 0.05 < loudest <= 1.0


def test_without_a_sound_system_it_says_so(on: Callable[[Any], Player]) -> None:
    def none(rate: int) -> Any:
        raise SoundUnavailable("There is no sound system.", "Everything else works.")

    player = on(none)
    player.play()
    wait(lambda: player.problem)
    assert isinstance(player.problem, AssistantError)
    assert not player.is_playing
    assert player.position == 0
    player.open(player._call)  # type: ignore[arg-type]
    assert player.problem is None


def test_a_loudspeaker_that_is_pulled_out_stops_at_the_position(on: Callable[[Any], Player]) -> None:
    speaker = Loudspeaker(500, lasts=30)
    player = on(speaker)
    player.play()
    wait(lambda: player.problem)
    assert player.position == pytest.approx(30 / 20, abs=0.1)
    assert speaker.closed == 1


def test_hectic_clicking_leaves_one_stream_and_no_thread(on: Callable[[Any], Player]) -> None:
    speaker = Loudspeaker(20)
    player = on(speaker)
    for n in range(15):
        player.play()
        player.seek(float(n))
        if n % 3 == 0:
            player.pause()
    player.close()
    wait(lambda: not [t for t in threading.enumerate() if t.name == "player"])
    assert speaker.opened == speaker.closed


def test_decoders_are_given_back(on: Callable[[Any], Player], stage: Stage) -> None:
    player = on(Loudspeaker(1000))
    player.play()
    wait(lambda: not player.is_playing)
    player.close()
    wait(lambda: not stage.engine_pool._unshared)


def test_with_no_call_open_nothing_happens(stage: Stage) -> None:
    player = Player(stage.store, stage.engine_pool, Loudspeaker())
    player.play()
    player.seek(5)
    assert (player.is_playing, player.position, player.duration) == (False, 0.0, 0.0)
    player.close()
