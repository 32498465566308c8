"""Whether an ONNX file keeps all of its weights in itself: one that names other files is not opened."""

from collections.abc import Iterator

_MESSAGE = 2  # Protocol Buffers' kind of value that has a length: a message, a text or bytes
_FIXED = {1: 8, 5: 4}  # bytes of its kinds of a fixed size
_DEEPEST = 24  # graphs within graphs, each of which takes three steps

# By the numbers of onnx.proto: the parts of each kind of message in which a tensor may lie.
_PARTS: dict[str, dict[int, str]] = {
    "model": {7: "graph", 25: "function"},
    "graph": {1: "node", 5: "tensor", 15: "sparse tensor"},
    "function": {7: "node", 11: "attribute"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse tensor", 23: "sparse tensor"},
    "sparse tensor": {1: "tensor", 2: "tensor"},
}
_GRAPH = 7  # of a model
_EXTERNAL_DATA, _DATA_LOCATION = 13, 14  # of a tensor


def is_whole(data: bytes) -> bool:
    """Whether these are the bytes of an ONNX model with a graph, none of whose weights lie in another file."""
    try:
        return any(number == _GRAPH for number, _, _ in _fields(memoryview(data))) and _is_whole(
            memoryview(data), "model", 0
        )
    except (IndexError, ValueError):
        return False


def _is_whole(message: memoryview, kind: str, depth: int) -> bool:
    """Whether a message is well formed and no tensor in it lies elsewhere.

    Raises:
        ValueError, IndexError: it is no such message.
    """
    if depth > _DEEPEST:
        raise ValueError("too deep")
    if kind == "tensor":
        return not any(number in (_EXTERNAL_DATA, _DATA_LOCATION) for number, _, _ in _fields(message))
    parts = _PARTS[kind]
    for number, wire, value in _fields(message):
        if number in parts and (wire != _MESSAGE or not _is_whole(value, parts[number], depth + 1)):
            return False
    return True


def _fields(message: memoryview) -> Iterator[tuple[int, int, memoryview]]:
    """The number, the kind and the bytes of each field; of a number without a fixed size the bytes are left out.

    Raises:
        ValueError, IndexError: they are no fields.
    """
    place = 0
    while place < len(message):
        tag, place = _varint(message, place)
        number, wire = tag >> 3, tag & 7
        if not number:
            raise ValueError("no field")
        size = _FIXED.get(wire, 0)
        if wire == _MESSAGE:
            size, place = _varint(message, place)
        elif wire == 0:
            _, place = _varint(message, place)
        elif not size:
            raise ValueError("a kind that ONNX has not")
        if size > len(message) - place:
            raise ValueError("cut off")
        yield number, wire, message[place : place + size]
        place += size


def _varint(message: memoryview, place: int) -> tuple[int, int]:
    """A number of up to 64 bits, seven of them in each byte, and the place behind it."""
    value = 0
    for shift in range(0, 70, 7):
        byte = message[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
    raise ValueError("a number too long")
