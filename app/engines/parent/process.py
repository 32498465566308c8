"""A worker process seen from its parent: starting it, asking it, and living on when it dies."""

import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, TypeVar

import msgspec

from app.core import errors
from app.core.errors import AssistantError, EngineCrashed, EngineOutOfMemory
from app.engines import protocol
from app.engines.parent.exit_reason import LastWords, was_killed
from app.engines.sandbox import seccomp
from app.engines.sandbox.python_audit import own_program

T = TypeVar("T")

_SILENT = 60.0  # seconds without even a heartbeat after which a worker counts as hung
_GRACE = 5.0  # seconds that a cancelled request or a closed worker may take to end by itself
_READ_AHEAD = 8  # messages: what a fast worker may be in front of us


def worker_command(name: str) -> list[str]:
    """The command that runs a worker: the same program again."""
    return [*own_program(), "--worker", name]


def _environment() -> dict[str, str]:
    """What a worker gets to know: no home, no display, no proxies, nothing secret."""
    known = ("PATH", "LANG", "LC_ALL", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT")
    kept = {name: value for name, value in os.environ.items() if name in known}
    return kept | seccomp.quiet_environment()


class Worker:
    """One child process. It is started at the first call and again after it died; one call at a time.

    Of files it reaches the engines' own, what `reads` names, and, to write, what `writes` names. One
    that nobody called for `idle_seconds` is ended, and its memory is free; the next call starts it again.
    """

    def __init__(
        self,
        name: str,
        on_start: Callable[["Worker"], None] | None = None,
        reads: Sequence[str] = (),
        writes: Sequence[str] = (),
        idle_seconds: float = 0.0,
    ) -> None:
        self._name = name
        self._idle_seconds = idle_seconds
        self._last_used = 0.0
        self._rest: threading.Timer | None = None
        self._begin = protocol.Begin(tuple(reads), tuple(writes))
        self._on_start = on_start
        self._process: subprocess.Popen[bytes] | None = None
        self._incoming: queue.Queue[protocol.ToParent | None] = queue.Queue()
        self._calling = threading.RLock()
        self._is_closed = False
        self.was_killed = False  # the last one that died was killed from outside: by a person, or for its memory

    @property
    def is_closed(self) -> bool:
        """Whether `close` was called."""
        return self._is_closed

    @property
    def pid(self) -> int | None:
        """The process's number while it runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def call(
        self,
        request: protocol.Request,
        serve: Callable[[protocol.WantBytes | protocol.WantSound], protocol.Reply] | None = None,
    ) -> Generator[protocol.Value, None, None]:
        """Send a request and yield its values. Closing the iterator cancels the request.

        Raises:
            EngineCrashed, EngineOutOfMemory: the worker died; the next call starts a fresh one.
            AssistantError: what the worker reports.
        """
        with self._calling:
            is_over = False
            try:
                first: protocol.ToParent | None = self._asked(request)
                while True:
                    message, first = first or self._next(), None
                    if isinstance(message, protocol.Done):
                        is_over = True
                        return
                    if isinstance(message, protocol.Failed):
                        is_over = True
                        raise _reported(message)
                    if isinstance(message, protocol.WantBytes | protocol.WantSound):
                        if serve is None:
                            raise self._died()
                        self._send(serve(message))
                    elif isinstance(message, protocol.Hello | protocol.Heartbeat):
                        raise self._died()
                    else:
                        yield message
            finally:
                if not is_over:
                    self._cancel()
                self._last_used = time.monotonic()
                self._rest_after(self._idle_seconds)

    def _rest_after(self, seconds: float) -> None:
        """Look after so many seconds whether the process is still needed."""
        if not seconds or self._is_closed or (self._rest is not None and self._rest.is_alive()):
            return
        self._rest = threading.Timer(seconds, self._rest_if_idle)
        self._rest.daemon = True
        self._rest.start()

    def _rest_if_idle(self) -> None:
        self._rest = None
        if not self._calling.acquire(blocking=False):
            return  # it works; the end of the call looks again
        try:
            left = self._last_used + self._idle_seconds - time.monotonic()
            if left > 0:
                self._rest_after(left)
            else:
                self._let_go()
        finally:
            self._calling.release()

    def _asked(self, request: protocol.Request) -> protocol.ToParent:
        """Send a request and wait for its first message.

        A worker that was killed a moment ago may still look alive; if one that ran before dies
        without a word, a fresh one is asked. Not so while a model is loaded: a file that kills the
        worker would kill the next one too, and starting one loads the model by itself.
        """
        ran_before = self.pid is not None and not isinstance(request, protocol.LoadModel)
        try:
            self._start()
            self._send(request)
            return self._next()
        except EngineCrashed:
            if not ran_before or self._is_closed:
                raise
        self._start()
        self._send(request)
        return self._next()

    def one(self, request: protocol.Request, kind: type[T]) -> T:
        """The one value of a request that has one."""
        found = [value for value in self.call(request) if isinstance(value, kind)]
        if len(found) != 1:
            raise self._died()
        return found[0]

    def close(self) -> None:
        """End the process: end of input first, then by force."""
        self._is_closed = True
        rest = self._rest
        if rest is not None:
            rest.cancel()
        self._let_go()

    def _let_go(self) -> None:
        """End the process if it runs, and close its pipes."""
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        try:
            process.stdin.close()
        except OSError:
            process.kill()  # it is gone, or hangs with a full pipe
        try:
            process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        while self._output.is_alive():  # it may wait for room to hand on what nobody wants any more
            with suppress(queue.Empty):
                self._incoming.get(timeout=0.05)

    def _start(self) -> None:
        if self._process and self._process.poll() is None:
            return
        self._let_go()
        if self._is_closed:
            raise EngineCrashed("This was stopped.", "What was saved is safe; start it again to go on.")
        incoming: queue.Queue[protocol.ToParent | None] = queue.Queue(_READ_AHEAD)
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
        if sys.platform == "win32":
            from app.engines.sandbox import windows

            self._job = windows.tie_to_us(int(process._handle))
        self._process, self._incoming = process, incoming
        self._sender = protocol.Sender(process.stdin)  # type: ignore[arg-type]
        self._output = threading.Thread(
            target=_read, args=(process.stdout, incoming), name=f"{self._name}-out", daemon=True
        )
        self._output.start()
        self._last_words = LastWords(process.stderr, self._name)  # type: ignore[arg-type]
        self._send(self._begin)
        hello = self._next()
        if not isinstance(hello, protocol.Hello) or hello.protocol != protocol.PROTOCOL:
            raise self._died()
        if seccomp.can_forbid_network() and not hello.is_filtered:
            self._kill()
            advice = "Nothing was read and nothing was sent; «tacit doctor» shows more."
            raise EngineCrashed("A worker could not be cut off from the network.", advice)
        if self._on_start:
            try:
                self._on_start(self)
            except BaseException:
                self._kill()  # a worker without its model is of no use
                raise

    def _send(self, message: protocol.ToWorker) -> None:
        try:
            self._sender.send(message)
        except protocol.WireError as error:
            raise self._died() from error

    def _next(self) -> protocol.ToParent:
        while True:
            try:
                message = self._incoming.get(timeout=_SILENT)
            except queue.Empty as error:
                self._kill()
                raise EngineCrashed("The process that did this work no longer answered.") from error
            if message is None:
                raise self._died()
            if not isinstance(message, protocol.Heartbeat):
                return message

    def _cancel(self) -> None:
        """End a request that is not over: ask, wait for its end, kill if it does not come."""
        if self.pid is None:
            return
        deadline = threading.Timer(_GRACE, self._kill)
        deadline.start()
        try:
            self._sender.send(protocol.Cancel())
            while not isinstance(self._incoming.get(timeout=_GRACE * 2), protocol.Done | protocol.Failed | None):
                pass
        except (protocol.WireError, queue.Empty):
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
        status = self._process.returncode if self._process is not None else None
        meaning = self._last_words.meaning(status)
        self.was_killed = was_killed(status) and not isinstance(meaning, EngineOutOfMemory)
        return meaning

    def _kill_if_running(self) -> None:
        if self._process and self._process.poll() is None:
            try:
                self._process.wait(1.0)
            except subprocess.TimeoutExpired:
                self._kill()


def _read(pipe: BinaryIO, incoming: "queue.Queue[protocol.ToParent | None]") -> None:
    """Hand on messages until the worker ends; a full queue holds the worker back."""
    # A worker that breaks the protocol is treated as dead.
    with pipe, suppress(protocol.WireError, msgspec.DecodeError, OSError, ValueError):
        while (body := protocol.receive(pipe)) is not None:
            incoming.put(protocol.to_parent.decode(body))
    incoming.put(None)


def _reported(failed: protocol.Failed) -> AssistantError:
    """The worker's report as an exception of ours; a foreign one is a crash in a careful worker."""
    kind = getattr(errors, failed.kind, None)
    if isinstance(kind, type) and issubclass(kind, AssistantError):
        return kind(failed.title or None, failed.advice or None)
    return EngineCrashed()
