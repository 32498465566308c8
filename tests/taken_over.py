"""A head as it is started, with other code in the place of its own work: as after it was taken over."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pytest

from tests.running import ROOT, Home

HEADS = pytest.mark.parametrize("head", [("list",), ("--window",)], ids=["command", "window"])

# A head as it is started, but with other code in the place of its own work: as after it was taken over.
_TAKEN_OVER = """
import json, os, sys
from pathlib import Path
sys.path.insert(0, {root!r})
told, home, given = {{}}, Path({home!r}), {given!r}
def attack(*_, **__):
    def tried(name, call):
        try:
            call()
        except BaseException as error:
            told[name] = type(error).__name__
        else:
            told[name] = "done"
    exec({attack!r}, {{"tried": tried, "home": home, "given": given, "told": told, "Path": Path}})
    sys.__stdout__.write(json.dumps(told))
    sys.__stdout__.flush()
    os._exit(0)
from app import __main__
import app.cli.main
app.cli.main.run = attack
sys.argv = ["tacit", *{arguments!r}]
if sys.argv[1] == "--window":
    import types
    sys.modules["app.ui.main_window"] = types.SimpleNamespace(run=attack)
    import app.ui
    app.ui.main_window = sys.modules["app.ui.main_window"]
__main__.main()
"""


def attacked(
    home: Home,
    code: str,
    *arguments: str,
    given: str = "",
    environment: Mapping[str, str] = MappingProxyType({}),
    within: tuple[str, ...] = (),
) -> dict[str, str]:
    """Run code in a head that has put its walls up; how each of its tries ended."""
    whole = _TAKEN_OVER.format(
        root=str(ROOT), home=str(home.folder), given=given, attack=code, arguments=list(arguments)
    )
    ended = subprocess.run(
        [*within, sys.executable, "-I", "-c", whole], env=home.environment | dict(environment), capture_output=True,
        text=True, check=False, timeout=60, cwd=home.folder,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr[-2000:]
    found: dict[str, str] = json.loads(ended.stdout)
    return found


@pytest.fixture(name="home")
def home_of_a_person(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    for folder in ("documents", "program/site-packages", ".config/autostart", ".local/share/dbus-1/services"):
        (made.folder / folder).mkdir(parents=True, exist_ok=True)
    (made.folder / ".bashrc").write_text("alias ll='ls -l'\n")
    return made
