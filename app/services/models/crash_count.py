"""The count of worker crashes per model, and what a person is told about models."""

import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import msgspec

from app.core.files import write_atomically
from app.core.model import Model
from app.services.hardware import memory_and_cores

_CRASH_LIMIT = 2  # crashes in a row before a model is set aside


class CrashCount:
    """Counts the workers that each model has crashed, in a small file without content, and passes on messages."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._mutex = threading.Lock()
        self._listeners: list[Callable[[str], None]] = []
        self._crashes = self._read()

    def observe(self, listener: Callable[[str], None]) -> None:
        """Call `listener` with each message for the person, on whatever thread it arises."""
        self._listeners.append(listener)

    def free_bytes(self) -> int:
        """The free memory in bytes."""
        return memory_and_cores.free_bytes()

    def notify(self, sentence: str) -> None:
        """Pass a message to the person."""
        for listener in self._listeners:
            listener(sentence)

    def record_crash(self, model: Model) -> None:
        """Count a worker that died with this model; the second in a row sets the model aside."""
        with self._mutex:
            count = self._crashes.get(_key(model), 0) + 1
            self._crashes[_key(model)] = count
            self._write()
        if count == _CRASH_LIMIT:
            self.notify(
                f"The model {model.name} has ended its engine twice and is set aside; "
                "«tacit models use» with its name tries it again."
            )

    def record_success(self, model: Model) -> None:
        """Reset the count, because a worker succeeded with this model."""
        self.forgive(model)

    def forgive(self, model: Model) -> None:
        """Reset the count, so that the model is used again."""
        with self._mutex:
            if self._crashes.pop(_key(model), 0):
                self._write()

    def is_set_aside(self, model: Model) -> bool:
        """Whether the model has crashed too many workers."""
        with self._mutex:
            return self._crashes.get(_key(model), 0) >= _CRASH_LIMIT

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
        with suppress(OSError):  # the count is lost, and will build up again
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_atomically(self._path, msgspec.json.encode(self._crashes), is_durable=False)


def _key(model: Model) -> str:
    """The key of a model: name and size, so that another file of that name starts from zero."""
    return f"{model.name} {model.size}"
