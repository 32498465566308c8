"""A worker process: it gives up its rights, then answers one request at a time until its input ends."""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import BinaryIO, Protocol

import msgspec

from app.core.errors import AssistantError, EngineOutOfMemory
from app.core.job import Cancelled
from app.engines import protocol
from app.engines.sandbox import confine, resource_limits, seccomp
from app.engines.worker.channel import Channel


class Serves(Protocol):
    """What a worker's engine must do: answer a request in pieces."""

    def answer(self, request: protocol.Request, channel: Channel) -> Iterator[protocol.Value]:
        """Yield values; ask `channel` for bytes or sound, and check it for cancelling."""


def serve(channel: Channel, engine: Serves) -> None:
    """Answer requests for ever; the end of input ends the process."""
    while True:
        request = channel.next_request()
        try:
            for value in _of_any_worker(request) or engine.answer(request, channel):
                channel.checkpoint()
                channel.send(value)
            ending: protocol.ToParent = protocol.Done()
        except Cancelled:
            ending = protocol.Done()
        except AssistantError as error:
            ending = protocol.Failed(type(error).__name__, error.title, error.advice)
        except MemoryError:
            ending = protocol.Failed(EngineOutOfMemory.__name__)
        except Exception as error:  # noqa: BLE001 - a worker reports every failure, by class and without content
            ending = protocol.Failed(f"{type(error).__module__}.{type(error).__name__}")
        channel.send(ending)


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
    channel = Channel(incoming, outgoing)
    channel.send(protocol.Hello(protocol.PROTOCOL, is_filtered))
    serve(channel, ENGINES[name]())
    return 0
