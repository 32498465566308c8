"""Tiny ONNX files as Protocol Buffers writes them: a voice print model with random weights, and one that is none."""

from pathlib import Path

import numpy as np

_FLOAT, _INT, _INTS = 1, 2, 7  # onnx.proto's numbers: of a type of tensor, and of kinds of attributes


def make(path: Path, *, bands: int = 40, name: str = "mel", dimensions: int = 16, seed: int = 5) -> Path:
    """Write a model that mixes the mean of each band over time; with other bands than 40 it is of no known kind."""
    weights = np.random.default_rng(seed).standard_normal((bands, dimensions)).astype(np.float32)
    axes = field(1, "axes") + field(8, 1) + field(20, _INTS)
    flat = field(1, "keepdims") + field(3, 0) + field(20, _INT)
    mean = field(1, name) + field(2, "mean") + field(4, "ReduceMean") + field(5, axes) + field(5, flat)
    mixed = field(1, "mean") + field(1, "weights") + field(2, "print") + field(4, "MatMul")
    tensor = b"".join(field(1, size) for size in weights.shape)
    tensor += field(2, _FLOAT) + field(8, "weights") + field(9, weights.tobytes())
    graph = field(1, mean) + field(1, mixed) + field(2, "tiny") + field(5, tensor)
    graph += field(11, value(name, "windows", "frames", bands)) + field(12, value("print", "windows", dimensions))
    version = field(1, "") + field(2, 13)
    facts = field(1, "made for") + field(2, "tests")
    path.write_bytes(field(1, 8) + field(2, "tests") + field(7, graph) + field(8, version) + field(14, facts))
    return path


def value(name: str, *shape: str | int) -> bytes:
    """The name and the shape of an input or output; a size with a name is open."""
    sizes = b"".join(field(1, field(1 if isinstance(size, int) else 2, size)) for size in shape)
    return field(1, name) + field(2, field(1, field(1, _FLOAT) + field(2, sizes)))


def field(number: int, value: int | str | bytes) -> bytes:
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    raw = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(raw)) + raw


def varint(number: int) -> bytes:
    found = bytearray()
    while number > 0x7F:
        found.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*found, number])
