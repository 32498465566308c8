"""Telling voices apart on one microphone: how wrong it is (diarization error rate), how fast, and in how much memory.

The error rate is the seconds of speech that are missed, invented or given to somebody else, out of all that is spoken,
with the best one-to-one match of voices to people. Within a quarter of a second of where somebody begins or ends
nothing is counted (the collar), and where two speak at once both count: NIST's rules, as pyannote.metrics has them.
"""

import itertools
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.core.engines import SAMPLE_RATE, Pcm
from app.core.model import Model, ModelKind
from app.core.speaker_turns import SpeakerTurn, turns
from app.core.voices import VoiceEngine, VoiceWindow
from app.engines.parent.engines import LocalEngines
from tests.bench.real.figure import Figure
from tests.real.known_calls import sound
from tests.running import CALLS, truth

_FRAME = 100  # a second
_COLLAR = 0.25  # seconds on either side
_THREE = ((0, 1.7, 3.9), (1, 6.2, 11.1), (2, 12.8, 18.0))  # three_speakers.wav, as its makers say it roughly
_BLOCK = 2 * SAMPLE_RATE  # samples
_MOST_PHONE, _MOST_THREE, _MOST_MEAN, _MOST_MADE = 0.06, 0.03, 0.40, 0.08
_MADE, _MOST_VOICES = 20, 3  # generated calls, and the voices in one
_LEAST_SPEED = 40.0  # times real time, on one core
_MOST_MORE = 150.0  # MB more for three hours than for three minutes

Reference = Sequence[tuple[str, float, float]]
"""Who speaks, from when to when, in seconds."""


@dataclass(frozen=True)
class Clip:
    """A recording of which it is known who speaks when."""

    name: str
    samples: NDArray[np.int16]
    reference: Reference

    @property
    def people(self) -> int:
        """How many speak."""
        return len({who for who, _, _ in self.reference})


@dataclass(frozen=True)
class Errors:
    """Seconds that are spoken, and those that are wrong."""

    spoken: float
    wrong: float

    @property
    def rate(self) -> float:
        """The diarization error rate."""
        return self.wrong / self.spoken if self.spoken else 0.0


def errors(reference: Reference, found: Sequence[SpeakerTurn], seconds: float, collar: float = _COLLAR) -> Errors:
    """What is wrong with the turns that were found."""
    frames = int(seconds * _FRAME)
    people = sorted({who for who, _, _ in reference})
    voices = sorted({turn.voice for turn in found})
    spoken = _grid([(people.index(who), start, end) for who, start, end in reference], len(people), frames)
    heard = _grid([(voices.index(turn.voice), turn.start, turn.end) for turn in found], len(voices), frames)
    counted = np.ones(frames, bool)
    for _, *edges in reference:
        for edge in edges:
            counted[max(0, round((edge - collar) * _FRAME)) : round((edge + collar) * _FRAME)] = False
    spoken, heard = spoken[:, counted], heard[:, counted]
    together = spoken.astype(np.int64) @ heard.T.astype(np.int64)
    right = _best_match(together)
    n_spoken, n_heard = spoken.sum(0), heard.sum(0)
    wrong = np.maximum(n_spoken, n_heard).sum() - right
    return Errors(float(n_spoken.sum()) / _FRAME, float(wrong) / _FRAME)


def _grid(said: Sequence[tuple[int, float, float]], rows: int, frames: int) -> NDArray[np.bool_]:
    grid = np.zeros((rows, frames), bool)
    for row, start, end in said:
        grid[row, round(start * _FRAME) : round(end * _FRAME)] = True
    return grid


def _best_match(together: NDArray[np.int64]) -> int:
    """The most frames that a one-to-one match of people and voices makes right."""
    few, many = sorted(together.shape)
    table = together if together.shape[0] == few else together.T
    if many > 8:  # the best of each is near enough where there are more than anybody tries
        table = table[:, np.argsort(-table.max(0))[:8]]
    places = range(table.shape[1])
    return max((int(sum(table[n, to] for n, to in enumerate(match))) for match in
                itertools.permutations(places, min(few, table.shape[1]))), default=0)  # fmt: skip


def clips(real: Path) -> Iterator[Clip]:
    """The recordings that are there."""
    folder = real / "recordings"
    yield Clip("phone.wav", sound(folder / "phone.wav"), _rttm(folder / "phone.rttm", "sample"))
    yield Clip("three_speakers.wav", sound(folder / "three_speakers.wav"), [(str(n), a, b) for n, a, b in _THREE])
    for path in sorted(folder.glob("meeting_*.wav")):
        yield Clip(path.name, sound(path), _rttm(folder / "meetings.rttm", path.stem.removeprefix("meeting_")))


def made_calls() -> Iterator[Clip]:
    """Generated calls, their sides mixed to one: each by itself, and two behind each other that share a voice."""
    alone = []
    for path in sorted(CALLS.glob("*.opus")):
        known = truth(path)
        said = zip(known["turns"], known["times"], strict=True)
        alone.append(
            Clip(path.stem, sound(path), [(known["voices"][side], start, end) for (side, _), (start, end) in said])
        )
    yield from alone
    pairs = (_joined(one, other) for one, other in itertools.permutations(alone, 2))
    yield from itertools.islice((pair for pair in pairs if pair.people <= _MOST_VOICES), _MADE - len(alone))


def _joined(one: Clip, other: Clip) -> Clip:
    seconds = len(one.samples) / SAMPLE_RATE
    later = [(who, start + seconds, end + seconds) for who, start, end in other.reference]
    return Clip(f"{one.name} {other.name}", np.concatenate([one.samples, other.samples]), [*one.reference, *later])


def _rttm(path: Path, name: str) -> Reference:
    rows = (line.split() for line in path.read_text("utf-8").splitlines())
    return [(row[7], float(row[3]), float(row[3]) + float(row[4])) for row in rows if row[1] == name]


def blocks(samples: NDArray[np.int16], times: int = 1) -> Iterator[Pcm]:
    """A recording as the decoder gives it, so many times behind each other."""
    done = 0
    for _ in range(times):
        for first in range(0, len(samples), _BLOCK):
            part = samples[first : first + _BLOCK]
            yield Pcm(done / SAMPLE_RATE, SAMPLE_RATE, (part.tobytes(),))
            done += len(part)


def listened(engine: VoiceEngine, sounds: Iterator[Pcm]) -> list[VoiceWindow]:
    """The voice prints of one track."""
    return [window for heard in engine.listen(sounds, (0,)) for window in heard.windows]


def turns_of(engine: VoiceEngine, windows: Sequence[VoiceWindow], count: int) -> list[SpeakerTurn]:
    """Who speaks when, with so many people or as many as are heard."""
    return turns(windows, engine.group([window.print for window in windows], count)) if windows else []


def measure(real: Path) -> Iterator[Figure]:
    """Error rates with the count given, how often the count is guessed right, speed and memory."""
    model = _model(real)
    engine = LocalEngines(1, 0).voices(model)
    try:
        yield from _accuracy(engine, list(clips(real)), list(made_calls()))
        yield from _costs(model, sound(real / "recordings" / "phone.wav"))
    finally:
        engine.close()


def _model(real: Path) -> Model:
    path = next(iter(sorted((real / "models").glob("*.onnx"))), None)
    if path is None:
        raise FileNotFoundError("TACIT_REAL holds no voice print model (*.onnx).")
    return Model(path.stem, ModelKind.DIARIZATION, path, path.stat().st_size)


def _accuracy(engine: VoiceEngine, real: Sequence[Clip], made: Sequence[Clip]) -> Iterator[Figure]:
    right, given = 0, []
    for clip in real:
        windows = listened(engine, blocks(clip.samples))
        seconds = len(clip.samples) / SAMPLE_RATE
        known = errors(clip.reference, turns_of(engine, windows, clip.people), seconds)
        guessed = turns_of(engine, windows, 0)
        count = len({turn.voice for turn in guessed})
        right += count == clip.people
        given.append(known)
        most = {"phone.wav": _MOST_PHONE, "three_speakers.wav": _MOST_THREE}.get(clip.name)
        note = f"{clip.people} people, {count} guessed, then {errors(clip.reference, guessed, seconds).rate:.3f}"
        yield Figure(f"diarization error, {clip.name}", known.rate, most=most, note=f"{known.spoken:.0f} s; {note}")
    every = _sum(given)
    note = f"over {every.spoken:.0f} s; the mean of the rates is {np.mean([one.rate for one in given]):.3f}"
    yield Figure("diarization error of all recordings", every.rate, most=_MOST_MEAN, note=note)
    yield Figure("share of counts guessed right", right / len(real), least=9 / 13, note=f"{right} of {len(real)}")
    found = [
        errors(clip.reference, turns_of(engine, listened(engine, blocks(clip.samples)), clip.people),
               len(clip.samples) / SAMPLE_RATE)
        for clip in made
    ]  # fmt: skip
    yield Figure(f"diarization error, {len(found)} generated calls", _sum(found).rate, most=_MOST_MADE)


def _sum(found: Sequence[Errors]) -> Errors:
    return Errors(sum(one.spoken for one in found), sum(one.wrong for one in found))


def _costs(model: Model, samples: NDArray[np.int16]) -> Iterator[Figure]:
    (_, few_peak, _), (speed, peak, grouped) = (_cost(model, samples, seconds) for seconds in (180.0, 10_800.0))
    yield Figure("times real time, seconds of one processor", speed, least=_LEAST_SPEED)
    yield Figure("seconds to group three hours anew", grouped)
    more = peak - few_peak
    note = f"{few_peak:.0f} and {peak:.0f} MB"
    yield Figure("MB more for three hours than three minutes", more, most=_MOST_MORE, note=note)


def _cost(model: Model, samples: NDArray[np.int16], seconds: float) -> tuple[float, float, float]:
    """Times real time, the peak in MB, and the seconds of grouping, of a recording that is repeated to be so long."""
    times = max(1, round(seconds * SAMPLE_RATE / len(samples)))
    engine = LocalEngines(1, 0).voices(model)
    try:
        windows = listened(engine, blocks(samples, times))
        taken = engine.processor_seconds()
        began = time.monotonic()
        engine.group([window.print for window in windows], 2)
        grouped = time.monotonic() - began
        return times * len(samples) / SAMPLE_RATE / taken, engine.peak_bytes() / 1e6, grouped
    finally:
        engine.close()
