"""The parent's side of the workers: starting them, asking them, and living on when they die."""

import os
import queue
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, TypeVar

import msgspec

from app.core import errors
from app.core.engine import (
    SAMPLE_RATE,
    ByteSource,
    Delta,
    Generated,
    Heard,
    LanguageEngine,
    MediaEngine,
    Pcm,
    Prompt,
    SpeechEngine,
    SpeechOptions,
)
from app.core.errors import AssistantError, EngineCrashed, EngineOutOfMemory, ModelDamaged, ModelTooLarge
from app.core.job import Progress
from app.core.model import LanguageFacts, Model
from app.core.recording import Survey
from app.engines import sandbox, wire

T = TypeVar("T")

_SILENT = 60.0  # seconds without even a heartbeat after which a worker counts as hung
_GRACE = 5.0  # seconds that a cancelled request or a closed worker may take to end by itself
_KEPT_LINES = 50  # of stderr, to tell one cause of death from another; never logged
_BLOCK_MEMORY = 8  # messages read ahead: what a fast worker may be in front of us
_OUT_OF_MEMORY = ("out of memory", "failed to allocate", "bad_alloc", "cannot allocate", "memoryerror")
_DAMAGED = ("ggml_assert", "gguf", "invalid model", "assertion", "tensor")


def worker_command(name: str) -> list[str]:
    """The command that runs a worker: the same program, in a checkout, a wheel and a frozen tree."""
    if getattr(sys, "frozen", False):
        return [sys.executable, "--worker", name]
    return [sys.executable, "-I", "-m", "app", "--worker", name]


def _environment() -> dict[str, str]:
    """What a worker gets to know: no home, no display, no proxies, nothing secret."""
    known = ("PATH", "LANG", "LC_ALL", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT")
    kept = {name: value for name, value in os.environ.items() if name in known}
    return kept | sandbox.quiet_environment()


class Worker:
    """One child process. It is started at the first call and again after it died; one call at a time."""

    def __init__(self, name: str, on_start: Callable[["Worker"], None] | None = None) -> None:
        self._name = name
        self._on_start = on_start
        self._process: subprocess.Popen[bytes] | None = None
        self._incoming: queue.Queue[wire.ToParent | None] = queue.Queue()
        self._errors: deque[str] = deque(maxlen=_KEPT_LINES)
        self._calling = threading.RLock()
        self._is_closed = False

    @property
    def pid(self) -> int | None:
        """The process's number while it runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def call(
        self, request: wire.Request, serve: Callable[[wire.WantBytes | wire.WantSound], wire.Reply] | None = None
    ) -> Iterator[wire.Value]:
        """Send a request and yield its values. Closing the iterator cancels the request.

        Raises:
            EngineCrashed, EngineOutOfMemory: the worker died; the next call starts a fresh one.
            AssistantError: what the worker reports.
        """
        with self._calling:
            is_over = False
            try:
                self._start()
                self._send(request)
                while True:
                    message = self._next()
                    if isinstance(message, wire.Done):
                        is_over = True
                        return
                    if isinstance(message, wire.Failed):
                        is_over = True
                        raise _reported(message)
                    if isinstance(message, wire.WantBytes | wire.WantSound):
                        if serve is None:
                            raise self._died()
                        self._send(serve(message))
                    elif isinstance(message, wire.Hello | wire.Heartbeat):
                        raise self._died()
                    else:
                        yield message
            finally:
                if not is_over:
                    self._cancel()

    def one(self, request: wire.Request, kind: type[T]) -> T:
        """The one value of a request that has one."""
        found = [value for value in self.call(request) if isinstance(value, kind)]
        if len(found) != 1:
            raise self._died()
        return found[0]

    def close(self) -> None:
        """End the process: end of input first, then by force."""
        self._is_closed = True
        process = self._process
        if process is None:
            return
        if process.stdin:
            try:
                process.stdin.close()
            except OSError:
                process.kill()  # it is gone, or hangs with a full pipe
        try:
            process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        self._process = None

    def _start(self) -> None:
        if self._process and self._process.poll() is None:
            return
        if self._is_closed:
            raise EngineCrashed("This was stopped.", "What was saved is safe; start it again to go on.")
        self._errors.clear()
        incoming: queue.Queue[wire.ToParent | None] = queue.Queue(_BLOCK_MEMORY)
        try:
            process = subprocess.Popen(  # noqa: S603 - our own executable
                worker_command(self._name), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                env=_environment(), cwd=Path(sys.executable).anchor or "/", bufsize=0,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )  # fmt: skip
        except OSError as error:
            raise EngineCrashed from error
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        self._process, self._incoming = process, incoming
        self._sender = wire.Sender(process.stdin)  # type: ignore[arg-type]
        threading.Thread(target=_read, args=(process.stdout, incoming), name=f"{self._name}-out", daemon=True).start()
        self._error_reader = threading.Thread(
            target=_keep, args=(process.stderr, self._errors), name=f"{self._name}-err", daemon=True
        )
        self._error_reader.start()
        hello = self._next()
        if not isinstance(hello, wire.Hello) or hello.protocol != wire.PROTOCOL:
            raise self._died()
        if sandbox.can_forbid_network() and not hello.is_filtered:
            self._kill()
            advice = "Nothing was read and nothing was sent; «tacit doctor» shows more."
            raise EngineCrashed("A worker could not be cut off from the network.", advice)
        if self._on_start:
            try:
                self._on_start(self)
            except BaseException:
                self._kill()  # a worker without its model is of no use
                raise

    def _send(self, message: wire.ToWorker) -> None:
        try:
            self._sender.send(message)
        except wire.WireError as error:
            raise self._died() from error

    def _next(self) -> wire.ToParent:
        while True:
            try:
                message = self._incoming.get(timeout=_SILENT)
            except queue.Empty as error:
                self._kill()
                raise EngineCrashed("The process that did this work no longer answered.") from error
            if message is None:
                raise self._died()
            if not isinstance(message, wire.Heartbeat):
                return message

    def _cancel(self) -> None:
        """End a request that is not over: ask, wait for its end, kill if it does not come."""
        if self.pid is None:
            return
        deadline = threading.Timer(_GRACE, self._kill)
        deadline.start()
        try:
            self._sender.send(wire.Cancel())
            while not isinstance(self._incoming.get(timeout=_GRACE * 2), wire.Done | wire.Failed | None):
                pass
        except (wire.WireError, queue.Empty):
            self._kill()
        finally:
            deadline.cancel()

    def _kill(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()

    def _died(self) -> AssistantError:
        """What the end of the process means, told from its last words and its exit status."""
        self._kill_if_running()
        self._error_reader.join(1.0)
        said = "\n".join(self._errors).casefold()
        if any(sign in said for sign in _OUT_OF_MEMORY):
            return EngineOutOfMemory()
        return EngineCrashed()

    def _kill_if_running(self) -> None:
        if self._process and self._process.poll() is None:
            try:
                self._process.wait(1.0)
            except subprocess.TimeoutExpired:
                self._kill()


def _read(pipe: BinaryIO, incoming: "queue.Queue[wire.ToParent | None]") -> None:
    """Hand on messages until the worker ends; a full queue holds the worker back."""
    try:
        while (body := wire.receive(pipe)) is not None:
            incoming.put(wire.to_parent.decode(body))
    except (wire.WireError, msgspec.DecodeError, OSError, ValueError):
        pass  # a worker that breaks the protocol is treated as dead
    incoming.put(None)


def _keep(pipe: BinaryIO, lines: "deque[str]") -> None:
    for raw in iter(lambda: pipe.readline(2000), b""):
        lines.append(raw.decode("utf-8", errors="replace"))


def _reported(failed: wire.Failed) -> AssistantError:
    """The worker's report as an exception of ours; a foreign one is a crash in a careful worker."""
    kind = getattr(errors, failed.kind, None)
    if isinstance(kind, type) and issubclass(kind, AssistantError):
        return kind(failed.title or None, failed.advice or None)
    return EngineCrashed()


def _served(source: ByteSource) -> Callable[[wire.WantBytes | wire.WantSound], wire.Reply]:
    def serve(want: wire.WantBytes | wire.WantSound) -> wire.Reply:
        if not isinstance(want, wire.WantBytes) or want.length > wire.LARGEST_FRAME // 2:
            raise EngineCrashed
        return wire.Bytes(source.read(want.offset, want.length))

    return serve


class RemoteMedia(MediaEngine):
    """The media worker, seen as a `MediaEngine`."""

    def __init__(self) -> None:
        self.worker = Worker("media")

    def survey(self, source: ByteSource) -> Iterator[Progress | Survey]:
        """See `MediaEngine.survey`."""
        for value in self.worker.call(wire.SurveyMedia(source.size), _served(source)):
            if isinstance(value, Progress | Survey):
                yield value

    def decode(
        self,
        source: ByteSource,
        channels: Sequence[int],
        start: float = 0.0,
        rate: int = SAMPLE_RATE,
        is_mixed: bool = False,
    ) -> Iterator[Pcm]:
        """See `MediaEngine.decode`."""
        request = wire.DecodeMedia(source.size, tuple(channels), start, rate, is_mixed)
        for value in self.worker.call(request, _served(source)):
            if isinstance(value, Pcm):
                yield value

    def close(self) -> None:
        """End the process."""
        self.worker.close()


class RemoteSpeech(SpeechEngine):
    """The speech worker on one model, seen as a `SpeechEngine`."""

    def __init__(self, model: Model, threads: int) -> None:
        self._model = model
        self._threads = threads
        self.worker = Worker("speech", self._load)

    def transcribe(self, sound: Iterable[Pcm], options: SpeechOptions) -> Iterator[Heard]:
        """See `SpeechEngine.transcribe`."""
        blocks = iter(sound)

        def serve(want: wire.WantBytes | wire.WantSound) -> wire.Reply:
            if not isinstance(want, wire.WantSound):
                raise EngineCrashed
            return wire.Sound(next(blocks, None))

        for value in self.worker.call(wire.Transcribe(options), serve):
            if isinstance(value, Heard):
                yield value

    def close(self) -> None:
        """End the process."""
        self.worker.close()

    def _load(self, worker: Worker) -> None:
        _load(worker, wire.LoadModel(str(self._model.path.resolve()), self._threads))


class RemoteLanguage(LanguageEngine):
    """The language worker on one model, seen as a `LanguageEngine`."""

    def __init__(self, model: Model, threads: int, context_tokens: int) -> None:
        self._request = wire.LoadModel(str(model.path.resolve()), threads, context_tokens)
        self._facts: LanguageFacts | None = None
        self.worker = Worker("language", self._load)

    def facts(self) -> LanguageFacts:
        """See `LanguageEngine.facts`."""
        self.count([])
        assert self._facts is not None
        return self._facts

    def count(self, texts: Sequence[str]) -> list[int]:
        """See `LanguageEngine.count`."""
        return list(self.worker.one(wire.CountTexts(tuple(texts)), wire.Counts).tokens)

    def count_prompt(self, prompt: Prompt) -> int:
        """See `LanguageEngine.count_prompt`."""
        return self.worker.one(wire.CountPrompt(prompt), wire.Counts).tokens[0]

    def generate(self, prompt: Prompt, grammar: str = "", reply_tokens: int = 512) -> Iterator[Delta | Generated]:
        """See `LanguageEngine.generate`."""
        for value in self.worker.call(wire.Generate(prompt, grammar, reply_tokens)):
            if isinstance(value, Delta | Generated):
                yield value

    def close(self) -> None:
        """End the process."""
        self.worker.close()

    def _load(self, worker: Worker) -> None:
        for value in _load(worker, self._request):
            if isinstance(value, LanguageFacts):
                self._facts = value


def _load(worker: Worker, request: wire.LoadModel) -> list[wire.Value]:
    """Load a model; a worker that dies of it was killed by the file, or by its size."""
    try:
        return list(worker.call(request))
    except EngineOutOfMemory as error:
        raise ModelTooLarge from error
    except EngineCrashed as error:
        raise ModelDamaged from error


class LocalEngines:
    """Engines in worker processes of this computer (`core.engine.Engines`)."""

    def __init__(self, threads: int, context_tokens: int) -> None:
        self._threads = threads
        self._context_tokens = context_tokens

    def media(self) -> RemoteMedia:
        """A fresh media worker."""
        return RemoteMedia()

    def speech(self, model: Model) -> RemoteSpeech:
        """A speech worker on this model."""
        return RemoteSpeech(model, self._threads)

    def language(self, model: Model) -> RemoteLanguage:
        """A language worker on this model."""
        return RemoteLanguage(model, self._threads, self._context_tokens)
