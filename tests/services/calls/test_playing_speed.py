"""A call is heard at another speed: the position stays that of the call, and a change is heard at once."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.call import Call
from app.core.import_options import ImportOptions
from app.engines.parent.engines import RemoteMedia
from app.services.calls.playback import RATE, Player
from app.storage.vault import Vault
from tests.doubles.engines import ScriptedEngines
from tests.services.calls.test_playback import Loudspeaker, wait
from tests.services.stage import Kept, Stage, Watching


class Buffered(Loudspeaker):
    """A loudspeaker that is heard half a second after it is given something, as a sound server is."""

    def __init__(self, pace: float = 1.0) -> None:
        super().__init__(pace)
        self._began = 0.0
        self._given = 0.0
        self.first_heard: list[float] = []  # the time of the clock at which each stream began to sound

    def __call__(self, rate: int) -> "Buffered":
        super().__call__(rate)
        self._began = self._given = 0.0
        return self

    def play(self, samples: bytes) -> None:
        now = time.monotonic()
        if not self._began:
            self._began = now
            self.first_heard.append(now)
        self._given += len(samples) / 4 / RATE / self.pace
        self.heard += samples
        self.delay = max(0.0, self._began + self._given - now)
        if self.delay > 0.5:
            time.sleep(self.delay - 0.5)
        self.delay = max(0.0, self._began + self._given - time.monotonic())


def player_of(vault: Vault, demo_wav: Path, speaker: Loudspeaker, *, is_real: bool = False) -> tuple[Player, Call]:
    stage = Stage(vault, Kept(RemoteMedia) if is_real else ScriptedEngines())
    call = stage.importing.import_file(demo_wav, ImportOptions(), Watching())
    player = Player(stage.store, stage.engine_pool, speaker)
    player.open(call)
    return player, call


@pytest.fixture
def closing() -> Iterator[list[Player]]:
    made: list[Player] = []
    yield made
    for player in made:
        player.close()


@pytest.fixture
def buffered(vault: Vault, demo_wav: Path, closing: list[Player]) -> tuple[Buffered, Player]:
    """A loudspeaker with a buffer, and the player of a call that is really decoded for it."""
    speaker = Buffered()
    player, _ = player_of(vault, demo_wav, speaker, is_real=True)
    closing.append(player)
    return speaker, player


@pytest.mark.parametrize("speed", [0.5, 2.0, 3.0])
def test_the_call_lasts_as_much_shorter_as_it_is_faster(
    vault: Vault, demo_wav: Path, closing: list[Player], speed: float
) -> None:
    speaker = Loudspeaker(1000)
    player, call = player_of(vault, demo_wav, speaker)
    closing.append(player)
    player.set_speed(speed)
    player.play()
    wait(lambda: not player.is_playing)
    assert player.position == call.duration
    assert len(speaker.heard) / 4 / RATE == pytest.approx(call.duration / speed, rel=0.01)


def test_a_speed_that_cannot_be_played_is_the_nearest_that_can(vault: Vault, demo_wav: Path) -> None:
    player, _ = player_of(vault, demo_wav, Loudspeaker())
    assert player.speed == 1.0
    seen = []
    for asked in (9.0, 0.01, 1.25):
        player.set_speed(asked)
        seen.append(player.speed)
    assert seen == [3.0, 0.5, 1.25]


@pytest.mark.alone
@pytest.mark.parametrize("speed", [0.5, 1.0, 2.0])
def test_the_position_is_what_is_heard_now_not_what_was_handed_over(
    buffered: tuple[Buffered, Player], speed: float
) -> None:
    speaker, player = buffered
    player.set_speed(speed)
    player.seek(10.0)
    player.play()
    wait(lambda: player.position > 10.0)
    time.sleep(1.2)
    heard_for = time.monotonic() - speaker.first_heard[0]
    assert player.position - 10.0 == pytest.approx(heard_for * speed, abs=0.12 * max(1.0, speed))


@pytest.mark.alone
def test_a_change_while_it_plays_is_heard_at_once_and_goes_on_where_it_was(buffered: tuple[Buffered, Player]) -> None:
    speaker, player = buffered
    player.seek(10.0)
    player.play()
    wait(lambda: player.position > 10.4)
    waits = []
    for speed in (2.0, 0.75, 3.0):
        stood, changed = player.position, time.monotonic()
        count = len(speaker.first_heard)
        player.set_speed(speed)
        wait(lambda count=count: len(speaker.first_heard) > count)  # type: ignore[misc]
        waits.append(speaker.first_heard[-1] - changed)
        assert stood - 0.01 <= player.position <= stood + 0.2
        wait(lambda stood=stood: player.position > stood + 0.3)  # type: ignore[misc]
    assert max(waits) < 0.3
    assert player.is_playing


@pytest.mark.alone
def test_a_seek_while_it_plays_is_heard_at_once_by_the_same_decoder(buffered: tuple[Buffered, Player]) -> None:
    speaker, player = buffered
    player.play()
    wait(lambda: player.position > 0.2)
    changed = time.monotonic()
    player.seek(25.0)
    wait(lambda: len(speaker.first_heard) == 2)
    assert speaker.first_heard[-1] - changed < 0.15
    wait(lambda: 25.0 < player.position < 26.0)
