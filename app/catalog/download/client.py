"""The download client: this process's end of the pipes to the launcher, which starts the only process that connects."""

import os
import queue
import sys
import threading
from collections.abc import Generator
from contextlib import suppress

import msgspec

from app.core.download import Arrived, DownloadProgress, Event, Failed, Stopped
from app.core.errors import DownloadError, ModelError, error_of_kind
from app.core.job import Cancelled, Progress

_PULSE = 0.5  # seconds after which the last progress is repeated
_LONGEST_SENTENCE = 300  # characters
_GONE = "The process that downloads is gone."


class PipedDownloadClient:
    """Sends requests through one pipe and reads events from the other (`core.download.DownloadClient`)."""

    def __init__(self, events_handle: int, requests_handle: int) -> None:
        self._requests = os.fdopen(_descriptor_for(requests_handle, os.O_WRONLY), "wb", buffering=0)
        self._events = os.fdopen(_descriptor_for(events_handle, os.O_RDONLY), "rb")
        self._queues: dict[str, queue.SimpleQueue[Event | None]] = {}
        self._active: set[str] = set()
        self._mutex = threading.Lock()
        self._is_detached = False
        self._is_gone = False
        threading.Thread(target=self._read, name="door", daemon=True).start()

    def pull(self, model: str) -> Generator[Progress, None, None]:
        """See `core.download.DownloadClient.pull`."""
        events: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        with self._mutex:
            if self._is_gone:
                raise DownloadError(_GONE)
            self._queues[model] = events
        is_over = False
        try:
            self._send("pull", model)
            last: Progress | None = None
            while True:
                try:
                    event = events.get(timeout=_PULSE)
                except queue.Empty:
                    yield last or Progress("Connecting", 0, None, "bytes")
                    continue
                if isinstance(event, DownloadProgress):
                    last = Progress(event.step, event.done, event.total, "bytes")
                    yield last
                    continue
                is_over = True
                if isinstance(event, Arrived):
                    return
                raise _error_for(event)
        finally:
            with self._mutex:
                self._queues.pop(model, None)
            if not is_over and not self._is_detached:
                with suppress(DownloadError):
                    self._send("cancel", model)

    def active_downloads(self) -> set[str]:
        """The models being downloaded, including for an earlier window; `pull` joins such a download."""
        with self._mutex:
            return set(self._active)

    def detach(self) -> None:
        """From now on, ending `pull` does not cancel the download, so that it outlives the window's being locked."""
        self._is_detached = True

    def _send(self, verb: str, model: str) -> None:
        try:
            self._requests.write(msgspec.json.encode({verb: model}) + b"\n")
        except (OSError, ValueError) as error:
            raise DownloadError(_GONE) from error

    def _read(self) -> None:
        with self._events, suppress(OSError, ValueError):
            for line in self._events:
                with suppress(msgspec.MsgspecError, UnicodeDecodeError):
                    self._dispatch(msgspec.json.decode(line, type=Event))
        with self._mutex:
            self._is_gone = True
            self._requests.close()
            for events in self._queues.values():
                events.put(None)

    def _dispatch(self, event: Event) -> None:
        with self._mutex:
            if isinstance(event, DownloadProgress):
                self._active.add(event.model)
            else:
                self._active.discard(event.model)
            if event.model in self._queues:
                self._queues[event.model].put(event)


class NoDownloadClient:
    """The client of a process that the launcher did not start: it can't download (`core.download.DownloadClient`)."""

    def pull(self, model: str) -> Generator[Progress, None, None]:
        """Refuse to download.

        Raises:
            DownloadError: always.
        """
        advice = f"Nothing was sent; run «tacit models pull {model}», or bring the model as a file."
        raise DownloadError("This process was not started so that it can download.", advice)

    def active_downloads(self) -> set[str]:
        """Return no models."""
        return set()

    def detach(self) -> None:
        """Do nothing."""


def _error_for(event: Event | None) -> Exception:
    if isinstance(event, Stopped):
        return Cancelled()
    if not isinstance(event, Failed):
        return DownloadError(_GONE)
    words = (_plain(event.title), _plain(event.advice))
    found = error_of_kind(event.kind, *words)
    return found if isinstance(found, DownloadError | ModelError) else DownloadError(*words)


def _plain(untrusted_sentence: str) -> str:
    """A sentence of the process that downloads, or "" if it is none: a default is shown then."""
    is_plain = len(untrusted_sentence) <= _LONGEST_SENTENCE and untrusted_sentence.isprintable()
    return "" if not is_plain or "://" in untrusted_sentence else untrusted_sentence


def _descriptor_for(number: int, flags: int) -> int:
    """The file descriptor for a handle number passed by the launcher."""
    if sys.platform == "win32":  # pragma: no cover - Windows only
        import msvcrt

        return msvcrt.open_osfhandle(number, flags)
    os.set_inheritable(number, False)  # no child process may inherit it
    return number
