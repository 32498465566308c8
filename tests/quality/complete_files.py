"""Says of which files of the core, the keys and the catalogue a test runs every line, and fails if one lost that."""

import sys
from pathlib import Path

import coverage

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDERS = ("app/core", "app/storage/keys", "app/catalog")
INCOMPLETE = ROOT / "tests" / "quality" / "incomplete_files.txt"
"""One file a line that may miss lines yet: `path: number`. A file that isn't named here is complete."""


def allowed() -> dict[str, int]:
    """How many lines each file may miss yet."""
    lines = [line for line in INCOMPLETE.read_text().splitlines() if line and not line.startswith("#")]
    return {path: int(number) for path, number in (line.split(": ") for line in lines)}


def missing() -> dict[str, list[int]]:
    """The lines that no test ran, by file; the measurement is that of `make coverage`."""
    measured = coverage.Coverage(config_file=str(ROOT / "pyproject.toml"))
    measured.load()
    paths = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]
    return {path.relative_to(ROOT).as_posix(): measured.analysis2(str(path))[3] for path in paths}


def main() -> int:
    """Print each file; 1 if one misses more than it may."""
    may_miss, worse = allowed(), []
    found = missing()
    for path, lines in found.items():
        print(f"{path}: {'complete' if not lines else 'missing ' + ', '.join(map(str, lines))}")
        if len(lines) > may_miss.get(path, 0):
            worse.append(path)
    print(f"{sum(not lines for lines in found.values())} of {len(found)} files are complete")
    if worse:
        print("Lines are missing that must be tested: " + ", ".join(worse))
    return 1 if worse else 0


if __name__ == "__main__":
    sys.exit(main())
