"""Whether a dropped file or folder is a model or a recording, judged only by its names and first bytes."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.catalog.installed import models_folder, packs
from app.core.media_kinds import (
    SIGNATURE_BYTES,
    SUFFIXES,
    TEXT_KINDS,
    TEXT_SUFFIXES,
    begins_as_recording,
    kinds_in_words,
)

NOTE_SUFFIXES = (".md", ".markdown", ".txt")
"""Of texts that become notes where they are dropped on the page of notes."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """What was dropped, sorted by kind; `others` are neither, and whoever takes them refuses them with a reason.

    `growing` is how many files in dropped folders are left out, because they are still being written.
    """

    models: tuple[Path, ...]
    calls: tuple[Path, ...]
    others: tuple[Path, ...]
    growing: int = 0


def notes_among(paths: Sequence[Path]) -> list[Path]:
    """Those of the files that are texts of which notes can be made, judged by their names."""
    return [path for path in paths if path.suffix.casefold() in NOTE_SUFFIXES]


def what_a_drop_does(dropped: Dropped, *, is_for_models: bool, notes: int = 0) -> tuple[str, str, bool]:
    """A title, a sentence, and whether the drop is taken at all; `notes` is how many files become notes.

    `is_for_models`: on the page of models whatever is no recording is tried as a model, and refused there in words.
    """
    calls, models, others = len(dropped.calls), len(dropped.models), len(dropped.others)
    if notes:
        rest = f" {_counted(calls + models + others, 'other file')} among them: each goes where it belongs."
        return f"Make {_counted(notes, 'note')}", _NOTED + (rest if calls + models + others else ""), True
    left = f" {_counted(others, 'other file')} among them can't be read." if others and not is_for_models else ""
    left += f" {growing_sentence(dropped.growing)}" if dropped.growing else ""
    if calls and models:
        title = f"Import {_counted(calls, 'call')} and add {_counted(models, 'model')}"
        return title, f"{_IMPORTED} {_ADDED}{left}", True
    if calls:
        return f"Import {_counted(calls, 'call')}", f"{_IMPORTED}{left}", True
    if models:
        return f"Add {_counted(models, 'model')}", f"{_ADDED}{left}", True
    return (
        "Not this",
        f"This is neither a recording nor a model. Recordings may be {kinds_in_words()}; texts of calls {TEXT_KINDS}.",
        False,
    )


def growing_sentence(count: int) -> str:
    """Says that so many files are left out because they are still being written."""
    if count == 1:
        return "One file still being written is left out."
    return f"{count} files still being written are left out."


_IMPORTED = (
    "Encrypted and summarized on this computer, and transcribed where it is sound; the file itself is left as it is."
)
_NOTED = "The text is taken over, encrypted; the file itself is left as it is."
_ADDED = "The models folder gets a copy, once what is inside was looked at."


def _counted(count: int, noun: str) -> str:
    return f"one {noun}" if count == 1 else f"{count} {noun}s"


def sort_dropped(paths: Sequence[Path]) -> Dropped:
    """Sort what was dropped by kind. Reads from each path: not for the GUI thread."""
    models: dict[Path, None] = {}  # in order, without duplicates
    calls, others = [], []
    for path in paths:
        if (model := _model_path(path)) is not None:
            models[model] = None
        elif is_recording(path):
            calls.append(path)
        else:
            others.append(path)
    return Dropped(tuple(models), tuple(calls), tuple(others))


def _model_path(path: Path) -> Path | None:
    """The path of the model: the file or folder itself, or the folder that this file is part of."""
    if path.is_dir():
        return path if _is_model_folder(path) else None
    if path.suffix.casefold() in (".gguf", ".onnx") or models_folder.begins_as_gguf(path) or packs.lists_models(path):
        return path
    return path.parent if models_folder.is_whisper_file(path) else None


def _is_model_folder(path: Path) -> bool:
    if packs.lists_models(path) or (path / "model.bin").is_file():
        return True
    try:
        return any(models_folder.begins_as_gguf(file) for file in path.iterdir() if file.suffix.casefold() == ".gguf")
    except OSError:
        return False


def is_recording(path: Path) -> bool:
    """Whether a file is a recording or the text of a call, by its name or else by how it begins. Reads from it."""
    if path.suffix.casefold().lstrip(".") in (*SUFFIXES, *TEXT_SUFFIXES):
        return True
    try:
        with path.open("rb") as file:
            return begins_as_recording(file.read(SIGNATURE_BYTES))
    except OSError:
        return False
