"""Words that occur nowhere else, and the search for them: in files, their names, and the list of processes."""

import base64
import os
import random
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

import psutil

COUNT = 200
_LETTERS = "bcdfghjklmnpqrstvwz"


class Markers:
    """Two hundred words, each taken once, for one kind of content."""

    def __init__(self, seed: int = 11) -> None:
        chance = random.Random(seed)
        self.words = ["".join(chance.choices(_LETTERS, k=12)) for _ in range(COUNT)]
        self.kinds: dict[str, str] = {}

    def take(self, kind: str) -> str:
        """A word that is planted in this kind of content."""
        word = self.words[len(self.kinds)]
        self.kinds[word] = kind
        return word

    def rest(self, kind: str) -> list[str]:
        """All that are left."""
        return [self.take(f"{kind} {n}") for n in range(COUNT - len(self.kinds))]

    def found_in(self, content: bytes) -> list[str]:
        """The kinds whose word stands in these bytes, however it is spelled."""
        lowered = content.lower()
        return [
            kind for word, kind in self.kinds.items()
            if any(form in lowered for form in _plain(word)) or any(form in content for form in _coded(word))
        ]  # fmt: skip

    def found_below(self, folder: Path) -> list[str]:
        """The kinds whose word stands in a file or in a name below a folder, each with where."""
        found = []
        for path in sorted(folder.rglob("*")):
            name = os.fsencode(path.relative_to(folder))
            content = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
            found += [f"{kind}: the name of a {path.suffix} file" for kind in self.found_in(name)]
            found += [f"{kind}: in a {path.suffix} file" for kind in self.found_in(content)]
        return found


def _plain(word: str) -> Iterable[bytes]:
    yield word.encode()
    yield word.encode("utf-16-le")
    yield word.encode("utf-16-be")
    yield word.encode().hex().encode()


def _coded(word: str) -> Iterable[bytes]:
    """In Base64 at each of its three alignments, without the characters that neighbours share."""
    for before in range(3):
        coded = base64.b64encode(bytes(before) + word.encode())
        yield coded[(before * 8 + 5) // 6 : (before + len(word)) * 8 // 6]


class Onlooker:
    """Reads names, arguments and environments of all processes below this one, as another user's program could."""

    def __init__(self) -> None:
        self.seen: set[bytes] = set()
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> "Onlooker":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()

    def _look(self) -> None:
        this = psutil.Process()
        while not self._is_over.wait(0.02):
            for child in this.children(recursive=True):
                self.seen.update(_shown(child.pid))


def _shown(pid: int) -> Iterator[bytes]:
    """What is shown of a process of the product that has come as far as its filter; the words go before that."""
    place = Path("/proc", str(pid))
    try:
        if b"Seccomp:\t2" in (place / "status").read_bytes():
            yield from ((place / name).read_bytes() for name in ("cmdline", "comm", "environ"))
    except OSError:
        return  # it has ended, or shows nothing
