"""Starting the window where there is no display."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.running import ROOT, Home


@pytest.mark.skipif(sys.platform != "linux", reason="on Linux a display can be missing")
def test_without_a_display_it_says_so_in_two_sentences(tmp_path: Path) -> None:
    home = Home(tmp_path)
    environment = {k: v for k, v in home.environment.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    environment["QT_QPA_PLATFORM"] = "xcb"
    ended = subprocess.run(home.command(), cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert ended.stderr.strip() == (
        "tacit: There is no display to open the window on. Nothing was changed; the commands work without one."
    )


def test_a_folder_called_app_where_the_person_is_is_not_run(tmp_path: Path) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "__init__.py").touch()
    (tmp_path / "app" / "__main__.py").write_text("print('HIJACKED')")
    from app import launcher

    command = launcher.window_command(["--vault", str(tmp_path / "vault")])
    assert "-I" in command
    ended = subprocess.run(
        [*command[:4], "--version"], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
    )
    assert ended.returncode == 0
    assert "HIJACKED" not in ended.stdout
