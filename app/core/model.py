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

USED_KINDS = (*NEEDED_KINDS, ModelKind.EMBEDDING)
"""The kinds that Tacit uses: search by meaning takes one of the last, and goes by words alone without it."""


class Model(msgspec.Struct, frozen=True):
    """A model on disk: `path` is a GGUF file or a CTranslate2 folder, `size` is in bytes.

    `sampling` is what the catalogue says of a language model, and `prefixes` of an embedding model.
    """

    name: str
    kind: ModelKind
    path: Path
    size: int
    is_demo: bool = False
    sampling: Sampling | None = None
    prefixes: Prefixes | None = None


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
