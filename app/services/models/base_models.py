"""Which models are base models: without a chat template, they continue a text and can't answer."""

import threading
from contextlib import suppress
from pathlib import Path

import msgspec

from app.core.files import write_atomically
from app.core.model import Model, ModelKind

CONTINUES_TEXTS = "it has no chat template, so it continues texts and can't answer"


class BaseModels:
    """Remembers them in a small file without content: only a worker can tell, by loading the model."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._mutex = threading.Lock()
        self._keys = self._read()

    def add(self, model: Model) -> None:
        """Remember that the model is one."""
        with self._mutex:
            self._keys.add(_key(model))
            if self._path is not None:
                with suppress(OSError):  # it is forgotten, and noticed again at the next use
                    self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                    write_atomically(self._path, msgspec.json.encode(sorted(self._keys)), is_durable=False)

    def __contains__(self, model: Model) -> bool:
        """Whether the model is known to be one."""
        with self._mutex:
            return model.kind is ModelKind.LANGUAGE and _key(model) in self._keys

    def _read(self) -> set[str]:
        if self._path is None:
            return set()
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=set[str])
        except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return set()


def _key(model: Model) -> str:
    """Name and size, so that another file of that name is asked anew."""
    return f"{model.name} {model.size}"
