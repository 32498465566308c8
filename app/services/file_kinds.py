"""Whether a dropped file or folder is a model or a recording, judged only by its names and first bytes."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.catalog.installed import models_folder, packs

SOUNDS = tuple("wav mp3 m4a aac flac ogg oga opus webm mp4 mov mkv amr 3gp wma aif aiff".split())
"""The file name suffixes of recordings."""
_SIGNATURE_BYTES = 16  # bytes read to recognise a signature
_SIGNATURES = re.compile(
    rb"RIFF....WAVE|OggS|fLaC|ID3|\xff[\xe2-\xff]|....ftyp|\x1aE\xdf\xa3|#!AMR|FORM....AIF|0&\xb2u|caff", re.DOTALL
)
"""WAV, Ogg, FLAC, MP3 with and without tags (AAC frames begin the same way), MP4, Matroska, AMR, AIFF, WMA, CAF."""


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
    if path.suffix.casefold().lstrip(".") in SOUNDS:
        return True
    try:
        with path.open("rb") as file:
            return _SIGNATURES.match(file.read(_SIGNATURE_BYTES)) is not None
    except OSError:
        return False
