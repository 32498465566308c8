"""What an ONNX file says about the voice print model in it, read inside a worker."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from app.core.errors import ModelDamaged
from app.core.inspection import Inspection, Portion
from app.engines.model_files.protocol_buffers import MESSAGE, NUMBER, fields, varint
from app.engines.model_files.voice_model import VoiceModel

_LONGEST = 200  # characters of a displayed value
_MOST_SIZES = 32  # of the shape of a tensor: no operation takes more

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
        shape, kinds = _numbers(tensor, _SHAPE), _numbers(tensor, _TYPE)
        type_name, size = _TYPES.get(kinds[-1] if kinds else 0, ("other", 1))
        count = math.prod(shape)
        yield _Tensor(part, type_name, count, count * size)


def _messages(message: memoryview, wanted: int) -> list[memoryview]:
    return [value for number, kind, _, value in fields(message) if (number, kind) == (wanted, MESSAGE)]


def _texts(message: memoryview, number: int) -> list[str]:
    return [bytes(value).decode("utf-8", "replace")[:_LONGEST] for value in _messages(message, number)]


def _text(message: memoryview, number: int) -> str:
    return " ".join("".join(_texts(message, number)[:1]).split())


def _numbers(message: memoryview, wanted: int) -> list[int]:
    """The numbers of a field, be they one by one or packed one behind the other."""
    found: list[int] = []
    for number, kind, value, packed in fields(message):
        if number != wanted:
            continue
        if kind == NUMBER:
            found.append(value)
        place = 0
        while place < len(packed) and len(found) <= _MOST_SIZES:
            one, place = varint(packed, place)
            found.append(one)
    if len(found) > _MOST_SIZES:
        raise ValueError("a shape of too many sizes")
    return found
