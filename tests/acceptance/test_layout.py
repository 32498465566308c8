"""No view of the window is cut off, overlaps, is clipped, pale or nameless, on any screen and at any size of text."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCREENS = ((960, 600), (1024, 640), (1366, 768), (1920, 1080))
REAL = Path(os.environ.get("TACIT_REAL", "nowhere"))
SHORT = (((1024, 640), 1, 1.0), ((1366, 768), 2, 1.0), ((960, 600), 1, 2.0), ((960, 600), 2, 1.0))
WITH_REAL_MODELS = (((1024, 640), 1, 1.0), ((1366, 768), 2, 1.5), ((1920, 1080), 1, 2.0))
_HANGS = 850  # seconds: the long walk on a computer that is busy with other things takes minutes

pytestmark = pytest.mark.timeout(900)

NO_ROOM = ((960, 600), 2, 2.0)  # 480 by 300 pixels of text at 200 %: Qt's own file dialog does not fit there
ALL = [(size, scale, text) for size in SCREENS for scale in (1, 2) for text in (1.0, 1.5, 2.0)]
ALL.remove(NO_ROOM)


def found(
    folder: Path, size: tuple[int, int], scale: int, text: float, walk: str = "layout_walk"
) -> dict[str, list[str]]:
    """The faults of each view in a process of its own, whose screen is of this size."""
    screen = {"name": "one", "x": 0, "y": 0, "width": size[0], "height": size[1], "logicalDpi": 96, "dpr": 1}
    config = folder / "screen.json"
    config.write_text(json.dumps({"screens": [screen]}))
    environment = {
        **os.environ, "QT_QPA_PLATFORM": f"offscreen:configfile={config}", "QT_SCALE_FACTOR": str(scale),
        "XDG_CONFIG_HOME": str(folder),
    }  # fmt: skip
    command = [sys.executable, "-m", f"tests.acceptance.{walk}", "--text", str(text)]
    made = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=_HANGS)
    assert made.returncode == 0, made.stderr[-3000:]
    views: dict[str, list[str]] = json.loads(made.stdout.splitlines()[-1])
    return views


def check(folder: Path, size: tuple[int, int], scale: int, text: float) -> None:
    views = found(folder, size, scale, text)
    assert len(views) > 40, "the walk saw every view"
    assert {view: wrong[:10] for view, wrong in views.items() if wrong} == {}


@pytest.mark.parametrize(("size", "scale", "text"), SHORT)
def test_every_view_is_whole(tmp_path: Path, size: tuple[int, int], scale: int, text: float) -> None:
    check(tmp_path, size, scale, text)


@pytest.mark.long
@pytest.mark.parametrize(("size", "scale", "text"), ALL)
def test_every_view_is_whole_on_every_screen(tmp_path: Path, size: tuple[int, int], scale: int, text: float) -> None:
    check(tmp_path, size, scale, text)


@pytest.mark.long
@pytest.mark.skipif(not (REAL / "recordings").is_dir(), reason="TACIT_REAL names no real models and recordings")
@pytest.mark.parametrize(("size", "scale", "text"), WITH_REAL_MODELS)
def test_a_real_call_is_whole_in_every_view(tmp_path: Path, size: tuple[int, int], scale: int, text: float) -> None:
    views = found(tmp_path, size, scale, text, "real_walk")
    assert len(views) > 20, "the walk saw every view"
    assert {view: wrong[:10] for view, wrong in views.items() if wrong} == {}
