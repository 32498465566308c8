"""Transcribing real recordings, beside faster-whisper's own pipelines: how long it takes and how many words are wrong.

Each is a whole process, from its start to its last word, by turns in one run. A joined call is what is timed; words are
counted where they are known: read aloud, by telephone, and the same as a telephone's codec leaves it.
"""

import re
import statistics
import subprocess
import sys
import tempfile
import time
import wave
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import av
import jiwer
import numpy as np
from numpy.typing import NDArray

from app.core.change import Change
from app.core.import_options import ImportOptions
from app.engines.parent.engines import LocalEngines
from app.services.calls.importing import Importing
from app.services.calls.transcribing import Transcribing
from app.services.engine_pool import EnginePool
from app.storage.tables.calls import CallStore
from app.storage.vault import Vault
from tests.bench.real.clock import THREADS
from tests.bench.real.figure import Figure
from tests.bench.real.pipeline import PARTS, SPEECH
from tests.real.known_calls import sound
from tests.running import CALLS, CHEAP, PASSPHRASE, Home, truth
from tests.services.stage import Watching, provisioning

_RATE = 16_000  # hertz
_TELEPHONE_RATE = 8_000  # hertz, as AMR has it
_ROUNDS = 2
_LEAST_SPEED = 0.95  # of the batched pipeline's
_MOST_TWO_SIDED = 1.15  # times as long as the mix of both sides
_FIRST_WORDS = 10.0  # seconds until the first words of an hour
_PATIENCE = 1800.0  # seconds for one run
_CONTEXT = 4096  # tokens; nothing is summarised here
_HARVARD = (
    "A gold ring will please most any girl. The long journey home took a year. She saw a cat in the neighbor's house. "
    "A pink shell was found on the sandy beach. Small children came to see him. "
    "The grass and bushes were wet with dew. The blind man counted his old coins. A severe storm tore down the barn. "
    "She called his name many times. When you hear the bell, come quickly."
)  # a list of the Harvard sentences (IEEE, 1969), which are read out in harvard_8k.wav

Samples = NDArray[np.int16]


def measure(folder: Path) -> Iterator[Figure]:
    """Seconds and words wrong, side by side."""
    model, recordings = folder / "models" / SPEECH, folder / "recordings"
    with tempfile.TemporaryDirectory() as made:
        work = Path(made)
        home = Home(work / "home")
        (home.models / SPEECH).symlink_to(model.resolve())
        yield from _speed(home, model, recordings, work)
        yield from _words_wrong(home, model, recordings, work)
        yield Figure("first words of an hour, s", _first_words(model, recordings, work), most=_FIRST_WORDS)


def _speed(home: Home, model: Path, recordings: Path, work: Path) -> Iterator[Figure]:
    mono = _joined(recordings) * 2
    longest = sum(map(len, mono)) / _RATE
    mix = _written(work / "mono.wav", [np.concatenate(mono)])
    sides = [[part if at % 2 == side else np.zeros_like(part) for at, part in enumerate(mono)] for side in (0, 1)]
    two_sided = _written(work / "two_sided.wav", [np.concatenate(side) for side in sides])
    taken: dict[str, list[float]] = {}
    for _ in range(_ROUNDS):
        for how in ("batched", "sequential"):
            taken.setdefault(how, []).append(_timed(partial(_peer, how, model, mix)))
        taken.setdefault("this product", []).append(_timed(partial(_ours, home, mix)))
        taken.setdefault("two-sided", []).append(_timed(partial(_ours, home, two_sided)))
    seconds = {name: statistics.median(found) for name, found in taken.items()}
    yield Figure("minutes of joined call", longest / 60)
    for name, found in taken.items():
        yield Figure(f"seconds, {name}", seconds[name], note=f"{min(found):.1f} to {max(found):.1f}")
    ours = seconds["this product"]
    yield Figure("speed / sequential pipeline's", seconds["sequential"] / ours)
    yield Figure("speed / batched pipeline's", seconds["batched"] / ours, least=_LEAST_SPEED)
    yield Figure("two-sided / its mono mix", seconds["two-sided"] / ours, most=_MOST_TWO_SIDED)


def _words_wrong(home: Home, model: Path, recordings: Path, work: Path) -> Iterator[Figure]:
    for name, said in _spoken(recordings, work).items():
        hearing = (partial(_peer, "batched", model), partial(_peer, "sequential", model), partial(_ours, home))
        batched, sequential, ours = (
            float(jiwer.wer(list(said.values()), [_plain(heard(path)) for path in said])) for heard in hearing
        )
        note = f"batched {batched:.3f}, sequential {sequential:.3f}"
        yield Figure(f"words wrong, {name}", ours, most=sequential, note=note)


def _spoken(recordings: Path, work: Path) -> Mapping[str, Mapping[Path, str]]:
    """The recordings with known words, by kind."""
    rows = (row.split("\t", 1) for row in (recordings / "austen.tsv").read_text("utf-8").splitlines())
    read = {recordings / name: _plain(words) for name, words in rows}
    calls = {path: _plain(" ".join(text for _, text in truth(path)["turns"])) for path in sorted(CALLS.glob("*.opus"))}
    return {
        "read aloud (austen)": read,
        "telephone (harvard_8k)": {recordings / "harvard_8k.wav": _plain(_HARVARD)},
        "read aloud, as AMR at 12.2 kbit/s": {_by_telephone(path, work): words for path, words in read.items()},
        "synthetic calls": calls,
    }


def _by_telephone(recording: Path, work: Path) -> Path:
    """The recording as a mobile telephone's narrow band codec leaves it."""
    path = work / f"{recording.stem}.amr"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libopencore_amrnb", rate=_TELEPHONE_RATE, layout="mono")
        stream.bit_rate = 12_200
        frame = av.AudioFrame.from_ndarray(sound(recording)[np.newaxis], format="s16", layout="mono")
        frame.rate = _RATE
        resampler = av.AudioResampler("s16", "mono", _TELEPHONE_RATE, frame_size=160)  # of 20 ms, as AMR has them
        for part in [*resampler.resample(frame), *resampler.resample(None), None]:
            for packet in stream.encode(part):
                container.mux(packet)
    return path


def _first_words(model: Path, recordings: Path, work: Path) -> float:
    """Seconds from taking an hour up until the first of its lines is kept."""
    folder = work / "hour"
    (folder / "models").mkdir(parents=True)
    (folder / "models" / SPEECH).symlink_to(model.resolve())
    spoken = np.concatenate(_joined(recordings))
    hour = _written(folder / "hour.wav", [np.resize(spoken, 3600 * _RATE)])
    pool = EnginePool(LocalEngines(THREADS, _CONTEXT), provisioning(folder, demo=list))
    vault = Vault.create(folder / "vault", PASSPHRASE, CHEAP)
    store = CallStore(vault)
    began = time.monotonic()
    try:
        call = Importing(store, pool, lambda _: None).import_file(hour, ImportOptions(), Watching()).id
        Transcribing(store, pool, _stop_at_the_first_line).run(call, Watching())
        raise AssertionError("nothing was heard in an hour")
    except _Enough:
        return time.monotonic() - began
    finally:
        pool.close()
        vault.close()


class _Enough(Exception):
    """The first line is kept."""


def _stop_at_the_first_line(change: Change) -> None:
    if change.kind == "transcript":
        raise _Enough


def _joined(recordings: Path) -> list[Samples]:
    """The recordings with a second of silence behind each."""
    gap = np.zeros(_RATE, np.int16)
    return [np.concatenate([sound(recordings / name), gap]) for name in PARTS]


def _written(path: Path, channels: Sequence[Samples]) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setparams((len(channels), 2, _RATE, 0, "NONE", ""))
        file.writeframes(np.stack(channels, axis=1).tobytes())
    return path


def _timed(run: Callable[[], object]) -> float:
    began = time.monotonic()
    run()
    return time.monotonic() - began


def _peer(how: str, model: Path, recording: Path) -> str:
    command = [sys.executable, "-m", "tests.bench.real.peer", how, str(model), str(recording)]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=_PATIENCE).stdout


def _ours(home: Home, recording: Path) -> str:
    found = home.run("transcribe", str(recording), "-f", "json", timeout=_PATIENCE)
    assert found.status == 0, found.err
    return " ".join(said["text"] for said in found.json["utterances"])


def _plain(text: str) -> str:
    """The words alone, in small letters."""
    return " ".join(re.findall(r"[\w']+", text.lower()))
