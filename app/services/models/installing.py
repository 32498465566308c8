"""Bringing models in without a network, passing them on, checking them and throwing them away."""

import re
from collections.abc import Callable, Generator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from app.catalog import file_policy
from app.catalog.catalogue import CatalogFile
from app.catalog.installed import models_folder, packs, receipts
from app.catalog.installed.copying import copied, copied_file, unreadable
from app.catalog.installed.packs import Pack
from app.catalog.installed.receipts import Record
from app.catalog.installed.staging import Arrival, require_room, translated
from app.core.download import CHECKING
from app.core.engines import Engines, SpeechOptions
from app.core.errors import ModelDamaged, ModelError, ModelMissing, ModelTooLarge
from app.core.job import Context, Progress
from app.core.model import Model, ModelKind
from app.services.models.selection import Provisioning

COPYING, PACKING = "Copying", "Packing"
_WHISPER_FILES = frozenset({"model.bin", "config.json", "tokenizer.json", "preprocessor_config.json"})
_UNKNOWN = (
    "This is no model that Tacit can use.",
    "It was left as it is; choose a GGUF file, a folder with a CTranslate2 Whisper model, or a model pack.",
)


@dataclass(frozen=True, slots=True)
class Finding:
    """What checking a model found; `is_good` is None where no hash of it is kept."""

    name: str
    is_good: bool | None
    detail: str


class Bringing:
    """Works on the models folder. A stranger's file is copied and hashed here, and parsed only in a worker."""

    def __init__(self, models: Provisioning, engines: Callable[[], Engines]) -> None:
        self._models = models
        self._engines = engines

    def add(self, path: Path, context: Context) -> list[Model]:
        """Take in a GGUF file, a Whisper folder or a model pack; a worker loads it before it is believed.

        Raises:
            ModelDamaged: it is none of these, or damaged; it was left as it is, and nothing was taken in.
            DownloadError, NotEnoughSpace: the models folder refuses.
        """
        path = path.absolute()
        if packs.is_pack(path):
            with packs.opened(path) as pack:
                return self._from_pack(pack, context)
        kind, sources = _looked_at(path)
        name = sources[0].parent.name if kind is ModelKind.SPEECH else re.sub("-00001-of-.*", "", sources[0].stem)
        return [self._copied_in(file_policy.id_of(name), kind, name, sources, context)]

    def pack(self, names: list[str], out: Path, context: Context) -> list[Record]:
        """Write a pack of these models.

        Raises:
            ModelMissing: one of them is not here.
            DownloadError, NotEnoughSpace, ModelDamaged: as `catalog.packs.write`.
        """
        models = [self._models.named(name) for name in dict.fromkeys(names)]
        if any(model.is_demo for model in models):
            raise ModelError("The demo models come with every Tacit.", "No pack was written; name models of your own.")
        folders = [(models_folder.files_of(model)[0].parent, self._record(model, context)) for model in models]
        advance = _advance(context, PACKING, sum(record.size for _, record in folders))
        packs.write(folders, out, advance)
        return [record for _, record in folders]

    def remove(self, name: str) -> Model:
        """Delete a model.

        Raises:
            ModelMissing: there is none of that name.
            ModelError: it comes with Tacit, an engine works with it, or the disk refuses.
        """
        model = self._models.named(name)
        if model.is_demo:
            raise ModelError("The demo models can't be removed.", "They take 13 MB, and show that Tacit works here.")
        models_folder.remove(model)
        return model

    def verify(self, context: Context, only: str = "") -> Generator[Finding, None, None]:
        """Hash every model again, or only one, one finding each."""
        folder = self._models.folder
        known = [(place, record) for place, record in models_folder.recorded(folder) if only in ("", record.id)]
        advance = _advance(context, CHECKING, sum(record.size for _, record in known))
        for place, record in known:
            wrong = [file.name for file in record.files if not _is_right(place / file.name, file.sha256, advance)]
            detail = f"not as it came: {', '.join(wrong)}; remove it, and bring it in again" if wrong else "as it came"
            yield Finding(record.id, not wrong, detail)
        for model in models_folder.models_in(folder):
            if models_folder.record_of(model) is None and only in ("", model.name):
                yield Finding(model.name, None, "put here by hand, so no hash of it is kept")

    def _from_pack(self, pack: Pack, context: Context) -> list[Model]:
        wanted = [record for record in pack.models if not self._is_here(record)]
        require_room(self._made_folder(), sum(record.size for record in wanted))
        advance = _advance(context, COPYING, sum(record.size for record in wanted))
        for record in wanted:
            with Arrival(self._models.folder, record.id) as arrival:
                try:
                    for file in record.files:
                        with pack.opened(f"{record.id}/{file.name}") as untrusted:
                            copied(untrusted, arrival, file.name, file.bytes, advance, file.sha256)
                    self._tried(record, arrival.folder)
                    arrival.settle(record)
                except BaseException:
                    arrival.give_up()
                    raise
        return [self._models.named(record.id) for record in pack.models]

    def _copied_in(self, id_: str, kind: ModelKind, name: str, sources: list[Path], context: Context) -> Model:
        total = sum(path.stat().st_size for path in sources)
        require_room(self._made_folder(), total)
        advance = _advance(context, COPYING, total)
        with Arrival(self._models.folder, id_) as arrival:
            try:
                files = tuple(copied_file(path, arrival, _name_of(path, kind), advance) for path in sources)
                record = Record(id_, kind, name[:200], files)
                if not record.is_sound():
                    raise file_policy.refuse()
                if not self._is_here(record):
                    self._tried(record, arrival.folder)
                    arrival.settle(record)
                else:
                    arrival.give_up()
            except BaseException:
                arrival.give_up()
                raise
        return self._models.named(id_)

    def _is_here(self, record: Record) -> bool:
        """Whether this very model is on the shelf.

        Raises:
            ModelError: another one of its name is.
        """
        place = self._models.folder / record.id
        there = receipts.read(place)
        if there is not None and there.files == record.files and models_folder.is_whole(place, there):
            return True
        if place.exists() and there is None:
            advice = "Nothing was taken in; rename the folder in the models folder, or the file that you bring."
            raise ModelError("The models folder has something else of that name.", advice)
        if there is not None and there.files != record.files:
            raise ModelError(
                "Another model of that name is here.",
                "Nothing was taken in; remove that one first, or rename the file.",
            )
        return False

    def _tried(self, record: Record, folder: Path) -> None:
        """Have a worker load it; one that is too large for this computer's memory now is taken in all the same."""
        engines = self._engines()
        if record.kind is ModelKind.LANGUAGE:
            path = folder / record.main_file
            language = engines.language(Model(record.id, record.kind, path, record.size))
            try:
                with suppress(ModelTooLarge):
                    language.facts()
            finally:
                language.close()
        elif record.kind is ModelKind.SPEECH:
            speech = engines.speech(Model(record.id, record.kind, folder, record.size))
            try:
                with suppress(ModelTooLarge):
                    list(speech.transcribe(iter(()), SpeechOptions((0,), "en")))
            finally:
                speech.close()

    def _record(self, model: Model, context: Context) -> Record:
        """What is kept of a model; of one that was put here by hand it is made now."""
        if (known := models_folder.record_of(model)) is not None:
            return known
        paths = models_folder.files_of(model)
        advance = _advance(context, CHECKING, sum(path.stat().st_size for path in paths))
        files = tuple(CatalogFile(path.name, path.stat().st_size, receipts.sha256(path, advance)) for path in paths)
        record = Record(file_policy.id_of(model.name), model.kind, model.name[:200], files)
        if not record.is_sound():
            raise ModelError(
                "This model's files have names that no pack can hold.", "No pack was written; rename them."
            )
        return record

    def _made_folder(self) -> Path:
        with translated():
            self._models.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self._models.folder


def _looked_at(path: Path) -> tuple[ModelKind, list[Path]]:
    """What a path holds, from names and first bytes alone."""
    try:
        if path.is_dir() and models_folder.is_whisper(path):
            taken = [f for f in path.iterdir() if f.name in _WHISPER_FILES or f.name.startswith("vocabulary.")]
            return ModelKind.SPEECH, sorted(taken, key=lambda file: file.name != "model.bin")
        if path.is_dir():
            found = [
                file for file in path.iterdir() if file.suffix.casefold() == ".gguf" and models_folder.is_gguf(file)
            ]
            path = found[0] if len(found) == 1 else path
        if path.is_file() and models_folder.is_gguf(path):
            sources = models_folder.pieces(path)
            if not all(file.is_file() for file in sources):
                raise ModelDamaged("Pieces of this model are missing.", "Nothing was taken in; bring all of them.")
            return ModelKind.LANGUAGE, sources
        if not path.exists():
            raise ModelMissing("There is nothing at that path.", "Nothing was changed; check how it is written.")
    except OSError as error:
        raise unreadable() from error
    raise ModelDamaged(*_UNKNOWN)


def _name_of(path: Path, kind: ModelKind) -> str:
    """A file's name on the shelf; a language model is known by what it holds, whatever its name ended in."""
    ending = ".gguf" if kind is ModelKind.LANGUAGE else path.suffix
    plain = re.sub(r"[^A-Za-z0-9._+ -]+", "-", path.stem).lstrip("-._ ") + ending
    return plain if file_policy.is_name(plain) else f"model{ending}"


def _is_right(path: Path, sha256: str, advance: Callable[[int], None]) -> bool:
    try:
        return receipts.sha256(path, advance) == sha256
    except OSError:
        return False


def _advance(context: Context, step: str, total: int) -> Callable[[int], None]:
    done = 0

    def advance(size: int) -> None:
        nonlocal done
        context.checkpoint()
        done += size
        context.report(Progress(step, done, total, "bytes"))

    return advance
