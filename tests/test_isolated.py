"""Tacit runs no code that the environment or the current folder holds, by whichever way it is started."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.core.own_program import own_command
from tests.running import ROOT, Home

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="as started on POSIX")
_COMMAND = Path(sys.executable).with_name("tacit")
_PLANTED = ("msgspec", "click", "psutil", "usercustomize", "sitecustomize", "platformdirs", "cryptography")
# As pip makes the command: without -I. The current folder is not on its path, but what PYTHONPATH names is.
_AS_INSTALLED = [sys.executable, "-c", "import sys; sys.argv[0] = 'tacit'; from app.__main__ import start; start()"]
_WAYS = {
    "tacit": [str(_COMMAND)], "a child of ours": own_command(), "as pip installs it": _AS_INSTALLED,
    "python -m app": [sys.executable, "-m", "app"],
}  # fmt: skip


@pytest.fixture
def evil(tmp_path: Path) -> Path:
    """A folder with modules of the names of ours and of our libraries; each leaves a mark when it is run."""
    folder = tmp_path / "evil"
    folder.mkdir()
    code = f"open({str(tmp_path / 'mark')!r}, 'a').write(__name__ + chr(10))\n"
    for name in _PLANTED:
        (folder / f"{name}.py").write_text(code)
    (folder / "startup.py").write_text(code)
    (folder / "app").mkdir()
    (folder / "app" / "__init__.py").write_text(code)
    return folder


def run(way: str, home: Home, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = home.environment | variables
    return subprocess.run(
        [*_WAYS[way], "list"], cwd=folder, env=environment, capture_output=True, text=True, check=False,
        stdin=subprocess.DEVNULL, timeout=60,
    )  # fmt: skip


@pytest.mark.parametrize("way", ["tacit", "a child of ours"])
@pytest.mark.parametrize(
    "variable", ["", "PYTHONPATH", "PYTHONSTARTUP", "PYTHONHOME", "PYTHONINSPECT", "PYTHONUSERBASE", "PYTHONPLATLIBDIR"]
)
def test_nothing_of_the_environment_or_the_current_folder_is_run(
    way: str, variable: str, evil: Path, tmp_path: Path
) -> None:
    if way == "tacit" and not _COMMAND.read_text().splitlines()[0].endswith(" -I"):
        pytest.skip("this environment's command was not made by packaging/set-up.sh")
    home = Home(tmp_path / "home")
    home.command("list")  # makes the vault
    value = {"PYTHONSTARTUP": str(evil / "startup.py"), "PYTHONINSPECT": "1"}.get(variable, str(evil))
    if variable == "PYTHONUSERBASE":
        site = evil / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"
        site.mkdir(parents=True)
        (site / "usercustomize.py").write_text((evil / "usercustomize.py").read_text())
    ended = run(way, home, evil, **({variable: value} if variable else {}))
    assert ended.returncode == 0, ended.stderr
    assert not (tmp_path / "mark").exists(), (tmp_path / "mark").read_text()


@pytest.mark.parametrize("way", ["as pip installs it", "python -m app"])
def test_a_start_that_is_not_isolated_becomes_one_before_libraries_are_loaded(
    way: str, evil: Path, tmp_path: Path
) -> None:
    home = Home(tmp_path / "home")
    home.command("list")
    for name in ("usercustomize", "sitecustomize"):  # Python itself runs these before any of our lines
        (evil / f"{name}.py").unlink()
    (evil / "app" / "__init__.py").unlink()
    (evil / "app").rmdir()
    ended = run(way, home, ROOT, PYTHONPATH=str(evil))
    assert ended.returncode == 0, ended.stderr
    assert not (tmp_path / "mark").exists(), (tmp_path / "mark").read_text()


def test_the_marks_are_left_where_python_is_not_isolated(evil: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import msgspec, app"]
    subprocess.run(command, cwd=evil, env={**os.environ, "PYTHONPATH": str(evil)}, check=True)
    assert {"msgspec", "app"} <= set((tmp_path / "mark").read_text().split())
