"""Installing models without a network, packing them for others, verifying and removing them."""

import re
from collections.abc import Callable, Generator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from app.catalog import file_policy
from app.catalog.catalogue import CatalogFile
from app.catalog.installed import models_folder, packs, receipts
from app.catalog.installed.copying import copy_file, copy_stream, unreadable_error
from app.catalog.installed.packs import Pack
from app.catalog.installed.receipts import Record
from app.catalog.installed.staging import StagingFolder, require_room, translate_disk_errors
from app.core.download import CHECKING
from app.core.engines import Engines, SpeechOptions
from app.core.errors import ModelDamaged, ModelError, ModelMissing, ModelStalls, ModelTooLarge
from app.core.job import JobContext, Progress
from app.core.model import Model, ModelKind
from app.core.output import Output
from app.services.models.base_models import CONTINUES_TEXTS
from app.services.models.selection import ModelSelection

COPYING, PACKING = "Copying", "Packing"
_WHISPER_FILES = frozenset({"model.bin", "config.json", "tokenizer.json", "preprocessor_config.json"})
_UNKNOWN = (
    "This is no model that Tacit can use.",
    "It was left as it is; choose a GGUF file, a folder with a CTranslate2 Whisper model, or a model pack.",
)
_NO_VOICE_PRINTS = (
    "This ONNX file is no voice print model, the only kind of ONNX file that Tacit can use.",
    "It was left as it is, and nothing was taken in; «tacit models list» shows models that tell voices apart.",
)


@dataclass(frozen=True, slots=True)
class ModelFinding:
    """The result of verifying a model; `is_good` is None where no hash of it is kept."""

    name: str
    is_good: bool | None
    detail: str


class Installing:
    """Works on the models folder. An untrusted file is copied and hashed here, but parsed only in a worker."""

    def __init__(self, models: ModelSelection, engines: Callable[[], Engines]) -> None:
        self._models = models
        self._engines = engines

    def add(self, path: Path, context: JobContext) -> list[Model]:
        """Install a GGUF or ONNX file, a Whisper folder or a model pack; a worker must load it before it is accepted.

        Raises:
            ModelDamaged: it is none of these, or damaged; it was left as it is, and nothing was installed.
            DownloadError, NotEnoughSpace: the models folder can't be written to.
        """
        path = path.absolute()
        if packs.is_pack(path):
            with packs.open_pack(path) as pack:
                return self._install_pack(pack, context)
        kind, sources = _model_files_at(path)
        name = sources[0].parent.name if kind is ModelKind.SPEECH else re.sub("-00001-of-.*", "", sources[0].stem)
        return [self._copy_in(file_policy.id_of(name), kind, name, sources, context)]

    def pack(self, names: list[str], output: Output, context: JobContext) -> list[Record]:
        """Write a pack of these models.

        Raises:
            ModelMissing: one of them is not installed.
            AssistantError, NotEnoughSpace, ModelDamaged: as `catalog.packs.write`.
        """
        models = [self._models.named(name) for name in dict.fromkeys(names)]
        if any(model.is_demo for model in models):
            raise ModelError("The demo models come with every Tacit.", "No pack was written; name models of your own.")
        folders = [(models_folder.files_of(model)[0].parent, self._record_for(model, context)) for model in models]
        advance = _progress_counter(context, PACKING, sum(record.size for _, record in folders))
        packs.write(folders, output, advance)
        return [record for _, record in folders]

    def remove(self, name: str) -> Model:
        """Delete a model.

        Raises:
            ModelMissing: there is none of that name.
            ModelError: it comes with Tacit, an engine is using it, or the disk refuses.
        """
        model = self._models.named(name)
        if model.is_demo:
            raise ModelError("The demo models can't be removed.", "They take 13 MB, and show that Tacit works here.")
        models_folder.remove(model)
        return model

    def verify(self, context: JobContext, only: str = "") -> Generator[ModelFinding, None, None]:
        """Hash every model again, or only one, yielding one finding each."""
        folder = self._models.folder
        known = [
            (directory, record)
            for directory, record in models_folder.models_with_record(folder)
            if only in ("", record.id)
        ]
        advance = _progress_counter(context, CHECKING, sum(record.size for _, record in known))
        for directory, record in known:
            wrong = [file.name for file in record.files if not _is_right(directory / file.name, file.sha256, advance)]
            detail = f"not as it came: {', '.join(wrong)}; remove it, and bring it in again" if wrong else "as it came"
            yield ModelFinding(record.id, not wrong, detail)
        for model in models_folder.models_in(folder):
            if models_folder.record_of(model) is None and only in ("", model.name):
                yield ModelFinding(model.name, None, "put here by hand, so no hash of it is kept")

    def _install_pack(self, pack: Pack, context: JobContext) -> list[Model]:
        wanted = [record for record in pack.models if not self._is_here(record)]
        require_room(self._make_folder(), sum(record.size for record in wanted))
        advance = _progress_counter(context, COPYING, sum(record.size for record in wanted))
        for record in wanted:
            with StagingFolder(self._models.folder, record.id) as arrival:
                try:
                    for file in record.files:
                        with pack.open_file(f"{record.id}/{file.name}") as untrusted:
                            copy_stream(untrusted, arrival, file.name, file.bytes, advance, file.sha256)
                    self._try_loading(record, arrival.folder)
                    arrival.install(record)
                except BaseException:
                    arrival.discard_copied()
                    raise
        return [self._models.named(record.id) for record in pack.models]

    def _copy_in(self, id_: str, kind: ModelKind, name: str, sources: list[Path], context: JobContext) -> Model:
        total = sum(path.stat().st_size for path in sources)
        require_room(self._make_folder(), total)
        advance = _progress_counter(context, COPYING, total)
        with StagingFolder(self._models.folder, id_) as arrival:
            try:
                files = tuple(copy_file(path, arrival, _name_of(path, kind), advance) for path in sources)
                if kind is ModelKind.LANGUAGE and self._is_embedding(arrival.folder / files[0].name):
                    kind = ModelKind.EMBEDDING
                record = Record(id_, kind, name[:200], files)
                if not record.is_sound():
                    raise file_policy.refusal()
                if not self._is_here(record):
                    self._try_loading(record, arrival.folder)
                    arrival.install(record)
                else:
                    arrival.discard_copied()
            except BaseException:
                arrival.discard_copied()
                raise
        return self._models.named(id_)

    def _is_here(self, record: Record) -> bool:
        """Whether exactly this model is in the models folder.

        Raises:
            ModelError: another one of that name is.
        """
        directory = self._models.folder / record.id
        existing = receipts.read(directory)
        if existing is not None and existing.files == record.files and models_folder.has_all_files(directory, existing):
            return True
        if directory.exists() and existing is None:
            advice = "Nothing was taken in; rename the folder in the models folder, or the file that you bring."
            raise ModelError("The models folder has something else of that name.", advice)
        if existing is not None and existing.files != record.files:
            raise ModelError(
                "Another model of that name is here.",
                "Nothing was taken in; remove that one first, or rename the file.",
            )
        return False

    def _is_embedding(self, path: Path) -> bool:
        """Whether a worker finds a GGUF file to be an embedding model; one that can't be read is refused later."""
        engine = self._engines().models(reads=[path])
        try:
            with suppress(ModelDamaged):
                return engine.inspect(path).is_embedding
            return False
        finally:
            engine.close()

    def _require_voice_prints(self, path: Path) -> None:
        """Have a worker find out that an ONNX file is a voice print model.

        Raises:
            ModelDamaged: it is none.
        """
        engine = self._engines().models(reads=[path])
        try:
            engine.inspect(path)
        except ModelStalls:
            raise
        except ModelDamaged as error:
            raise ModelDamaged(*_NO_VOICE_PRINTS) from error
        finally:
            engine.close()

    def _try_loading(self, record: Record, folder: Path) -> None:
        """Have a worker load it; one that is too large for the memory that is free now is installed nevertheless."""
        engines = self._engines()
        if record.kind is ModelKind.LANGUAGE:
            path = folder / record.main_file
            model = Model(record.id, record.kind, path, record.size)
            language = engines.language(model)
            try:
                with suppress(ModelTooLarge):
                    if not language.facts().has_chat_template:
                        self._models.base_models.add(model)
                        self._models.crash_count.notify(
                            f"{record.id} is of no use for calls and chats: {CONTINUES_TEXTS}. "
                            "It was added, and other models do the work."
                        )
            finally:
                language.close()
        elif record.kind is ModelKind.EMBEDDING:
            embedding = engines.embedding(Model(record.id, record.kind, folder / record.main_file, record.size))
            try:
                with suppress(ModelTooLarge):
                    embedding.facts()
            finally:
                embedding.close()
        elif record.kind is ModelKind.SPEECH:
            speech = engines.speech(Model(record.id, record.kind, folder, record.size))
            try:
                with suppress(ModelTooLarge):
                    list(speech.transcribe(iter(()), SpeechOptions((0,), "en")))
            finally:
                speech.close()
        elif models_folder.has_use(record):
            self._require_voice_prints(folder / record.main_file)

    def _record_for(self, model: Model, context: JobContext) -> Record:
        """The record of a model; for one that was put here by hand it is made now."""
        if (known := models_folder.record_of(model)) is not None:
            return known
        paths = models_folder.files_of(model)
        advance = _progress_counter(context, CHECKING, sum(path.stat().st_size for path in paths))
        files = tuple(CatalogFile(path.name, path.stat().st_size, receipts.sha256(path, advance)) for path in paths)
        record = Record(file_policy.id_of(model.name), model.kind, model.name[:200], files)
        if not record.is_sound():
            raise ModelError(
                "This model's files have names that no pack can hold.", "No pack was written; rename them."
            )
        return record

    def _make_folder(self) -> Path:
        with translate_disk_errors():
            self._models.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self._models.folder


def _model_files_at(path: Path) -> tuple[ModelKind, list[Path]]:
    """The kind and the files of the model at a path, judged only by names and first bytes."""
    try:
        if path.is_dir() and models_folder.is_whisper_folder(path):
            taken = [f for f in path.iterdir() if f.name in _WHISPER_FILES or f.name.startswith("vocabulary.")]
            return ModelKind.SPEECH, sorted(taken, key=lambda file: file.name != "model.bin")
        if path.is_dir():
            found = [
                file for file in path.iterdir() if file.suffix.casefold() == ".gguf" and models_folder.is_gguf(file)
            ]
            path = found[0] if len(found) == 1 else path
        if path.is_file() and models_folder.is_gguf(path):
            sources = models_folder.shard_paths(path)
            if not all(file.is_file() for file in sources):
                raise ModelDamaged("Pieces of this model are missing.", "Nothing was taken in; bring all of them.")
            return ModelKind.LANGUAGE, sources
        if models_folder.is_onnx(path):
            return ModelKind.DIARIZATION, [path]
        if not path.exists():
            raise ModelMissing("There is nothing at that path.", "Nothing was changed; check how it is written.")
    except OSError as error:
        raise unreadable_error() from error
    raise ModelDamaged(*_UNKNOWN)


def _name_of(path: Path, kind: ModelKind) -> str:
    """A file's name in the models folder; a language model gets .gguf, because its content decides, not its suffix."""
    ending = {ModelKind.LANGUAGE: ".gguf", ModelKind.DIARIZATION: ".onnx"}.get(kind, path.suffix)
    plain = re.sub(r"[^A-Za-z0-9._+ -]+", "-", path.stem).lstrip("-._ ") + ending
    return plain if file_policy.is_safe_file_name(plain) else f"model{ending}"


def _is_right(path: Path, sha256: str, advance: Callable[[int], None]) -> bool:
    try:
        return receipts.sha256(path, advance) == sha256
    except OSError:
        return False


def _progress_counter(context: JobContext, step: str, total: int) -> Callable[[int], None]:
    done = 0

    def advance(size: int) -> None:
        nonlocal done
        context.checkpoint()
        done += size
        context.report(Progress(step, done, total, "bytes"))

    return advance
