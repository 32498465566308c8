"""A worker process: it drops its rights, then answers one request at a time until its input ends."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import BinaryIO, Protocol

import msgspec

from app.core import diagnostics
from app.core.errors import AssistantError, EngineOutOfMemory
from app.core.job import Cancelled
from app.engines import protocol
from app.engines.memory_shortage import is_of_shortage
from app.engines.sandbox import confine, resource_limits, seccomp
from app.engines.worker.channel import Channel


class WorkerEngine(Protocol):
    """What a worker's engine must do: answer requests with a stream of values."""

    def answer(self, request: protocol.Request, channel: Channel) -> Iterator[protocol.Value]:
        """Yield values; `channel` provides bytes or audio, and tells whether the request is cancelled."""


def serve(channel: Channel, engine: WorkerEngine) -> None:
    """Answer requests forever; the channel ends the process at the end of input."""
    while True:
        request = channel.next_request()
        try:
            for value in _common_answer(request) or engine.answer(request, channel):
                channel.checkpoint()
                channel.send(value)
            outcome: protocol.ToParent = protocol.Done()
        except Cancelled:
            outcome = protocol.Done()
        except AssistantError as error:
            outcome = protocol.Failed(type(error).__name__)
        except Exception as error:  # noqa: BLE001 - a worker reports every failure, by class and without content
            if diagnostics.is_debugging():
                diagnostics.print_trace(error)
            if is_of_shortage(error):
                outcome = protocol.Failed(EngineOutOfMemory.__name__)
            else:
                kind, lines = diagnostics.describe(error)
                outcome = protocol.Failed(kind, lines=lines)
        channel.send(outcome)


def _common_answer(request: protocol.Request) -> Iterator[protocol.Value] | None:
    """The answer to a request that every worker handles; None for any other."""
    if isinstance(request, protocol.Probe):
        from app.engines.sandbox import probes

        return iter((probes.own_confinement(),))
    if isinstance(request, protocol.AskUsage):
        return iter(
            (protocol.Usage(resource_limits.resident_bytes(), resource_limits.peak_bytes(), time.process_time()),)
        )
    return None


def _media() -> WorkerEngine:
    from app.engines.worker.media import MediaDecoder

    return MediaDecoder()


def _speech() -> WorkerEngine:
    from app.engines.worker.speech import WhisperEngine

    return WhisperEngine()


def _language() -> WorkerEngine:
    from app.engines.worker.language import LlamaEngine

    return LlamaEngine()


def _embedding() -> WorkerEngine:
    from app.engines.worker.embedding import LlamaEmbedder

    return LlamaEmbedder()


def _voices() -> WorkerEngine:
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before numpy: the threads of its small products would only wait, busily
    from app.engines.worker.voices import VoiceListener

    return VoiceListener()


def _models() -> WorkerEngine:
    from app.engines.worker.model_tools import ModelTools

    return ModelTools()


def _documents() -> WorkerEngine:
    from app.engines.worker.documents.reader import DocumentReader

    return DocumentReader()


ENGINES: dict[str, Callable[[], WorkerEngine]] = {
    "media": _media, "speech": _speech, "language": _language, "embedding": _embedding,
    "voices": _voices, "models": _models, "documents": _documents,
}  # fmt: skip


_LARGE_BLOCKS = 1 << 20  # bytes that are not kept for later
_BLOCKS = {
    # Whisper's layers give back and take some MB thousands of times: kept, they need no clearing by the system. Five
    # minutes of call by Whisper base take 15.7 s so and 21.9 s else, and 508 MB at most instead of 463.
    "speech": 32 << 20,
    # Where memory is measured: what comes from freed memory is cleared, and so resident, before anything is in it.
    "models": 1 << 17,
}
"""The same where a worker has another limit."""
_PATIENT = frozenset({"embedding"})  # works while nobody waits for it, and must not slow what somebody waits for


def _receive_begin(incoming: BinaryIO) -> protocol.Begin:
    """Receive the first message of the parent: the files that this worker may use."""
    with suppress(protocol.WireError, msgspec.DecodeError):
        body = protocol.receive(incoming)
        message = None if body is None else protocol.to_worker.decode(body)
        if isinstance(message, protocol.Begin):
            return message
    os._exit(2)


def main(name: str) -> int:
    """Run the worker called `name`. It drops its rights before importing anything that parses or computes."""
    resource_limits.prefer_as_oom_victim()
    if name in _PATIENT:
        resource_limits.lower_priority()
    resource_limits.set_mmap_threshold(_BLOCKS.get(name, _LARGE_BLOCKS))
    seccomp.harden()
    seccomp.die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which stops us in its own way
    os.environ.update(seccomp.quiet_environment())
    sys.dont_write_bytecode = True  # it may write nothing; trying would only cost time
    incoming = os.fdopen(os.dup(0), "rb", buffering=0)
    begin = _receive_begin(incoming)
    is_filtered = confine.confine_worker(name, begin.reads, begin.writes)
    outgoing = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a library's output must not end up in the protocol
    devnull = os.open(os.devnull, os.O_RDONLY)
    os.dup2(devnull, 0)
    sys.stdout = sys.stderr
    channel = Channel(incoming, outgoing)
    channel.send(protocol.Hello(protocol.PROTOCOL, is_filtered))
    serve(channel, ENGINES[name]())
    return 0
