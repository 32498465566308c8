"""Which Pythons the set-up takes, and what it says where none fits."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the script is for Linux; uv chooses on other systems")


def fake_python(folder: Path, name: str, answer: str) -> None:
    """A command that answers any question for its version with this; nothing is a Python without venv."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{f'echo {answer}' if answer else 'exit 1'}\n")
    path.chmod(0o755)


def found(folder: Path, *, asked: str = "", script: str = "find-pythons.sh") -> subprocess.CompletedProcess[str]:
    """What the script says on a computer that has the Pythons of this folder."""
    environment = os.environ | {"PATH": f"{folder}:/usr/bin:/bin", "HOME": str(folder), "PYTHON": asked}
    command = ["bash", str(ROOT / "packaging" / script)]
    return subprocess.run(command, env=environment, text=True, capture_output=True, check=False)


def test_one_of_each_version_is_named_and_the_systems_own_first(tmp_path: Path) -> None:
    for name, version in {"python3": "3.12", "python3.13": "3.13", "python3.12": "3.12", "python3.11": ""}.items():
        fake_python(tmp_path, name, version)
    assert found(tmp_path).stdout.split() == [str(tmp_path / "python3"), str(tmp_path / "python3.13")]


@pytest.mark.parametrize("version", ["3.10", "3.14", "2.7", ""])
def test_a_python_outside_the_range_is_refused_in_a_sentence(tmp_path: Path, version: str) -> None:
    fake_python(tmp_path, "python3.9", version)
    refused = found(tmp_path, asked="python3.9")
    there = f"Python {version}" if version else "python3.9, which has no venv module or does not start"
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == f"set-up: Python 3.11, 3.12 or 3.13 is needed, with its venv module; found: {there}.\n"


def test_a_python_that_is_not_there_is_refused_in_a_sentence(tmp_path: Path) -> None:
    assert "found: no command python3.99." in found(tmp_path, asked="python3.99").stderr


def test_the_set_up_stops_at_the_sentence(tmp_path: Path) -> None:
    """With an environment to be made, and before anything is installed."""
    fake_python(tmp_path, "python3.10", "3.10")
    environment = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}", "PYTHON": "python3.10"}
    environment["VENV"] = "build/no-such-environment"
    command = [str(ROOT / "packaging" / "set-up.sh")]
    refused = subprocess.run(command, env=environment, text=True, capture_output=True, check=False)
    assert refused.returncode == 1
    assert refused.stderr == "set-up: Python 3.11, 3.12 or 3.13 is needed, with its venv module; found: Python 3.10.\n"


def test_the_sentence_names_the_range_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["requires-python"] == ">=3.11,<3.14"
    assert "3.11, 3.12 or 3.13" in (ROOT / "packaging" / "find-pythons.sh").read_text()
