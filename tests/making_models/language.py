"""Language models of several architectures with random weights, of some ten to two hundred megabytes."""

import ctypes
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from app.core.fit import HeaderFacts
from app.engines.model_files import gguf, gguf_from_facts

_SMALL = HeaderFacts("llama", 12, 1024, 2816, 16, 4, 64, 32_000, 8192, "Q4_0", is_output_tied=False)


def _like(architecture: str, **changes: object) -> HeaderFacts:
    return msgspec.structs.replace(_SMALL, architecture=architecture, **changes)


CHAT_TEMPLATE = "{% for m in messages %}{{ m['role'] + ': ' + m['content'] + '\n' }}{% endfor %}assistant: "

SHAPES = {
    "llama, Q4_0": _SMALL,
    "llama, F16, many words": _like("llama", blocks=4, weight_type="F16", vocabulary=64_000, is_output_tied=True),
    "qwen2, Q8_0": _like("qwen2", embedding=896, feed_forward=4864, heads=14, kv_heads=2, weight_type="Q8_0",
                         is_output_tied=True),
    "qwen3, Q4_K": _like("qwen3", feed_forward=3072, kv_heads=8, head_size=128, weight_type="Q4_K",
                         is_output_tied=True),
    "qwen3moe, 16 experts, Q4_K": _like("qwen3moe", blocks=6, weight_type="Q4_K", experts=16, experts_used=4,
                                        expert_feed_forward=512),
    "gemma2, sliding, Q4_K": _like("gemma2", blocks=8, feed_forward=4096, heads=8, head_size=128, weight_type="Q4_K",
                                   sliding_window=1024, is_output_tied=True),
    "gemma3, sliding, Q4_0": _like("gemma3", feed_forward=4096, heads=8, head_size=128, sliding_window=512,
                                   is_output_tied=True),
    "phi3, Q6_K": _like("phi3", blocks=8, feed_forward=4096, kv_heads=16, context=4096, weight_type="Q6_K"),
    "smollm3, Q5_K": _like("smollm3", blocks=8, feed_forward=4096, weight_type="Q5_K", is_output_tied=True),
    "granite, Q4_K": _like("granite", blocks=8, feed_forward=4096, weight_type="Q4_K", is_output_tied=True),
    "lfm2, hybrid, Q4_0": _like("lfm2", blocks=8, feed_forward=4096, attention_blocks=(2, 5, 7), conv_kernel=3,
                                is_output_tied=True),
    "granitehybrid, Mamba-2, Q4_K": _like("granitehybrid", blocks=8, feed_forward=2048, weight_type="Q4_K",
                                          attention_blocks=(3, 7), state_size=128, state_heads=32, state_groups=1,
                                          conv_kernel=4, is_output_tied=True),
    "qwen35, delta net, Q4_K": _like("qwen35", blocks=8, feed_forward=3072, heads=8, kv_heads=2, head_size=256,
                                     weight_type="Q4_K", attention_blocks=(3, 7), state_size=128, state_heads=16,
                                     state_groups=16, conv_kernel=4, is_output_tied=True),
}  # fmt: skip


def make(path: Path, facts: HeaderFacts) -> Path:
    """Write a model of that shape; its weights are noise of the size that real ones have."""
    metadata, tensors = gguf_from_facts.header(facts)
    metadata["tokenizer.chat_template"] = CHAT_TEMPLATE  # without one it could not answer
    random = np.random.default_rng(11)
    with path.open("wb") as file:
        places = gguf.write(file, metadata, tensors)
        for tensor in tensors:
            file.seek(places[tensor.name])
            file.write(_data(tensor, random))
        file.write(bytes(gguf.ALIGNMENT))
    return path


def _data(tensor: gguf.Tensor, random: np.random.Generator) -> bytes:
    if len(tensor.shape) == 1 and tensor.type_name == "F32":
        return np.ones(tensor.shape[0], np.float32).tobytes()
    row = tensor.shape[0]
    rows = tensor.value_count // row
    some = min(rows, 64)
    noise = (random.standard_normal((some, row)) * 0.02).astype(np.float32)
    block = _packed(noise, tensor.type_name)
    width = len(block) // some
    return (block * -(-rows // some))[: rows * width]


def _packed(values: NDArray[np.float32], type_name: str) -> bytes:
    """Rows in a type of ggml, by ggml's own quantiser."""
    if type_name == "F32":
        return values.tobytes()
    if type_name == "F16":
        return values.astype(np.float16).tobytes()
    import llama_cpp

    library = ctypes.CDLL(str(Path(llama_cpp.__file__).with_name("lib") / "libggml-base.so"))
    library.ggml_quantize_chunk.restype = ctypes.c_size_t
    rows, row = values.shape
    _, block, width = gguf.TYPES[gguf.TYPE_NUMBERS[type_name]]
    out = ctypes.create_string_buffer(rows * row // block * width)
    floats = np.ascontiguousarray(values)
    library.ggml_quantize_chunk(
        gguf.TYPE_NUMBERS[type_name], floats.ctypes.data_as(ctypes.POINTER(ctypes.c_float)), out, ctypes.c_int64(0),
        ctypes.c_int64(rows), ctypes.c_int64(row), None,
    )  # fmt: skip
    return out.raw
