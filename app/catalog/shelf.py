"""Which models are here, and whether a file looks like one; nothing is parsed in this process."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec

from app.core.model import Model, ModelKind
from app.core.places import demo_models

_GGUF_MAGIC = b"GGUF"
# Without tokenizer.json faster-whisper would ask the network for one.
_WHISPER_FILES = ("model.bin", "config.json", "tokenizer.json")
_VOCABULARIES = ("vocabulary.json", "vocabulary.txt")


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


def _found(folder: Path) -> Iterator[Model]:
    for path in [folder, *_inside(folder)]:
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
    if "-of-" in path.stem and "-00001-of-" not in path.stem:
        return False
    try:
        with path.open("rb") as file:
            return file.read(4) == _GGUF_MAGIC
    except OSError:
        return False


def is_whisper(path: Path) -> bool:
    """Whether a folder holds every file of a CTranslate2 Whisper model."""
    return all((path / name).is_file() for name in _WHISPER_FILES) and any((path / v).is_file() for v in _VOCABULARIES)


def _folder_size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.iterdir() if path.is_file())
