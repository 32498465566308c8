"""Pauses are jumped over while a call plays, if that is chosen."""

import array
import math
import time
import wave
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.core.import_options import ImportOptions
from app.core.transcript import Word, spoken
from app.services.calls.playback import RATE, Player
from app.storage.vault import Vault
from tests.doubles.engines import ScriptedEngines
from tests.services.calls.test_playback import Loudspeaker, wait
from tests.services.stage import Stage, Watching

SOUNDS = ((0.0, 3.0), (10.0, 12.0), (18.0, 20.0))  # seconds of a call of 20 in which somebody is heard


@pytest.fixture
def stage(vault: Vault) -> Stage:
    return Stage(vault, ScriptedEngines())


@pytest.fixture
def speaker() -> Loudspeaker:
    return Loudspeaker(60)


@pytest.fixture
def player(stage: Stage, speaker: Loudspeaker, tmp_path: Path) -> Iterator[Player]:
    samples = array.array(
        "h",
        (
            round(9000 * math.sin(n / 5)) if any(a <= n / RATE < b for a, b in SOUNDS) else 0
            for n in range(20 * RATE)
        ),
    )  # fmt: skip
    with wave.open(str(tmp_path / "pauses.wav"), "wb") as file:
        file.setparams((1, 2, RATE, 0, "NONE", ""))
        file.writeframes(samples.tobytes())
    call = stage.importing.import_file(tmp_path / "pauses.wav", ImportOptions(), Watching())
    made = Player(stage.store, stage.engine_pool, speaker)
    made.open(call)
    yield made
    made.close()


def positions(player: Player) -> list[float]:
    """Where it is seen while it plays to the end."""
    seen = []
    while player.is_playing:
        seen.append(player.position)
        time.sleep(0.001)
    return seen


def seconds(speaker: Loudspeaker) -> float:
    return len(speaker.heard) / 4 / RATE


@pytest.mark.parametrize("speed", [1.0, 2.0])
def test_what_is_said_is_heard_and_the_pauses_are_not(player: Player, speaker: Loudspeaker, speed: float) -> None:
    player.set_speed(speed)
    player.set_skips_silence(True)
    player.play()
    seen = positions(player)
    assert seconds(speaker) * speed == pytest.approx(7 + 2 * 0.5, abs=0.3)
    assert seen == sorted(seen)
    assert not [at for at in seen if 3.5 < at < 9.7 or 12.5 < at < 17.7], "it is never said to be in a pause"
    assert [at for at in seen if 10.2 < at < 11.8]
    assert player.position == 20.0


def test_it_is_off_unless_chosen_and_holds_from_now_on(player: Player, speaker: Loudspeaker) -> None:
    player.play()
    wait(lambda: player.position > 4.0)
    assert player.position < 9.0
    player.set_skips_silence(True)
    wait(lambda: player.position > 9.7)
    assert seconds(speaker) < 8.0
    player.set_skips_silence(False)
    wait(lambda: 13.0 < player.position < 17.0)


def test_a_quiet_word_that_was_recognised_is_heard(player: Player, speaker: Loudspeaker, stage: Stage) -> None:
    call = stage.library.calls()[0]
    line = spoken(0, 6.0, 7.0, "yes", (Word("yes", 6.0, 7.0, 0.9),))
    stage.store.save_utterances(call.id, 0, 20.0, [line], "en")
    player.set_skips_silence(True)
    player.play()
    seen = positions(player)
    assert [at for at in seen if 6.1 < at < 6.9]
    assert not [at for at in seen if 4.0 < at < 5.6]
