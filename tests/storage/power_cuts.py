"""A disk that loses power: system calls are traced and replayed, with unsynced writes dropped, torn or reordered."""

import itertools
import random
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CALLS = "openat,pwrite64,write,fsync,fdatasync,ftruncate,unlink,rename,link,linkat,close,execve"
STYLES = ("all", "none", "random", "random", "torn", "reverse")
SECTOR = 512


@dataclass(frozen=True)
class Step:
    """One system call: `file` is a number that stays with a file through renames."""

    kind: str  # write, cut, sync, create, rename, link, unlink, told
    file: int = 0
    offset: int = 0
    content: bytes = b""
    path: str = ""
    target: str = ""


def traced(folder: Path, writer: str) -> list[Step]:
    """What a process that runs this script on the folder `live` asks of the disk, in order."""
    live = folder / "live"
    live.mkdir()
    trace = folder / "trace"
    command = ["strace", "-f", "-xx", "-s", "10000000", "-e", f"trace={CALLS}", "-o", str(trace)]
    subprocess.run([*command, sys.executable, "-c", writer, str(live)], check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    return _Reader(str(live)).steps(trace)


def _calls(rows: list[str]) -> Iterator[re.Match[str]]:
    """The calls of the process and its threads as they end; those of a program that it started are not its own."""
    first = rows[0].split()[0]
    others = {row.split()[0] for row in rows if " execve(" in row} - {first}
    begun: dict[str, str] = {}
    for row in rows:
        thread, _, call = row.partition(" ")
        call = call.strip()
        if thread in others:
            continue
        if call.endswith("<unfinished ...>"):
            begun[thread] = call.removesuffix("<unfinished ...>")
            continue
        if resumed := re.match(r"<\.\.\. \w+ resumed>", call):
            call = begun.pop(thread) + call[resumed.end() :]
        if match := re.match(r"(\w+)\((.*)\)\s+= (-?\d+)", call):
            yield match


class _Reader:
    """Reads strace's lines."""

    def __init__(self, live: str) -> None:
        self._live = live
        self._open: dict[int, tuple[int, str]] = {}
        self._at: dict[int, int] = {}
        self._names: dict[str, int] = {}
        self._numbers = itertools.count(1)

    def steps(self, trace: Path) -> list[Step]:
        found: list[Step] = []
        for match in _calls(trace.read_text().splitlines()):
            if int(match[3]) >= 0 and match[1] != "execve":
                found += self._step(match[1], match[2], int(match[3]))
        return found

    def _step(self, name: str, arguments: str, result: int) -> list[Step]:
        texts = [bytes.fromhex(text.replace("\\x", "")) for text in re.findall(r'"(.*?)"', arguments)]
        if name in ("openat", "rename", "unlink", "link", "linkat"):
            return self._named(name, [text.decode("utf-8", "replace") for text in texts], result, arguments)
        descriptor = int(arguments.split(",", 1)[0])
        if name == "close":
            self._open.pop(descriptor, None)
            return []
        if name == "write" and descriptor == 1:
            return [Step("told", content=texts[0])]
        if descriptor not in self._open:
            return []
        file, _ = self._open[descriptor]
        if name in ("fsync", "fdatasync"):
            return [Step("sync", file)]
        if name == "ftruncate":
            return [Step("cut", file, int(arguments.split(",")[1]))]
        if name == "pwrite64":
            return [Step("write", file, int(arguments.rsplit(",", 1)[1]), texts[0])]
        offset = self._at[descriptor]
        self._at[descriptor] += len(texts[0])
        return [Step("write", file, offset, texts[0])]

    def _named(self, name: str, paths: list[str], result: int, arguments: str) -> list[Step]:
        path = paths[0]
        if not path.startswith(self._live):
            if name == "openat":
                self._open.pop(result, None)
            return []
        if name == "unlink":
            self._names.pop(path, None)
            return [Step("unlink", path=path)]
        if name == "rename":
            self._names = renamed(self._names, path, paths[1])
            return [Step("rename", path=path, target=paths[1])]
        if name in ("link", "linkat"):
            self._names[paths[1]] = self._names[path]
            return [Step("link", path=path, target=paths[1])]
        is_new = path not in self._names
        file = self._names.get(path) or next(self._numbers)
        self._open[result], self._at[result] = (file, path), 0
        if is_new and "O_CREAT" not in arguments:  # a folder
            return []
        self._names[path] = file
        if is_new:
            return [Step("create", file, path=path)]
        return [Step("cut", file, 0)] if "O_TRUNC" in arguments else []


def renamed(names: dict[str, int], path: str, target: str) -> dict[str, int]:
    """The names after a file, or a folder with everything in it, got another name."""
    if path in names:
        return {**{name: file for name, file in names.items() if name != path}, target: names[path]}
    below = path + "/"
    return {target + name[len(path) :] if name.startswith(below) else name: file for name, file in names.items()}


@dataclass
class Disk:
    """What a disk with a journal may hold: names in order, each file's content as far as it was synced."""

    contents: dict[int, bytearray] = field(default_factory=lambda: defaultdict(bytearray))
    names: dict[str, int] = field(default_factory=dict)
    waiting: dict[int, list[Step]] = field(default_factory=lambda: defaultdict(list))
    waiting_names: list[Step] = field(default_factory=list)

    def take(self, step: Step) -> None:
        """One step as the system does it: only a sync makes anything last."""
        if step.kind in ("write", "cut"):
            self.waiting[step.file].append(step)
        elif step.kind in ("create", "rename", "link", "unlink"):
            self.waiting_names.append(step)
        elif step.kind == "sync":  # the journal lasts with any sync, content with that of its file
            for name in self.waiting_names:
                self._name(name)
            self.waiting_names = []
            for waiting in self.waiting.pop(step.file, []):
                self._content(waiting, waiting.content)

    def lose_power(self, chance: random.Random, style: str) -> None:
        """Some of what waits has reached the disk, and some has not."""
        most = len(self.waiting_names)
        for name in self.waiting_names[: most if style == "all" else 0 if style == "none" else chance.randint(0, most)]:
            self._name(name)
        steps = [step for waiting in self.waiting.values() for step in waiting]
        if style == "reverse":
            chance.shuffle(steps)
        for step in steps:
            if style == "none" or (style in ("random", "reverse") and chance.random() < 0.5):
                continue
            keep = len(step.content)
            if style == "torn":
                keep = chance.randrange(keep + 1) // SECTOR * SECTOR
            self._content(step, step.content[:keep])

    def write(self, live: str, folder: Path) -> None:
        """Put what it holds into a folder."""
        folder.mkdir()
        for path, file in self.names.items():
            if not path.endswith(("-shm", ".lock")):
                target = folder / path[len(live) + 1 :]
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(self.contents[file])

    def _name(self, step: Step) -> None:
        if step.kind == "create":
            self.names[step.path] = step.file
        elif step.kind == "unlink":
            self.names.pop(step.path, None)
        elif step.kind == "link":
            self.names[step.target] = self.names[step.path]
        else:
            self.names = renamed(self.names, step.path, step.target)

    def _content(self, step: Step, piece: bytes) -> None:
        content = self.contents[step.file]
        if step.kind == "cut":
            del content[step.offset :]
        content.extend(bytes(max(0, step.offset - len(content))))
        if step.kind == "write":
            content[step.offset : step.offset + len(piece)] = piece
