"""Which files put into the models folder by hand are for embeddings or voice prints: only a worker can tell."""

import threading
from contextlib import suppress
from pathlib import Path

import msgspec

from app.catalog.installed import models_folder
from app.core.files import write_atomically
from app.core.model import Model, ModelKind

_UNCERTAIN = (ModelKind.LANGUAGE, ModelKind.DIARIZATION)  # what a GGUF and an ONNX file are taken for by their names


class RecognisedKinds:
    """Remembers what a worker found, in a small file without content."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._mutex = threading.Lock()
        self._found = self._read()

    def applied(self, model: Model) -> Model:
        """The model, of the kind that it was found to be, and of use if it was found to be of one."""
        with self._mutex:
            is_found = self._found.get(_key(model), False)
        if is_found and model.kind is ModelKind.LANGUAGE:
            return msgspec.structs.replace(model, kind=ModelKind.EMBEDDING)
        return msgspec.structs.replace(model, has_use=True) if is_found else model

    def is_unknown(self, model: Model) -> bool:
        """Whether nobody has looked into the model, whose record would say what it is."""
        with self._mutex:
            is_known = model.kind not in _UNCERTAIN or _key(model) in self._found
        return not is_known and models_folder.record_of(model) is None

    def add(self, model: Model, is_recognised: bool) -> None:
        """Remember whether a GGUF file is a model for embeddings, or an ONNX file one for voice prints."""
        with self._mutex:
            self._found[_key(model)] = is_recognised
            if self._path is not None:
                with suppress(OSError):  # it is forgotten, and looked into again at the next start
                    self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                    write_atomically(self._path, msgspec.json.encode(self._found, order="sorted"), is_durable=False)

    def _read(self) -> dict[str, bool]:
        if self._path is None:
            return {}
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=dict[str, bool])
        except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return {}


def _key(model: Model) -> str:
    """Name and size, so that another file of that name is looked into anew."""
    return f"{model.path.name} {model.size}"
