"""Which channels of which sound tracks are the sides of a call, by the rule of docs/decisions/0020-what-is-heard.md."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.core.call import LEAKAGE_GAP, SILENT_LEVEL, TWO_SIDED_CORRELATION, SoundTrack, is_unused
from app.engines.worker.loudness import Loudness, correlation

_QUIET_SPEECH = -45.0  # dBFS; speech below it is made louder before it is recognised
_WANTED_SPEECH = -26.0  # dBFS; how loud it is made
_MOST_GAIN = 60.0  # dB

Weights = NDArray[np.float64]
Line = tuple[int, int]
"""A sound track of the file, and a channel of it."""


@dataclass(frozen=True, slots=True)
class Sides:
    """One or two sides: what each is made of, its level in dBFS, and how alike the two are (-1 to 1)."""

    tracks: tuple[SoundTrack, ...]
    levels: tuple[float, ...]
    correlation: float


def gain_for(speech_level: float) -> float:
    """The factor by which a recording is made louder; 1 where it is loud enough."""
    decibels = min(_MOST_GAIN, _WANTED_SPEECH - speech_level) if speech_level < _QUIET_SPEECH else 0.0
    return float(10 ** (decibels / 20))


def gains_of(loudness: Loudness) -> NDArray[np.float64]:
    """The factor by which each channel is made louder; 1 where it is loud enough.

    All get the same one, but for a channel that says something of its own so far below another that it would count as
    what leaks from there.
    """
    levels = loudness.levels()
    gains = np.full(len(levels), gain_for(loudness.speech_level()))
    top = int(np.argmax(levels))
    for channel, level in enumerate(levels):
        if is_unused(level, levels[top]) and loudness.has_own_sound(channel, top):
            gains[channel] = max(gain_for(level), 10 ** ((levels[top] - level) / 20) / 4)
    return gains


def sides_of(lines: Sequence[Line], loudness: Loudness, gains: NDArray[np.float64]) -> Sides:
    """Find the sides among the channels of all sound tracks.

    Args:
        lines: the channels.
        loudness: how loud they are, and how alike.
        gains: the factor by which each is made louder.
    """
    own = gains / gains.min()
    levels = [level + 20 * float(np.log10(factor)) for level, factor in zip(loudness.levels(), own, strict=True)]
    products = loudness.products() * own[:, None] * own[None, :]
    each = np.eye(len(lines))
    if len(lines) == 1:
        return Sides(_tracks(lines, [each[0]], gains), tuple(levels), 0.0)
    if len(lines) == 2:
        alike = correlation(products, each[0], each[1])
        second = -each[1] if alike <= -TWO_SIDED_CORRELATION else each[1]
        return Sides(_tracks(lines, [each[0], second], gains), tuple(levels), alike)
    heard = _heard(levels)
    by_track = {track: [n for n in heard if lines[n][0] == track] for track, _ in lines}
    sounding = [numbers for numbers in by_track.values() if numbers]
    groups = sounding if len(sounding) > 1 else [[n] for n in heard]
    units = [_mixed(products, [each[n] for n in numbers]) for numbers in groups]
    sides = [_mixed(products, group) for group in _alike(products, _without_mixes(products, units))]
    if len(sides) != 2:  # one microphone, or more people than a call has sides
        sides = [_mixed(products, sides)]
    found = tuple(max(levels[n] for n in range(len(lines)) if side[n]) for side in sides)
    alike = correlation(products, sides[0], sides[1]) if len(sides) == 2 else 0.0
    return Sides(_tracks(lines, sides, gains), found, alike)


def _heard(levels: Sequence[float]) -> list[int]:
    """The channels that are in use; the loudest one at least."""
    top = max(levels)
    used = [
        n
        for n, level in enumerate(levels)
        if top - level < LEAKAGE_GAP and (level > SILENT_LEVEL or top - level < LEAKAGE_GAP / 2)
    ]
    return used or [int(np.argmax(levels))]


def _mixed(products: NDArray[np.float64], parts: Sequence[Weights]) -> Weights:
    """The mean of the parts, in which what is wired the other way round does not take the rest away."""
    first = max(parts, key=lambda part: float(part @ products @ part))
    signs = [-1.0 if correlation(products, first, part) <= -TWO_SIDED_CORRELATION else 1.0 for part in parts]
    return np.asarray(sum(sign * part for sign, part in zip(signs, parts, strict=True)) / len(parts))


def _without_mixes(products: NDArray[np.float64], units: list[Weights]) -> list[Weights]:
    """Leave out what is a mix of two others: recorders write one beside the single tracks."""
    alike = [[abs(correlation(products, one, other)) >= TWO_SIDED_CORRELATION for other in units] for one in units]
    numbers = range(len(units))
    mixes = {
        n for n in numbers for a in numbers for b in numbers
        if n != a and n != b and alike[n][a] and alike[n][b] and not alike[a][b]
    }  # fmt: skip
    return [unit for n, unit in enumerate(units) if n not in mixes] or units


def _alike(products: NDArray[np.float64], units: list[Weights]) -> list[list[Weights]]:
    """The units in groups that hear the same."""
    groups: list[list[Weights]] = []
    for unit in units:
        near = [g for g in groups if any(abs(correlation(products, unit, one)) >= TWO_SIDED_CORRELATION for one in g)]
        joined = [one for group in near for one in group]
        groups = [group for group in groups if not any(group is one for one in near)]
        groups.append([*joined, unit])
    return groups


def _tracks(lines: Sequence[Line], sides: Sequence[Weights], gains: NDArray[np.float64]) -> tuple[SoundTrack, ...]:
    return tuple(
        SoundTrack(track, channel, side, float(weights[n] * gains[n]))
        for side, weights in enumerate(sides)
        for n, (track, channel) in enumerate(lines)
        if weights[n]
    )
