"""An export format is one file: the command line and the window's menu have it once it lies there."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HTML = '''"""A call as a page."""

from app.core.exports import ExportedCall

NAME, TITLE, SUFFIX, ORDER = "page", "Own page", "html", 10


def render(exported: ExportedCall) -> str:
    """The words alone."""
    return "".join(f"<p>{u.text}</p>" for u in exported.transcript.utterances)
'''
FROM_THERE = "import sys; sys.path.insert(0, sys.argv[1])\n"
NAMES = "from app.core.exports import export_formats\nprint(*(one.name for one in export_formats()))"
HELP = "from app.cli.main import run\nrun(['export', '--help'], False, None, None)"
MENU = """
from PySide6.QtWidgets import QApplication, QWidget
qt = QApplication([])
from app.ui.calls.call_header import CallHeader
from app.ui.style.theme import Theme
theme = Theme(qt)
theme.choose("light")
parent = QWidget()
class Runner:
    def run(self, command):
        pass
    def can_run(self, command):
        return True
header = CallHeader(theme, Runner(), parent)
menu = header.export_button.menu()
for action in menu.actions():
    print(action.text(), flush=True)
"""


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the program with one file more."""
    root = tmp_path_factory.mktemp("tree")
    for name in ("app", "assets"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__", "demo"))
    (root / "app" / "core" / "exports" / "page.py").write_text(HTML)
    return root


def run(program: str, at: Path) -> str:
    """What a program says that finds the package there first."""
    command = [sys.executable, "-c", FROM_THERE + program, str(at)]
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, cwd=at.parent, capture_output=True, text=True, env=environment, check=True)
    return done.stdout


def test_the_command_line_offers_it(tree: Path) -> None:
    assert "[txt|md|docx|pdf|html|srt|vtt|csv|json|page]" in "".join(run(HELP, tree).split())


def test_the_windows_menu_offers_it(tree: Path) -> None:
    assert run(MENU, tree).splitlines() == [
        "Text (.txt)", "Markdown (.md)", "Word (.docx)", "PDF (.pdf)", "Web page (.html)", "Subtitles (.srt)",
        "Web subtitles (.vtt)", "Table (.csv)", "JSON (.json)", "Own page (.html)",
        "", "Copy as text", "Copy lines without times",
    ]  # fmt: skip


def test_it_is_found_where_the_modules_are_no_files(tree: Path, tmp_path: Path) -> None:
    """In a frozen build the modules lie in an archive; a zip stands for it."""
    archive = tmp_path / "program.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        for path in (tree / "app").rglob("*.py"):
            packed.write(path, path.relative_to(tree))
    assert run(NAMES, archive).split() == "txt md docx pdf html srt vtt csv json page".split()
