"""Spoken calls: stereo Opus files, you on the left and the other side on the right, with what was said as JSON.

    python -m tests.making_calls.calls_audio FOLDER SEED…    # FOLDER/call-SEED.opus and .json
    python -m tests.making_calls.calls_audio FOLDER demo     # FOLDER/website-launch.opus and .json

Needs flite, sox and ffmpeg from Debian. The same seed and the same versions of those give the same bytes.
"""

import json
import random
import subprocess
import sys
import tempfile
import wave
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tests.making_calls.calls import DEMO, Call, simulated

VOICES = ("slt", "rms", "awb", "kal16")  # flite's, the four that the demo speech model knows
DEMO_SEED, DEMO_VOICES = 1, ("slt", "rms")
RATE = 16_000
NOISE_LEVEL = 10 ** (-62 / 20)  # of full scale: a quiet room
BEFORE, BETWEEN, AFTER = 0.4, (0.25, 0.9), 0.5  # seconds without speech

Samples = npt.NDArray[np.float32]


class Manner(NamedTuple):
    """How one side speaks."""

    voice: str
    pace: float
    level: float


def _wav(path: Path) -> tuple[Samples, int]:
    with wave.open(str(path), "rb") as file:
        raw = np.frombuffer(file.readframes(file.getnframes()), "<i2")
        return raw.astype(np.float32) / np.float32(32768), file.getframerate()


def _write_wav(path: Path, samples: Samples) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(samples.shape[1])
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.rint(samples * 32767).astype("<i2").tobytes())


def _encode(sound: Path, opus: Path) -> None:
    """As calls are kept by programs that record them; without the chance that ffmpeg puts into an Ogg file."""
    codec = ("-c:a", "libopus", "-b:a", "40k", "-application", "voip")
    repeatable = ("-fflags", "+bitexact", "-flags:a", "+bitexact")
    subprocess.run(["ffmpeg", "-loglevel", "error", "-y", "-i", sound, *codec, *repeatable, opus], check=True)


def spoken(text: str, manner: Manner, folder: Path) -> Samples:
    """The sentence as sound at `RATE`, without the silence around it; its peak is the manner's level."""
    said, resampled = folder / "said.wav", folder / "resampled.wav"
    stretch = f"duration_stretch={manner.pace}"
    subprocess.run(["flite", "-voice", manner.voice, "--setf", stretch, "-t", text, "-o", said], check=True)
    samples, rate = _wav(said)
    if rate != RATE:
        subprocess.run(["sox", "-q", said, "-r", str(RATE), resampled], check=True)
        samples, _ = _wav(resampled)
    peak = float(np.abs(samples).max()) or 1.0
    loud = np.flatnonzero(np.abs(samples) > 0.02 * peak)
    return samples[max(0, loud[0] - 800) : loud[-1] + 1600] / np.float32(peak) * np.float32(manner.level)


def mixed(
    call: Call, manners: Sequence[Manner], rng: random.Random, noise: np.random.Generator, folder: Path
) -> tuple[Samples, list[tuple[float, float]]]:
    """The call as sound, one column a side, and when each line begins and ends."""
    parts: list[tuple[int, int, Samples]] = []
    times: list[tuple[float, float]] = []
    now = BEFORE
    for line in call.lines:
        samples = spoken(line.text, manners[line.side], folder)
        parts.append((line.side, int(now * RATE), samples))
        times.append((round(now, 2), round(now + len(samples) / RATE, 2)))
        now += len(samples) / RATE + rng.uniform(*BETWEEN)
    both = noise.normal(0, NOISE_LEVEL, (int((now + AFTER) * RATE), 2)).astype(np.float32)
    for side, start, samples in parts:
        both[start : start + len(samples), side] += samples
    return np.clip(both, -1, 1), times


def make(seed: int, stem: Path, voices: Sequence[str] = (), call: Call | None = None) -> None:
    """Write `stem`.opus and `stem`.json for the call of that seed, or for the given call in that seed's manner."""
    rng, noise = random.Random(seed), np.random.default_rng(seed)
    call = call or simulated(rng)
    voices = voices or rng.sample(VOICES, 2)
    paces = [rng.uniform(0.92, 1.12) for _ in voices]
    for _ in voices:
        rng.randint(35, 60)  # a pitch, for voices that were left out; drawn so that the levels stay what they were
    levels = [rng.uniform(0.35, 0.8) for _ in voices]
    manners = [Manner(*manner) for manner in zip(voices, paces, levels, strict=True)]
    with tempfile.TemporaryDirectory() as name:
        sound = Path(name, "call.wav")
        samples, times = mixed(call, manners, rng, noise, Path(name))
        _write_wav(sound, samples)
        _encode(sound, stem.with_name(stem.name + ".opus"))
    reference = {
        "seed": seed,
        "voices": [f"flite/{voice}" for voice in voices],
        "names": call.speakers,
        "topic": call.topic,
        "problem": call.problem,
        "decisions": call.decisions,
        "actions": call.actions,
        "turns": call.lines,
        "times": times,
        "duration": round(len(samples) / RATE, 2),
    }
    stem.with_name(stem.name + ".json").write_text(json.dumps(reference, indent=1) + "\n")


def main(arguments: Sequence[str]) -> None:
    """What the module's docstring says."""
    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    for what in arguments[1:]:
        if what == "demo":
            make(DEMO_SEED, folder / "website-launch", DEMO_VOICES, DEMO)
        else:
            make(int(what), folder / f"call-{what}")


if __name__ == "__main__":
    main(sys.argv[1:])
