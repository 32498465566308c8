"""The download broker in the launcher: given a model's id, it starts the download worker.

Standard library only. It opens no connection and keeps no content: it relays a worker's lines as they come.
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


def download_command() -> list[str]:
    """The command that runs the download worker, in a checkout, a wheel or a frozen build."""
    return [*own_command(), "--download"]


def worker_environment() -> dict[str, str]:
    """The environment variables that the download worker gets."""
    return {name: value for name, value in os.environ.items() if name in _PASSED or name.casefold() in _PROXIES}


class DownloadBroker:
    """Serves one window after another; a download goes on while the window locks and is replaced."""

    def __init__(self, models: str = "") -> None:
        self._models = models
        self._workers: dict[str, subprocess.Popen[bytes]] = {}
        self._answers: BinaryIO | None = None
        self._mutex = threading.Lock()
        self._is_closed = False

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
        """Ask every download to stop."""
        for worker in list(self._workers.values()):
            _stop(worker)

    def close(self) -> None:
        """End every download; partial files are kept."""
        with self._mutex:
            self._is_closed = True
            workers = list(self._workers.values())
        self.stop()
        for worker in workers:
            _end(worker)

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
            return
        if not isinstance(model, str) or _ID.match(model) is None:
            return
        if verb == "pull":
            self._pull(model)
        elif verb == "cancel" and (worker := self._workers.get(model)) is not None:
            _stop(worker)

    def _pull(self, model: str) -> None:
        """Start a worker, unless one is already on this model: its lines then go to the current child."""
        with self._mutex:
            if self._is_closed or model in self._workers:
                return
            worker: subprocess.Popen[bytes] | None = None
            with suppress(OSError):
                worker = subprocess.Popen(  # noqa: S603 - our own executable
                    download_command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                    env=worker_environment(), creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
                )  # fmt: skip
            if worker is not None:
                self._workers[model] = worker
        if worker is None:
            self._write(json.dumps({"type": "failed", "model": model, **_NOT_STARTED}).encode() + b"\n")
            return
        assert worker.stdin is not None
        with suppress(OSError):
            worker.stdin.write(json.dumps({"model": model, "folder": self._models}).encode() + b"\n")
            worker.stdin.flush()
        threading.Thread(target=self._relay, args=(model, worker), daemon=True).start()

    def _relay(self, model: str, worker: "subprocess.Popen[bytes]") -> None:
        """Relay a worker's lines; the last one after it has ended, so that the model can be requested again at once."""
        assert worker.stdout is not None
        last = b""
        with worker.stdout, suppress(OSError):
            while (line := worker.stdout.readline(_LONGEST_LINE)) and not last:
                if b'"advance"' in line:
                    self._write(line)
                else:
                    last = line
        _end(worker)
        _stop(worker)
        with self._mutex:
            del self._workers[model]
        if last:
            self._write(last)
        else:  # it was killed before its last line
            self._write_stopped(model)

    def _write_stopped(self, model: str) -> None:
        self._write(json.dumps({"type": "stopped", "model": model}).encode() + b"\n")

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
