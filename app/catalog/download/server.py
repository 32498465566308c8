"""The download server: started before the first window, it forks a worker for one download at a time.

A worker finds every module in memory and imports nothing more, so what is written into the program's folders while a
window runs is not read by the one process that may connect.
"""

import os
import select
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import msgspec

from app.catalog.download import worker
from app.catalog.download.network_log import REFUSED, UNLISTED, NetworkLogWriter
from app.catalog.paths import models_folder
from app.core.download import Event, Failed, Stopped
from app.core.errors import AssistantError, DownloadError, ModelMissing

Confine = Callable[[Path, set[int]], object]
"""Takes every right from a new worker but those to a folder and to TCP ports."""

_LONGEST_LINE = 8192  # bytes, in both directions
_MOST_REFUSALS = 100  # in the log, of one start
_READ_AT_ONCE = 1 << 16  # bytes


class _Download(NamedTuple):
    model: str
    pid: int
    control: int  # the worker ends when this is closed
    events: int  # the worker's lines


class LineReader:
    """Lines of a pipe, as they come."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.is_at_end = False
        self._rest = b""

    def lines(self) -> Iterator[bytes]:
        """Read what is there; the complete lines of it.

        Raises:
            ValueError: a line is longer than any of ours.
        """
        read = os.read(self.descriptor, _READ_AT_ONCE)
        self.is_at_end = not read
        *whole, self._rest = (self._rest + read).split(b"\n")
        if len(self._rest) > _LONGEST_LINE:
            raise ValueError("no line of ours")
        yield from whole


class DownloadServer:
    """Reads the launcher's requests, and passes on what the worker of the running download says."""

    def __init__(self, incoming: int, outgoing: int, confine: Confine) -> None:
        self._confine = confine
        self._incoming = LineReader(incoming)
        self._outgoing = outgoing
        self._running: _Download | None = None
        self._events: LineReader | None = None
        self._last = b""  # of the running download: told when its process has ended
        self._refusals = 0
        self._status = -1  # of the last download; -1 before the first request

    def run(self) -> int:
        """Serve until the launcher closes its end, and the running download has ended; return the last one's status.

        Raises:
            ValueError: a line was no request.
        """
        while not self._incoming.is_at_end or self._running is not None:
            awaited = [] if self._incoming.is_at_end else [self._incoming.descriptor]
            if self._running is not None:
                awaited.append(self._running.events)
            ready, _, _ = select.select(awaited, [], [])
            if self._running is not None and self._running.events in ready:
                self._pass_on(self._running)
            elif self._incoming.descriptor in ready:
                for line in self._incoming.lines():
                    self._handle(line)
                if self._incoming.is_at_end:
                    self._cancel()
        return self._status

    def _handle(self, line: bytes) -> None:
        request = msgspec.json.decode(line, type=dict[str, str])
        if request.keys() == {"cancel"}:
            if self._running is not None and self._running.model == request["cancel"]:
                self._cancel()
            return
        if request.keys() == {"refused", "folder"}:
            self._note_refusal(request["refused"], request["folder"])
            return
        self._pull(msgspec.convert(request, worker.DownloadRequest))

    def _pull(self, request: worker.DownloadRequest) -> None:
        if self._running is not None:
            if self._running.model != request.model:
                refusal = DownloadError("Another download is running.", "Nothing was sent; start this one after it.")
                self._note_refusal(request.model, request.folder)
                self._write(Failed(request.model, refusal.kind, refusal.title, refusal.advice))
            return
        self._status = 1
        try:
            worker.find_model(request.model)
        except ModelMissing as error:
            self._note_refusal(request.model, request.folder)
            self._write(Failed(request.model, error.kind, error.title, error.advice))
            return
        control_end, control = os.pipe()
        events, events_end = os.pipe()
        pid = os.fork()
        if pid == 0:
            _become_worker(
                self._confine, request, control_end, events_end, (control, events, self._incoming.descriptor)
            )
        os.close(control_end)
        os.close(events_end)
        self._running, self._events, self._last = (
            _Download(request.model, pid, control, events),
            LineReader(events),
            b"",
        )

    def _note_refusal(self, model: str, folder: str) -> None:
        """Write into the network log that a model was asked for and refused, by its name only if we know it."""
        self._refusals += 1
        if self._refusals > _MOST_REFUSALS:  # whoever asks on and on fills no disk
            return
        try:
            name = worker.find_model(model).id
        except ModelMissing:
            name = UNLISTED
        with suppress(AssistantError, OSError):  # a full disk must not end the process that downloads
            NetworkLogWriter(models_folder(Path(folder) if folder else None), name).close(REFUSED)

    def _cancel(self) -> None:
        if self._running is not None and self._running.control >= 0:
            os.close(self._running.control)
            self._running = self._running._replace(control=-1)

    def _pass_on(self, running: _Download) -> None:
        """Pass on progress at once, and the last line when the process has ended, so that it can be asked for again."""
        assert self._events is not None
        for line in self._events.lines():
            if b'"advance"' in line:
                self._write_line(line)
            else:
                self._last = line
        if not self._events.is_at_end:
            return
        self._cancel()
        os.close(running.events)
        _, ending = os.waitpid(running.pid, 0)
        self._status = os.waitstatus_to_exitcode(ending)
        self._running = None
        self._write_line(self._last or msgspec.json.encode(Stopped(running.model)))

    def _write(self, event: Event) -> None:
        self._write_line(msgspec.json.encode(event))

    def _write_line(self, line: bytes) -> None:
        try:
            os.write(self._outgoing, line + b"\n")
        except OSError:
            os._exit(0)  # the launcher is gone; the worker ends with us, and what it has kept stays valid


def serve(incoming: int, outgoing: int, confine: Confine) -> int:
    """Serve the launcher by these two descriptors, and `confine` each worker; return the exit status."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the launcher handles Ctrl-C
    _load_all()
    try:
        status = DownloadServer(incoming, outgoing, confine).run()
    except (ValueError, msgspec.MsgspecError):
        status = -1
    return worker.reject_request() if status == -1 else status


def _load_all() -> None:
    """Load what would be loaded only in the middle of a download."""
    import encodings.idna
    import stringprep

    with suppress(ModelMissing):
        worker.find_model("")  # reads the catalogue
    del encodings, stringprep


def _become_worker(
    confine: Confine, request: worker.DownloadRequest, control: int, events: int, others: tuple[int, ...]
) -> None:
    """In the forked process: give up every right but the download's, download, and end."""
    status = 1
    try:
        for descriptor in others:
            os.close(descriptor)
        _forget_importing()
        folder, ports = worker.required_access(request)
        # A folder that could not be created stays unreachable; the download then reports it.
        confine(folder, ports)
        with open(control, "rb", buffering=0) as incoming, open(events, "wb") as outgoing:
            status = worker.run(request, incoming, outgoing)
    finally:
        os._exit(status)


def _forget_importing() -> None:
    """Let this process import nothing that it has not loaded: others may have written where modules are looked for."""
    sys.path.clear()
    sys.meta_path.clear()
    sys.path_hooks.clear()
