"""The weights' file of CTranslate2: reading its table of tensors, which a stranger wrote.

The layout is that of ctranslate2's `model_spec.py`, versions 4 to 6. Read only inside a worker.
"""

import struct
from dataclasses import dataclass
from typing import BinaryIO

from app.core.errors import ModelDamaged

_TYPES = {0: "float32", 1: "int8", 2: "int16", 3: "int32", 4: "float16", 5: "bfloat16"}
_WIDTHS = {"float32": 4, "int8": 1, "int16": 2, "int32": 4, "float16": 2, "bfloat16": 2}  # bytes of a value
_VERSIONS = range(4, 7)
_MOST_TENSORS = 100_000
_MOST_DIMENSIONS = 8


@dataclass(frozen=True)
class Variable:
    """A tensor: its name, shape, type and bytes."""

    name: str
    shape: tuple[int, ...]
    type_name: str
    size: int

    @property
    def values(self) -> int:
        """How many numbers it holds; its shape is only what the file says."""
        return self.size // _WIDTHS[self.type_name]


def read(file: BinaryIO, size: int) -> tuple[str, list[Variable]]:
    """The model's kind, and its tensors.

    Raises:
        ModelDamaged: it is no such file, or lies about itself.
    """
    (version,) = _unpacked(file, "<I")
    if version not in _VERSIONS:
        raise ModelDamaged
    kind = _text(file)
    _, count = _unpacked(file, "<II")
    if count > _MOST_TENSORS:
        raise ModelDamaged
    return kind, [_variable(file, size) for _ in range(count)]


def _variable(file: BinaryIO, size: int) -> Variable:
    name = _text(file)
    (rank,) = _unpacked(file, "<B")
    if rank > _MOST_DIMENSIONS:
        raise ModelDamaged
    shape = _unpacked(file, f"<{rank}I")
    type_number, length = _unpacked(file, "<BI")
    if type_number not in _TYPES or file.tell() + length > size:
        raise ModelDamaged
    file.seek(length, 1)
    return Variable(name, shape, _TYPES[type_number], length)


def _text(file: BinaryIO) -> str:
    (length,) = _unpacked(file, "<H")
    return _taken(file, length).rstrip(b"\0").decode("utf-8", errors="replace")


def _unpacked(file: BinaryIO, layout: str) -> tuple[int, ...]:
    return struct.unpack(layout, _taken(file, struct.calcsize(layout)))


def _taken(file: BinaryIO, length: int) -> bytes:
    raw = file.read(length)
    if len(raw) != length:
        raise ModelDamaged
    return raw
