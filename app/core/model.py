"""What is known of a model on this computer."""

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
"""Without one of each there is no transcript and no summary."""


class Model(msgspec.Struct, frozen=True):
    """A model found on disk; `path` is a GGUF file or a CTranslate2 folder, `size` in bytes."""

    name: str
    kind: ModelKind
    path: Path
    size: int
    is_demo: bool = False


class LanguageFacts(msgspec.Struct, frozen=True, tag=True):
    """What a loaded language model says of itself; `context_tokens` is what was allocated, `cache` how it is kept."""

    name: str
    architecture: str
    context_tokens: int
    trained_tokens: int
    cache: CacheType = CacheType.F16
