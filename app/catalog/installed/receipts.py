"""The record kept beside a model's files: what it is, where it came from, and the hash each file must have."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from app.catalog import file_policy
from app.catalog.catalogue import CatalogFile, CatalogModel
from app.core.model import ModelKind

RECORD_NAME = "model.json"
BLOCK = 1 << 20
_LARGEST = 1 << 18  # bytes; a record has a few hundred
_Text = Annotated[str, msgspec.Meta(max_length=200)]


class Record(msgspec.Struct, frozen=True):
    """The record of one model; unknown fields, from later versions, are ignored."""

    id: str
    kind: ModelKind
    name: _Text
    files: Annotated[tuple[CatalogFile, ...], msgspec.Meta(min_length=1, max_length=64)]
    origin: Literal["catalogue", "own", "pack", "made"] = "own"
    licence: _Text = ""
    repository: _Text = ""
    revision: _Text = ""

    @property
    def size(self) -> int:
        """Total bytes of all files."""
        return sum(file.bytes for file in self.files)

    @property
    def main_file(self) -> str:
        """The file with the weights; if there are several, the first by name, as llama.cpp wants the first shard."""
        named = sorted(self.files, key=lambda file: file.name)
        weights = [file for file in named if file.name.endswith((".gguf", ".onnx")) or file.name == "model.bin"]
        return (weights or named)[0].name

    def is_sound(self) -> bool:
        """Whether the id and the file names are safe and distinct."""
        names = [file.name.casefold() for file in self.files]
        is_plain = file_policy.is_model_id(self.id) and all(
            file_policy.is_safe_file_name(file.name) for file in self.files
        )
        return is_plain and RECORD_NAME not in names and len(set(names)) == len(names)


def of_catalogue(entry: CatalogModel) -> Record:
    """The record of a model from the catalogue."""
    revision = entry.revision or entry.release_tag
    return Record(
        entry.id, entry.kind, entry.name, entry.files, "catalogue", entry.licence, entry.repository, revision
    )  # fmt: skip


def read(folder: Path) -> Record | None:
    """The record in a model's folder, or None if it is missing or malformed."""
    try:
        with (folder / RECORD_NAME).open("rb") as file:
            raw = file.read(_LARGEST + 1)
        record = msgspec.json.decode(raw, type=Record)
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    return record if len(raw) <= _LARGEST and record.is_sound() else None


def write(record: Record, folder: Path) -> None:
    """Write the record into a model's folder."""
    (folder / RECORD_NAME).write_bytes(msgspec.json.format(msgspec.json.encode(record), indent=1))


def sha256(path: Path, advance: Callable[[int], None] = lambda _: None) -> str:
    """A file's SHA-256; `advance` is called with the bytes of each block, and may raise to stop."""
    hasher = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            hasher.update(block)
            advance(len(block))
    return hasher.hexdigest()
