"""The dialogs for files leave no trace of what was chosen: no history, no last folder, no recent file."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.running import ROOT, Home

_MARK = "zqfolderfox"
_DIALOGS = """
import sys
from pathlib import Path
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget
from app.ui.widgets import file_dialogs

if sys.argv[2] == "unguarded":
    file_dialogs.leave_no_history = lambda: None
app = QApplication([])
parent = QWidget()
chosen = []

def finish(name):
    dialog = next(w for w in QApplication.topLevelWidgets() if isinstance(w, QFileDialog))
    assert dialog.testOption(QFileDialog.Option.DontUseNativeDialog)
    assert not dialog.windowTitle().count("zq")
    dialog.setDirectory(sys.argv[1])
    dialog.selectFile(name)
    dialog.accept()
    app.sendPostedEvents(None, QEvent.Type.DeferredDelete)

file_dialogs.ask_what_to_import(parent, chosen.extend)
finish("zqfile.wav")
file_dialogs.ask_where_to_save(parent, "zqtitle", "txt", chosen.append)
finish("zqtitle.txt")
assert [path.name for path in chosen] == ["zqfile.wav", "zqtitle.txt"], chosen
del parent
"""


@pytest.mark.parametrize("guard", ["guarded", "unguarded"])
def test_the_dialogs_write_nothing(tmp_path: Path, guard: str) -> None:
    home = Home(tmp_path / "home")
    folder = tmp_path / _MARK
    folder.mkdir()
    (folder / "zqfile.wav").touch()
    ended = subprocess.run(
        [sys.executable, "-c", _DIALOGS, str(folder), guard], cwd=ROOT, capture_output=True, text=True, check=False,
        env=home.environment | {"QT_QPA_PLATFORM": "offscreen"}, timeout=60,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    told = [path for path in home.folder.rglob("*") if path.is_file() and b"zq" in path.read_bytes()]
    assert bool(told) is (guard == "unguarded"), told  # without the guard Qt does write it: the test can see it
