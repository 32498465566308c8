"""A disk that is full or read-only at any moment: an error in words, nothing lost, and later it goes on."""

import os
import random
import shutil
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from app.core.errors import AssistantError
from tests.cli.test_full_and_stopped import mounted
from tests.services.confirmed_work import Ledger, Told
from tests.services.killed import WAYS, Worker

pytestmark = pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="mounting needs root")

_TRIES = 20
NOBODY = 65_534
CLOSED = ("migrating", "restoring", "changing the passphrase")
ROOM = 900  # KiB; there is always enough for everything with this much


@pytest.fixture
def home() -> Iterator[Path]:
    """A small disk, in a place that anybody may reach."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        with mounted(Path(folder) / "disk", "16m") as disk:
            yield disk


class Disk:
    """Takes the room or the right to write away, and gives it back."""

    def __init__(self, home: Path, chance: random.Random) -> None:
        self._home, self._chance = home, chance
        self.undo: Callable[[], None] = lambda: None

    def fill(self, way: str) -> None:
        """Leave a little room: from none to all that is needed."""
        ballast, left = self._home / "ballast", int(2 ** self._chance.uniform(0, 10))
        free = shutil.disk_usage(self._home).free // 1024
        with suppress(OSError), ballast.open("wb", buffering=0) as file:
            for _ in range(max(0, free - left)):
                file.write(bytes(1024))
        self.undo = lambda: ballast.unlink(missing_ok=True)

    def forbid(self, way: str) -> None:
        """Mount it read-only; where files are open for writing, take the right to make any from the person."""
        if way in CLOSED:
            self._mount("ro")
            self.undo = lambda: self._mount("rw")
            return
        paths = [path for path in self._home.rglob("*") if not path.name.endswith("-shm")]
        modes = {path: path.stat().st_mode & 0o777 for path in [self._home, *paths]}
        for path in modes:
            path.chmod(0o555 if path.is_dir() else 0o444)
        os.seteuid(NOBODY)

        def allow() -> None:
            os.seteuid(0)
            for path, mode in modes.items():
                with suppress(FileNotFoundError):
                    path.chmod(mode)

        self.undo = allow

    def _mount(self, how: str) -> None:
        command = ["mount", "-o", f"remount,{how}", str(self._home)]
        for _ in range(_TRIES):  # a process that ended lets its files go a moment later
            if subprocess.run(command, check=False, capture_output=True).returncode == 0:
                return
            time.sleep(0.1)
        subprocess.run(command, check=True)


class Watched(Worker):
    """Works once in this process; the disk changes at one of the moments at which something is told."""

    def __init__(self, ledger: Ledger, seed: int) -> None:
        passphrases = [truth.passphrase for truth in ledger.backups]
        super().__init__(ledger.home, seed, ledger.truth.passphrase, passphrases)
        self._ledger = ledger
        self.told = Told()
        self.is_reached = False
        self.at: tuple[str, int, Callable[[str], None]] = ("", 0, lambda _: None)

    def once(self, way: str) -> None:
        """Do it once."""
        if way not in CLOSED:
            self._make_ready()
        getattr(self, "_" + way.replace(" ", "_"))()

    def close(self) -> None:
        """Close the vault, whatever the disk says to that."""
        self._close()

    def _tell(self, what: str, **facts: Any) -> None:
        self._ledger.take(self.told, what, self._doing, facts)
        way, left, change = self.at
        if self._doing == way and not self.is_reached:
            if left:
                self.at = (way, left - 1, change)
            elif what != "DONE":
                self.is_reached = True
                change(way)


def points(home: Path, count: int) -> Counter[tuple[str, str, str]]:
    """Meet a full or forbidden disk so many times; what became of each way of working."""
    chance, ledger = random.Random(20261121), Ledger(home)
    seen: Counter[tuple[str, str, str]] = Counter()
    seed = 0
    while sum(seen.values()) < count:
        seed += 1
        way, is_full = WAYS[seed % len(WAYS)], bool(seed % 3)
        disk, worker = Disk(home, chance), Watched(ledger, seed)
        worker.at = (way, chance.choice((0, 0, 1, 2)), disk.fill if is_full else disk.forbid)
        result = "done"
        try:
            try:
                worker.once(way)
            except AssistantError as error:
                result = told(error) if worker.is_reached else "refused too early"
                if worker._session is not None:
                    assert worker._session.library.calls() is not None, "what is there can be read"
            worker.close()
        finally:
            disk.undo()
        assert result in ("done", "NotEnoughSpace", "VaultUnwritable", "VaultError"), result
        if worker.is_reached:
            seen["full" if is_full else "read-only", way, result] += 1
        ledger.look(worker.told, looks_twice=bool(seed % 2))
        again = Watched(ledger, -seed)
        again.once(way)
        again.close()
        ledger.look(again.told, looks_twice=False)
        for left in home.glob("*.wav"):
            left.unlink()
    for disk_is in ("full", "read-only"):
        all_of = {(way, what): n for (kind, way, what), n in sorted(seen.items()) if kind == disk_is}
        print(f"{disk_is}: {sum(all_of.values())} points: " + ", ".join(f"{w} {r} {n}" for (w, r), n in all_of.items()))
    return seen


def told(error: AssistantError) -> str:
    """Its kind, if it says in two sentences what happened to the disk, and what is safe or to be done."""
    sentences = (error.title, error.advice)
    is_clear = all(sentence.endswith(".") for sentence in sentences)
    is_on_disk = any(word in " ".join(sentences) for word in ("disk", "room", "writ"))
    return type(error).__name__ if is_clear and is_on_disk else f"unclear: {error}"


def test_twenty_points(home: Path) -> None:
    seen = points(home, 22)
    assert any(result != "done" for _, _, result in seen)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_two_hundred_points(home: Path) -> None:
    seen = points(home, 200)
    for disk_is in ("full", "read-only"):
        refused = {way for kind, way, result in seen if kind == disk_is and result != "done"}
        assert len(refused) >= 6, refused
