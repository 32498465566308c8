"""What the environment of a package's start names is not loaded: seen by strace, in each process that does the work."""

import os
import re
import signal
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.packaging.package import TREE, needs_tree
from tests.running import Home

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.long, needs_tree]
_NAMED = (
    "LD_LIBRARY_PATH QT_PLUGIN_PATH QT_QPA_PLATFORM_PLUGIN_PATH LLAMA_CPP_LIB_PATH GCONV_PATH OPENSSL_MODULES".split()
)
_SPOOFED = {"_PYI_ARCHIVE_FILE": str(TREE / "tacit"), "_PYI_PARENT_PROCESS_LEVEL": "0"}
_FILES = "trace=execve,open,openat,access,faccessat,faccessat2,stat,newfstatat,readlink"


class Trace:
    """The files that processes looked at, by process, since each began for the last time."""

    def __init__(self, lines: list[str]) -> None:
        self.last: dict[str, list[str]] = {}
        self.begun: dict[str, int] = {}
        self.before: list[str] = []
        for line in lines:
            process, _, call = line.partition(" ")
            if "execve(" in call and "= -1" not in call:
                self.before += self.last.pop(process, [])
                self.begun[process] = self.begun.get(process, 0) + 1
            self.last.setdefault(process, []).append(call)

    def looked_at(self, name: str) -> list[str]:
        """The calls, since the last beginning of whoever made them, that name this."""
        return [call for calls in self.last.values() for call in calls if name in call]


def strange(tmp_path: Path, **more: str) -> dict[str, str]:
    """An environment that names a folder of somebody else's wherever it can, with modules of Python's beside."""
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    for name in ("sitecustomize.py", "app.py", "usercustomize.py"):
        (tmp_path / name).write_text("raise SystemExit('foreign code ran')")
    named = dict.fromkeys(_NAMED, str(foreign)) | {"OPENSSL_CONF": str(foreign / "openssl.cnf")}
    home = Home(tmp_path / "home", makes_vaults=False)
    return home.environment | named | {"PYTHONPATH": str(tmp_path), "QT_QPA_PLATFORM": "offscreen"} | more


def traced(tmp_path: Path, *arguments: str) -> list[str]:
    return [
        "strace",
        "-f",
        "-qq",
        "-s",
        "4096",
        "-e",
        _FILES,
        "-o",
        str(tmp_path / "trace"),
        str(TREE / "tacit"),
        *arguments,
    ]


def require_nothing_foreign(tmp_path: Path, executions: int) -> Trace:
    """Require that no process looked into the folder after it began for the last time, and one did before."""
    trace = Trace((tmp_path / "trace").read_text().splitlines())
    first = next(iter(trace.begun))
    assert trace.begun[first] == executions
    foreign = f"{tmp_path}/foreign"
    assert [call for call in trace.before if foreign in call], "else nothing would be seen here at all"
    assert trace.looked_at("/_internal/libpython3"), "these are the processes that do the work"
    assert trace.looked_at(foreign) == []
    return trace


def test_a_command_and_its_workers_load_nothing_that_the_environment_names(tmp_path: Path) -> None:
    ended = subprocess.run(
        traced(tmp_path, "doctor"), env=strange(tmp_path), cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "foreign code ran" not in ended.stdout + ended.stderr
    trace = require_nothing_foreign(tmp_path, 4)  # the freezer begins each program twice, and we begin it again
    assert trace.looked_at("/llama_cpp/lib/libllama.so")
    assert trace.looked_at("libcrypto.so")


def test_who_says_that_the_start_was_made_already_has_nothing_loaded_either(tmp_path: Path) -> None:
    """The freezer's start believes its own variables, and then leaves LD_LIBRARY_PATH as it is."""
    ended = subprocess.run(
        traced(tmp_path, "doctor", "--licences"), env=strange(tmp_path, **_SPOOFED), cwd=tmp_path, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout + ended.stderr
    require_nothing_foreign(tmp_path, 3)


@contextmanager
def begun(command: list[str], environment: dict[str, str], folder: Path) -> "Iterator[subprocess.Popen[bytes]]":
    tracer = subprocess.Popen(command, env=environment, cwd=folder)
    try:
        yield tracer
    finally:
        tracer.kill()
        tracer.wait()


def test_the_window_loads_nothing_that_the_environment_names(tmp_path: Path) -> None:
    log = tmp_path / "trace"
    with begun(traced(tmp_path), strange(tmp_path), tmp_path) as tracer:
        for _ in range(600):
            if log.exists() and re.search(r"openat\(.*PySide6/Qt/plugins/.*libqsvg\.so", log.read_text()):
                break
            time.sleep(0.1)
        time.sleep(2)  # the first page is drawn
        os.kill(int(log.read_text().split(maxsplit=1)[0]), signal.SIGTERM)  # the launcher, which closes the window
        assert tracer.wait(timeout=60) == 0
    trace = require_nothing_foreign(tmp_path, 4)
    assert trace.looked_at("/_internal/PySide6/Qt/plugins/platforms/libqoffscreen.so")
