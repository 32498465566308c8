"""The parts of packaging/ as modules, and the tree of the package that was made here, if one was."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
TREE = ROOT / "build" / "package" / "tree" / "tacit"
needs_tree = pytest.mark.skipif(
    not (TREE / "_internal" / "build.json").is_file(), reason="no package was made here; `make package` makes one"
)


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
