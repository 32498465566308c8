"""The window's own process, seen from inside: what it never imports; and a whole run on a real display."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.running import ROOT, Home

_NEVER = (
    "llama_cpp", "faster_whisper", "ctranslate2", "av", "onnxruntime", "tokenizers", "huggingface_hub",
    "app.catalog.download.http", "truststore",
)  # fmt: skip

_SESSION = """
import sys
from pathlib import Path
from app.engines.sandbox import confine, seccomp
seccomp.harden()
assert confine.confine_front_end("window") == (sys.platform == "linux")
from tests.acceptance.unfiltered import window_session
status = window_session(Path(sys.argv[1]))
print("loaded", *sorted(name for name in {never} if name in sys.modules))
sys.exit(status)
"""

_COMMAND = """
import sys
from app.__main__ import main
sys.argv = ["tacit", "import", sys.argv[1], "--json"]
status = main()
print("loaded", *sorted(name for name in {never} if name in sys.modules), file=sys.stderr)
sys.exit(status)
"""


def test_a_window_session_imports_no_engine(tmp_path: Path) -> None:
    home = Home(tmp_path)
    code = _SESSION.format(never=_NEVER)
    ended = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "person")], cwd=ROOT, env=home.environment, capture_output=True,
        text=True, timeout=200, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.splitlines()[-1].strip() == "loaded"


def test_the_command_line_imports_no_engine(tmp_path: Path) -> None:
    from app.core.resources import demo_call

    home = Home(tmp_path)
    ended = subprocess.run(
        [sys.executable, "-c", _COMMAND.format(never=_NEVER), str(demo_call())], cwd=ROOT, env=home.environment,
        capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr.splitlines()[-1].strip() == "loaded"


@pytest.mark.skipif(sys.platform != "linux", reason="Xvfb is Linux's")
def test_the_scripted_run_on_a_real_display() -> None:
    """The same run as `tests/ui/test_scripted_run.py`, under Xvfb and Qt's xcb plug-in instead of offscreen."""
    xvfb = shutil.which("xvfb-run")
    assert xvfb, "xvfb is needed: make test installs it"
    environment = os.environ | {"QT_QPA_PLATFORM": "xcb"}
    pytest_here = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/ui/test_scripted_run.py"]
    command = [xvfb, "-a", "-s", "-screen 0 1400x900x24", *pytest_here]
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=280, check=False)
    assert ended.returncode == 0, ended.stdout[-3000:]
    assert " passed" in ended.stdout
