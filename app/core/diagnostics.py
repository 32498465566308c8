"""Faults of ours, described without content: their classes and the lines of code they passed, kept in a small file."""

import json
import os
import re
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from app.core.files import write_atomically

KEPT_FAULTS = 40
"""How many faults the file holds; the oldest makes way."""
_MOST_FRAMES = 30
_LARGEST_FILE = 1 << 20  # bytes; a larger one is not ours
_PACKAGE = Path(__file__).resolve().parents[1]
_FRAME = re.compile(r"[\w.+-]+(/[\w.+-]+){0,7}:\d{1,6}", re.ASCII)
_CLASS = re.compile(r"[A-Za-z_][\w.]{0,99}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: when (ISO 8601, UTC), the version and process it arose in, its class, and its lines, innermost last.

    A line is "engines/worker/media.py:120". What the exception said is left out: it can quote a person's words.
    """

    when: str
    version: str
    process: str
    kind: str
    lines: tuple[str, ...]

    def __str__(self) -> str:
        place = " > ".join(self.lines) or "an unknown line"
        return f"{self.when}  {self.version}  {self.process}  {self.kind} at {place}"


def describe(error: BaseException) -> tuple[str, tuple[str, ...]]:
    """The class of an exception and the lines it passed, those of its causes first; nothing that it says."""
    lines: list[str] = []
    for one in _causes(error):
        if lines:
            lines.append(_cause_marker(one))
        lines += [_location(frame.f_code.co_filename, number) for frame, number in traceback.walk_tb(one.__traceback__)]
    return _class_of(error), checked_lines(tuple(lines))


def checked_lines(untrusted_lines: tuple[str, ...]) -> tuple[str, ...]:
    """The lines that are places in code or names of classes, the innermost if there are too many.

    A worker that a hostile file has taken over could send anything as its lines.
    """
    found = [line for line in untrusted_lines if _is_location(line) or _is_cause(line)]
    return tuple(found[-_MOST_FRAMES:])


def checked_class(untrusted_class: str) -> str:
    """The name of a class, or "Exception" where it is none."""
    return untrusted_class if _CLASS.fullmatch(untrusted_class) else "Exception"


def is_debugging() -> bool:
    """Whether the person has asked for full traces on stderr, exception texts included: `TACIT_DEBUG=1`."""
    return os.environ.get("TACIT_DEBUG") == "1"


def record(error: BaseException, process: str) -> None:
    """Keep an unexpected exception of this process in the file, and print its trace if asked to. Never raises."""
    if is_debugging():
        print_trace(error)
    record_lines(process, *describe(error))


def record_lines(process: str, kind: str, lines: tuple[str, ...]) -> None:
    """Keep a fault that another process has described. Never raises."""
    when = datetime.now(UTC).isoformat(timespec="seconds")
    _log.add(Fault(when, _log.version, process, checked_class(kind), checked_lines(lines)))


def print_trace(error: BaseException) -> None:
    """Print the full trace to stderr, with whatever the exception says."""
    with suppress(OSError, ValueError):
        traceback.print_exception(error, file=sys.stderr)


def keep_faults_in(path: Callable[[], Path], version: str = "") -> None:
    """Keep the faults of this process, of that version, in the file at `path()`, asked for at the first fault."""
    _log.path, _log.version = path, version


def recorded_faults() -> list[Fault]:
    """The faults in the file, oldest first."""
    return _log.read()


class _FaultLog:
    """The file of faults: bounded, written whole, readable by its owner alone."""

    def __init__(self) -> None:
        self.path: Callable[[], Path] | None = None
        self.version = ""
        self._mutex = threading.Lock()

    def add(self, fault: Fault) -> None:
        """Append a fault; a disk that refuses loses it."""
        if self.path is None:
            return
        with self._mutex, suppress(OSError):
            path = self.path()
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            kept = [*self.read(), fault][-KEPT_FAULTS:]
            write_atomically(path, json.dumps([asdict(one) for one in kept], indent=1).encode())

    def read(self) -> list[Fault]:
        """The faults; none from a file that can't be read or is not ours."""
        if self.path is None:
            return []
        with suppress(OSError, ValueError, TypeError, KeyError, RecursionError):
            path = self.path()
            if path.stat().st_size <= _LARGEST_FILE:
                return [_fault_from(entry) for entry in json.loads(path.read_bytes())]
        return []


def _fault_from(untrusted_entry: dict[str, object]) -> Fault:
    """A fault as it was kept.

    Raises:
        KeyError, TypeError, ValueError: something else was.
    """
    when, version, process, kind = (str(untrusted_entry[name]) for name in ("when", "version", "process", "kind"))
    lines = untrusted_entry["lines"]
    if not isinstance(lines, list):
        raise TypeError
    datetime.fromisoformat(when)
    return Fault(when, version[:40], process[:40], checked_class(kind), checked_lines(tuple(map(str, lines))))


def _causes(error: BaseException) -> list[BaseException]:
    """The exception and what led to it, the first cause first."""
    found: list[BaseException] = []
    one: BaseException | None = error
    while one is not None and one not in found:
        found.append(one)
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
    return found[::-1]


def _class_of(error: BaseException) -> str:
    kind = type(error)
    return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"


def _cause_marker(error: BaseException) -> str:
    return f"({type(error).__name__})"


def _is_cause(line: str) -> bool:
    return line[:1] == "(" and line[-1:] == ")" and _CLASS.fullmatch(line[1:-1]) is not None


def _is_location(line: str) -> bool:
    return len(line) <= 200 and ".." not in line and _FRAME.fullmatch(line) is not None


def _location(file: str, number: int) -> str:
    """A line of code: below our package or a library's folder, never with a path of the person's."""
    path = Path(file)
    with suppress(ValueError, OSError):
        return f"{path.resolve().relative_to(_PACKAGE).as_posix()}:{number}"
    parts = path.parts
    for folder in ("site-packages", "dist-packages"):
        if folder in parts:
            return f"{'/'.join(parts[parts.index(folder) + 1 :])}:{number}"
    return f"{path.name}:{number}" if path.suffix == ".py" else f"generated:{number}"


_log = _FaultLog()
