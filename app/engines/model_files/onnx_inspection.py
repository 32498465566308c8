"""What an ONNX file says about the voice print model in it, read inside a worker."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from app.core.errors import ModelDamaged
from app.core.inspection import Inspection, Portion
from app.engines.model_files.voice_model import VoiceModel

_LONGEST = 200  # characters of a displayed value

# By the numbers of onnx.proto: fields of a model, a graph, a node, an attribute, a tensor and a line of facts.
_PRODUCER, _GRAPH, _FACTS = 2, 7, 14
_NODE, _WEIGHTS = 1, 5
_INPUT, _OPERATION, _ATTRIBUTE = 1, 4, 5
_TENSOR = 5
_SHAPE, _TYPE, _NAME = 1, 2, 8
_KEY, _VALUE = 1, 2

_TYPES = {
    1: ("F32", 4), 2: ("U8", 1), 3: ("I8", 1), 4: ("U16", 2), 5: ("I16", 2), 6: ("I32", 4), 7: ("I64", 8),
    9: ("BOOL", 1), 10: ("F16", 2), 11: ("F64", 8), 12: ("U32", 4), 13: ("U64", 8), 16: ("BF16", 2),
}  # fmt: skip
"""ONNX's numbers for types: the name shown for each, and the bytes of a value."""


class _Tensor(NamedTuple):
    part: str
    type_name: str
    value_count: int
    size: int


def inspect_onnx(path: Path) -> Inspection:
    """Inspect an ONNX file, which must be a voice print model that works.

    Raises:
        ModelDamaged: it is none.
        EngineOutOfMemory: it takes more memory than there is.
    """
    model = VoiceModel(path, 1)
    try:
        data = memoryview(path.read_bytes())
        tensors = [tensor for graph in _messages(data, _GRAPH) for tensor in _tensors(graph)]
        facts = [(_text(line, _KEY), _text(line, _VALUE)) for line in _messages(data, _FACTS)]
        producer = _text(data, _PRODUCER)
    except (OSError, IndexError, ValueError) as error:
        raise ModelDamaged from error
    if sum(tensor.size for tensor in tensors) > len(data):
        raise ModelDamaged
    found: dict[tuple[str, str], list[int]] = {}
    for tensor in tensors:
        found.setdefault((tensor.part, tensor.type_name), []).append(tensor.size)
    return Inspection(
        "ONNX", "voice print", "", 0, 0, "", "",
        tuple(Portion(*part_and_type, len(sizes), sum(sizes)) for part_and_type, sizes in found.items()),
        (("numbers of a voice print", str(model.dimensions)), ("written by", producer), *facts),
        sum(tensor.value_count for tensor in tensors),
    )  # fmt: skip


def _tensors(graph: memoryview) -> Iterator[_Tensor]:
    """The weights of a graph, each with the operation that it is for."""
    nodes = list(_messages(graph, _NODE))
    users = {name: _text(node, _OPERATION).lower() for node in nodes for name in _texts(node, _INPUT)}
    weights = [(users.get(_text(tensor, _NAME), "rest"), tensor) for tensor in _messages(graph, _WEIGHTS)]
    constants = [
        ("constants", tensor)
        for node in nodes
        for attribute in _messages(node, _ATTRIBUTE)
        for tensor in _messages(attribute, _TENSOR)
    ]
    for part, tensor in weights + constants:
        shape = [number for value in _values(tensor, _SHAPE) for number in _numbers(value)]
        kinds = [value for value in _values(tensor, _TYPE) if isinstance(value, int)]
        type_name, size = _TYPES.get(kinds[-1] if kinds else 0, ("other", 1))
        count = math.prod(shape)
        yield _Tensor(part, type_name, count, count * size)


def _messages(message: memoryview, number: int) -> list[memoryview]:
    return [value for value in _values(message, number) if isinstance(value, memoryview)]


def _texts(message: memoryview, number: int) -> list[str]:
    return [bytes(value).decode("utf-8", "replace")[:_LONGEST] for value in _messages(message, number)]


def _text(message: memoryview, number: int) -> str:
    return " ".join("".join(_texts(message, number)[:1]).split())


def _numbers(value: int | memoryview) -> list[int]:
    """The number itself, or those that are packed one behind the other."""
    if isinstance(value, int):
        return [value]
    found, place = [], 0
    while place < len(value):
        number, place = _varint(value, place)
        found.append(number)
    return found


def _values(message: memoryview, wanted: int) -> Iterator[int | memoryview]:
    """The values of the fields with this number, as Protocol Buffers writes them; those of a fixed size are left out.

    Raises:
        ValueError, IndexError: they are no fields.
    """
    place = 0
    while place < len(message):
        tag, place = _varint(message, place)
        number, wire = tag >> 3, tag & 7
        if wire == 0:
            value, place = _varint(message, place)
            if number == wanted:
                yield value
        elif wire == 2:  # of a length of its own: a message, a text, bytes or packed numbers
            size, place = _varint(message, place)
            if number == wanted:
                yield message[place : place + size]
            place += size
        else:
            place += {1: 8, 5: 4}[wire] if wire in (1, 5) else len(message)


def _varint(message: memoryview, place: int) -> tuple[int, int]:
    """A number, seven bits in each byte, and the place behind it."""
    value = shift = 0
    while True:
        byte = message[place]
        place += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, place
        if shift > 63:
            raise ValueError("a number too long")
