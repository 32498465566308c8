"""CTranslate2's file of weights: reading the tensor table of an untrusted file.

The layout is that of ctranslate2's `model_spec.py`, versions 4 to 6. Read only inside a worker.
"""

import struct
from dataclasses import dataclass
from typing import BinaryIO

from app.core.errors import ModelDamaged

_TYPES = {0: "float32", 1: "int8", 2: "int16", 3: "int32", 4: "float16", 5: "bfloat16"}
_WIDTHS = {"float32": 4, "int8": 1, "int16": 2, "int32": 4, "float16": 2, "bfloat16": 2}  # bytes per value
_VERSIONS = range(4, 7)
_MOST_TENSORS = 100_000
_MOST_DIMENSIONS = 8


@dataclass(frozen=True)
class Variable:
    """A tensor: its name, shape, type, size in bytes, and its value if it is a single whole number."""

    name: str
    shape: tuple[int, ...]
    type_name: str
    size: int
    number: int | None = None

    @property
    def value_count(self) -> int:
        """The number of values, computed from the size: the shape is only what the file claims."""
        return self.size // _WIDTHS[self.type_name]


def read(file: BinaryIO, size: int) -> tuple[str, list[Variable]]:
    """Read the model's kind and its tensors from a file of `size` bytes.

    Raises:
        ModelDamaged: it is not such a file, or contradicts itself.
    """
    (version,) = _unpack(file, "<I")
    if version not in _VERSIONS:
        raise ModelDamaged
    kind = _read_text(file)
    _, count = _unpack(file, "<II")
    if count > _MOST_TENSORS:
        raise ModelDamaged
    return kind, [_read_variable(file, size) for _ in range(count)]


def _read_variable(file: BinaryIO, size: int) -> Variable:
    name = _read_text(file)
    (rank,) = _unpack(file, "<B")
    if rank > _MOST_DIMENSIONS:
        raise ModelDamaged
    shape = _unpack(file, f"<{rank}I")
    type_number, length = _unpack(file, "<BI")
    if type_number not in _TYPES or file.tell() + length > size:
        raise ModelDamaged
    type_name = _TYPES[type_number]
    if not shape and type_name.startswith("int") and length == _WIDTHS[type_name]:
        return Variable(
            name, shape, type_name, length, int.from_bytes(_read_exactly(file, length), "little", signed=True)
        )
    file.seek(length, 1)
    return Variable(name, shape, type_name, length)


def _read_text(file: BinaryIO) -> str:
    (length,) = _unpack(file, "<H")
    return _read_exactly(file, length).rstrip(b"\0").decode("utf-8", errors="replace")


def _unpack(file: BinaryIO, layout: str) -> tuple[int, ...]:
    return struct.unpack(layout, _read_exactly(file, struct.calcsize(layout)))


def _read_exactly(file: BinaryIO, length: int) -> bytes:
    raw = file.read(length)
    if len(raw) != length:
        raise ModelDamaged
    return raw
