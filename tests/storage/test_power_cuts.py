"""Power cuts, replayed from a trace with unsynced writes dropped, torn or reordered: nothing confirmed is lost."""

import itertools
import random
import re
import shutil
import subprocess
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from app.core.errors import AssistantError
from app.core.ids import RecordingId
from app.storage.holding import Held
from app.storage.inspecting import inspect
from app.storage.recordings import RecordingStore
from tests.conftest import opened_vault

MASTER = b"m" * 32
ROOT = Path(__file__).resolve().parents[2]
CALLS = "openat,pwrite64,write,fsync,fdatasync,ftruncate,unlink,rename,close"
STYLES = ("all", "none", "random", "random", "torn", "reverse")
SECTOR = 512
SOUND = 5_000
WRITER = f"""
import os, sys
from pathlib import Path
from app.storage.keys import sync_folder
from app.storage.layout import LOCK_NAME, MEDIA_NAME
from app.storage.lockfile import LockFile
from app.storage.media import SealedWriter
from app.storage.recordings import RecordingStore
from app.storage.vault import Vault
from tests.storage.making import line, new
folder = Path(sys.argv[1])
(folder / MEDIA_NAME).mkdir()
vault = Vault(folder, {MASTER!r}, LockFile(folder / LOCK_NAME))
vault.read().execute("PRAGMA wal_autocheckpoint=20")
store, made = RecordingStore(vault), []
os.write(1, b"BEGUN\\n")
for n in range(1, 41):
    call = new(f"Call {{n}}")
    writer = SealedWriter(store.part_path(call.id), call.media_key, 1024)
    writer.write(bytes([n]) * {SOUND})
    writer.close()
    store.part_path(call.id).replace(store.media_path(call.id))
    sync_folder(vault.media_folder)
    store.add(call)
    os.write(1, f"ADDED {{call.id}} {{n}}\\n".encode())
    store.start_over(call.id, "small")
    for piece in range(3):
        store.save_piece(call.id, 0, 10.0 * piece + 10, [line(f"line {{piece}} of {{n}}", 10.0 * piece)], "en")
        os.write(1, f"SAID {{call.id}} {{piece + 1}}\\n".encode())
    made.append(call.id)
    if n % 5 == 0:
        gone = made.pop(0)
        store.delete(gone)
        os.write(1, f"GONE {{gone}} 0\\n".encode())
os._exit(0)
"""


@dataclass(frozen=True)
class Step:
    """One system call: `file` is a number that stays with a file through renames."""

    kind: str  # write, cut, sync, create, rename, unlink, told
    file: int = 0
    offset: int = 0
    content: bytes = b""
    path: str = ""
    target: str = ""


def traced(folder: Path) -> list[Step]:
    """What a process that brings calls in asks of the disk, in order."""
    live = folder / "live"
    live.mkdir()
    trace = folder / "trace"
    command = ["strace", "-f", "-xx", "-s", "10000000", "-e", f"trace={CALLS}", "-o", str(trace)]
    subprocess.run([*command, sys.executable, "-c", WRITER, str(live)], check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    return _Reader(str(live)).steps(trace)


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
        for row in trace.read_text().splitlines():
            match = re.match(r"(?:\d+ +)?(\w+)\((.*)\)\s+= (-?\d+)", row)
            if match and int(match[3]) >= 0:
                found += self._step(match[1], match[2], int(match[3]))
        return found

    def _step(self, name: str, arguments: str, result: int) -> list[Step]:
        texts = [bytes.fromhex(text.replace("\\x", "")) for text in re.findall(r'"(.*?)"', arguments)]
        if name in ("openat", "rename", "unlink"):
            return self._named(name, [text.decode("utf-8", "replace") for text in texts], result)
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

    def _named(self, name: str, paths: list[str], result: int) -> list[Step]:
        path = paths[0]
        if not path.startswith(self._live):
            if name == "openat":
                self._open.pop(result, None)
            return []
        if name == "unlink":
            self._names.pop(path, None)
            return [Step("unlink", path=path)]
        if name == "rename":
            self._names[paths[1]] = self._names.pop(path)
            return [Step("rename", path=path, target=paths[1])]
        is_new = path not in self._names
        file = self._names.get(path) or next(self._numbers)
        self._names[path] = file
        self._open[result], self._at[result] = (file, path), 0
        return [Step("create", file, path=path)] if is_new else []


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
        elif step.kind in ("create", "rename", "unlink"):
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
        (folder / "media").mkdir(parents=True)
        for path, file in self.names.items():
            if not path.endswith(("-shm", ".lock")) and path != live and not path.endswith("/media"):
                (folder / path[len(live) + 1 :]).write_bytes(self.contents[file])

    def _name(self, step: Step) -> None:
        if step.kind == "create":
            self.names[step.path] = step.file
        elif step.kind == "unlink":
            self.names.pop(step.path, None)
        else:
            self.names[step.target] = self.names.pop(step.path)

    def _content(self, step: Step, piece: bytes) -> None:
        content = self.contents[step.file]
        if step.kind == "cut":
            del content[step.offset :]
        content.extend(bytes(max(0, step.offset - len(content))))
        if step.kind == "write":
            content[step.offset : step.offset + len(piece)] = piece


def confirmed(steps: list[Step]) -> tuple[dict[str, int], dict[str, int], set[str]]:
    """Calls that were added and their numbers, lines that each was told to hold, calls that were deleted."""
    added: dict[str, int] = {}
    said: dict[str, int] = {}
    gone: set[str] = set()
    for step in steps:
        if step.kind == "told" and step.content != b"BEGUN\n":
            what, id_, number = step.content.decode().split()
            if what == "GONE":
                gone.add(id_)
            else:
                (added if what == "ADDED" else said)[id_] = int(number)
    return added, said, gone


def outcome(folder: Path, done: list[Step], following: set[str]) -> str:
    """What became of a cut; `following` may be gone already, for their deletion was under way."""
    added, said, gone = confirmed(done)
    try:
        vault = opened_vault(folder, MASTER)
        store = RecordingStore(vault)
        store.sweep()
        there = {recording.id for recording in store.all()}
        for id_, number in added.items():
            if id_ in gone:
                if id_ in there:
                    return "deleted, and there again"
                continue
            if id_ in following and id_ not in there:
                continue
            known = RecordingId(id_)
            with store.sound(known) as reader:
                if reader.read(0, reader.size) != bytes([number]) * SOUND:
                    return "sound lost"
            lines = [utterance.text for utterance in store.transcript(known).utterances]
            if lines[: said.get(id_, 0)] != [f"line {n} of {number}" for n in range(said.get(id_, 0))]:
                return "lines lost"
        vault.close()
        return "ok" if all(finding.is_good for finding in inspect(Held(folder, MASTER))) else "not clean"
    except AssistantError as error:
        return f"not opened: {error.title}"


def cut(tmp_path: Path, cuts: int, *, has_syncs: bool = True) -> Counter[str]:
    steps = [step for step in traced(tmp_path) if has_syncs or step.kind != "sync"]
    live = str(tmp_path / "live")
    first = next(n for n, step in enumerate(steps) if step.content == b"BEGUN\n")
    told = [n for n, step in enumerate(steps) if step.kind == "told"]
    assert len(told) == 1 + 40 * 4 + 8
    chance = random.Random(20261121)
    seen: Counter[str] = Counter()
    for _ in range(cuts):
        at, style = chance.randrange(first + 1, len(steps)), chance.choice(STYLES)
        disk = Disk()
        for step in steps[:at]:
            disk.take(step)
        disk.lose_power(chance, style)
        folder = tmp_path / "after"
        disk.write(live, folder)
        coming = next((steps[n].content.decode().split() for n in told if n >= at), ["", "", ""])
        seen[outcome(folder, steps[:at], {coming[1]} if coming[0] == "GONE" else set())] += 1
        shutil.rmtree(folder)
    kinds = Counter(step.kind for step in steps[first:])
    print(f"{cuts} cuts in a trace of {kinds['write']} writes and {kinds['sync']} syncs: {dict(seen)}")
    return seen


pytestmark = pytest.mark.skipif(shutil.which("strace") is None, reason="there is no strace here to make a trace with")


def test_sixty_cuts_lose_nothing_confirmed(tmp_path: Path) -> None:
    assert cut(tmp_path, 60) == {"ok": 60}


def test_without_syncs_the_same_cuts_do_lose(tmp_path: Path) -> None:
    """Else the simulation would prove nothing."""
    assert cut(tmp_path, 20, has_syncs=False)["ok"] < 10


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_three_thousand_cuts_lose_nothing_confirmed(tmp_path: Path) -> None:
    assert cut(tmp_path, 3000) == {"ok": 3000}
