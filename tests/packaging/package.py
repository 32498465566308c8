"""The parts of packaging/ as modules, and the tree of the package that was made here, if one was."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
_GOES_IN = ("app", "assets", "models", "packaging", ":!packaging/*.md", "requirements.lock", "pyproject.toml")


@contextmanager
def _importable(folder: Path) -> Iterator[None]:
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))


def module(name: str) -> ModuleType:
    """A module of packaging/, which is a folder of scripts and no package."""
    with _importable(ROOT / "packaging"):
        return import_module(name)


TREE: Path = module("make_package").TREE
needs_tree = pytest.mark.skipif(
    not (TREE / "_internal" / "build.json").is_file(), reason="no package was made here; `make package` makes one"
)


def differences_since(commit: str) -> str:
    """What of all that goes into a package differs here from this commit; words of git's if it knows no such commit."""
    command = ["git", "diff", "--name-only", commit, "--", *_GOES_IN]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return said.stdout + said.stderr


def tree_commit() -> str:
    """The commit that the package of this folder was made from; «-dirty» follows where it was none."""
    return str(json.loads((TREE / "_internal" / "build.json").read_text())["commit"])
