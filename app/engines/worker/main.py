"""A worker process: it gives up its rights, then answers one request at a time until its input ends."""

import os
import queue
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import BinaryIO, Protocol

import msgspec

from app.core.engines import Pcm
from app.core.errors import AssistantError, EngineOutOfMemory
from app.core.job import Cancelled
from app.engines import protocol
from app.engines.sandbox import confine, resource_limits, seccomp

_HEARTBEAT = 2.0  # seconds


class Serves(Protocol):
    """What a worker's engine must do: answer a request in pieces."""

    def answer(self, request: protocol.Request, line: "Line") -> Iterator[protocol.Value]:
        """Yield values; ask `line` for bytes or sound, and check it for cancelling."""


class Line:
    """The worker's end of the pipes."""

    def __init__(self, incoming: BinaryIO, outgoing: BinaryIO) -> None:
        self._incoming = incoming
        self._sender = protocol.Sender(outgoing)
        self._requests: queue.Queue[protocol.Request] = queue.Queue()
        self._replies: queue.Queue[protocol.Reply | None] = queue.Queue()
        self._cancelled = threading.Event()
        threading.Thread(target=self._read, name="reader", daemon=True).start()
        threading.Thread(target=self._beat, name="heart", daemon=True).start()

    @property
    def is_cancelled(self) -> bool:
        """Whether the parent wants the running request to end."""
        return self._cancelled.is_set()

    def checkpoint(self) -> None:
        """Raise `Cancelled` if the parent wants the running request to end."""
        if self._cancelled.is_set():
            raise Cancelled

    def send(self, message: protocol.ToParent) -> None:
        """Send to the parent; without a parent there is nothing left to do."""
        try:
            self._sender.send(message)
        except protocol.WireError:
            os._exit(0)

    def bytes_at(self, offset: int, length: int) -> bytes:
        """Ask the parent for a range of the file."""
        self.send(protocol.WantBytes(offset, length))
        reply = self._reply()
        if not isinstance(reply, protocol.Bytes) or len(reply.data) > length:
            raise protocol.WireError("unexpected reply")
        return reply.data

    def next_sound(self) -> Pcm | None:
        """Ask the parent for the next block of sound; None at its end."""
        self.send(protocol.WantSound())
        reply = self._reply()
        if not isinstance(reply, protocol.Sound):
            raise protocol.WireError("unexpected reply")
        return reply.block

    def next_request(self) -> protocol.Request:
        """Wait for the next request; it starts uncancelled."""
        return self._requests.get()

    def begin(self) -> None:
        """Forget what was left of the last request."""
        self._cancelled.clear()
        while not self._replies.empty():
            self._replies.get_nowait()

    def _reply(self) -> protocol.Reply:
        self.checkpoint()
        reply = self._replies.get()
        if reply is None:
            raise Cancelled
        return reply

    def _read(self) -> None:
        while True:
            try:
                body = protocol.receive(self._incoming)
                if body is None:
                    os._exit(0)  # the parent closed our input or died: stop at once
                message = protocol.to_worker.decode(body)
            except (protocol.WireError, msgspec.DecodeError):
                os._exit(2)
            if isinstance(message, protocol.Cancel):
                self._cancelled.set()
                self._replies.put(None)
            elif isinstance(message, protocol.Bytes | protocol.Sound):
                self._replies.put(message)
            elif isinstance(message, protocol.Begin):
                os._exit(2)  # only once, and first
            else:
                self.begin()
                self._requests.put(message)

    def _beat(self) -> None:
        pause = threading.Event()
        while True:
            pause.wait(_HEARTBEAT)
            self.send(protocol.Heartbeat())


def serve(line: Line, engine: Serves) -> None:
    """Answer requests for ever; the end of input ends the process."""
    while True:
        request = line.next_request()
        try:
            for value in _of_any_worker(request) or engine.answer(request, line):
                line.checkpoint()
                line.send(value)
            ending: protocol.ToParent = protocol.Done()
        except Cancelled:
            ending = protocol.Done()
        except AssistantError as error:
            ending = protocol.Failed(type(error).__name__, error.title, error.advice)
        except MemoryError:
            ending = protocol.Failed(EngineOutOfMemory.__name__)
        except Exception as error:  # noqa: BLE001 - a worker reports every failure, by class and without content
            ending = protocol.Failed(f"{type(error).__module__}.{type(error).__name__}")
        line.send(ending)


def _of_any_worker(request: protocol.Request) -> Iterator[protocol.Value] | None:
    """What every worker answers, whatever its engine."""
    if isinstance(request, protocol.Probe):
        from app.engines.sandbox import probes

        return iter((probes.standing(),))
    if isinstance(request, protocol.AskUsage):
        return iter((protocol.Usage(resource_limits.resident_bytes(), resource_limits.peak_bytes()),))
    return None


def _media() -> Serves:
    from app.engines.worker.media import Media

    return Media()


def _speech() -> Serves:
    from app.engines.worker.speech import Speech

    return Speech()


def _language() -> Serves:
    from app.engines.worker.language import Language

    return Language()


def _models() -> Serves:
    from app.engines.worker.model_tools import Looking

    return Looking()


ENGINES: dict[str, Callable[[], Serves]] = {
    "media": _media, "speech": _speech, "language": _language, "models": _models,
}  # fmt: skip


def _begin(incoming: BinaryIO) -> protocol.Begin:
    """What the parent says first: which files this worker is for."""
    with suppress(protocol.WireError, msgspec.DecodeError):
        body = protocol.receive(incoming)
        message = None if body is None else protocol.to_worker.decode(body)
        if isinstance(message, protocol.Begin):
            return message
    os._exit(2)


def main(name: str) -> int:
    """Run the worker called `name`. Rights go before anything is imported that parses or computes."""
    resource_limits.be_first_to_go()
    resource_limits.give_back_memory()
    seccomp.harden()
    seccomp.die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's: it ends us in its own way
    os.environ.update(seccomp.quiet_environment())
    incoming = os.fdopen(os.dup(0), "rb", buffering=0)
    begin = _begin(incoming)
    is_filtered = confine.confine_worker(name, begin.reads, begin.writes)
    outgoing = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not reach the protocol
    devnull = os.open(os.devnull, os.O_RDONLY)
    os.dup2(devnull, 0)
    sys.stdout = sys.stderr
    line = Line(incoming, outgoing)
    line.send(protocol.Hello(protocol.PROTOCOL, is_filtered))
    serve(line, ENGINES[name]())
    return 0
