"""Looking inside a model, and writing it in another type, by a worker that may write one folder alone."""

import re
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from app.catalog import file_policy
from app.catalog.catalogue import CatalogFile
from app.catalog.installed import models_folder, receipts
from app.catalog.installed.receipts import Record
from app.catalog.installed.staging import Arrival, require_room
from app.core.engines import Engines
from app.core.errors import ModelError
from app.core.inspection import QUANTISED, Inspection
from app.core.job import Context
from app.core.model import Model, ModelKind
from app.services.models.selection import Provisioning

_HEADER = 64_000_000  # bytes that header and vocabulary take at most beside the weights


_LONGEST_NAME = 120  # characters
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
        there = {model.name for model in self._models.here()}
        return sorted((s for s in found if _id(model, s.type_name) not in there), key=lambda s: -s.size)

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
        id_ = _id(model, type_name)
        if (self._models.folder / id_).exists():
            raise ModelError("There is a model of that name and type already.", "Nothing was changed.")
        with Arrival(self._models.folder, id_) as arrival:
            try:
                target = arrival.folder / f"{_plain(model)}-{type_name}.gguf"
                self._write(model, target, type_name, context)
                sha256 = receipts.sha256(target, lambda _: context.checkpoint())
                arrival.settle(_record(model, id_, type_name, CatalogFile(target.name, target.stat().st_size, sha256)))
            except BaseException:
                arrival.discard()
                raise
        return self._models.named(id_)

    def _write(self, model: Model, target: Path, type_name: str, context: Context) -> None:
        with closing(self._engines().models([model.path], [target.parent])) as engine:
            require_room(target.parent, engine.quantised_size(model.path, type_name) + _HEADER)
            with closing(engine.quantise(model.path, target, type_name)) as steps:  # type: ignore[type-var]
                for progress in steps:
                    context.checkpoint()
                    context.report(progress)
        made = Model(target.stem, ModelKind.LANGUAGE, target, target.stat().st_size)
        with closing(self._engines().language(made)) as language:
            language.facts()  # a worker loads it before it is believed


def _plain(model: Model) -> str:
    """A model's name without its type, as the begin of a file's name."""
    name = re.sub(r"[^A-Za-z0-9._+-]+", "-", model.name.rpartition("/")[2])[:_LONGEST_NAME].lstrip("-._") or "model"
    listed = "|".join(map(re.escape, QUANTISED))
    return re.sub(rf"[-._](?:{listed})$", "", name, flags=re.IGNORECASE)


def _id(model: Model, type_name: str) -> str:
    """The id of a model in another type."""
    ending = f"-{type_name.lower()}"
    return f"{file_policy.id_of(_plain(model), 64 - len(ending))}{ending}"


def _record(model: Model, id_: str, type_name: str, file: CatalogFile) -> Record:
    """What is kept of it: the licence stays, and the name as far as it is no type."""
    known = models_folder.record_of(model)
    name = re.sub(r" \([A-Z0-9_]+\)$", "", known.name) if known is not None else _plain(model)
    licence = known.licence if known is not None else ""
    return Record(id_, model.kind, f"{name[:_LONGEST_NAME]} ({type_name})", (file,), "made", licence)
