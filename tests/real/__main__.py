"""Runs every test that needs real models, recordings or meetings, and says first what of them is missing.

TACIT_REAL=FOLDER python -m tests.real [pytest arguments...]
"""

import os
import re
import sys
from pathlib import Path

import pytest

from tests.real.fetch import MODELS
from tests.real.folder import REAL, missing

_TESTS = Path(__file__).parents[1]
_MARK = re.compile(r"mark\.real\(([^)]*)\)")
_HERE = ("recordings", "qmsum")


def main(arguments: list[str]) -> int:
    """Say what is missing, then run what can be run."""
    files = [path for path in sorted(_TESTS.rglob("test_*.py")) if "mark.real" in path.read_text("utf-8")]
    if lacking := missing(f"models/{model.name}" for model in MODELS):
        print(f"Missing: {', '.join(lacking)}. This brings them: python -m tests.real.fetch {_named()}")
    for folder in missing(_HERE):
        print(f"Missing: {folder}. It is in no package: put a folder of this name beside models, if you have one.")
    if not REAL.is_dir():
        print("TACIT_REAL names no folder, so there is nothing to run these tests on.")
        return 2
    return int(pytest.main(["-m", "real", *map(str, files), *arguments]))


def _named() -> str:
    return os.environ.get("TACIT_REAL") or "FOLDER"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
