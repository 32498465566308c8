"""A terminal gets text: what a call or a reply holds does not steer it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.core.resources import demo_call
from tests.running import ROOT, Home

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are POSIX's")

STEERING = "Call\x1b]52;c;c3RvbGVu\x07 \x9b2J and on"


def on_terminal(home: Home, *arguments: str) -> str:
    """What a terminal gets of a run."""
    import pty  # which Windows has none of

    ours, its = pty.openpty()
    run = subprocess.Popen(home.command(*arguments), cwd=ROOT, env=home.environment, stdin=its, stdout=its, stderr=its)
    os.close(its)
    got = b""
    try:
        while block := os.read(ours, 65536):
            got += block
    except OSError:  # Linux's word for the end
        pass
    finally:
        os.close(ours)
        assert run.wait(60) == 0
    return got.decode()


def test_steering_characters_are_shown_and_not_obeyed(tmp_path: Path) -> None:
    home = Home(tmp_path)
    call = tmp_path / f"{STEERING}.opus"
    call.write_bytes(demo_call().read_bytes())
    assert home.run("import", str(call), "--no-summary").status == 0
    seen = on_terminal(home, "list")
    assert "Call\ufffd]52;c;c3RvbGVu\ufffd \ufffd2J and on" in seen
    assert not {"\x1b", "\x07", "\x9b"} & set(seen)
    assert STEERING in home.run("list").out  # another program gets it as it is
