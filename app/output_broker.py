"""The output broker: a process, forked before a head gives up its rights, that makes the files a person names.

It has nothing of the vault, opens no connection and starts no program. A head asks it by a pair of sockets without a
name, and gets the descriptor of a draft; the broker gives the draft its name.
"""

import json
import os
import struct
import sys
import time
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _socket import socket as Socket  # noqa: N812
    from collections.abc import Callable, Iterator

    from app.core.output import OpenOutput, Output
    from app.writable_folders import WritableFolders

_LONGEST = 1 << 16  # bytes of a message
_NO_DESCRIPTOR = -1
_PAUSE = 0.05  # seconds between two looks at a pipe that nobody reads yet
_GONE = ("The process that writes files is gone.", "What was saved is safe; start Tacit again, and write it then.")


def start(writable: "WritableFolders") -> "OutputClient":
    """Fork the broker. Must come before the first thread, and before any right is given up.

    Raises:
        OSError: the system has no room for a process.
    """
    import _socket  # without `socket`, which is slow to load; the pair has no address that anybody could connect to

    ours, theirs = _socket.socketpair(_socket.AF_UNIX, _socket.SOCK_SEQPACKET)
    if os.fork() == 0:
        try:
            ours.close()
            _become_broker(theirs, writable)
        finally:
            os._exit(0)
    theirs.close()
    return OutputClient(ours)


class OutputClient:
    """A head's end (`core.output.OutputBroker`)."""

    def __init__(self, pair: "Socket") -> None:
        import threading

        self._pair = pair
        self._mutex = threading.Lock()

    @contextmanager
    def opened(self, output: "Output") -> "Iterator[OpenOutput]":
        """See `core.output.OutputBroker.opened`."""
        from app.core.output import OpenOutput

        number, descriptor = self._open(output)
        is_whole = False
        try:
            with os.fdopen(descriptor, "wb" if output.is_pipe else "w+b") as file:
                yield OpenOutput(file, None if output.is_pipe else Path(f"/proc/self/fd/{descriptor}"))
                file.flush()
                is_whole = True
                self._ask({"finish": number})
        finally:
            if not is_whole:
                self._ask({"discard": number})

    def _open(self, output: "Output") -> tuple[int, int]:
        request = {"open": str(output.path), "existing": output.existing, "is_pipe": output.is_pipe}
        while True:
            answer, descriptor = self._ask(request)
            if descriptor != _NO_DESCRIPTOR:
                return answer["number"], descriptor
            time.sleep(_PAUSE)  # as an open pipe does, it waits for whoever will read

    def _ask(self, request: dict[str, Any]) -> tuple[dict[str, Any], int]:
        from app.core.errors import AssistantError, error_of_kind

        with self._mutex:
            try:
                self._pair.send(json.dumps(request).encode())
                said, ancillary, *_ = self._pair.recvmsg(_LONGEST, 64)
            except OSError:
                said, ancillary = b"", []
        if not said:
            raise AssistantError(*_GONE)
        answer = json.loads(said)
        if "kind" in answer:
            words = answer["title"], answer["advice"]
            raise error_of_kind(answer["kind"], *words) or AssistantError(*words)
        descriptors = [struct.unpack("i", data[:4])[0] for _, _, data in ancillary]
        for descriptor in descriptors:
            os.set_inheritable(descriptor, False)
        return answer, descriptors[0] if descriptors else _NO_DESCRIPTOR


def _become_broker(pair: "Socket", writable: "WritableFolders") -> None:
    """In the forked process: keep the pair alone, give up the network and every program, and serve."""
    import signal

    from app.engines.sandbox import confine, seccomp

    for name in ("SIGINT", "SIGHUP", "SIGTERM"):  # the head has them too, and ends; that ends this process
        signal.signal(getattr(signal, name), signal.SIG_IGN)
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in range(3):
        os.dup2(nothing, standard)
    os.closerange(3, pair.fileno())
    os.closerange(pair.fileno() + 1, 1 << 16)
    os.nice(10)  # a person waits for the window, which loads meanwhile
    seccomp.harden()
    confine.confine_output_broker()
    Broker(writable).serve(pair)


class Broker:
    """Makes the files that its rule lets a head name."""

    def __init__(self, writable: "WritableFolders") -> None:
        self._writable = writable
        self._opened: dict[int, AbstractContextManager[OpenOutput]] = {}
        self._pipes: dict[int, int] = {}
        self._number = 0
        self._require: Callable[[Path], None] = lambda _: None
        if writable.named is None:
            from app.document_rule import require_document

            self._require = require_document

    def serve(self, pair: "Socket") -> None:
        """Answer one request after another until the head has ended, and tidy up after it."""
        import _socket

        from app.core.errors import AssistantError

        while message := pair.recv(_LONGEST):
            descriptor = _NO_DESCRIPTOR
            try:
                answer, descriptor = self._handle(json.loads(message))
            except AssistantError as error:
                answer = {"kind": error.kind, "title": error.title, "advice": error.advice}
            except (OSError, ValueError, LookupError, TypeError, RecursionError):
                refused = AssistantError("The file could not be written there.", "Nothing was changed; try again.")
                answer = {"kind": refused.kind, "title": refused.title, "advice": refused.advice}
            beside = [] if descriptor < 0 else [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, struct.pack("i", descriptor))]
            with suppress(OSError):
                pair.sendmsg([json.dumps(answer).encode()], beside)
        for number in list(self._opened):
            self._discard(number)
        for folder in (*self._writable.emptied, *reversed(self._writable.made)):
            with suppress(OSError):
                folder.rmdir()  # does nothing where something is in it

    def _handle(self, request: dict[str, Any]) -> tuple[dict[str, Any], int]:
        if "open" in request:
            existing = request["existing"]
            identity = None if existing is None else (int(existing[0]), int(existing[1]))
            return self._open(Path(request["open"]), identity, is_pipe=bool(request["is_pipe"]))
        if "finish" in request:
            return self._finish(int(request["finish"])), _NO_DESCRIPTOR
        self._discard(int(request["discard"]))
        return {}, _NO_DESCRIPTOR

    def _open(self, path: Path, existing: tuple[int, int] | None, *, is_pipe: bool) -> tuple[dict[str, Any], int]:
        """Look at the place as if nobody had before, and open a draft beside it."""
        from app.core.errors import AssistantError
        from app.core.output import look_at_output
        from app.storage.files.layout import vault_exists

        rule = self._writable
        self._require_named(path)
        output = look_at_output(
            path, kept=(rule.vault, rule.models), is_vault=vault_exists,
            replaces=existing is not None and (rule.named is None or rule.replaces),
        )  # fmt: skip
        if output.descriptor is not None or output.path != path or output.is_pipe != is_pipe:
            raise AssistantError("Something else took the file's place meanwhile.", "It was left as it is; try again.")
        if output.existing != existing:
            raise AssistantError("A file of that name came up meanwhile.", "It was left as it is; name another.")
        self._require(path)
        self._number += 1
        if is_pipe:
            return self._open_pipe(output)
        opening = output.open()
        opened = opening.__enter__()
        self._opened[self._number] = opening
        return {"number": self._number}, opened.file.fileno()

    def _open_pipe(self, output: "Output") -> tuple[dict[str, Any], int]:
        import fcntl
        import stat

        from app.core.draft_file import WRITING

        try:
            descriptor = os.open(output.path, WRITING | os.O_NONBLOCK)
        except OSError:  # nobody reads it yet
            return {}, _NO_DESCRIPTOR
        if not stat.S_ISFIFO(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise ValueError("no pipe any more")
        fcntl.fcntl(descriptor, fcntl.F_SETFL, os.O_WRONLY)
        self._pipes[self._number] = descriptor
        return {"number": self._number}, descriptor

    def _require_named(self, path: Path) -> None:
        """Require that a command line names this file, by whatever link, or the folder it is in as one for exports."""
        from app.core.errors import AssistantError
        from app.core.output import end_of_links
        from app.document_rule import require_document

        names = self._writable.named
        if path.parent in self._writable.exports:
            require_document(path)
            return
        for name in () if names is None else names:
            with suppress(OSError, RuntimeError, ValueError):
                if name and end_of_links(Path(name)) == path:
                    return
        if names is not None:
            raise AssistantError("The command does not name that file.", "Nothing was changed; name it.")

    def _finish(self, number: int) -> dict[str, Any]:
        if number in self._pipes:
            os.close(self._pipes.pop(number))
        else:
            self._opened.pop(number).__exit__(None, None, None)
        return {}

    def _discard(self, number: int) -> None:
        if number in self._pipes:
            os.close(self._pipes.pop(number))
        elif number in self._opened:
            stopped = _Stopped()
            with suppress(_Stopped):
                self._opened.pop(number).__exit__(_Stopped, stopped, None)


class _Stopped(Exception):
    """The head gave an output up."""


def is_possible() -> bool:
    """Whether the kernel can keep a head to some folders, so that a broker is needed."""
    if sys.platform != "linux":
        return False
    from app.engines.sandbox import landlock

    return landlock.version() >= 2
