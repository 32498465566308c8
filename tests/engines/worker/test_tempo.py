"""Sound that is played faster or slower keeps its pitch, and its times."""

import numpy as np
import pytest

from app.core.engines import Pcm
from app.engines.worker.tempo import at_speed

RATE = 16_000
SPEEDS = pytest.mark.parametrize("speed", [0.5, 0.75, 1.25, 1.5, 2.0, 2.5, 3.0])


def beeps(seconds: int, tracks: int = 1) -> list[Pcm]:
    """A tone of 440 Hz for a tenth of a second in the middle of each second, in blocks of two seconds from 7 s on."""
    at = np.arange(seconds * RATE) / RATE
    tone = (np.sin(2 * np.pi * 440 * at) * (np.abs(at % 1 - 0.55) < 0.05) * 12_000).astype(np.int16)
    pieces = [tone[n : n + 2 * RATE] for n in range(0, len(tone), 2 * RATE)]
    rows = [(piece, piece // 2)[:tracks] for piece in pieces]
    return [Pcm(7.0 + 2 * n, RATE, tuple(track.tobytes() for track in row)) for n, row in enumerate(rows)]


def heard(blocks: list[Pcm], track: int = 0) -> np.ndarray:
    return np.concatenate([np.frombuffer(block.tracks[track], np.int16) for block in blocks])


@SPEEDS
def test_a_sound_is_heard_at_its_time_however_long_it_plays(speed: float) -> None:
    blocks = list(at_speed(beeps(120), speed))
    begins = [
        block.start + n / RATE * speed
        for block in blocks
        for n in np.flatnonzero(np.abs(np.frombuffer(block.tracks[0], np.int16)) > 3000)
    ]
    firsts = [b for a, b in zip([0.0, *begins], begins, strict=False) if b - a > 0.3]
    assert len(firsts) == 120
    assert firsts == pytest.approx([7.5 + n for n in range(120)], abs=0.1)


@SPEEDS
def test_the_pitch_stays(speed: float) -> None:
    whole = heard(list(at_speed(beeps(20), speed)))
    spectrum = np.abs(np.fft.rfft(whole * np.hanning(len(whole))))
    assert np.argmax(spectrum) * RATE / len(whole) == pytest.approx(440, abs=15)


def test_two_tracks_stay_apart_and_are_as_long() -> None:
    blocks = list(at_speed(beeps(20, tracks=2), 1.5))
    left, right = heard(blocks, 0), heard(blocks, 1)
    assert len(left) / RATE * 1.5 == pytest.approx(20, abs=0.1)
    assert np.abs(left - 2 * right.astype(int)).max() < 20
    assert {block.speed for block in blocks} == {1.5}


def test_nothing_stays_nothing() -> None:
    assert list(at_speed([], 2.0)) == []
