"""The one door to the network, kept by the launcher: asked for a model by its id, it starts the download worker.

Standard library only. It opens no connection and holds nothing: it hands a worker's lines on as they come.
"""

import json
import os
import re
import subprocess
import sys
import threading
from contextlib import suppress
from typing import Any, BinaryIO

DOOR = "--door"  # then the numbers of the pipes that a child reads answers from and writes requests to

_ID = re.compile(r"[a-z0-9._-]{1,64}\Z")
_LONGEST_LINE = 8192  # bytes, in both directions
_GRACE = 5.0  # seconds that a worker has to end by itself
# What a download needs to know of its surroundings: the proxy, where folders are, the language. No certificates:
# whom to trust is the system's to say, not the environment's.
_KNOWN = frozenset(
    "PATH LANG LC_ALL TEMP TMP TMPDIR SYSTEMROOT HOME USERPROFILE LOCALAPPDATA XDG_DATA_HOME TACIT_MODELS".split()
)
_PROXIES = frozenset({"http_proxy", "https_proxy", "all_proxy", "no_proxy"})


_NOT_STARTED = {
    "kind": "DownloadError",
    "title": "The process that downloads could not be started.",
    "advice": "Nothing was sent; close Tacit, start it by «tacit», and start the download again.",
}


def download_command() -> list[str]:
    """The command that runs the download worker, in a checkout, a wheel and a frozen tree."""
    program = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-I", "-m", "app"]
    return [*program, "--download"]


def environment() -> dict[str, str]:
    """What the download worker gets to know of the environment."""
    return {name: value for name, value in os.environ.items() if name in _KNOWN or name.casefold() in _PROXIES}


class Doorkeeper:
    """Serves one window after another; a download goes on while the window locks and comes back."""

    def __init__(self, models: str = "") -> None:
        self._models = models
        self._workers: dict[str, subprocess.Popen[bytes]] = {}
        self._answers: BinaryIO | None = None
        self._mutex = threading.Lock()
        self._is_closed = False

    def start(self, command: list[str], **how: Any) -> "subprocess.Popen[bytes]":
        """Start a child that may ask: `--door` and the numbers of its two pipes follow its command."""
        asked, asks = os.pipe()
        answered, answers = os.pipe()
        try:
            numbers, inherited = _handed_down(answered, asks)
            child = subprocess.Popen([*command, DOOR, *numbers], **inherited, **how)  # noqa: S603 - our own executable
        except BaseException:
            os.close(asked)
            os.close(answers)
            raise
        finally:
            os.close(answered)
            os.close(asks)
        with self._mutex:
            self._answers = os.fdopen(answers, "wb", buffering=0)
        threading.Thread(target=self._serve, args=(os.fdopen(asked, "rb"), self._answers), daemon=True).start()
        return child

    def stop(self) -> None:
        """Tell every download to stop."""
        for worker in list(self._workers.values()):
            _stop(worker)

    def close(self) -> None:
        """End every download; what has arrived is kept."""
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
                self._do(line)
        with self._mutex, suppress(OSError):
            if self._answers is answers:
                self._answers = None
            answers.close()

    def _do(self, untrusted_line: bytes) -> None:
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
        """Start a worker, unless one is at it: then its lines go to whoever asks now."""
        with self._mutex:
            if self._is_closed or model in self._workers:
                return
            worker: subprocess.Popen[bytes] | None = None
            with suppress(OSError):
                worker = subprocess.Popen(  # noqa: S603 - our own executable
                    download_command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                    env=environment(), creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
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
        """Hand on a worker's lines; the last one once it has ended, so that it can be asked for again at once."""
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
        else:  # it was killed, and had no last word
            self._stopped(model)

    def _stopped(self, model: str) -> None:
        self._write(json.dumps({"type": "stopped", "model": model}).encode() + b"\n")

    def _write(self, line: bytes) -> None:
        with self._mutex, suppress(OSError, ValueError):
            if self._answers is not None:
                self._answers.write(line)


def _handed_down(*descriptors: int) -> tuple[list[str], dict[str, Any]]:
    """The numbers by which a child knows these descriptors, and how Popen hands them down."""
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
