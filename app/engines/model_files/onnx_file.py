"""Whether an ONNX file keeps all of its weights in itself: one that names other files is not opened."""

from app.engines.model_files.protocol_buffers import MESSAGE, fields

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
_TRAINING = 20  # of a model: what only training needs, in which tensors may lie too
_EXTERNAL_DATA, _DATA_LOCATION = 13, 14  # of a tensor


def is_whole(data: bytes) -> bool:
    """Whether these are the bytes of an ONNX model with a graph, none of whose weights lie in another file."""
    try:
        return any(number == _GRAPH for number, *_ in fields(memoryview(data))) and _is_whole(
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
        return not any(number in (_EXTERNAL_DATA, _DATA_LOCATION) for number, *_ in fields(message))
    parts = _PARTS[kind]
    for number, kind_of_value, _, value in fields(message):
        if kind == "model" and number == _TRAINING:
            return False
        if number in parts and (kind_of_value != MESSAGE or not _is_whole(value, parts[number], depth + 1)):
            return False
    return True
