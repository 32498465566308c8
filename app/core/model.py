"""What is known about a model on this computer."""

from enum import Enum
from pathlib import Path

import msgspec

from app.core.fit import CacheType


class ModelKind(Enum):
    """What a model is for."""

    SPEECH = "speech"
    LANGUAGE = "language"
    EMBEDDING = "embedding"
    DIARIZATION = "diarization"


NEEDED_KINDS = (ModelKind.SPEECH, ModelKind.LANGUAGE)
"""A transcript and a summary take one model of each kind."""


class Model(msgspec.Struct, frozen=True):
    """A model on disk: `path` is a GGUF file or a CTranslate2 folder, `size` is in bytes."""

    name: str
    kind: ModelKind
    path: Path
    size: int
    is_demo: bool = False


class LanguageFacts(msgspec.Struct, frozen=True, tag=True):
    """What a loaded language model reports: `context_tokens` as allocated, `cache` as its KV cache is stored."""

    name: str
    architecture: str
    context_tokens: int
    trained_tokens: int
    cache: CacheType = CacheType.F16
