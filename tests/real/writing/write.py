"""Runs each action on each text with a real model, and writes what came of it, to be read.

    TACIT_REAL=FOLDER python -m tests.real.writing.write OUT.md MODEL [HALF]

MODEL is the beginning of a file's name in models/; HALF is "tuned" or "judged".
"""

import os
import sys
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

import msgspec

from app.core.errors import AssistantError
from app.core.job import NullContext
from app.core.writing.action import TextAction
from app.core.writing.written import Written
from app.engines.parent.engines import LocalEngines
from app.services.engine_pool import EnginePool
from app.services.models.selection import ModelSelection
from app.services.settings import SettingsFile
from app.services.writing.writing import Writing

TEXTS = Path(__file__).with_name("texts.toml")


class RealText(msgspec.Struct, frozen=True):
    """A text of `texts.toml`."""

    name: str
    half: str
    language: str
    actions: tuple[str, ...]
    text: str
    to: str = ""


def real_texts(half: str = "") -> list[RealText]:
    """The texts of one half, or all."""
    found = msgspec.convert(tomllib.loads(TEXTS.read_text("utf-8"))["texts"], list[RealText])
    return [one for one in found if not half or one.half == half]


def pool_with(model: Path, folder: Path) -> EnginePool:
    """Engines with this language model alone; `folder` takes its link, and the settings."""
    models = folder / "models"
    models.mkdir(parents=True, exist_ok=True)
    link = models / model.name
    if not link.exists():
        link.symlink_to(model)
    settings = SettingsFile(folder / "settings.json")
    return EnginePool(LocalEngines(2, 4096), ModelSelection(models, settings, demo=list))


def results(writing: Writing, half: str = "") -> Iterator[tuple[RealText, TextAction, Written | AssistantError, float]]:
    """What came of each action on each text, with the seconds that it took."""
    for one in real_texts(half):
        for action in map(TextAction, one.actions):
            began = time.monotonic()
            try:
                found: Written | AssistantError = writing.run(action, one.text, NullContext(), target=one.to)
            except AssistantError as error:
                found = error
            yield one, action, found, time.monotonic() - began


def main(out: Path, name: str, half: str = "") -> int:
    """Write all of them."""
    real = Path(os.environ.get("TACIT_REAL", "nowhere"))
    (model,) = (real / "models").glob(f"{name}*.gguf")
    pool = pool_with(model, out.parent / f"home-{name}")
    try:
        with out.open("w", encoding="utf-8") as file:
            for one, action, found, seconds in results(Writing(pool), half):
                said = str(found) if isinstance(found, AssistantError) else found.new
                notes = "" if isinstance(found, AssistantError) else "".join(f"\n> {note}" for note in found.notes)
                file.write(f"### {one.name}: {action.value} ({seconds:.0f} s)\n\n{said.strip()}\n{notes}\n\n")
                file.flush()
    finally:
        pool.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve(), *sys.argv[2:]))
