"""Looking inside a model, and writing it in another type, by a worker that may write one folder alone."""

import re
import shutil
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from app.catalog import shelf
from app.catalog.arriving import require_room, translated
from app.core.engine import Engines
from app.core.errors import ModelError
from app.core.inspection import QUANTISED, Inspection
from app.core.job import Context
from app.core.model import Model, ModelKind
from app.services.provisioning import Provisioning

_HEADER = 64_000_000  # bytes that header and vocabulary take at most beside the weights


_LESS = 0.97  # of the size, from which on another type counts as smaller


@dataclass(frozen=True, slots=True)
class Smaller:
    """A type in which a model would take less room, and the bytes of its file then."""

    type_name: str
    size: int


class Converting:
    """Works on models that are here, and on files that a person names."""

    def __init__(self, models: Provisioning, engines: Callable[[], Engines]) -> None:
        self._models = models
        self._engines = engines

    def inspect(self, path: Path) -> Inspection:
        """What is inside a GGUF file or a Whisper folder; only a worker parses it.

        Raises:
            ModelDamaged: it is none.
        """
        path = path.absolute()
        with closing(self._engines().models([path])) as engine:
            return engine.inspect(path)

    def smaller(self, model: Model) -> list[Smaller]:
        """The types in which a language model would take less room and that are not here, the largest first.

        Raises:
            ModelDamaged: it can't be read.
        """
        if model.kind is not ModelKind.LANGUAGE:
            return []
        with closing(self._engines().models([model.path])) as engine:
            header = max(0, model.size - engine.inspect(model.path).size)
            sizes = {name: engine.quantised_size(model.path, name) + header for name in QUANTISED}
        found = [Smaller(name, size) for name, size in sizes.items() if size < _LESS * model.size]
        return sorted((s for s in found if not self._target(model, s.type_name).exists()), key=lambda s: -s.size)

    def quantise(self, model: Model, type_name: str, context: Context) -> Model:
        """Write a language model in another type into the models folder; it is there whole, tried, or not at all.

        Raises:
            ModelError: there is such a model already, or it is none to be written so.
            ModelDamaged, NotEnoughSpace, DownloadError: nothing was written.
            Cancelled: likewise.
        """
        if model.kind is not ModelKind.LANGUAGE:
            raise ModelError("Only language models can be written in another type.", "Nothing was changed.")
        if type_name not in QUANTISED:
            raise ModelError("There is no such type.", f"Nothing was changed; choose one of {', '.join(QUANTISED)}.")
        target = self._target(model, type_name)
        if target.exists():
            raise ModelError("There is a model of that name and type already.", "Nothing was changed.")
        with translated():
            self._models.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            place = Path(tempfile.mkdtemp(prefix=".quantizing-", dir=self._models.folder))
        try:
            written = self._written(model, place / target.name, type_name, context)
            with translated():
                written.path.replace(target)
        finally:
            shutil.rmtree(place, ignore_errors=True)
        return next(m for m in shelf.models_in(self._models.folder) if m.path == target)

    def _target(self, model: Model, type_name: str) -> Path:
        return self._models.folder / f"{_plain(model)}-{type_name}.gguf"

    def _written(self, model: Model, target: Path, type_name: str, context: Context) -> Model:
        with closing(self._engines().models([model.path], [target.parent])) as engine:
            require_room(target.parent, engine.quantised_size(model.path, type_name) + _HEADER)
            with closing(engine.quantise(model.path, target, type_name)) as steps:  # type: ignore[type-var]
                for progress in steps:
                    context.checkpoint()
                    context.report(progress)
        made = Model(target.stem, ModelKind.LANGUAGE, target, target.stat().st_size)
        with closing(self._engines().language(made)) as language:
            language.facts()  # a worker loads it before it is believed
        return made


def _plain(model: Model) -> str:
    """A model's name without its type, as the begin of a file's name."""
    name = re.sub(r"[^A-Za-z0-9._+-]+", "-", model.name.rpartition("/")[2]).lstrip("-._") or "model"
    listed = "|".join(map(re.escape, QUANTISED))
    return re.sub(rf"[-._](?:{listed})$", "", name, flags=re.IGNORECASE)
