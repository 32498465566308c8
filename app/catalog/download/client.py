"""The window's end of the pipes to the launcher, which starts the one process that may connect."""

import os
import queue
import sys
import threading
from collections.abc import Generator
from contextlib import suppress

import msgspec

from app.core import errors
from app.core.download import Advance, Arrived, Event, Failed, Stopped
from app.core.errors import DownloadError
from app.core.job import Cancelled, Progress

_PULSE = 0.5  # seconds after which the last value is given again
_GONE = "The process that downloads is gone."


class PipedDoor:
    """Asks by one pipe and reads what comes by the other (`core.download.Door`)."""

    def __init__(self, answered: int, asks: int) -> None:
        self._asks = os.fdopen(_opened(asks, os.O_WRONLY), "wb", buffering=0)
        self._answers = os.fdopen(_opened(answered, os.O_RDONLY), "rb")
        self._waiting: dict[str, queue.SimpleQueue[Event | None]] = {}
        self._under_way: set[str] = set()
        self._mutex = threading.Lock()
        self._is_left = False
        self._is_gone = False
        threading.Thread(target=self._read, name="door", daemon=True).start()

    def pull(self, model: str) -> Generator[Progress, None, None]:
        """See `core.download.Door.pull`."""
        events: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        with self._mutex:
            if self._is_gone:
                raise DownloadError(_GONE)
            self._waiting[model] = events
        is_over = False
        try:
            self._ask("pull", model)
            last: Progress | None = None
            while True:
                try:
                    event = events.get(timeout=_PULSE)
                except queue.Empty:
                    yield last or Progress("Connecting", 0, None, "bytes")
                    continue
                if isinstance(event, Advance):
                    last = Progress(event.step, event.done, event.total, "bytes")
                    yield last
                    continue
                is_over = True
                if isinstance(event, Arrived):
                    return
                raise _ended(event)
        finally:
            with self._mutex:
                self._waiting.pop(model, None)
            if not is_over and not self._is_left:
                with suppress(DownloadError):
                    self._ask("cancel", model)

    def under_way(self) -> set[str]:
        """The models that are being fetched, also for a window before this one; `pull` joins in."""
        with self._mutex:
            return set(self._under_way)

    def leave(self) -> None:
        """From now on who stops waiting does not stop the download: it outlives a lock of the window."""
        self._is_left = True

    def _ask(self, verb: str, model: str) -> None:
        try:
            self._asks.write(msgspec.json.encode({verb: model}) + b"\n")
        except (OSError, ValueError) as error:
            raise DownloadError(_GONE) from error

    def _read(self) -> None:
        with self._answers, suppress(OSError, ValueError):
            for line in self._answers:
                with suppress(msgspec.MsgspecError, UnicodeDecodeError):
                    self._hand_out(msgspec.json.decode(line, type=Event))
        with self._mutex:
            self._is_gone = True
            self._asks.close()
            for events in self._waiting.values():
                events.put(None)

    def _hand_out(self, event: Event) -> None:
        with self._mutex:
            if isinstance(event, Advance):
                self._under_way.add(event.model)
            else:
                self._under_way.discard(event.model)
            if event.model in self._waiting:
                self._waiting[event.model].put(event)


class NoDoor:
    """Where nobody keeps a door: a program that was not started by the launcher (`core.download.Door`)."""

    def pull(self, model: str) -> Generator[Progress, None, None]:
        """Refuse.

        Raises:
            DownloadError: always.
        """
        advice = f"Nothing was sent; run «tacit models pull {model}», or bring the model as a file."
        raise DownloadError("This process was not started so that it can download.", advice)

    def under_way(self) -> set[str]:
        """None."""
        return set()

    def leave(self) -> None:
        """There is nothing to leave."""


def _ended(event: Event | None) -> Exception:
    if isinstance(event, Stopped):
        return Cancelled()
    if not isinstance(event, Failed):
        return DownloadError(_GONE)
    kind = getattr(errors, event.kind, None)
    is_ours = isinstance(kind, type) and issubclass(kind, errors.AssistantError)
    return kind(event.title, event.advice) if is_ours and kind is not None else DownloadError(event.title, event.advice)


def _opened(number: int, flags: int) -> int:
    """The descriptor behind a number that the launcher gave."""
    if sys.platform == "win32":  # pragma: no cover - Windows only
        import msvcrt

        return msvcrt.open_osfhandle(number, flags)
    os.set_inheritable(number, False)  # no child of ours is to have it
    return number
