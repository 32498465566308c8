"""The GGUF file format: reading the header of an untrusted file, and writing a header.

The format is described in ggml's docs/gguf.md; the block sizes are from ggml's table of types.
Files are read only inside a worker.
"""

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from app.core.errors import ModelDamaged

MAGIC = b"GGUF"
ALIGNMENT = 32  # bytes, unless the file says otherwise

TYPES = {
    0: ("F32", 1, 4), 1: ("F16", 1, 2), 2: ("Q4_0", 32, 18), 3: ("Q4_1", 32, 20), 6: ("Q5_0", 32, 22),
    7: ("Q5_1", 32, 24), 8: ("Q8_0", 32, 34), 10: ("Q2_K", 256, 84), 11: ("Q3_K", 256, 110), 12: ("Q4_K", 256, 144),
    13: ("Q5_K", 256, 176), 14: ("Q6_K", 256, 210), 15: ("Q8_K", 256, 292), 16: ("IQ2_XXS", 256, 66),
    17: ("IQ2_XS", 256, 74), 18: ("IQ3_XXS", 256, 98), 19: ("IQ1_S", 256, 50), 20: ("IQ4_NL", 32, 18),
    21: ("IQ3_S", 256, 110), 22: ("IQ2_S", 256, 82), 23: ("IQ4_XS", 256, 136), 24: ("I8", 1, 1), 25: ("I16", 1, 2),
    26: ("I32", 1, 4), 27: ("I64", 1, 8), 28: ("F64", 1, 8), 29: ("IQ1_M", 256, 56), 30: ("BF16", 1, 2),
    34: ("TQ1_0", 256, 54), 35: ("TQ2_0", 256, 66), 39: ("MXFP4", 32, 17), 40: ("NVFP4", 64, 36),
}  # fmt: skip
"""By tensor type number: the type's name, values per block, bytes per block."""
TYPE_NUMBERS = {name: number for number, (name, _, _) in TYPES.items()}

_SCALARS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
_STRING, _ARRAY = 8, 9
_MOST_PAIRS, _MOST_TENSORS, _MOST_ITEMS = 10_000, 100_000, 10_000_000
_LONGEST_STRING = 16 * 1024 * 1024  # bytes; the longest chat templates have some ten thousand
_LONGEST_PACKED = 16 * 1024  # bytes of a value whose encoding is kept
_SPLIT_DIGITS, _MOST_SHARDS = 5, 999
_KEPT_ITEMS = 512  # of an array: enough for values per layer, not for the vocabulary

Value = bool | int | float | str | list["Value"]


class TruncatedList(list[Value]):
    """The first items of an array that may be too long to keep; `length` is its length in the file."""

    def __init__(self, kept: Iterable[Value], length: int) -> None:
        super().__init__(kept)
        self.length = length


@dataclass(frozen=True)
class Tensor:
    """A tensor as the header describes it; the first dimension of `shape` is contiguous."""

    name: str
    shape: tuple[int, ...]
    type_name: str

    @property
    def value_count(self) -> int:
        """The number of values."""
        count = 1
        for size in self.shape:
            count *= size
        return count

    @property
    def size(self) -> int:
        """Size in bytes."""
        _, block, width = TYPES[TYPE_NUMBERS[self.type_name]]
        return self.value_count // block * width


@dataclass(frozen=True)
class Header:
    """What comes before the weights; `packed` has the encoded bytes of each metadata value but the long ones."""

    version: int
    metadata: dict[str, Value]
    raw_values: dict[str, bytes]
    tensors: tuple[Tensor, ...]
    data_start: int


class _Reader:
    """Reads values, and never more bytes than the file has."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self._left = size
        self.position = 0
        self.recent = bytearray()

    def take(self, count: int) -> bytes:
        if count > self._left:
            raise ModelDamaged
        raw = self._file.read(count)
        if len(raw) != count:
            raise ModelDamaged
        self._left -= count
        self.position += count
        if len(self.recent) <= _LONGEST_PACKED:
            self.recent += raw[: _LONGEST_PACKED + 1]
        return raw

    def number(self, layout: str) -> int:
        return int(struct.unpack(layout, self.take(struct.calcsize(layout)))[0])

    def number_up_to(self, layout: str, most: int) -> int:
        value = self.number(layout)
        if not 0 <= value <= most:
            raise ModelDamaged
        return value

    def string(self) -> str:
        return self.take(self.number_up_to("<Q", _LONGEST_STRING)).decode("utf-8", errors="replace")

    def value(self, kind: int) -> Value:
        if kind == _STRING:
            return self.string()
        if kind == _ARRAY:
            return self.array()
        if kind not in _SCALARS:
            raise ModelDamaged
        value: Value = struct.unpack(_SCALARS[kind], self.take(struct.calcsize(_SCALARS[kind])))[0]
        return value

    def array(self) -> TruncatedList:
        kind = self.number("<I")
        count = self.number_up_to("<Q", _MOST_ITEMS)
        if kind == _ARRAY:  # llama.cpp has no nested arrays, and deep nesting would be an attack
            raise ModelDamaged
        kept = [self.value(kind) for _ in range(min(count, _KEPT_ITEMS))]
        rest = count - len(kept)
        if kind == _STRING:
            for _ in range(rest):
                self.take(self.number_up_to("<Q", _LONGEST_STRING))
        elif rest:
            self.take(rest * struct.calcsize(_SCALARS[kind]))
        return TruncatedList(kept, count)


def read(file: BinaryIO, size: int) -> Header:
    """Read the header of a GGUF file of `size` bytes.

    Raises:
        ModelDamaged: it is not a GGUF file, or contradicts itself.
    """
    reader = _Reader(file, size)
    if reader.take(4) != MAGIC:
        raise ModelDamaged
    version = reader.number("<I")
    if version not in (2, 3):
        raise ModelDamaged
    tensor_count = reader.number_up_to("<Q", _MOST_TENSORS)
    pair_count = reader.number_up_to("<Q", _MOST_PAIRS)
    metadata: dict[str, Value] = {}
    packed: dict[str, bytes] = {}
    for _ in range(pair_count):
        key = reader.string()
        reader.recent.clear()
        metadata[key] = reader.value(reader.number("<I"))
        if len(reader.recent) <= _LONGEST_PACKED:
            packed[key] = bytes(reader.recent)
    tensors = tuple(_read_tensor(reader) for _ in range(tensor_count))
    alignment = metadata.get("general.alignment", ALIGNMENT)
    if not isinstance(alignment, int) or not 0 < alignment <= 1 << 20:
        raise ModelDamaged
    return Header(version, metadata, packed, tensors, reader.position + -reader.position % alignment)


def read_shards(path: Path) -> tuple[Header, list[Tensor]]:
    """Read the header of a file, and the tensors of all its shards if it is split.

    Raises:
        ModelDamaged: as `read`.
        OSError: a shard is missing.
    """
    headers = []
    for shard in shard_paths(path):
        with shard.open("rb") as file:
            headers.append(read(file, shard.stat().st_size))
    return headers[0], [tensor for header in headers for tensor in header.tensors]


def shard_paths(path: Path) -> list[Path]:
    """All shards of a split file, given the first; else the file itself."""
    stem, separator, count = path.stem.partition("-00001-of-")
    if not separator or not count.isdecimal() or len(count) != _SPLIT_DIGITS:
        return [path]
    numbers = range(1, min(int(count), _MOST_SHARDS) + 1)
    return [path.with_name(f"{stem}-{number:05}-of-{count}{path.suffix}") for number in numbers] or [path]


def _read_tensor(reader: _Reader) -> Tensor:
    name = reader.string()
    dimensions = reader.number_up_to("<I", 4)
    shape = tuple(reader.number_up_to("<Q", 1 << 40) for _ in range(dimensions))
    number = reader.number("<I")
    reader.number("<Q")
    if number not in TYPES:
        raise ModelDamaged
    return Tensor(name, shape, TYPES[number][0])


def write(file: BinaryIO, metadata: Mapping[str, Value | bytes], tensors: Iterable[Tensor]) -> dict[str, int]:
    """Write a header; return the offset in the file at which each tensor's data must be written.

    A metadata value given as bytes is already encoded and is written unchanged.
    """
    known = list(tensors)
    out = bytearray(MAGIC + struct.pack("<IQQ", 3, len(known), len(metadata)))
    for key, value in metadata.items():
        out += _encode_string(key) + (value if isinstance(value, bytes) else _encode(value))
    offsets: dict[str, int] = {}
    offset = 0
    for tensor in known:
        out += _encode_string(tensor.name) + struct.pack("<I", len(tensor.shape))
        out += struct.pack(f"<{len(tensor.shape)}Q", *tensor.shape)
        out += struct.pack("<IQ", TYPE_NUMBERS[tensor.type_name], offset)
        offsets[tensor.name] = offset
        offset += tensor.size + -tensor.size % ALIGNMENT
    out += bytes(-len(out) % ALIGNMENT)
    file.write(out)
    return {name: len(out) + offset_in_data for name, offset_in_data in offsets.items()}


def _encode_string(text: str) -> bytes:
    raw = text.encode()
    return struct.pack("<Q", len(raw)) + raw


def _encode(value: Value) -> bytes:
    kind = _type_number(value)
    if isinstance(value, list):
        inner = _type_number(value[0]) if value else 4
        inner = 5 if inner == 4 else inner  # llama.cpp expects lists of integers to be signed
        return struct.pack("<IIQ", kind, inner, len(value)) + b"".join(_encode_scalar(item, inner) for item in value)
    return struct.pack("<I", kind) + _encode_scalar(value, kind)


def _encode_scalar(value: Value, kind: int) -> bytes:
    return _encode_string(str(value)) if kind == _STRING else struct.pack(_SCALARS[kind], value)


def _type_number(value: Value) -> int:
    if isinstance(value, bool):
        return 7
    if isinstance(value, int):
        return 4 if 0 <= value < 1 << 32 else 11
    if isinstance(value, float):
        return 6
    return _STRING if isinstance(value, str) else _ARRAY
