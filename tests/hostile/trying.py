"""Trying a model as the product does: load it, read a prompt, write a few words; and how that ended.

python -m tests.hostile.trying [MUTATIONS_OF_GGUF [MUTATIONS_OF_WHISPER [FIRST_SEED]]]
"""

import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from app.core.engines import Pcm, Prompt, SpeechOptions
from app.core.errors import AssistantError
from app.core.files import FileSource
from app.core.model import Model, ModelKind
from app.core.resources import demo_call
from app.engines.parent import process
from app.engines.parent.engines import RemoteLanguage, RemoteMedia, RemoteSpeech
from app.engines.parent.loading import NoMonitor
from app.services.hardware.memory_and_cores import free_bytes
from tests.hostile import damage
from tests.hostile.zygote import Zygote

MOST_SECONDS = 10.0
_PROMPT = Prompt((("system", "Be brief."), ("user", "What was decided?")))


@dataclass(frozen=True)
class Ending:
    """How it ended: the error's class or "works", what a person reads, and after how many seconds."""

    kind: str
    words: str
    seconds: float


@contextmanager
def forked_workers() -> Iterator[None]:
    """Workers are forked instead of started."""
    zygotes = {name: Zygote(name) for name in ("language", "speech")}

    def fork(command: list[str], **options: Any) -> object:
        zygote = zygotes.get(command[-1])
        return zygote.fork() if zygote else subprocess.Popen(command, **options)

    its: Any = process
    kept = its.subprocess
    its.subprocess = SimpleNamespace(Popen=fork, PIPE=subprocess.PIPE, TimeoutExpired=subprocess.TimeoutExpired)
    try:
        yield
    finally:
        its.subprocess = kept
        for zygote in zygotes.values():
            zygote.close()


def speech_sound() -> list[Pcm]:
    """Four seconds of the demo call in which somebody speaks."""
    media, source = RemoteMedia(), FileSource(demo_call())
    try:
        blocks = media.decode(source, (0,), 2.0)
        return [next(blocks) for _ in range(2)]
    finally:
        source.close()
        media.close()


class _Counting(NoMonitor):
    """Knows whether a worker died."""

    def __init__(self) -> None:
        self.deaths = 0

    def free_bytes(self) -> int:
        return free_bytes()

    def record_crash(self, model: Model) -> None:
        self.deaths += 1


def language(path: Path) -> Ending:
    """Load a GGUF, count, write four tokens."""
    care = _Counting()
    engine = RemoteLanguage(Model("tried", ModelKind.LANGUAGE, path, path.stat().st_size), 1, 1024, care)

    def work() -> None:
        engine.facts()
        engine.count_prompt(_PROMPT)
        list(engine.generate(_PROMPT, reply_tokens=4))

    return _ending(work, engine.close, care)


def speech(path: Path, sound: list[Pcm]) -> Ending:
    """Load a Whisper folder, hear four seconds."""
    care = _Counting()
    engine = RemoteSpeech(Model("tried", ModelKind.SPEECH, path, 1), 1, care)
    return _ending(lambda: list(engine.transcribe(iter(sound), SpeechOptions((0,), "en"))), engine.close, care)


def _ending(work: Callable[[], object], close: Callable[[], None], care: _Counting) -> Ending:
    began = time.monotonic()
    kind, words = "works", ""
    try:
        work()
    except AssistantError as error:
        kind, words = type(error).__name__, f"{error.title} {error.advice}"
    seconds = time.monotonic() - began
    close()
    return Ending(kind + (", worker ended" if care.deaths else ""), words, seconds)


def mutations(of_language: int, of_speech: int, first: int = 0) -> list[tuple[int, bool, Ending]]:
    """Try so many models with random changes, two at a time: the seed, whether of speech, the ending."""
    sound = speech_sound()
    with tempfile.TemporaryDirectory() as place, forked_workers(), ThreadPoolExecutor(2) as both:
        folder = Path(place)

        def one(job: tuple[int, bool]) -> tuple[int, bool, Ending]:
            seed, is_speech = job
            files = damage.mutated(seed, is_speech)
            if is_speech:
                model = damage.folder_of(folder / f"speech-{seed}", files)
                ending = speech(model, sound)
                for file in model.iterdir():
                    file.unlink()
                model.rmdir()
            else:
                model = folder / f"{seed}.gguf"
                model.write_bytes(files["model.gguf"])
                ending = language(model)
                model.unlink()
            return seed, is_speech, ending

        jobs = [(first + n, False) for n in range(of_language)] + [(first + n, True) for n in range(of_speech)]
        return list(both.map(one, jobs))


def main() -> int:
    """Print how many ended how; 1 if one took too long."""
    numbers = [int(argument) for argument in sys.argv[1:]] + [4000, 1000, 0][len(sys.argv) - 1 :]
    began = time.monotonic()
    found = mutations(*numbers)
    for is_speech in (False, True):
        endings = [(seed, ending) for seed, kind, ending in found if kind is is_speech]
        if not endings:
            continue
        print(f"{'Whisper folders' if is_speech else 'GGUF files'} with random changes: {len(endings)}")
        for kind, count in Counter(ending.kind for _, ending in endings).most_common():
            longest = max((ending.seconds, seed) for seed, ending in endings if ending.kind == kind)
            print(f"  {count:6}  {kind:<32} longest {longest[0]:.1f} s (seed {longest[1]})")
    late = [(seed, ending) for seed, _, ending in found if ending.seconds > MOST_SECONDS]
    print(f"over {MOST_SECONDS:.0f} s: {[(seed, round(ending.seconds, 1)) for seed, ending in late]}")
    print(f"in {time.monotonic() - began:.0f} s")
    return 1 if late else 0


if __name__ == "__main__":
    sys.exit(main())
