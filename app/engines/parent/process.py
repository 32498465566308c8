"""A worker process seen from its parent: starting it, calling it, and recovering when it dies."""

import math
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

from app.core import diagnostics
from app.core.errors import AssistantError, EngineCrashed, EngineFault, EngineOutOfMemory, error_reported_by_worker
from app.core.own_program import own_command, worker_environment
from app.engines import protocol
from app.engines.parent import reply_checks
from app.engines.parent.exit_reason import StderrMonitor, was_killed
from app.engines.sandbox import seccomp

T = TypeVar("T")

_SILENCE_LIMIT = 60.0  # seconds without even a heartbeat after which a worker counts as hung
_GRACE = 5.0  # seconds that a cancelled request or a closed worker gets to end by itself
_READ_AHEAD = 8  # messages that a worker may be ahead of the parent
_LARGEST_REPLY = 256 * 1024 * 1024  # bytes of all messages of a reply; a call of a whole day takes a tenth of it
_MESSAGE_COST = 512  # bytes that each message counts beside its own, so that empty ones come to an end too
_Incoming = queue.Queue[tuple[protocol.ToParent, int] | None]


def worker_command(name: str) -> list[str]:
    """The command that starts a worker: this same program with another option."""
    return [*own_command(), "--worker", name]


class Worker:
    """One child process, started by the first call, restarted after it died, and used by one call at a time.

    It may read the engines' own files and those in `reads`, and write to those in `writes`. After
    `idle_seconds` without a call it is stopped to free its memory; the next call starts it again.
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
        self._idle_timer: threading.Timer | None = None
        self._begin = protocol.Begin(tuple(reads), tuple(writes))
        self._on_start = on_start
        self._process: subprocess.Popen[bytes] | None = None
        self._incoming: _Incoming = queue.Queue()
        self._bytes_left = 0.0  # of the running reply
        self._call_lock = threading.RLock()
        self._is_closed = False
        self.was_killed = False  # whether the last process that died was killed from outside, but not for its memory

    @property
    def is_closed(self) -> bool:
        """Whether `close` was called."""
        return self._is_closed

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def call(
        self,
        request: protocol.Request,
        serve: Callable[[protocol.WantBytes | protocol.WantSound], protocol.Reply] | None = None,
        check: Callable[[protocol.Value], None] | None = None,
    ) -> Generator[protocol.Value, None, None]:
        """Send a request and yield its values. Closing the iterator cancels the request.

        `check` raises `WireError` for a value that does not follow from the request or the values before.

        Raises:
            EngineCrashed, EngineOutOfMemory: the worker died; the next call starts a new one.
            AssistantError: the worker reported this error.
        """
        expected = protocol.ANSWERS[type(request)]
        with self._call_lock:
            is_over = False
            # Sound is as long as the recording, a state as the call, and both are taken away as they come.
            is_long = isinstance(request, protocol.DecodeMedia | protocol.SaveState)
            self._bytes_left = math.inf if is_long else _LARGEST_REPLY
            try:
                first: protocol.ToParent | None = self._request_first(request)
                while True:
                    message, first = first or self._next(), None
                    if isinstance(message, protocol.Done):
                        is_over = True
                        return
                    if isinstance(message, protocol.Failed):
                        is_over = True
                        raise _exception_of(message, self._name)
                    if isinstance(message, protocol.WantBytes | protocol.WantSound):
                        if serve is None:
                            raise self.protocol_error()
                        self._send(serve(message))
                    elif isinstance(message, protocol.Hello | protocol.Heartbeat) or not isinstance(message, expected):
                        raise self.protocol_error()
                    else:
                        yield self._checked(message, check)
            finally:
                if not is_over:
                    self._cancel()
                self._last_used = time.monotonic()
                self._schedule_idle_check(self._idle_seconds)

    def _schedule_idle_check(self, seconds: float) -> None:
        """Check in so many seconds whether the process is idle."""
        if not seconds or self._is_closed or (self._idle_timer is not None and self._idle_timer.is_alive()):
            return
        self._idle_timer = threading.Timer(seconds, self._stop_if_idle)
        self._idle_timer.daemon = True
        self._idle_timer.start()

    def _stop_if_idle(self) -> None:
        self._idle_timer = None
        if not self._call_lock.acquire(blocking=False):
            return  # it is busy; the end of the call schedules another check
        try:
            left = self._last_used + self._idle_seconds - time.monotonic()
            if left > 0:
                self._schedule_idle_check(left)
            else:
                self._stop_process()
        finally:
            self._call_lock.release()

    def _request_first(self, request: protocol.Request) -> protocol.ToParent:
        """Send a request and wait for its first message.

        A worker that was killed while it was idle may still look alive for a moment. So if one that was already
        running dies before it answers, the request goes once more to a new one. This is the one retry of a process,
        and is here because only here an old process is told from a new one: those who ask would count its death
        against their input, or have no policy at all (a picture of the sound, a count of tokens). It does not apply to
        loading a model: a file that kills the worker would kill the next one too, and a new worker loads anyway.
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

    def call_one(self, request: protocol.Request, kind: type[T]) -> T:
        """Send a request that has exactly one value, and return that value."""
        found = [value for value in self.call(request) if isinstance(value, kind)]
        if len(found) != 1:
            raise self._exit_error()
        return found[0]

    def close(self) -> None:
        """End the process: first by closing its input, then by force."""
        self._is_closed = True
        timer = self._idle_timer
        if timer is not None:
            timer.cancel()
        self._stop_process()

    def _stop_process(self) -> None:
        """End the process if it is running, and close its pipes."""
        process, self._process = self._process, None
        if process is None:
            return
        assert process.stdin is not None
        try:
            process.stdin.close()
        except OSError:
            process.kill()  # it is dead, or hangs with a full pipe
        try:
            process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        while self._reader.is_alive():  # it may be blocked on a full queue that nobody reads any more
            with suppress(queue.Empty):
                self._incoming.get(timeout=0.05)

    def _start(self) -> None:
        if self._process and self._process.poll() is None:
            return
        self._stop_process()
        if self._is_closed:
            raise EngineCrashed("This was stopped.", "What was saved is safe; start it again to go on.")
        incoming: _Incoming = queue.Queue(_READ_AHEAD)
        self._bytes_left = _LARGEST_REPLY
        try:
            process = subprocess.Popen(  # noqa: S603 - our own executable
                worker_command(self._name), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                env=worker_environment() | seccomp.quiet_environment(),
                cwd=Path(sys.executable).anchor or "/", bufsize=0,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )  # fmt: skip
        except OSError as error:
            raise EngineCrashed from error
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        if sys.platform == "win32":
            from app.engines.sandbox import windows

            self._job = windows.tie_child_to_parent(int(process._handle))
        self._process, self._incoming = process, incoming
        self._sender = protocol.Sender(process.stdin)  # type: ignore[arg-type]
        self._reader = threading.Thread(
            target=_read_messages, args=(process.stdout, incoming), name=f"{self._name}-out", daemon=True
        )
        self._reader.start()
        self._stderr = StderrMonitor(process.stderr, self._name)  # type: ignore[arg-type]
        self._send(self._begin)
        hello = self._next()
        if not isinstance(hello, protocol.Hello) or hello.protocol != protocol.PROTOCOL:
            raise self._exit_error()
        if seccomp.can_forbid_network() and not hello.is_filtered:
            self._kill()
            advice = "Nothing was read and nothing was sent; «tacit doctor» shows more."
            raise EngineCrashed("A worker could not be cut off from the network.", advice)
        if self._on_start:
            try:
                self._on_start(self)
            except BaseException:
                self._kill()  # a worker without its model is useless
                raise

    def _send(self, message: protocol.ToWorker) -> None:
        try:
            self._sender.send(message)
        except protocol.WireError as error:
            raise self._exit_error() from error

    def _next(self) -> protocol.ToParent:
        while True:
            try:
                received = self._incoming.get(timeout=_SILENCE_LIMIT)
            except queue.Empty as error:
                self._kill()
                raise EngineCrashed("The process that did this work no longer answered.") from error
            if received is None:
                raise self._exit_error()
            message, size = received
            self._bytes_left -= size + _MESSAGE_COST
            if self._bytes_left < 0:
                raise self.protocol_error()
            if not isinstance(message, protocol.Heartbeat):
                return message

    def _cancel(self) -> None:
        """Cancel the running request and wait for its end; kill the worker if that does not come."""
        if self.pid is None:
            return
        deadline = threading.Timer(_GRACE, self._kill)
        deadline.start()
        try:
            self._sender.send(protocol.Cancel())
            while (received := self._incoming.get(timeout=_GRACE * 2)) is not None:
                if isinstance(received[0], protocol.Done | protocol.Failed):
                    break
        except (protocol.WireError, queue.Empty):
            self._kill()
        finally:
            deadline.cancel()

    def _checked(self, value: protocol.Value, check: Callable[[protocol.Value], None] | None) -> protocol.Value:
        try:
            value = reply_checks.checked(value)
            if check is not None:
                check(value)
        except protocol.WireError as error:
            raise self.protocol_error() from error
        return value

    def protocol_error(self) -> AssistantError:
        """End a worker that sends what no working one does, and return the error to raise."""
        self._kill()
        self.was_killed = False
        return EngineCrashed()

    def _kill(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()

    def _exit_error(self) -> AssistantError:
        """End a process that is dying, and return the error that its stderr and exit status mean."""
        was_running = self._kill_if_running()
        status = self._process.returncode if self._process is not None else None
        meaning = self._stderr.exit_error(status)
        self.was_killed = not was_running and was_killed(status) and not isinstance(meaning, EngineOutOfMemory)
        return meaning

    def _kill_if_running(self) -> bool:
        """End a process that is still running a second later; whether it was: it broke the protocol then."""
        if self._process and self._process.poll() is None:
            try:
                self._process.wait(1.0)
            except subprocess.TimeoutExpired:
                self._kill()
                return True
        return False


def _read_messages(pipe: BinaryIO, incoming: _Incoming) -> None:
    """Put messages and their lengths into the queue until the worker ends; a full queue blocks the worker."""
    # A worker that breaks the protocol is treated as dead.
    with pipe, suppress(protocol.WireError, msgspec.DecodeError, OSError, ValueError):
        while (body := protocol.receive(pipe)) is not None:
            incoming.put((protocol.to_parent.decode(body), len(body)))
    incoming.put(None)


def _exception_of(failed: protocol.Failed, worker: str) -> AssistantError:
    """The worker's error report as one of our exceptions; any other exception is a fault of ours, and is recorded."""
    if (ours := error_reported_by_worker(failed.kind)) is not None:
        return ours
    diagnostics.record_lines(f"{worker} worker", failed.kind, failed.lines)
    return EngineFault()
