"""Whether a file or folder that was dropped is a model or a recording, by its names and first bytes alone."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.catalog.installed import models_folder, packs

SOUNDS = tuple("wav mp3 m4a aac flac ogg oga opus webm mp4 mov mkv amr 3gp wma aif aiff".split())
"""The endings of recordings."""
_MOST = 16  # bytes that tell what a file begins as
_BEGINNINGS = re.compile(
    rb"RIFF....WAVE|OggS|fLaC|ID3|\xff[\xe2-\xff]|....ftyp|\x1aE\xdf\xa3|#!AMR|FORM....AIF|0&\xb2u|caff", re.DOTALL
)
"""WAV, Ogg, FLAC, MP3 with and without tags (AAC's frames begin alike), MP4, Matroska, AMR, AIFF, WMA, CAF."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """What was dropped, told apart; `others` are neither, and are refused in words where they go."""

    models: tuple[Path, ...]
    recordings: tuple[Path, ...]
    others: tuple[Path, ...]


def told_apart(paths: Sequence[Path]) -> Dropped:
    """Sort what was dropped. Reads from each path, so not for the window's thread."""
    models: dict[Path, None] = {}  # in their order, each once
    recordings, others = [], []
    for path in paths:
        if (model := _model(path)) is not None:
            models[model] = None
        elif _is_recording(path):
            recordings.append(path)
        else:
            others.append(path)
    return Dropped(tuple(models), tuple(recordings), tuple(others))


def _model(path: Path) -> Path | None:
    """The path of the model: the file or folder itself, or the folder of which this is one file."""
    if path.is_dir():
        return path if _is_model_folder(path) else None
    if path.suffix.casefold() == ".gguf" or models_folder.begins_as_gguf(path) or packs.lists_models(path):
        return path
    return path.parent if models_folder.is_of_whisper(path) else None


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
            return _BEGINNINGS.match(file.read(_MOST)) is not None
    except OSError:
        return False
