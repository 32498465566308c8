"""Every utterance of a long call is in its transcript once, however often the program is killed while it is made."""

import math
import random
import time
import wave
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import psutil
import pytest

from tests.engines.worker.recordings import RATE, Sound, sides_of
from tests.real.folder import REAL
from tests.running import CALLS, Home, truth

SEED = 20261128
SLOT = 9.0  # seconds from one utterance to the next: 400 take an hour
_LEAST_PRESENT = 0.995
_LEAST_BY_DEMO = 0.96  # its voice activity is that of real models, but it leaves out some sentences in any packing
_EARLY = 0.5  # seconds by which the time of a word may be too early
_PAD = 0.15  # seconds before and behind an utterance that belong to it


class Said(NamedTuple):
    """An utterance of a call on one of its sides, from `start` (seconds)."""

    side: int
    start: float
    words: list[str]

    @property
    def letters(self) -> list[str]:
        return list("".join(self.words))


def plain(text: str) -> list[str]:
    return ["".join(sign for sign in word if sign.isalnum()) for word in text.casefold().split()]


def long_call(path: Path, count: int, rng: random.Random) -> list[Said]:
    """Write a two-sided recording of so many utterances of the made calls; what is said in it, and when."""
    known: list[tuple[int, list[str], Sound]] = []
    for call in sorted(CALLS.glob("*.opus")):
        sides, facts = sides_of(call), truth(call)
        for (side, text), (start, end) in zip(facts["turns"], facts["times"], strict=True):
            cut = sides[side][max(0, round((start - _PAD) * RATE)) : round((end + _PAD) * RATE)]
            known.append((side, plain(text), cut))
    sound = np.zeros((2, round(count * SLOT * RATE)), np.float32)
    said = []
    for number in range(count):
        side, words, cut = rng.choice(known)
        start = number * SLOT + rng.uniform(0.2, SLOT - len(cut) / RATE - 1.0)
        first = round(start * RATE)
        sound[side, first : first + len(cut)] += cut
        said.append(Said(side, start, words))
    with wave.open(str(path), "wb") as file:
        file.setparams((2, 2, RATE, 0, "NONE", ""))
        file.writeframes((np.clip(sound.T, -1, 1) * 32767).astype("<i2").tobytes())
    return said


def killed_import(home: Home, call: Path, seconds: float) -> bool:
    """Import a call and kill every process of it so many seconds after it began; whether it was still at work."""
    run = home.start("import", str(call), "--no-summary", "--json")
    time.sleep(seconds)
    was_running = run.poll() is None
    if was_running:
        workers = psutil.Process(run.pid).children(recursive=True)
        run.kill()
        for worker in workers:
            worker.kill()
    run.communicate(timeout=60)
    return was_running


def in_order(wanted: list[str], found: list[str]) -> int:
    """How many of the words are found in their order."""
    best = [0] * (len(found) + 1)
    for word in wanted:
        row = [0]
        for at, other in enumerate(found):
            row.append(best[at] + 1 if word == other else max(best[at + 1], row[-1]))
        best = row
    return best[-1]


def words_near(said: list[Said], shown: list[dict[str, Any]]) -> list[list[str]]:
    """The words of a transcript around each utterance, up to the next on its side."""
    words = [
        (line["track"], word["start"], plain(word["text"])[0])
        for line in shown
        for word in line["words"]
        if plain(word["text"])
    ]
    found = []
    for place, one in enumerate(said):
        after = (other.start for other in said[place + 1 :] if other.side == one.side)
        until = min(one.start + SLOT, next(after, math.inf) - _EARLY)
        found.append([w for side, at, w in words if side == one.side and one.start - _EARLY <= at < until])
    return found


def transcribed(
    home: Home, call: Path, kills: int, rng: random.Random, latest: float = 3.0
) -> tuple[int, dict[str, Any]]:
    """How often the import of a call could be killed, and its transcript in the end."""
    hit = 0
    while hit < kills and killed_import(home, call, rng.uniform(latest / 3, latest)):
        hit += 1
    done = home.run("import", str(call), "--no-summary", "--json", timeout=1500)
    assert done.status == 0, done.err
    found: dict[str, Any] = home.run("show", done.json[0]["id"], "--json").json["transcript"]
    return hit, found


@pytest.mark.parametrize(
    ("count", "kills"), [(30, 2), pytest.param(400, 20, marks=[pytest.mark.long, pytest.mark.timeout(3000)])]
)
def test_every_utterance_is_there_once_through_kills(tmp_path: Path, count: int, kills: int) -> None:
    """The demo's model hears some of them wrongly: so words are counted, and not compared."""
    rng = random.Random(SEED)
    home, call = Home(tmp_path / "home"), tmp_path / "call.wav"
    said = long_call(call, count, rng)
    hit, shown = transcribed(home, call, kills, rng)
    near = words_near(said, shown["utterances"])
    present = sum(2 * len(found) >= len(one.words) for one, found in zip(said, near, strict=True))
    twice = sum(in_order(one.words * 2, found) > 1.5 * len(one.words) for one, found in zip(said, near, strict=True))
    told(count, hit, present, twice, shown)
    assert present >= _LEAST_BY_DEMO * count
    assert twice == 0
    assert hit == kills


@pytest.mark.real("models/whisper-base")
@pytest.mark.timeout(3000)
def test_every_utterance_is_understood_once_through_kills_by_a_real_model(tmp_path: Path) -> None:
    rng = random.Random(SEED)
    home, call = Home(tmp_path / "home"), tmp_path / "call.wav"
    (home.models / "whisper-base").symlink_to((REAL / "models" / "whisper-base").resolve())
    said = long_call(call, 400, rng)
    hit, shown = transcribed(home, call, 20, rng, latest=9.0)  # a larger model takes longer to its first words
    near = words_near(said, shown["utterances"])
    # Two fifths of the letters: it writes "$100" for "ten hundred dollars".
    alike = [in_order(one.letters, list("".join(found))) for one, found in zip(said, near, strict=True)]
    present = sum(found * 5 >= 2 * len(one.letters) for one, found in zip(said, alike, strict=True))
    twice = sum(in_order(one.words * 2, found) > 1.5 * len(one.words) for one, found in zip(said, near, strict=True))
    told(400, hit, present, twice, shown)
    assert present >= _LEAST_PRESENT * 400
    assert twice == 0
    assert hit == 20


def told(count: int, hit: int, present: int, twice: int, shown: dict[str, Any]) -> None:
    known = shown["coverage"]
    share = 1 - known["without_text"] / known["speech"]
    print(f"{count} utterances, {hit} kills: {present} present, {twice} twice; {share:.2%} of the speech has text")
