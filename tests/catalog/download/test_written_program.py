"""What a window that was taken over writes into the program's folder runs in no process that may connect."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import download_broker
from app.download_broker import DownloadBroker

ROOT = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has the filter, and forks the download")

# The program of the test: what lies in its folder as "extra.py" runs as it starts, as a .pth file of an environment.
_PROGRAM = """
import os, sys
sys.path[:0] = [{folder!r}, {root!r}]
if os.path.exists({extra!r}):
    exec(open({extra!r}).read())
"""
_DOWNLOAD = """
sys.argv = ["program", "--download"]
from app.__main__ import main
sys.exit(main())
"""
_LATE = """
from app.catalog.download import server, worker
def run(request, incoming, outgoing):
    try:
        import extra
    except ImportError:
        outgoing.write(b'{"type": "stopped", "model": "qwen3-0.6b"}' + bytes([10]))
    return 1
worker.run = run
"""
_EXTRA = """
import socket
try:
    socket.create_connection(("127.0.0.1", {port})).sendall(b"a line of a transcript")
    open({told!r}, "w").write("connected")
except OSError as error:
    open({told!r}, "w").write(type(error).__name__)
"""
_TAKEN_OVER = """
import json, os, sys
sys.path.insert(0, {root!r})
from app.engines.sandbox import confine
confine.confine_front_end("window")
open({extra!r}, "w").write({content!r})
answers, requests = map(int, sys.argv[-2:])
os.write(requests, json.dumps({{"pull": {model!r}}}).encode() + bytes([10]))
while b'"advance"' in (line := os.read(answers, 4096)):
    pass
print(line)
"""


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as made:
        made.settimeout(0.5)
        yield made


class _Program:
    """A copy of the program's start, in a folder that the window can write to."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder / "program"
        self.folder.mkdir()
        self.extra = self.folder / "extra.py"
        self.told = folder / "told"
        self.content = _EXTRA.format(port=port, told=str(self.told))

    def script(self, name: str, rest: str) -> list[str]:
        start = _PROGRAM.format(folder=str(self.folder), root=str(ROOT), extra=str(self.extra))
        (self.folder / name).write_text(start + rest)
        return [sys.executable, str(self.folder / name)]

    def taken_over(self, model: str = "qwen3-0.6b") -> list[str]:
        code = _TAKEN_OVER.format(root=str(ROOT), extra=str(self.extra), content=self.content, model=model)
        return [sys.executable, "-I", "-c", code]


def _is_reached(listener: socket.socket) -> bool:
    try:
        listener.accept()[0].close()
    except TimeoutError:
        return False
    return True


@pytest.fixture
def program(tmp_path: Path, listener: socket.socket) -> _Program:
    return _Program(tmp_path, listener.getsockname()[1])


@pytest.mark.parametrize("rest", [_DOWNLOAD, _LATE + _DOWNLOAD], ids=["read at the start", "imported late"])
def test_the_download_reads_nothing_that_a_window_has_written(
    program: _Program, tmp_path: Path, listener: socket.socket, monkeypatch: pytest.MonkeyPatch, rest: str
) -> None:
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:9")
    monkeypatch.setattr(download_broker, "download_command", lambda: program.script("download.py", rest))
    broker = DownloadBroker(str(tmp_path / "models"))
    time.sleep(1)  # a person has not yet typed a passphrase
    child = broker.start(program.taken_over(), stdout=subprocess.PIPE)
    answered, _ = child.communicate(timeout=60)
    broker.close()
    assert not program.told.exists()
    assert not _is_reached(listener)
    assert b"failed" in answered or b"stopped" in answered


def test_a_model_that_no_catalogue_lists_opens_nothing(
    program: _Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download_broker, "download_command", lambda: program.script("download.py", _DOWNLOAD))
    broker = DownloadBroker(str(tmp_path / "models"))
    child = broker.start(program.taken_over("call-of-monday"), stdout=subprocess.PIPE)
    answered, _ = child.communicate(timeout=60)
    broker.close()
    assert b"ModelMissing" in answered
    assert [path.suffix for path in (tmp_path / "models").rglob("*")] == ["", ".jsonl"], "it is in the ledger"


def test_a_second_download_waits_for_the_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    silent = "import sys; sys.stdin.readline(); sys.stdin.read()"
    monkeypatch.setattr(download_broker, "download_command", lambda: [sys.executable, "-c", silent])
    broker = DownloadBroker(str(tmp_path))
    asks = (
        "import os, sys; answers, requests = map(int, sys.argv[-2:])\n"
        "for model in ('one', 'one', 'two'): os.write(requests, b'{\"pull\": \"%s\"}\\n' % model.encode())\n"
        "print(os.read(answers, 4096))"
    )
    child = broker.start([sys.executable, "-c", asks], stdout=subprocess.PIPE)
    answered, _ = child.communicate(timeout=60)
    assert broker.running == "one"
    broker.close()
    assert b'"model": "two"' in answered
    assert b"Another download is on." in answered


_LAUNCH = """
import sys
sys.path.insert(0, {root!r})
from app import download_broker, launcher
download_broker.download_command = lambda: [sys.executable, "-c", "import sys; sys.stdin.read()"]
launcher.window_command = lambda arguments: {window!r}
launcher.own_command = lambda: {window!r}
sys.exit(launcher.{start})
"""
_WRITES_AND_LOCKS = """
if os.path.exists({extra!r}):
    sys.exit(0)
open({extra!r}, "w").write({content!r})
sys.exit(75)
"""


@pytest.mark.parametrize("start", ["main([])", "run_command([])"])
def test_a_window_after_a_lock_is_confined_before_it_reads_the_program(
    program: _Program, tmp_path: Path, listener: socket.socket, start: str
) -> None:
    if start != "main([])":
        program.extra.write_text(program.content)
    rest = _WRITES_AND_LOCKS.format(extra=str(program.extra), content=program.content)
    window = program.script("window.py", rest)
    code = _LAUNCH.format(root=str(ROOT), window=window, start=start)
    environment = os.environ | {"TACIT_MODELS": str(tmp_path / "models")}
    ended = subprocess.run([sys.executable, "-I", "-c", code], env=environment, timeout=60, check=False)
    assert ended.returncode == 0
    assert program.told.read_text() == "PermissionError"
    assert not _is_reached(listener)
