"""A call decoded for another speed: each test runs on the scripted double and on the real worker."""

import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from app.core.engines import MediaEngine, Pcm
from app.engines.parent.engines import RemoteMedia
from tests.conftest import Bytes
from tests.doubles.engines import ScriptedMedia

FIRST = 10.0  # seconds


@pytest.fixture(params=["scripted", "real"])
def engine(request: pytest.FixtureRequest) -> Iterator[MediaEngine]:
    made: MediaEngine = RemoteMedia() if request.param == "real" else ScriptedMedia()
    yield made
    made.close()


@pytest.fixture
def call(demo_wav: Path) -> Bytes:
    return Bytes(demo_wav.read_bytes())


def loudness(blocks: Iterable[Pcm]) -> list[float]:
    """The mean loudness of each half second of the call, of full scale 1."""
    sums: dict[int, list[float]] = {}
    for block in blocks:
        samples = memoryview(block.tracks[0]).cast("h")
        for n in range(0, len(samples), 80):
            place = int((block.start - FIRST + n / block.rate * block.speed) / 0.5)
            sums.setdefault(place, []).append(sum(map(abs, samples[n : n + 80])) / 80 / 32768)
    return [sum(sums[place]) / len(sums[place]) for place in sorted(sums)]


@pytest.mark.parametrize("speed", [0.5, 1.25, 3.0])
def test_everything_stands_where_it_is_in_the_call(engine: MediaEngine, call: Bytes, speed: float) -> None:
    blocks = list(engine.decode(call, (0,), FIRST, is_mixed=True, speed=speed))
    assert blocks[0].start == pytest.approx(FIRST, abs=1e-3)
    for one, other in itertools.pairwise(blocks):
        assert other.start == pytest.approx(one.start + one.duration, abs=1e-3)
    plain = list(engine.decode(call, (0,), FIRST, is_mixed=True))
    count, whole = (sum(len(block.tracks[0]) for block in some) for some in (blocks, plain))
    assert count * speed == pytest.approx(whole, rel=0.01)
    pairs = list(zip(loudness(blocks), loudness(plain), strict=False))
    differing = [n for n, (heard, truth) in enumerate(pairs) if (heard > 0.02) != (truth > 0.02)]
    assert len(differing) <= 0.04 * len(pairs), "what is silent and what is not"
