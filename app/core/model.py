"""What is known about a model on this computer."""

from enum import Enum
from pathlib import Path

import msgspec

from app.core.embedding import Prefixes
from app.core.fit import CacheType
from app.core.ranges import Tokens
from app.core.sampling import Sampling


class ModelKind(Enum):
    """What a model is for."""

    SPEECH = "speech"
    LANGUAGE = "language"
    EMBEDDING = "embedding"
    DIARIZATION = "diarization"


NEEDED_KINDS = (ModelKind.SPEECH, ModelKind.LANGUAGE)
"""A transcript and a summary take one model of each kind."""

USED_KINDS = (*NEEDED_KINDS, ModelKind.EMBEDDING, ModelKind.DIARIZATION)
"""The kinds that Tacit uses, the optional ones last.

Without an embedding model search goes by words alone; without a voice print model everybody on one microphone is one
speaker.
"""


class Model(msgspec.Struct, frozen=True):
    """A model on disk: `path` is a GGUF or ONNX file or a CTranslate2 folder, `size` is in bytes.

    `sampling` is what the catalogue says of a language model, and `prefixes` of an embedding model. Without `has_use`
    Tacit does nothing with it: it is never in use.
    """

    name: str
    kind: ModelKind
    path: Path
    size: int
    is_demo: bool = False
    sampling: Sampling | None = None
    prefixes: Prefixes | None = None
    has_use: bool = True


class LanguageFacts(msgspec.Struct, frozen=True, tag=True):
    """What a loaded language model reports: `context_tokens` as allocated, `cache` as its KV cache is stored.

    Without a chat template it is a base model, which continues a text and can't answer. `sampling` is what its makers
    recommend, if they do.
    """

    name: str
    architecture: str
    context_tokens: Tokens
    trained_tokens: Tokens
    cache: CacheType = CacheType.F16
    has_chat_template: bool = True
    sampling: Sampling | None = None
