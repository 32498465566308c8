"""No process of Tacit asks a name service (nscd and the like) for anything, before it shuts itself in or after."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.core.own_program import own_command, worker_environment
from app.engines import protocol
from app.engines.parent.prover import WORKERS
from app.engines.sandbox import seccomp
from tests.running import ROOT, Home

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="seen by strace")
_ASKS = re.compile(r"connect\(|AF_UNIX|nscd|/etc/passwd|/etc/group")


def traced(command: list[str], trace: Path, environment: dict[str, str], given: bytes = b"") -> list[str]:
    """What a command asked for: its connections, sockets and openings of the tables that stand in for a service."""
    strace = ["strace", "-f", "-qq", "-e", "trace=socket,connect,openat", "-o", str(trace)]
    subprocess.run(
        [*strace, *command], input=given, env=environment, cwd=ROOT, capture_output=True, check=False, timeout=60
    )
    lines = trace.read_text().splitlines()
    assert any("openat(" in line for line in lines)
    return [line for line in lines if _ASKS.search(line)]


class _Pipe:
    def __init__(self) -> None:
        self.written = b""

    def write(self, data: bytes) -> None:
        self.written += data

    def flush(self) -> None:
        """Nothing is held back."""


@pytest.mark.parametrize("name", WORKERS)
def test_a_worker_asks_nobody_as_it_starts(name: str, tmp_path: Path) -> None:
    pipe = _Pipe()
    protocol.Sender(pipe).send(protocol.Begin(()))  # type: ignore[arg-type]
    command = [*own_command(), "--worker", name]
    assert traced(command, tmp_path / "trace", worker_environment() | seccomp.quiet_environment(), pipe.written) == []


def test_python_itself_would_ask_for_a_home(tmp_path: Path) -> None:
    """So the test above sees such a question."""
    environment = {name: value for name, value in worker_environment().items() if name != "PYTHONUSERBASE"}
    assert traced([*own_command(), "--help"], tmp_path / "trace", environment)


def test_a_command_asks_nobody(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.command("list")
    assert traced([*own_command(), "list"], tmp_path / "trace", home.environment) == []


def test_the_window_asks_no_name_service(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    environment = home.environment | {"QT_QPA_PLATFORM": "offscreen"}
    trace = tmp_path / "trace"
    strace = ["strace", "-f", "-qq", "-e", "trace=connect,openat", "-o", str(trace)]
    window = subprocess.Popen([*strace, *own_command(), "--window"], cwd=ROOT, env=environment, start_new_session=True)
    until = time.monotonic() + 30
    while time.monotonic() < until and "libQt6Widgets" not in (trace.read_text() if trace.exists() else ""):
        time.sleep(0.2)
    time.sleep(2)
    os.killpg(window.pid, 9)
    window.wait()
    lines = trace.read_text()
    assert "libQt6Widgets" in lines
    assert "nscd" not in lines
    assert "/etc/passwd" not in lines
