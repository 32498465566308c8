"""Whisper models of published shapes with random weights, as CTranslate2 folders with the demo model's words."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
from ctranslate2.specs import whisper_spec

from app.core.places import demo_models

SHAPES = {"tiny": (384, 6, 4, 4, 80), "base": (512, 8, 6, 6, 80), "small": (768, 12, 12, 12, 80)}
"""Width, heads, encoder blocks, decoder blocks, mel bands, as OpenAI published them."""


def make(folder: Path, width: int, heads: int, encoder: int, decoder: int, bands: int, stored: str = "float16") -> Path:
    """Write a model of that shape."""
    source = demo_models() / "speech"
    config = json.loads((source / "config.json").read_text())
    words = json.loads((source / "vocabulary.json").read_text())
    random = np.random.default_rng(7)

    def weights(*shape: int) -> np.ndarray:
        return (random.standard_normal(shape, np.float32) * 0.02).astype(np.float32)

    def norm(spec: Any) -> None:
        spec.gamma, spec.beta = np.ones(width, np.float32), np.zeros(width, np.float32)

    def linear(spec: Any, rows: int, columns: int) -> None:
        spec.weight, spec.bias = weights(rows, columns), np.zeros(rows, np.float32)

    made = whisper_spec.WhisperSpec(encoder, heads, decoder, heads)
    for conv, inner in ((made.encoder.conv1, bands), (made.encoder.conv2, width)):
        conv.weight, conv.bias = weights(width, inner, 3), np.zeros(width, np.float32)
    made.encoder.position_encodings.encodings = weights(1500, width)
    made.decoder.embeddings.weight = weights(len(words), width)
    made.decoder.projection.weight = made.decoder.embeddings.weight
    made.decoder.position_encodings.encodings = weights(448, width)
    for half in (made.encoder, made.decoder):
        norm(half.layer_norm)
        for block in half.layer:
            norm(block.self_attention.layer_norm)
            linear(block.self_attention.linear[0], 3 * width, width)
            linear(block.self_attention.linear[1], width, width)
            norm(block.ffn.layer_norm)
            linear(block.ffn.linear_0, 4 * width, width)
            linear(block.ffn.linear_1, width, 4 * width)
    for block in made.decoder.layer:
        norm(block.attention.layer_norm)
        linear(block.attention.linear[0], width, width)
        linear(block.attention.linear[1], 2 * width, width)
        linear(block.attention.linear[2], width, width)
    for name in ("suppress_ids", "suppress_ids_begin", "lang_ids"):
        setattr(made.config, name, config[name])
    made.config.alignment_heads = [(decoder - 1, head) for head in range(min(4, heads))]
    made.register_vocabulary(words)
    made.validate()
    made.optimize(quantization=stored)
    folder.mkdir(parents=True)
    made.save(str(folder))
    for name in ("tokenizer.json", "preprocessor_config.json"):
        shutil.copy(source / name, folder / name)
    return folder
