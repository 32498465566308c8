"""Whisper models of published shapes with random weights, as CTranslate2 folders with the demo model's words."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
from ctranslate2.specs import whisper_spec

from app.core.resources import demo_models

SHAPES = {
    "tiny": (384, 6, 4, 4, 80, 51_865),
    "base": (512, 8, 6, 6, 80, 51_865),
    "small": (768, 12, 12, 12, 80, 51_865),
    "medium": (1024, 16, 24, 24, 80, 51_865),
    "distil-large-v3": (1280, 20, 32, 2, 128, 51_866),
    "large-v3-turbo": (1280, 20, 32, 4, 128, 51_866),
    "large-v3": (1280, 20, 32, 32, 128, 51_866),
}
"""Width, heads, encoder blocks, decoder blocks, mel bands, words, as they were published."""
_LONGEST = 448  # places of the decoder
_FIRST_SAID = 280  # of the demo model's words: whole syllables from here on
_LOUDNESS, _FAR = 5.4, 5.0  # of a thousand words that have no loudness, one with this is said a fifth of the time


def make(folder: Path, shape: str, stored: str = "float16") -> Path:
    """Write a model of that shape that never ends what it says, and is never sure of it."""
    width, heads, encoder, decoder, bands, vocabulary = SHAPES[shape]
    source = demo_models() / "speech"
    config = json.loads((source / "config.json").read_text())
    words = json.loads((source / "vocabulary.json").read_text())
    words += [f"<filler {number}>" for number in range(vocabulary - len(words))]
    random = np.random.default_rng(7)
    noise = random.standard_normal(1 << 20, np.float32) * 0.004

    def weights(*shape: int) -> np.ndarray:
        return np.resize(np.roll(noise, int(random.integers(1 << 20))), shape)  # equal ones would be stored once

    def norm(spec: Any) -> None:
        spec.gamma, spec.beta = np.ones(width, np.float32), np.zeros(width, np.float32)

    def linear(spec: Any, rows: int, columns: int) -> None:
        spec.weight, spec.bias = weights(rows, columns), np.zeros(rows, np.float32)

    made = whisper_spec.WhisperSpec(encoder, heads, decoder, heads)
    for conv, inner in ((made.encoder.conv1, bands), (made.encoder.conv2, width)):
        conv.weight, conv.bias = weights(width, inner, 3), np.zeros(width, np.float32)
    made.encoder.position_encodings.encodings = weights(1500, width)
    # Each place points at a word of its own, but not loudly: it is never sure, and a window is tried again at each
    # temperature, which takes most memory. Marks are out of reach, so it never ends.
    places = random.standard_normal((_LONGEST, width), np.float32)
    places[:, 0] = 0
    said = np.zeros((len(words), width), np.float32)
    said[words.index("<|endoftext|>") :, 0] = -_FAR
    lengths = np.linalg.norm(places, axis=1, keepdims=True)
    said[_FIRST_SAID : _FIRST_SAID + _LONGEST] = _LOUDNESS / np.sqrt(width) * places / lengths
    made.decoder.embeddings.weight = said
    made.decoder.projection.weight = said
    made.decoder.position_encodings.encodings = places
    for half in (made.encoder, made.decoder):
        norm(half.layer_norm)
    made.decoder.layer_norm.beta[0] = _FAR
    for half in (made.encoder, made.decoder):
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
    shutil.copy(source / "tokenizer.json", folder / "tokenizer.json")
    sound = json.loads((source / "preprocessor_config.json").read_text()) | {"feature_size": bands}
    (folder / "preprocessor_config.json").write_text(json.dumps(sound))
    return folder
