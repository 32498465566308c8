"""From a file to its summary: five minutes of call, read while they are transcribed or only afterwards.

Both ways take the same models, one run after the other in fresh vaults; what is judged is their ratio.
"""

import tempfile
import time
import wave
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from app.core.engines import Delta
from app.core.ids import CallId
from app.core.import_options import ImportOptions
from app.engines.parent.engines import LocalEngines
from app.services.calls.importing import Importing
from app.services.calls.reading_ahead import ReadingAhead
from app.services.calls.summarizing import Summarizing
from app.services.calls.transcribing import Transcribing
from app.services.engine_pool import EnginePool
from app.storage.tables.calls import CallStore
from app.storage.vault import Vault
from tests.bench.real.clock import THREADS
from tests.bench.real.figure import Figure
from tests.bench.real.generation import MODEL
from tests.real.known_calls import sound
from tests.running import CHEAP, PASSPHRASE
from tests.services.stage import Watching, provisioning

SPEECH = "whisper-base"
_CONTEXT = 8192  # tokens: five minutes fit
_FIRST_WORD = 2.0  # seconds after the last line
PARTS = (
    "phone.wav", "three_speakers.wav", "harvard_8k.wav", "jfk.flac", "meeting_dev00.wav", "meeting_dev01.wav",
    "meeting_trn01.wav", "meeting_trn02.wav", "meeting_tst00.wav", "meeting_tst01.wav", "austen_0870.wav",
    "austen_0880.wav", "austen_0890.wav", "austen_0920.wav", "austen_0930.wav",
)  # fmt: skip
_RATE = 16_000  # hertz


class Run:
    """A call taken from its file to its summary; times in seconds."""

    def __init__(self, folder: Path, recording: Path, models: Sequence[Path], *, is_ahead: bool) -> None:
        (folder / "models").mkdir(parents=True)
        for model in models:
            (folder / "models" / model.name).symlink_to(model.resolve())
        pool = EnginePool(LocalEngines(THREADS, _CONTEXT), provisioning(folder, demo=list))
        vault = Vault.create(folder / "vault", PASSPHRASE, CHEAP)
        store = CallStore(vault)
        try:
            call = Importing(store, pool, lambda _: None).import_file(recording, ImportOptions(), Watching()).id
            self._warm(pool)
            began = time.monotonic()
            Transcribing(store, pool, lambda _: None, ReadingAhead(store, pool) if is_ahead else None).run(
                call, Watching()
            )
            heard = time.monotonic()
            self.first_word = self._summarize(store, pool, call) - heard
            self.transcribing, self.whole = heard - began, time.monotonic() - began
            self.lines = len(store.transcript(call).utterances)
        finally:
            pool.close()
            vault.close()

    @staticmethod
    def _warm(pool: EnginePool) -> None:
        """Load both models, which either way takes the same time."""
        pool.language()
        pool.speech()[1].processor_seconds()

    @staticmethod
    def _summarize(store: CallStore, pool: EnginePool, call: CallId) -> float:
        """Write the summary; when the first letter of it came."""
        _, engine = pool.language()
        first: list[float] = []
        engine.generate = _watched(engine.generate, first)  # type: ignore[method-assign]
        Summarizing(store, pool, lambda _: None).run(call, Watching())
        return first[0]


def measure(folder: Path) -> Iterator[Figure]:
    """The whole in relation to one after the other, and how long the summary's first word takes after the last line."""
    models = [folder / "models" / MODEL, folder / "models" / SPEECH]
    with tempfile.TemporaryDirectory() as work:
        recording = Path(work) / "call.wav"
        seconds = _join(folder / "recordings", recording)
        runs = {
            how: Run(Path(work) / how, recording, models, is_ahead=how == "ahead")
            for how in ("ahead", "after", "again")
        }
    ahead, after, again = runs["ahead"], runs["after"], runs["again"]
    yield Figure("minutes of call", seconds / 60, note=f"{ahead.lines} lines")
    yield Figure("minutes, one after the other", after.whole / 60, note=f"transcribing {after.transcribing:.0f} s")
    yield Figure("minutes, read while transcribed", ahead.whole / 60, note=f"transcribing {ahead.transcribing:.0f} s")
    yield Figure("the whole / one after the other", ahead.whole / after.whole, most=1.0)
    yield Figure("the same twice", again.whole / after.whole, note="how much one run differs from the next")
    yield Figure("first word after the last line, s", ahead.first_word, most=_FIRST_WORD)
    yield Figure("the same, one after the other", after.first_word)


def _join(recordings: Path, path: Path) -> float:
    """Write the recordings as one file, with a second of silence between them; its seconds."""
    gap = np.zeros(_RATE, np.int16)
    whole = np.concatenate([part for name in PARTS for part in (sound(recordings / name), gap)])
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, _RATE, 0, "NONE", ""))
        file.writeframes(whole.tobytes())
    return len(whole) / _RATE


def _watched(generate: Callable[..., Any], first: list[float]) -> Callable[..., Any]:
    def watched(*arguments: Any, **options: Any) -> Iterator[Any]:
        written = ""
        for value in generate(*arguments, **options):
            if isinstance(value, Delta):
                written += value.text
                if not first and any(letter.isalnum() for letter in written.removeprefix('{"title":')):
                    first.append(time.monotonic())
            yield value

    return watched
