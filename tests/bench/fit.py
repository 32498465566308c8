"""The forecast of memory beside what a worker really takes, on models of random weights.

    python -m tests.bench.fit [SHAPE...]

Measured is the worker's own peak (VmHWM on Linux), in a fresh process, after a prompt that fills
the context to its last batch and a few words of reply: the most that the model can ever take. Beside
it stands what the same forecast makes of the shape alone, as for a model that is not here.
"""

import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from app.core.engine import Prompt
from app.core.fit import CacheType, Need, Profile
from app.core.model import Model, ModelKind
from app.engines.remote import RemoteLanguage
from app.engines.remote_models import RemoteModels
from tests.making_models import language

CONTEXT = 2048
MOST_OFF = 0.05


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


def rows(names: list[str], profile: Profile | None = None) -> list[Row]:
    """Make, forecast and measure each shape."""
    wished = profile or Profile(CONTEXT)
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            facts = language.SHAPES[name]
            path = language.make(Path(folder) / "model.gguf", facts)
            looking = RemoteModels(2, [path])
            try:
                from_facts = looking.need(wished, facts=facts, size=path.stat().st_size)
                forecast = looking.need(wished, path)
            finally:
                looking.close()
            found.append(Row(name, path.stat().st_size, forecast, from_facts, measured(path, wished)))
            path.unlink()
    return found


def main() -> int:
    """Print the table; 1 if a forecast from a file misses its bar."""
    found = rows(sys.argv[1:] or list(language.SHAPES))
    print(f"context {CONTEXT} tokens, {os.cpu_count()} processors; MB")
    print(f"{'shape':<30}{'file':>7}{'weights':>9}{'cache':>7}{'scratch':>9}{'forecast':>10}{'measured':>10}{'off':>8}"
          f"{'from facts':>13}")  # fmt: skip
    for row in found:
        need = row.forecast
        parts = f"{row.size / 1e6:>7.0f}{need.weights / 1e6:>9.0f}{need.cache / 1e6:>7.0f}{need.compute / 1e6:>9.0f}"
        total = f"{need.total / 1e6:>10.0f}{row.measured / 1e6:>10.0f}{row.off:>+8.1%}{row.facts_off:>+13.1%}"
        print(f"{row.name:<30}{parts}{total}")
    worst = max(found, key=lambda row: abs(row.off))
    print(f"worst: {worst.off:+.1%} ({worst.name}); at most {MOST_OFF:.0%}")
    return 0 if abs(worst.off) <= MOST_OFF else 1


if __name__ == "__main__":
    sys.exit(main())
