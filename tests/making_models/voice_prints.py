"""Tiny ONNX files as Protocol Buffers writes them: a voice print model with random weights, and one that is none."""

from pathlib import Path

import numpy as np

_FLOAT, _INT, _INTS = 1, 2, 7  # onnx.proto's numbers: of a type of tensor, and of kinds of attributes


def make(path: Path, *, bands: int = 40, name: str = "mel", dimensions: int = 16, seed: int = 5) -> Path:
    """Write a model that mixes the mean of each band over time; with other bands than 40 it is of no known kind."""
    weights = np.random.default_rng(seed).standard_normal((bands, dimensions)).astype(np.float32)
    axes = _field(1, "axes") + _field(8, 1) + _field(20, _INTS)
    flat = _field(1, "keepdims") + _field(3, 0) + _field(20, _INT)
    mean = _field(1, name) + _field(2, "mean") + _field(4, "ReduceMean") + _field(5, axes) + _field(5, flat)
    mixed = _field(1, "mean") + _field(1, "weights") + _field(2, "print") + _field(4, "MatMul")
    tensor = b"".join(_field(1, size) for size in weights.shape)
    tensor += _field(2, _FLOAT) + _field(8, "weights") + _field(9, weights.tobytes())
    graph = _field(1, mean) + _field(1, mixed) + _field(2, "tiny") + _field(5, tensor)
    graph += _field(11, _value(name, "windows", "frames", bands)) + _field(12, _value("print", "windows", dimensions))
    version = _field(1, "") + _field(2, 13)
    facts = _field(1, "made for") + _field(2, "tests")
    path.write_bytes(_field(1, 8) + _field(2, "tests") + _field(7, graph) + _field(8, version) + _field(14, facts))
    return path


def _value(name: str, *shape: str | int) -> bytes:
    """The name and the shape of an input or output; a size with a name is open."""
    sizes = b"".join(_field(1, _field(1 if isinstance(size, int) else 2, size)) for size in shape)
    return _field(1, name) + _field(2, _field(1, _field(1, _FLOAT) + _field(2, sizes)))


def _field(number: int, value: int | str | bytes) -> bytes:
    if isinstance(value, int):
        return _varint(number << 3) + _varint(value)
    raw = value.encode() if isinstance(value, str) else value
    return _varint(number << 3 | 2) + _varint(len(raw)) + raw


def _varint(number: int) -> bytes:
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*found, number])
