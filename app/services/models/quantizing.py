"""Inspecting a model, and quantising it to another type in a worker that may write to one folder only."""

import re
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from app.catalog import file_policy
from app.catalog.catalogue import CatalogFile
from app.catalog.installed import models_folder, receipts
from app.catalog.installed.receipts import Record
from app.catalog.installed.staging import StagingFolder, require_room
from app.core.engines import Engines
from app.core.errors import ModelError
from app.core.inspection import QUANTISED, Inspection
from app.core.job import JobContext
from app.core.model import Model, ModelKind
from app.services.models.selection import ModelSelection

_MOST_HEADER_BYTES = 64_000_000  # bytes; header and vocabulary beside the weights take no more


_LONGEST_NAME = 120  # characters
_SMALLER_SHARE = 0.97  # of the size; a type must stay below this to count as smaller


@dataclass(frozen=True, slots=True)
class Smaller:
    """A type in which a model would be smaller, and the size of its file in bytes."""

    type_name: str
    size: int


class Quantizing:
    """Works on installed models, and on files that a person names."""

    def __init__(self, models: ModelSelection, engines: Callable[[], Engines]) -> None:
        self._models = models
        self._engines = engines

    def inspect(self, path: Path) -> Inspection:
        """What is inside a GGUF file or a Whisper folder; it is parsed only in a worker.

        Raises:
            ModelDamaged: it is neither.
        """
        path = path.absolute()
        with closing(self._engines().models([path])) as engine:
            return engine.inspect(path)

    def smaller(self, model: Model) -> list[Smaller]:
        """The types in which a language model would be smaller and is not installed yet, the largest first.

        Raises:
            ModelDamaged: it can't be read.
        """
        if model.kind is not ModelKind.LANGUAGE:
            return []
        with closing(self._engines().models([model.path])) as engine:
            header = max(0, model.size - engine.inspect(model.path).size)
            sizes = {name: engine.quantised_size(model.path, name) + header for name in QUANTISED}
        found = [Smaller(name, size) for name, size in sizes.items() if size < _SMALLER_SHARE * model.size]
        existing = {model.name for model in self._models.here()}
        return sorted((s for s in found if _id(model, s.type_name) not in existing), key=lambda s: -s.size)

    def quantise(self, model: Model, type_name: str, context: JobContext) -> Model:
        """Quantise a language model into the models folder; the result is complete and tested, or nothing is there.

        Raises:
            ModelError: there is such a model already, or this one can't be quantised.
            ModelDamaged, NotEnoughSpace, DownloadError: nothing was written.
            Cancelled: nothing was written.
        """
        if model.kind is not ModelKind.LANGUAGE:
            raise ModelError("Only language models can be written in another type.", "Nothing was changed.")
        if type_name not in QUANTISED:
            raise ModelError("There is no such type.", f"Nothing was changed; choose one of {', '.join(QUANTISED)}.")
        id_ = _id(model, type_name)
        if (self._models.folder / id_).exists():
            raise ModelError("There is a model of that name and type already.", "Nothing was changed.")
        with StagingFolder(self._models.folder, id_) as arrival:
            try:
                target = arrival.folder / f"{_name_without_type(model)}-{type_name}.gguf"
                self._write(model, target, type_name, context)
                sha256 = receipts.sha256(target, lambda _: context.checkpoint())
                arrival.install(_record(model, id_, type_name, CatalogFile(target.name, target.stat().st_size, sha256)))
            except BaseException:
                arrival.discard()
                raise
        return self._models.named(id_)

    def _write(self, model: Model, target: Path, type_name: str, context: JobContext) -> None:
        with closing(self._engines().models([model.path], [target.parent])) as engine:
            require_room(target.parent, engine.quantised_size(model.path, type_name) + _MOST_HEADER_BYTES)
            with closing(engine.quantise(model.path, target, type_name)) as steps:  # type: ignore[type-var]
                for progress in steps:
                    context.checkpoint()
                    context.report(progress)
        made = Model(target.stem, ModelKind.LANGUAGE, target, target.stat().st_size)
        with closing(self._engines().language(made)) as language:
            language.facts()  # a worker must load it before it is accepted


def _name_without_type(model: Model) -> str:
    """A model's name without its type, as the beginning of a file name."""
    name = re.sub(r"[^A-Za-z0-9._+-]+", "-", model.name.rpartition("/")[2])[:_LONGEST_NAME].lstrip("-._") or "model"
    listed = "|".join(map(re.escape, QUANTISED))
    return re.sub(rf"[-._](?:{listed})$", "", name, flags=re.IGNORECASE)


def _id(model: Model, type_name: str) -> str:
    """The id of a model in another type."""
    ending = f"-{type_name.lower()}"
    return f"{file_policy.id_of(_name_without_type(model), 64 - len(ending))}{ending}"


def _record(model: Model, id_: str, type_name: str, file: CatalogFile) -> Record:
    """The record of the new model, with the licence and the name of the original, except for its type."""
    known = models_folder.record_of(model)
    name = re.sub(r" \([A-Z0-9_]+\)$", "", known.name) if known is not None else _name_without_type(model)
    licence = known.licence if known is not None else ""
    return Record(id_, model.kind, f"{name[:_LONGEST_NAME]} ({type_name})", (file,), "made", licence)
