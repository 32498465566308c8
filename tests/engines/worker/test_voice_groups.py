"""Voice prints grouped by speaker: on prints that are made up, as far apart as GE2E's are."""

import time
from collections.abc import Sequence

import numpy as np
import pytest

from app.core.voices import MOST_SPEAKERS
from app.engines.worker import voice_groups
from app.engines.worker.voice_groups import speakers_of

_SPREAD = 0.5  # of a print around its voice: prints of one are alike by 0.8, those of two by 0.45


def voices(count: int, seed: int = 3) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Directions that share a half, as those of people do."""
    chance = np.random.default_rng(seed)
    own = chance.standard_normal((count, 256))
    common = chance.standard_normal(256)
    found = own / np.linalg.norm(own, axis=1, keepdims=True) + common / np.linalg.norm(common)
    return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True))


def said(order: Sequence[int], count: int, spread: float = _SPREAD) -> list[bytes]:
    """A print for each speaker in this order."""
    noise = np.random.default_rng(4).standard_normal((len(order), 256)) / 16 * spread
    found = voices(count)[list(order)] + noise
    found /= np.linalg.norm(found, axis=1, keepdims=True)
    return [row.astype("<f2").tobytes() for row in found]


def turns(count: int, prints: int, length: int = 8) -> list[int]:
    return [number // length % count for number in range(prints)]


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8, 18])
def test_the_number_of_speakers_is_found(count: int) -> None:
    order = turns(count, 40 * count)
    assert speakers_of(said(order, count)) == order


@pytest.mark.parametrize("count", [1, 2, 4])
def test_as_many_speakers_as_are_given(count: int) -> None:
    order = turns(4, 160)
    found = speakers_of(said(order, 4), count)
    assert set(found) == set(range(count))
    if count == 4:
        assert found == order


def test_speakers_are_numbered_in_the_order_of_their_first_print() -> None:
    found = speakers_of(said([2] * 30 + [0] * 30 + [1] * 30 + [2] * 5, 3))
    assert found == [0] * 30 + [1] * 30 + [2] * 30 + [0] * 5


def test_a_noise_is_no_speaker() -> None:
    order = turns(2, 200)
    order[50] = order[51] = 2  # a door, under three of a hundred
    found = speakers_of(said(order, 3))
    assert set(found) == {0, 1}
    given = speakers_of(said(order, 3), 2)
    assert [label for label, who in zip(given, order, strict=True) if who < 2] == [who for who in order if who < 2]


def test_somebody_who_speaks_little_is_found_beside_others() -> None:
    order = [0] * 150 + [1] * 12 + [0] * 40
    assert speakers_of(said(order, 2)) == order


def test_of_very_many_prints_some_are_clustered_and_all_have_a_speaker() -> None:
    order = turns(3, 12_000, length=40)
    began = time.monotonic()
    assert speakers_of(said(order, 3)) == order
    assert time.monotonic() - began < 20


def test_there_are_no_more_speakers_than_a_call_has() -> None:
    prints = said(turns(33, 33 * 40), 33)
    assert max(speakers_of(prints)) < MOST_SPEAKERS
    assert max(speakers_of(prints, 99)) < MOST_SPEAKERS


def test_a_model_whose_prints_are_less_alike_has_no_more_speakers() -> None:
    order = turns(2, 120)
    assert speakers_of(said(order, 2, spread=0.9)) == order
    chance = np.random.default_rng(0)  # one voice, that differs from itself in two dozen ways
    unlike = voices(1)[[0] * 120] + chance.standard_normal((120, 24)) @ chance.standard_normal((24, 256)) / 50
    unlike /= np.linalg.norm(unlike, axis=1, keepdims=True)
    assert set(speakers_of([row.astype("<f2").tobytes() for row in unlike])) == {0}


def test_a_single_odd_print_is_none_of_the_speakers_that_are_asked_for() -> None:
    one, other, odd = np.eye(64)[:3]
    near = 0.95 * one + 0.31 * other
    rows = [one] * 8 + [odd] + [near] * 8
    found = speakers_of([row.astype("<f2").tobytes() for row in rows], 2)
    assert (found[:8], found[9:]) == ([0] * 8, [1] * 8)


def test_few_prints() -> None:
    assert speakers_of([]) == []
    assert speakers_of(said([0], 1)) == [0]
    assert speakers_of(said([0], 1), 5) == [0]
    assert speakers_of(said([0, 1], 2), 2) == [0, 1]
    assert speakers_of(said([0, 0, 0], 1)) == [0, 0, 0]
    assert speakers_of(said([0], 1) * 50) == [0] * 50  # the very same one


@pytest.mark.parametrize("prints", [[b""], [b"\0\0", b"\0\0\0\0"], [b"\0"], [np.array([np.nan, 1], "<f2").tobytes()]])
def test_what_are_no_prints_is_refused(prints: list[bytes]) -> None:
    with pytest.raises(ValueError, match=r".+"):
        speakers_of(prints)


def test_no_scipy_is_needed() -> None:
    import sys

    speakers_of(said(turns(2, 40), 2))
    assert not any(name.split(".")[0] == "scipy" for name in sys.modules)
    assert voice_groups.MOST_CLUSTERED == 1500
