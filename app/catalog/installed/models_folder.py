"""The models in the models folder, and what makes a file look like one; nothing is parsed in this process."""

import os
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

from app.catalog.catalogue import CatalogModel, catalog
from app.catalog.installed import receipts
from app.catalog.installed.receipts import Record
from app.core import filelock
from app.core.errors import ModelError
from app.core.model import Model, ModelKind
from app.core.resources import demo_models

_GGUF_MAGIC = b"GGUF"
# Without tokenizer.json, faster-whisper would try to download one.
_WHISPER_FILES = ("model.bin", "config.json", "tokenizer.json")
_VOCABULARIES = ("vocabulary.json", "vocabulary.txt")
_WHISPER_ALL = (*_WHISPER_FILES, *_VOCABULARIES, "preprocessor_config.json")


def models_in(folder: Path) -> list[Model]:
    """A person's own models in a folder and its direct subfolders, by name."""
    if not folder.is_dir():
        return []
    return sorted(
        _with_distinct_names(list(_found(folder))), key=lambda model: (model.kind.value, model.name.casefold())
    )


def bundled_models() -> list[Model]:
    """The models bundled with the product."""
    folder = demo_models()
    language, speech = folder / "language.gguf", folder / "speech"
    return [
        Model("demo-language", ModelKind.LANGUAGE, language, language.stat().st_size, True),
        Model("demo-speech", ModelKind.SPEECH, speech, _folder_size(speech), True),
    ]


def models_with_record(folder: Path) -> list[tuple[Path, Record]]:
    """The models that have a record, complete or not: their folders and records."""
    found = [(path, record) for path in _entries(folder) if (record := receipts.read(path)) is not None]
    return sorted((path, record) for path, record in found if path.name == record.id and not path.is_symlink())


def record_of(model: Model) -> Record | None:
    """A model's record, or None for one that a person put here by hand."""
    folder = model.path if model.path.is_dir() else model.path.parent
    record = receipts.read(folder)
    return record if record is not None and folder.name == record.id else None


def has_all_files(folder: Path, record: Record) -> bool:
    """Whether every file is present in its full length."""
    try:
        return all((folder / file.name).lstat().st_size == file.bytes for file in record.files)
    except OSError:
        return False


def files_of(model: Model) -> list[Path]:
    """The files a model consists of."""
    if (record := record_of(model)) is not None:
        return [(model.path if model.path.is_dir() else model.path.parent) / file.name for file in record.files]
    if model.path.is_dir():
        return [path for name in _WHISPER_ALL if (path := model.path / name).is_file()]
    return shard_paths(model.path)


def shard_paths(path: Path) -> list[Path]:
    """The shards of a GGUF model: NAME-00001-of-00003.gguf and so on, or the file itself if it is not split."""
    stem, mark, count = path.stem.partition("-00001-of-")
    if not mark or not count.isdecimal() or int(count) > 999:
        return [path]
    return [path.with_name(f"{stem}-{n:05}-of-{count}{path.suffix}") for n in range(1, int(count) + 1)]


def lock_against_removal(model: Model) -> int:
    """Protect a model from removal by any process until the returned file descriptor is closed."""
    descriptor = os.open(files_of(model)[0], os.O_RDONLY)
    with suppress(OSError):
        filelock.lock(descriptor, is_shared=True)
    return descriptor


def remove(model: Model) -> None:
    """Delete a model's files.

    Raises:
        ModelError: an engine is using it, or the disk refuses.
    """
    recorded_here = record_of(model) is not None
    paths = files_of(model)
    try:
        descriptor = os.open(paths[0], os.O_RDONLY)
        try:
            filelock.lock(descriptor)
        except OSError as error:
            advice = "Nothing was removed; wait until the work has ended, or choose another model for it first."
            raise ModelError("Tacit is working with this model.", advice) from error
        finally:
            os.close(descriptor)
        if recorded_here:
            shutil.rmtree(paths[0].parent)
            return
        for path in paths:
            path.unlink(missing_ok=True)
        if model.path.is_dir():
            with suppress(OSError):
                model.path.rmdir()  # goes only if nothing else is in it
    except OSError as error:
        advice = "Some of its files may be left; make the models folder writable for you, and remove it again."
        raise ModelError("The model could not be removed.", advice) from error


def _found(folder: Path) -> Iterator[Model]:
    for path in [folder, *_entries(folder)]:
        if path.name.startswith(".") and path != folder:
            continue  # models still being staged
        record = receipts.read(path)
        if record is not None and record.id == path.name:
            if has_all_files(path, record):
                path_to_load = path if record.kind is ModelKind.SPEECH else path / record.main_file
                entry = _entry_of(record)
                yield Model(
                    record.id, record.kind, path_to_load, record.size, sampling=entry.sampling if entry else None,
                    prefixes=entry.prefixes if entry else None, has_use=has_use(record),
                )  # fmt: skip
            continue
        if is_whisper_folder(path):
            yield Model(path.name, ModelKind.SPEECH, path, _folder_size(path))
            continue
        for file in _entries(path):
            if file.suffix.casefold() == ".gguf" and is_gguf(file):
                yield Model(file.stem, ModelKind.LANGUAGE, file, file.stat().st_size)
            elif is_onnx(file):  # of use once a worker found that it is for voice prints
                yield Model(file.stem, ModelKind.DIARIZATION, file, file.stat().st_size, has_use=False)


def has_use(record: Record) -> bool:
    """Whether Tacit does something with a model: the catalogue has a few that can only be fetched."""
    return all(entry.has_use or entry.files != record.files for entry in catalog().model)


def _entry_of(record: Record) -> CatalogModel | None:
    entries = catalog().model if record.origin == "catalogue" else ()
    return next((entry for entry in entries if entry.id == record.id), None)


def _entries(folder: Path) -> list[Path]:
    """The entries of a folder; none if it can't be read or is no folder."""
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _with_distinct_names(models: list[Model]) -> list[Model]:
    """Prefix models that share a name with their folder's name."""
    counts = Counter((model.kind, model.name) for model in models)
    return [
        m if counts[m.kind, m.name] == 1 else msgspec.structs.replace(m, name=f"{m.path.parent.name}/{m.name}")
        for m in models
    ]


def is_gguf(path: Path) -> bool:
    """Whether a file starts like a GGUF, and is not a later shard of a split model."""
    is_later = "-of-" in path.stem and "-00001-of-" not in path.stem
    return not is_later and begins_as_gguf(path)


def begins_as_gguf(path: Path) -> bool:
    """Whether a file starts like a GGUF, later shards of a split model included."""
    if not path.is_file():  # opening a pipe would block for ever
        return False
    try:
        with path.open("rb") as file:
            return file.read(4) == _GGUF_MAGIC
    except OSError:
        return False


def is_onnx(path: Path) -> bool:
    """Whether a file is called ONNX; such files have no mark at their beginning."""
    return path.suffix.casefold() == ".onnx" and path.is_file()


def is_whisper_folder(path: Path) -> bool:
    """Whether a folder holds every required file of a CTranslate2 Whisper model."""
    return all((path / name).is_file() for name in _WHISPER_FILES) and any((path / v).is_file() for v in _VOCABULARIES)


def is_whisper_file(path: Path) -> bool:
    """Whether a file belongs to the CTranslate2 Whisper model in its folder."""
    return path.name in _WHISPER_ALL and is_whisper_folder(path.parent)


def _folder_size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir() if path.is_file())
