"""The forecast of memory beside what a worker really takes, on models of random weights.

    python -m tests.bench.fit [SHAPE...]

Measured is the worker's own peak (VmHWM on Linux), in a fresh process, after a prompt that fills
the context to its last batch, read in pieces as large as on a fast computer, and a few words of reply:
the most that the model can ever take. Beside
it stands what the same forecast makes of the shape alone, as for a model that is not here. Then other
contexts and a cache of eight bits; and speech models that were never sure of what they heard, each with
a language model beside it.
"""

import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.core.engines import Pcm, Prompt, SpeechOptions
from app.core.files import FileSource
from app.core.fit import CacheType, Need, Profile, speech_need
from app.core.model import Model, ModelKind
from app.core.resources import demo_call
from app.engines.parent import process
from app.engines.parent.engines import RemoteLanguage, RemoteMedia, RemoteSpeech
from app.engines.parent.model_tools import RemoteModelTools
from tests.bench import whole_pieces
from tests.making_models import language, whisper

CONTEXT = 2048
MOST_OFF = 0.05
OTHERS = (
    ("llama, Q4_0", Profile(512)), ("llama, Q4_0", Profile(8192)), ("llama, Q4_0", Profile(2048, CacheType.Q8)),
    ("qwen2, Q8_0", Profile(1024, CacheType.Q8)), ("qwen3, Q4_K", Profile(4096)),
    ("qwen3, Q4_K", Profile(1024, CacheType.Q8)), ("gemma3, sliding, Q4_0", Profile(8192)),
    ("gemma3, sliding, Q4_0", Profile(1024, CacheType.Q8)), ("lfm2, hybrid, Q4_0", Profile(512)),
    ("granitehybrid, Mamba-2, Q4_K", Profile(4096)), ("qwen35, delta net, Q4_K", Profile(4096)),
    ("qwen35, delta net, Q4_K", Profile(1024, CacheType.Q8)),
)  # fmt: skip
HEARD = ("tiny", "base", "small")
_SOUND = 30.0  # seconds of the demo call: a full window


@dataclass(frozen=True)
class Row:
    """A shape: its file's size, the forecasts from its file and from its facts, the measured peak; bytes."""

    name: str
    size: int
    forecast: Need
    from_facts: Need
    measured: int

    @property
    def off(self) -> float:
        """The forecast's error as a share of what was measured."""
        return self.forecast.total / self.measured - 1

    @property
    def facts_off(self) -> float:
        """The same for the forecast without the file."""
        return self.from_facts.total / self.measured - 1


def measured(path: Path, profile: Profile) -> int:
    """Peak bytes of a worker whose context was filled."""
    command, process.worker_command = process.worker_command, _worker_command
    engine = RemoteLanguage(Model("random", ModelKind.LANGUAGE, path, path.stat().st_size), 2, profile.context_tokens)
    if profile.cache is CacheType.Q8:
        engine._profiles = (profile,)
    try:
        words = profile.context_tokens
        while engine.count_prompt(prompt := Prompt((("user", "b " * words),))) > profile.context_tokens - 20:
            words -= 8
        list(engine.generate(prompt, reply_tokens=16))
        return engine.peak_bytes()
    finally:
        engine.close()
        process.worker_command = command


def _worker_command(name: str) -> list[str]:
    return [sys.executable, "-I", whole_pieces.__file__, "--worker", name]


def rows(names: list[str], profile: Profile | None = None) -> list[Row]:
    """Make, forecast and measure each shape."""
    wished = profile or Profile(CONTEXT)
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            facts = language.SHAPES[name]
            path = language.make(Path(folder) / "model.gguf", facts)
            looking = RemoteModelTools(2, [path])
            try:
                from_facts = looking.need(wished, facts=facts, size=path.stat().st_size)
                forecast = looking.need(wished, path)
            finally:
                looking.close()
            found.append(Row(name, path.stat().st_size, forecast, from_facts, measured(path, wished)))
            path.unlink()
    return found


@dataclass(frozen=True)
class Hearing:
    """A speech model: its size on disk, the forecast, the measured peak; bytes."""

    name: str
    size: int
    forecast: int
    measured: int

    @property
    def off(self) -> float:
        """The forecast's error as a share of what was measured."""
        return self.forecast / self.measured - 1

    def beside(self, row: Row) -> float:
        """The same for both together."""
        return (self.forecast + row.forecast.total) / (self.measured + row.measured) - 1


def heard(names: Sequence[str], seconds: float = _SOUND) -> list[Hearing]:
    """Make, forecast and measure speech models of these shapes, while each recognises so many seconds."""
    media, source = RemoteMedia(), FileSource(demo_call())
    try:
        sound = [block for block in media.decode(source, (0,)) if block.start < seconds]
    finally:
        source.close()
        media.close()
    with tempfile.TemporaryDirectory() as folder:
        return [_heard(whisper.make(Path(folder) / name, name), sound) for name in names]


def _heard(path: Path, sound: list[Pcm]) -> Hearing:
    size = sum(file.stat().st_size for file in path.iterdir())
    engine = RemoteSpeech(Model("random", ModelKind.SPEECH, path, size), 2)
    try:
        list(engine.transcribe(iter(sound), SpeechOptions((0,), "en")))
        return Hearing(path.name, size, speech_need(size), engine.peak_bytes())
    finally:
        engine.close()


def main() -> int:
    """Print the tables; 1 if a forecast from a file, or of a speech model, misses its bar."""
    named = sys.argv[1:]
    wished = [(name, Profile(CONTEXT)) for name in named or language.SHAPES] + ([] if named else list(OTHERS))
    print(f"{os.cpu_count()} processors; MB")
    print(f"{'shape':<30}{'context':>9}{'file':>7}{'weights':>9}{'cache':>7}{'scratch':>9}{'forecast':>10}{'measured':>10}"
          f"{'off':>8}{'from facts':>13}")  # fmt: skip
    found = []
    for name, profile in wished:
        (row,) = rows([name], profile)
        need = row.forecast
        context = f"{profile.context_tokens}{'' if profile.cache is CacheType.F16 else ' q8'}"
        parts = f"{row.size / 1e6:>7.0f}{need.weights / 1e6:>9.0f}{need.cache / 1e6:>7.0f}{need.compute / 1e6:>9.0f}"
        total = f"{need.total / 1e6:>10.0f}{row.measured / 1e6:>10.0f}{row.off:>+8.1%}{row.facts_off:>+13.1%}"
        print(f"{row.name:<30}{context:>9}{parts}{total}", flush=True)
        found.append(row)
    misses = [row.off for row in found]
    beside = found[0]
    for one in heard(() if named else HEARD):
        figures = f"{one.size / 1e6:>7.0f}{one.forecast / 1e6:>35.0f}{one.measured / 1e6:>10.0f}{one.off:>+8.1%}"
        print(f"{'Whisper ' + one.name:<39}{figures}   with {beside.name}: {one.beside(beside):+.1%}")
        misses += [one.off, one.beside(beside)]
    worst = max(misses, key=abs)
    print(f"worst of {len(misses)}: {worst:+.1%}; at most {MOST_OFF:.0%}")
    return 0 if abs(worst) <= MOST_OFF else 1


if __name__ == "__main__":
    sys.exit(main())
