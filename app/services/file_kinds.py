"""Whether a dropped file or folder is a model or a recording, judged only by its names and first bytes."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.catalog.installed import models_folder, packs
from app.core.media_kinds import SIGNATURE_BYTES, SUFFIXES, begins_as_recording


@dataclass(frozen=True, slots=True)
class Dropped:
    """What was dropped, sorted by kind; `others` are neither, and whoever takes them refuses them with a reason."""

    models: tuple[Path, ...]
    calls: tuple[Path, ...]
    others: tuple[Path, ...]


def sort_dropped(paths: Sequence[Path]) -> Dropped:
    """Sort what was dropped by kind. Reads from each path: not for the GUI thread."""
    models: dict[Path, None] = {}  # in order, without duplicates
    calls, others = [], []
    for path in paths:
        if (model := _model_path(path)) is not None:
            models[model] = None
        elif _is_recording(path):
            calls.append(path)
        else:
            others.append(path)
    return Dropped(tuple(models), tuple(calls), tuple(others))


def _model_path(path: Path) -> Path | None:
    """The path of the model: the file or folder itself, or the folder that this file is part of."""
    if path.is_dir():
        return path if _is_model_folder(path) else None
    if path.suffix.casefold() == ".gguf" or models_folder.begins_as_gguf(path) or packs.lists_models(path):
        return path
    return path.parent if models_folder.is_whisper_file(path) else None


def _is_model_folder(path: Path) -> bool:
    if packs.lists_models(path) or (path / "model.bin").is_file():
        return True
    try:
        return any(models_folder.begins_as_gguf(file) for file in path.iterdir() if file.suffix.casefold() == ".gguf")
    except OSError:
        return False


def _is_recording(path: Path) -> bool:
    if path.suffix.casefold().lstrip(".") in SUFFIXES:
        return True
    try:
        with path.open("rb") as file:
            return begins_as_recording(file.read(SIGNATURE_BYTES))
    except OSError:
        return False
