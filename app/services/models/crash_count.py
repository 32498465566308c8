"""An eye on the engines: which model ended its worker, and what a person has to be told."""

import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import msgspec

from app.core.model import Model
from app.services.hardware import memory_and_cores

_TOO_MANY = 2  # workers that one model may end, one after the other, before it is set aside


class Minding:
    """Counts the workers that a model has ended, in a small file without content, and passes sentences on."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._mutex = threading.Lock()
        self._listeners: list[Callable[[str], None]] = []
        self._deaths = self._read()

    def observe(self, listener: Callable[[str], None]) -> None:
        """Call `listener` with each sentence for the person, on whatever thread it comes up."""
        self._listeners.append(listener)

    def free(self) -> int:
        """Bytes of memory that are free now."""
        return memory_and_cores.free_bytes()

    def tell(self, sentence: str) -> None:
        """Tell the person."""
        for listener in self._listeners:
            listener(sentence)

    def died(self, model: Model) -> None:
        """A worker died of this model; at the second time it is set aside."""
        with self._mutex:
            count = self._deaths.get(_named(model), 0) + 1
            self._deaths[_named(model)] = count
            self._write()
        if count == _TOO_MANY:
            self.tell(
                f"The model {model.name} has ended its engine twice and is set aside; "
                "«tacit models use» with its name tries it again."
            )

    def lived(self, model: Model) -> None:
        """A worker did its work on this model: what was before is forgotten."""
        self.forgive(model)

    def forgive(self, model: Model) -> None:
        """Use the model again."""
        with self._mutex:
            if self._deaths.pop(_named(model), 0):
                self._write()

    def is_set_aside(self, model: Model) -> bool:
        """Whether the model ended too many workers."""
        with self._mutex:
            return self._deaths.get(_named(model), 0) >= _TOO_MANY

    def _read(self) -> dict[str, int]:
        if self._path is None:
            return {}
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=dict[str, int])
        except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return {}

    def _write(self) -> None:
        if self._path is None:
            return
        fresh = self._path.with_suffix(".new")
        with suppress(OSError):  # not kept, then; it is found out again
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            fresh.write_bytes(msgspec.json.encode(self._deaths))
            fresh.replace(self._path)


def _named(model: Model) -> str:
    """A model by name and size: another file of that name starts anew."""
    return f"{model.name} {model.size}"
