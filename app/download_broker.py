"""The download broker in the launcher: it passes a model's id on to the process that downloads.

Standard library only. It opens no connection and keeps no content: it relays the lines of that process as they come.
"""

import json
import os
import re
import subprocess
import sys
import threading
from contextlib import suppress
from typing import Any, BinaryIO

from app.core.own_program import own_command
from app.options import MODELS

BROKER_OPTION = (
    "--door"  # followed by the numbers of two pipes: a child reads answers from one and writes requests to the other
)

_ID = re.compile(r"[a-z0-9._-]{1,64}\Z")
_LONGEST_LINE = 8192  # bytes, in both directions
_GRACE = 5.0  # seconds for a worker to end by itself
# What a download needs from the environment: the proxy, the folders, the language. No certificates: the system
# decides whom to trust, not the environment.
_PASSED = frozenset(
    [
        *"PATH LANG LC_ALL TEMP TMP TMPDIR SYSTEMROOT HOME USERPROFILE LOCALAPPDATA XDG_DATA_HOME".split(),
        MODELS.variable,
    ]
)
_PROXIES = frozenset({"http_proxy", "https_proxy", "all_proxy", "no_proxy"})


_NOT_STARTED = {
    "kind": "DownloadError",
    "title": "The process that downloads could not be started.",
    "advice": "Nothing was sent; close Tacit, start it by «tacit», and start the download again.",
}


_BUSY = {
    "kind": "DownloadError",
    "title": "Another download is on.",
    "advice": "Nothing was sent for this one; start it again when the other has ended.",
}


def download_command() -> list[str]:
    """The command that runs the download worker, in a checkout, a wheel or a frozen build."""
    return [*own_command(), "--download"]


def worker_environment() -> dict[str, str]:
    """The environment variables that the download worker gets."""
    return {name: value for name, value in os.environ.items() if name in _PASSED or name.casefold() in _PROXIES}


class DownloadBroker:
    """Serves one window after another; a download goes on while the window locks and is replaced.

    On Linux the download server is started here, before the first child, and is not started again: what a child writes
    to the disk is never read by it. Elsewhere each download has a process of its own.
    """

    def __init__(self, models: str = "") -> None:
        self._models = models
        self._running = ""  # the model of the download that is on; "" if none is
        self._server: subprocess.Popen[bytes] | None = None
        self._answers: BinaryIO | None = None
        self._mutex = threading.Lock()
        self._is_closed = False
        self._is_ahead = sys.platform == "linux"
        if self._is_ahead:
            self._start_server()

    @property
    def running(self) -> str:
        """The id of the model that is being downloaded, or ""."""
        return self._running

    def start(self, command: list[str], **options: Any) -> "subprocess.Popen[bytes]":
        """Start a child that may request downloads: `--door` and its two pipe numbers are added to its command."""
        requests_end, child_requests_end = os.pipe()
        child_answers_end, answers_end = os.pipe()
        try:
            numbers, inheritance = _make_inheritable(child_answers_end, child_requests_end)
            child = subprocess.Popen([*command, BROKER_OPTION, *numbers], **inheritance, **options)  # noqa: S603 - our own executable
        except BaseException:
            os.close(requests_end)
            os.close(answers_end)
            raise
        finally:
            os.close(child_answers_end)
            os.close(child_requests_end)
        with self._mutex:
            self._answers = os.fdopen(answers_end, "wb", buffering=0)
        threading.Thread(target=self._serve, args=(os.fdopen(requests_end, "rb"), self._answers), daemon=True).start()
        return child

    def stop(self) -> None:
        """Ask the download that is on to stop."""
        if self._running:
            self._send({"cancel": self._running})

    def close(self) -> None:
        """End the download; its partial file is kept."""
        with self._mutex:
            self._is_closed = True
            server = self._server
        if server is not None:
            _stop(server)
            _end(server)

    def _start_server(self) -> None:
        """Start the process that downloads, unless the system refuses it."""
        with suppress(OSError):
            self._server = subprocess.Popen(  # noqa: S603 - our own executable
                download_command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                env=worker_environment(), creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )  # fmt: skip
            threading.Thread(target=self._relay, args=(self._server,), daemon=True).start()

    def _serve(self, requests: BinaryIO, answers: BinaryIO) -> None:
        """Read requests until the child ends."""
        with requests, suppress(OSError):
            while line := requests.readline(_LONGEST_LINE):
                self._handle_request(line)
        with self._mutex, suppress(OSError):
            if self._answers is answers:
                self._answers = None
            answers.close()

    def _handle_request(self, untrusted_line: bytes) -> None:
        try:
            request = json.loads(untrusted_line)
            ((verb, model),) = request.items()
        except (ValueError, AttributeError, RecursionError):
            self._note_refusal("")
            return
        if not isinstance(model, str) or _ID.match(model) is None:
            self._note_refusal("")
            return
        if verb == "pull":
            self._pull(model)
        elif verb == "cancel" and model == self._running:
            self._send({"cancel": model})

    def _pull(self, model: str) -> None:
        """Pass a request on, unless a download of this model is on: its lines then go to the current child."""
        with self._mutex:
            if self._is_closed or model == self._running:
                return
            refusal = _BUSY if self._running else {}
            if not refusal and self._server is None and not self._is_ahead:
                self._start_server()
            if not refusal and self._server is None:
                refusal = _NOT_STARTED
            if not refusal:
                self._running = model
        if refusal:
            self._note_refusal(model)
            self._write_failure(model, refusal)
        else:
            self._send({"model": model, "folder": self._models})

    def _note_refusal(self, model: str) -> None:
        """Have the download server write into the network log that a model was asked for and refused."""
        self._send({"refused": model, "folder": self._models})

    def _send(self, request: dict[str, str]) -> None:
        server = self._server
        if server is not None and server.stdin is not None:
            with suppress(OSError, ValueError):
                server.stdin.write(json.dumps(request).encode() + b"\n")
                server.stdin.flush()

    def _relay(self, server: "subprocess.Popen[bytes]") -> None:
        """Relay the server's lines: progress, and one line as a download has ended."""
        assert server.stdout is not None
        with server.stdout, suppress(OSError):
            while line := server.stdout.readline(_LONGEST_LINE):
                if b'"advance"' not in line:
                    if not self._is_ahead:  # the process was for this download alone
                        _stop(server)
                        _end(server)
                        self._server = None
                    with self._mutex:
                        self._running = ""
                self._write(line)
        _stop(server)
        _end(server)
        with self._mutex:
            cut_off, self._running = self._running if self._server is server else "", ""
            if self._server is server:
                self._server = None
        if cut_off:  # it was killed before its last line
            self._write(json.dumps({"type": "stopped", "model": cut_off}).encode() + b"\n")

    def _write_failure(self, model: str, words: dict[str, str]) -> None:
        self._write(json.dumps({"type": "failed", "model": model, **words}).encode() + b"\n")

    def _write(self, line: bytes) -> None:
        with self._mutex, suppress(OSError, ValueError):
            if self._answers is not None:
                self._answers.write(line)


def _make_inheritable(*descriptors: int) -> tuple[list[str], dict[str, Any]]:
    """Make descriptors inheritable; return the numbers that a child knows them by, and the arguments for Popen."""
    if sys.platform == "win32":  # pragma: no cover - Windows only
        import msvcrt

        handles = [msvcrt.get_osfhandle(descriptor) for descriptor in descriptors]
        for handle in handles:
            os.set_handle_inheritable(handle, True)
        return [str(handle) for handle in handles], {"close_fds": False}
    return [str(descriptor) for descriptor in descriptors], {"pass_fds": descriptors}


def _end(worker: "subprocess.Popen[bytes]") -> None:
    try:
        worker.wait(_GRACE)
    except subprocess.TimeoutExpired:
        worker.kill()
        worker.wait()


def _stop(worker: "subprocess.Popen[bytes]") -> None:
    assert worker.stdin is not None
    with suppress(OSError):
        worker.stdin.close()
