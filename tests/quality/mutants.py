"""Changes code in ways that a person would notice, and says which changes no test catches."""

import argparse
import ast
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
BUILD = ROOT / "build" / "mutants"
ABREAST = 2
MOST_SECONDS = 180.0
"""A change that makes a loop endless is caught by this."""
PARTS = ("README.md", "tests", "models", "assets", "docs", "pyproject.toml")


@dataclass(frozen=True)
class Mutant:
    """One change: in a file below `app/core`, the code that is there once, and what replaces it."""

    file: str
    before: str
    after: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line or ''} {self.before.strip()!r} -> {self.after.strip()!r}"


# What decides what a person sees, a little less and a little more of it. Found by its text, wherever it is in the core.
THRESHOLDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("\nPAUSE = 0.8", ("\nPAUSE = 0.7", "\nPAUSE = 0.9")),
    ("SENTENCE_PAUSE = 0.15", ("SENTENCE_PAUSE = 0.1", "SENTENCE_PAUSE = 0.2")),
    ("LONGEST = 220", ("LONGEST = 200", "LONGEST = 240")),
    ("LONGEST_PAUSE = 2.0", ("LONGEST_PAUSE = 1.9", "LONGEST_PAUSE = 2.1")),
    ("gap >= (LONGEST_PAUSE if", ("gap > (LONGEST_PAUSE if",)),
    ("_CONFIRMED = 0.36", ("_CONFIRMED = 0.3", "_CONFIRMED = 0.42")),
    ("_PRIOR = 0.5", ("_PRIOR = 0.3", "_PRIOR = 0.6")),
    ("_SWAPPED = 0.2", ("_SWAPPED = 0.1", "_SWAPPED = 0.3")),
    ("_AS_WELL = 0.8", ("_AS_WELL = 0.7", "_AS_WELL = 0.9")),
    ("_SHORT_ANSWER = 12", ("_SHORT_ANSWER = 11", "_SHORT_ANSWER = 13")),
    ("< min(2, len(asked.weights))", ("< min(1, len(asked.weights))",)),
    ("_SAME_POINT = 3 / 4", ("_SAME_POINT = 0.7", "_SAME_POINT = 0.8")),
    ("< _SAME_POINT", ("<= _SAME_POINT",)),
    ("_NEAR = 1.0", ("_NEAR = 0.9", "_NEAR = 1.1")),
    ("_LEAST_PAUSE = 0.12", ("_LEAST_PAUSE = 0.1", "_LEAST_PAUSE = 0.14")),
    ("_PARTED = 2", ("_PARTED = 1", "_PARTED = 3")),
    ("_DOUBTFUL = 0.5", ("_DOUBTFUL = 0.45", "_DOUBTFUL = 0.55")),
    ("_LEAST_SILENCE = 1.0", ("_LEAST_SILENCE = 0.9", "_LEAST_SILENCE = 1.1")),
    ("_OF_SPEECH, _LEAST_NOISE = 2.0, 0.1, 2", ("_OF_SPEECH, _LEAST_NOISE = 2.0, 0.2, 2",)),
    ("_SHORTEST = 0.6", ("_SHORTEST = 0.5", "_SHORTEST = 0.7")),
    ("SILENT_LEVEL = -60.0", ("SILENT_LEVEL = -55.0", "SILENT_LEVEL = -65.0")),
    ("LEAKAGE_GAP = 35.0", ("LEAKAGE_GAP = 32.0", "LEAKAGE_GAP = 38.0")),
    (
        "TWO_SIDED_CORRELATION = 0.35",
        ("TWO_SIDED_CORRELATION = 0.3", "TWO_SIDED_CORRELATION = 0.4"),
    ),
    ("_MIN_CONTENT_LENGTH = 4", ("_MIN_CONTENT_LENGTH = 3", "_MIN_CONTENT_LENGTH = 5")),
    ("_NOUN_PREFIX = 5", ("_NOUN_PREFIX = 4", "_NOUN_PREFIX = 6")),
    ("_RUN_WORDS = 8", ("_RUN_WORDS = 7", "_RUN_WORDS = 9")),
    ("_LEAST_TURNS = 4", ("_LEAST_TURNS = 3", "_LEAST_TURNS = 5")),
    ("_LEAST_LENGTH = 160", ("_LEAST_LENGTH = 140", "_LEAST_LENGTH = 180")),
    ("_LEAST_COUNTED = 400", ("_LEAST_COUNTED = 350", "_LEAST_COUNTED = 450")),
    ("_LEAST_WITHOUT_LETTERS = 400", ("_LEAST_WITHOUT_LETTERS = 350", "_LEAST_WITHOUT_LETTERS = 450")),
    ("_REPLY_SHARE = 0.15", ("_REPLY_SHARE = 0.1", "_REPLY_SHARE = 0.2")),
    ("_HEADROOM_SHARE = 0.15", ("_HEADROOM_SHARE = 0.1", "_HEADROOM_SHARE = 0.2")),
    ("_MIN_HEADROOM = 512 *", ("_MIN_HEADROOM = 448 *", "_MIN_HEADROOM = 576 *")),
    ("_MIN_CONTEXT = 1024", ("_MIN_CONTEXT = 1023", "_MIN_CONTEXT = 1025")),
    ("_SHARE_OF_SUMS = 0.62", ("_SHARE_OF_SUMS = 0.6", "_SHARE_OF_SUMS = 0.64")),
)


def thresholds() -> list[Mutant]:
    """The named changes.

    Raises:
        SystemExit: one of them is not there exactly once; then it has moved, and the list must follow.
    """
    texts = {path: path.read_text() for path in sources()}
    found = []
    for before, changes in THRESHOLDS:
        holders = [(path, text) for path, text in texts.items() for _ in range(text.count(before))]
        if len(holders) != 1:
            raise SystemExit(f"{before.strip()!r} is {len(holders)} times in app/core: correct the list in {__file__}")
        ((path, text),) = holders
        line = text[: text.index(before) + 1].count("\n") + 1
        found += [Mutant(path.relative_to(ROOT).as_posix(), before, after, line) for after in changes]
    return found


def sources() -> list[Path]:
    """The files of the core."""
    return sorted((ROOT / "app" / "core").rglob("*.py"))


_COMPARED = {"Lt": "<=", "LtE": "<", "Gt": ">=", "GtE": ">", "Eq": "!=", "NotEq": "==", "In": "not in", "NotIn": "in"}
_SIGNS = {"Add": "-", "Sub": "+", "Mult": "/", "Div": "*", "FloorDiv": "*"}


def of_every_kind() -> Iterator[Mutant]:
    """Every change of a comparison, an operator, a truth value or a number in the core, one at a time."""
    for path in sources():
        text = path.read_text()
        for node in ast.walk(ast.parse(text)):
            changed = _changed(node)
            before = ast.get_source_segment(text, node) if changed else None
            if changed and before and text.count(before) == 1:
                yield Mutant(path.relative_to(ROOT).as_posix(), before, f"({changed})", getattr(node, "lineno", 0))


def _changed(node: ast.AST) -> str:
    """The source of a changed node, or nothing if it isn't of a kind that is changed."""
    match node:
        case ast.Compare(left=left, ops=[operator], comparators=[right]) if type(operator).__name__ in _COMPARED:
            return f"{ast.unparse(left)} {_COMPARED[type(operator).__name__]} {ast.unparse(right)}"
        case ast.BoolOp(op=operator, values=values):
            word = " or " if isinstance(operator, ast.And) else " and "
            return word.join(f"({ast.unparse(value)})" for value in values)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return ast.unparse(operand)
        case ast.BinOp(left=left, op=operator, right=right) if type(operator).__name__ in _SIGNS:
            return f"({ast.unparse(left)}) {_SIGNS[type(operator).__name__]} ({ast.unparse(right)})"
        case _:
            return ""


def is_caught(mutant: Mutant, tree: Path) -> bool:
    """Whether a test of the core fails with this change, in a copy of the repository."""
    path = tree / mutant.file
    good = path.read_text()
    path.write_text(good.replace(mutant.before, mutant.after, 1))
    command = [sys.executable, "-B", "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "tests/core"]
    try:
        ended = subprocess.run(command, cwd=tree, capture_output=True, timeout=MOST_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return True
    finally:
        path.write_text(good)
    return ended.returncode != 0


def copied_tree(number: int) -> Path:
    """A copy of what the tests of the core need, in which code may be changed."""
    tree = BUILD / str(number)
    shutil.rmtree(tree, ignore_errors=True)
    unneeded = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "app", tree / "app", ignore=unneeded)
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, tree / part, ignore=unneeded)
        else:
            shutil.copy(source, tree / part)
    return tree


def lived(mutants: list[Mutant]) -> list[Mutant]:
    """Those that no test catches; the tests of the code as it is must pass."""
    trees = [copied_tree(number) for number in range(ABREAST)]
    if is_caught(Mutant("app/core/__init__.py", "", ""), trees[0]):
        raise SystemExit("the tests of the core fail without any change: mend them first")

    def living(number: int) -> list[Mutant]:
        found = []
        for mutant in mutants[number::ABREAST]:
            caught = is_caught(mutant, trees[number])
            print("caught" if caught else "LIVES ", mutant, flush=True)
            found += [] if caught else [mutant]
        return found

    with ThreadPoolExecutor(ABREAST) as pool:
        return [mutant for found in pool.map(living, range(ABREAST)) for mutant in found]


def main() -> int:
    """Try the thresholds, or a sample of every kind of change; 1 if a threshold's change lives."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, default=0, help="so many changes of every kind instead, for a figure")
    wanted = parser.parse_args().sample
    if wanted:
        every = list(of_every_kind())
        mutants = random.Random(1).sample(every, min(wanted, len(every)))
    else:
        mutants = thresholds()
    alive = lived(mutants)
    print(f"{len(mutants) - len(alive)} of {len(mutants)} changes are caught")
    return 1 if alive and not wanted else 0


if __name__ == "__main__":
    sys.exit(main())
