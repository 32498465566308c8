"""Refusing a Whisper folder's settings that its libraries do not check themselves; read inside a worker.

faster-whisper takes any size for sound, and CTranslate2 reads and writes at whatever places the settings name: memory
that is not the model's, which ends in a crash, in an allocation without end or in nothing at all, by chance.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Any

from app.core.errors import ModelDamaged
from app.engines.model_files import ctranslate2

_SOUND_LIMITS = {"n_fft": 8192, "hop_length": 8192, "feature_size": 1024, "chunk_length": 120}
_WIDEST = 8192  # values: several times those of the largest Whisper
_MOST_HEADS = 20  # of a layer, where the file does not say: Whisper large has the most
_WORDS = ("suppress_ids", "suppress_ids_begin", "lang_ids")


def checked_width(folder: Path) -> int:
    """How many values the encoder has for each position, of a model whose settings are right; 0 if it can't be read.

    Refuses sizes of sound that would take gigabytes per window, and heads or words that the model does not have. A file
    that can't be read is left to the engine, which refuses it, or does without it.

    Raises:
        ModelDamaged: a size is not a plausible one for audio, or a head or a word is not there.
    """
    sound = _read(folder / "preprocessor_config.json")
    for name, most in _SOUND_LIMITS.items():
        size = sound.get(name, 1)
        if not isinstance(size, int) or not 0 < size <= most:
            raise ModelDamaged
    config, model = _read(folder / "config.json"), folder / "model.bin"
    try:
        with model.open("rb") as file:
            _, variables = ctranslate2.read(file, model.stat().st_size)
    except (OSError, ModelDamaged):
        return 0
    named = {one.name: one for one in variables}
    _check_places(config, named)
    first = named.get("encoder/conv1/weight")
    width = first.shape[0] if first is not None and first.shape else 0
    return width if width <= _WIDEST else 0


def _check_places(config: Mapping[str, Any], variables: Mapping[str, ctranslate2.Variable]) -> None:
    """Every head and word that the settings name by its place, against those of the model."""
    words = variables.get("decoder/embeddings/weight")
    if words is not None and words.shape:
        named = chain.from_iterable(_list(config.get(name)) for name in _WORDS)
        _refuse_unless(all(_is_below(word, words.shape[0]) for word in named))
    layers = sum(name.startswith("decoder/") and name.endswith("/ffn/linear_0/weight") for name in variables)
    heads = variables.get("decoder/num_heads")
    most = heads.number if heads is not None and heads.number is not None else _MOST_HEADS
    for pair in _list(config.get("alignment_heads")):
        _refuse_unless(isinstance(pair, list) and len(pair) == 2)
        _refuse_unless(_is_below(pair[0], layers) and _is_below(pair[1], most))


def _list(value: object) -> list[Any]:
    """A list of the settings; an absent one, which may be written as null, is empty."""
    _refuse_unless(value is None or isinstance(value, list))
    return value if isinstance(value, list) else []


def _is_below(place: object, most: int) -> bool:
    return isinstance(place, int) and 0 <= place < most


def _refuse_unless(is_right: bool) -> None:
    if not is_right:
        raise ModelDamaged


def _read(path: Path) -> dict[str, Any]:
    with suppress(OSError, ValueError, RecursionError):
        settings = json.loads(path.read_bytes())
        if isinstance(settings, dict):
            return settings
    return {}
