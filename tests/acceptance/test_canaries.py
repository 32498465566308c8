"""Sixteen deliberate attempts to get out fail in every process; with a wall taken away they are seen to succeed."""

import json
import re
import shutil
import struct
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import msgspec
import pytest

from app.engines import protocol
from app.engines.sandbox import landlock
from tests.acceptance.canaries import ATTEMPTS, WALLS, WORKERS
from tests.running import ROOT, Home

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the walls of Linux, seen by strace")

KINDS = ("window", "command-line", *WORKERS)
OPEN: dict[str, tuple[str, ...]] = {
    "window, nothing": WALLS, "media, nothing": WALLS,
    "window, no python": ("python",), "media, no python": ("python",), "window, no filter": ("filter",),
    "language, no filter": ("filter",), "speech, no files": ("files",), "speech, nothing": ("files", "filter"),
}  # fmt: skip
_PATHS = {"http.client": "/http", "child curl": "/curl", "QNetworkAccessManager": "/qnam", "QProcess curl": "/qprocess",
          "av.open": "/av", "m3u8": "/playlist.ts"}  # fmt: skip
_SCRIPT = ROOT / "tests" / "acceptance" / "canaries.py"
_TURNS = 4


class Target(ThreadingHTTPServer):
    """A server on this computer that notes who has reached it."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        super().__init__(("127.0.0.1", 0), Answers)

    def handle_error(self, request: object, client_address: object) -> None:
        """A connection that says nothing is an attempt too, and no news here."""


class Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Target)
        self.server.asked.append(self.path)
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: object) -> None:
        """Nothing to tell."""


@dataclass
class Outcome:
    """What one process came to: each attempt, the trace of its network calls, and what reached the server."""

    attempts: dict[str, tuple[bool, str]] = field(default_factory=dict)
    trace: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    said: str = ""

    @property
    def opened(self) -> set[str]:
        """What succeeded, by its own account, that of the server, or the trace."""
        reached = {name for name, path in _PATHS.items() if path in self.asked}
        # It has a socket if it comes so far as to bind it; runs side by side take the port from each other.
        reached |= {"sdp wav"} if any(re.search(r"\bbind\(.*\b47010\b", call) for call in self.trace) else set()
        return reached | {name for name, (is_open, _) in self.attempts.items() if is_open}

    @property
    def strange_sockets(self) -> list[str]:
        """Sockets that were made, of any family but AF_UNIX."""
        return [call for call in self.made(r"\b(socket|io_uring_setup)\(") if "AF_UNIX" not in call]

    def made(self, pattern: str) -> list[str]:
        """The calls that fit and were not refused."""
        return [call for call in self.trace if re.search(pattern, call) and " = -1 " not in call]


class Run:
    """One process with its attempts, under strace, beside others."""

    def __init__(self, folder: Path, kind: str, without: tuple[str, ...]) -> None:
        folder.mkdir()
        self._home, self._trace = Home(folder), folder / "trace.txt"
        self._server = Target()
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        strace = shutil.which("strace")
        assert strace, "strace is needed: make test installs it"
        command = [strace, "-f", "--seccomp-bpf", "-qq", "-s", "200", "-e", "trace=network,io_uring_setup,openat",
                   "-o", str(self._trace), sys.executable, str(_SCRIPT), kind]  # fmt: skip
        command += ["--port", str(self._server.server_port)]
        for wall in without:
            command += ["--without", wall]
        environment = {**self._home.environment, "QT_QPA_PLATFORM": "offscreen"}
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        assert self._process.stdin is not None
        if kind in WORKERS:  # what a parent says first
            body = msgspec.msgpack.encode(protocol.Begin(()))
            self._process.stdin.write(struct.pack(">I", len(body)) + body)
            self._process.stdin.flush()

    def outcome(self) -> Outcome:
        """Wait for the end."""
        stdin, stderr = self._process.stdin, self._process.stderr
        assert stdin is not None
        assert stderr is not None
        try:
            said = stderr.read().decode(errors="replace")
            self._process.wait(10)
        finally:
            stdin.close()
            stderr.close()
            self._process.kill()
            self._process.wait()
            self._server.shutdown()
            self._server.server_close()
        rows = [json.loads(line) for line in said.splitlines() if line.startswith('{"attempt"')]
        attempts = {row["attempt"]: (row["open"], row["how"]) for row in rows}
        return Outcome(attempts, whole_calls(self._trace.read_text(errors="replace")), self._server.asked, said)


def whole_calls(trace: str) -> list[str]:
    """The calls of a trace, each on one line: one that took long is told in two halves, with others between."""
    begun: dict[str, str] = {}
    calls = []
    for line in trace.splitlines():
        thread, _, rest = line.partition(" ")
        if rest.endswith(" <unfinished ...>"):
            begun[thread] = line.removesuffix(" <unfinished ...>")
        elif (resumed := re.search(r"<\.\.\. \w+ resumed>", rest)) is not None:
            calls.append(begun.pop(thread, thread) + rest[resumed.end() :])
        else:
            calls.append(line)
    return calls + [call for call in begun.values() if "exit" not in call]


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    """All runs, side by side: most of their time they wait for onnxruntime's collector."""
    folder = tmp_path_factory.mktemp("canaries")
    runs = {kind: Run(folder / kind, kind, ()) for kind in KINDS}
    runs |= {name: Run(folder / name, name.split(",")[0], walls) for name, walls in OPEN.items()}
    found = {name: run.outcome() for name, run in runs.items()}
    for name in ("window, nothing", "media, nothing", "speech, nothing"):
        # On a busy computer the collector does not start every time, in walls or without; alone it does.
        for turn in range(_TURNS):
            if wrote(found[name]):
                break
            found[name] = Run(folder / f"{name}, {turn}", name.split(",")[0], OPEN[name]).outcome()
    return found


def wrote(found: Outcome) -> bool:
    """Whether onnxruntime's collector made a file."""
    return any("O_CREAT" in call for call in found.made(r"\.onnxruntime|deviceid"))


@pytest.mark.parametrize("kind", KINDS)
def test_all_sixteen_fail(outcomes: dict[str, Outcome], kind: str) -> None:
    found = outcomes[kind]
    assert found.attempts.keys() == ATTEMPTS.keys(), found.said[-2000:]
    assert len(found.attempts) == 16
    assert found.opened == set()
    assert found.asked == []
    assert found.strange_sockets == []
    if kind in WORKERS:
        assert found.made(r"\bsocket(pair)?\(AF_UNIX") == []
    for name in ("python socket", "ctypes connect", "raw call", "child curl", "io_uring"):
        assert found.attempts[name][1].startswith("PermissionError"), found.attempts[name]


@pytest.mark.parametrize("kind", ["window, nothing", "media, nothing"])
def test_without_walls_they_succeed(outcomes: dict[str, Outcome], kind: str) -> None:
    """The attempts are real ones: nothing but the walls stops them."""
    found = outcomes[kind]
    told_elsewhere = {"onnxruntime", "picture"}
    if not shutil.which("curl"):
        told_elsewhere |= {"child curl", "QProcess curl"}
    switch = Path("/proc/sys/kernel/io_uring_disabled")
    if switch.exists() and switch.read_text().strip() != "0":
        told_elsewhere.add("io_uring")
    assert ATTEMPTS.keys() - found.opened <= told_elsewhere, found.attempts
    assert _PATHS["QNetworkAccessManager"] in found.asked


def test_without_walls_the_collector_and_the_picture_are_seen(outcomes: dict[str, Outcome]) -> None:
    assert wrote(outcomes["window, nothing"])
    assert any("//host/share/canary" in call for call in outcomes["window, nothing"].trace)
    assert not any("//host/share/canary" in call for call in outcomes["window"].trace)


@pytest.mark.parametrize("kind", ["window, no filter", "language, no filter"])
def test_without_the_filter_alone_the_others_do_not_stand_in(outcomes: dict[str, Outcome], kind: str) -> None:
    """The test above would fail: a filter that is gone is noticed, whatever else holds."""
    found = outcomes[kind]
    assert {"raw call", "QUdpSocket"} <= found.opened
    assert found.strange_sockets != []


@pytest.mark.skipif(not landlock.version(), reason="this kernel has no Landlock")
@pytest.mark.parametrize("kind", ["window, no python", "media, no python"])
def test_the_kernel_alone_stops_them_too(outcomes: dict[str, Outcome], kind: str) -> None:
    """Without our own code's refusals; "localhost" is then read from the hosts file, and no service is asked."""
    found = outcomes[kind]
    assert found.opened <= {"getaddrinfo", "picture"}
    assert found.asked == []
    assert found.strange_sockets == []
    assert found.attempts["child curl"][1].startswith("PermissionError")


@pytest.mark.skipif(not landlock.version(), reason="this kernel has no Landlock")
def test_the_collectors_files_are_kept_off_a_workers_reach(outcomes: dict[str, Outcome]) -> None:
    assert wrote(outcomes["media, nothing"])
    assert wrote(outcomes["speech, nothing"])
    assert not wrote(outcomes["speech, no files"]), "the filter alone keeps them off too"
    assert not any(wrote(outcomes[kind]) for kind in WORKERS)
