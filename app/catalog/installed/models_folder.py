"""Which models are here, and whether a file looks like one; nothing is parsed in this process."""

import os
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import msgspec

from app.catalog.installed import receipts
from app.catalog.installed.receipts import Record
from app.core import filelock
from app.core.errors import ModelError
from app.core.model import Model, ModelKind
from app.core.resources import demo_models

_GGUF_MAGIC = b"GGUF"
# Without tokenizer.json faster-whisper would ask the network for one.
_WHISPER_FILES = ("model.bin", "config.json", "tokenizer.json")
_VOCABULARIES = ("vocabulary.json", "vocabulary.txt")
_WHISPER_ALL = (*_WHISPER_FILES, *_VOCABULARIES, "preprocessor_config.json")


def models_in(folder: Path) -> list[Model]:
    """A person's own models in a folder and its direct subfolders, by name."""
    if not folder.is_dir():
        return []
    return sorted(_told_apart(list(_found(folder))), key=lambda model: (model.kind.value, model.name.casefold()))


def demo() -> list[Model]:
    """The models that come with the product."""
    folder = demo_models()
    language, speech = folder / "language.gguf", folder / "speech"
    return [
        Model("demo-language", ModelKind.LANGUAGE, language, language.stat().st_size, True),
        Model("demo-speech", ModelKind.SPEECH, speech, _folder_size(speech), True),
    ]


def recorded(folder: Path) -> list[tuple[Path, Record]]:
    """The models whose hashes are kept, whole or not: their folders and records."""
    found = [(path, record) for path in _inside(folder) if (record := receipts.read(path)) is not None]
    return sorted((path, record) for path, record in found if path.name == record.id and not path.is_symlink())


def record_of(model: Model) -> Record | None:
    """The kept facts of a model, or None for one that a person put here by hand."""
    folder = model.path if model.path.is_dir() else model.path.parent
    record = receipts.read(folder)
    return record if record is not None and folder.name == record.id else None


def is_whole(folder: Path, record: Record) -> bool:
    """Whether every file is there in its full length."""
    try:
        return all((folder / file.name).lstat().st_size == file.bytes for file in record.files)
    except OSError:
        return False


def files_of(model: Model) -> list[Path]:
    """The files that a model is made of."""
    if (record := record_of(model)) is not None:
        return [(model.path if model.path.is_dir() else model.path.parent) / file.name for file in record.files]
    if model.path.is_dir():
        return [path for name in _WHISPER_ALL if (path := model.path / name).is_file()]
    return pieces(model.path)


def pieces(path: Path) -> list[Path]:
    """A GGUF file, or all the pieces of one that was split: NAME-00001-of-00003.gguf and on."""
    stem, mark, count = path.stem.partition("-00001-of-")
    if not mark or not count.isdecimal() or int(count) > 999:
        return [path]
    return [path.with_name(f"{stem}-{n:05}-of-{count}{path.suffix}") for n in range(1, int(count) + 1)]


def hold(model: Model) -> int:
    """Keep a model from being removed, by whatever process, until the descriptor is closed."""
    descriptor = os.open(files_of(model)[0], os.O_RDONLY)
    with suppress(OSError):
        filelock.lock(descriptor, is_shared=True)
    return descriptor


def remove(model: Model) -> None:
    """Delete a model's files.

    Raises:
        ModelError: an engine works with it, or the disk refuses.
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
    for path in [folder, *_inside(folder)]:
        if path.name.startswith(".") and path != folder:
            continue  # what is still arriving
        record = receipts.read(path)
        if record is not None and record.id == path.name:
            if is_whole(path, record):
                place = path if record.kind is ModelKind.SPEECH else path / record.main_file
                yield Model(record.id, record.kind, place, record.size)
            continue
        if is_whisper(path):
            yield Model(path.name, ModelKind.SPEECH, path, _folder_size(path))
            continue
        for file in _inside(path):
            if file.suffix.casefold() == ".gguf" and is_gguf(file):
                yield Model(file.stem, ModelKind.LANGUAGE, file, file.stat().st_size)


def _inside(folder: Path) -> list[Path]:
    """What lies in a folder; nothing in one that may not be read, or that is none."""
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def _told_apart(models: list[Model]) -> list[Model]:
    """Of several models of one name each takes its folder's name in front."""
    counts = Counter((model.kind, model.name) for model in models)
    return [
        m if counts[m.kind, m.name] == 1 else msgspec.structs.replace(m, name=f"{m.path.parent.name}/{m.name}")
        for m in models
    ]


def is_gguf(path: Path) -> bool:
    """Whether a file begins as a GGUF does, and is no later piece of a split model."""
    is_later = "-of-" in path.stem and "-00001-of-" not in path.stem
    return not is_later and begins_as_gguf(path)


def begins_as_gguf(path: Path) -> bool:
    """Whether a file begins as a GGUF does, a later piece of a split model among them."""
    if not path.is_file():  # to open a pipe would be to wait for ever
        return False
    try:
        with path.open("rb") as file:
            return file.read(4) == _GGUF_MAGIC
    except OSError:
        return False


def is_whisper(path: Path) -> bool:
    """Whether a folder holds every file of a CTranslate2 Whisper model."""
    return all((path / name).is_file() for name in _WHISPER_FILES) and any((path / v).is_file() for v in _VOCABULARIES)


def is_of_whisper(path: Path) -> bool:
    """Whether a file is one of those that make its folder a CTranslate2 Whisper model."""
    return path.name in _WHISPER_ALL and is_whisper(path.parent)


def _folder_size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir() if path.is_file())
