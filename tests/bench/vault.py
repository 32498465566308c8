"""Unlocking, opening, searching, reading and saving in a large vault, beside plain SQLite; and seeking in sealed sound.

python -m tests.bench.vault [RUNS]

The plain database is made and used by the same code, with the same binary, pragmas and words, without a key. Each
measurement of one is followed by the same of the other, in changing order; a ratio is the median of those pairs.
"""

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.services.calls.library import Library
from app.services.calls.search import Search
from app.services.vault.key_slots import KeySlots
from app.storage.files.sealed_file import SealedReader, SealedWriter
from app.storage.tables.calls import CallStore
from app.storage.vault import Vault
from tests.bench.large_vault import (
    CALLS,
    CONVERSATIONS,
    LINES,
    MESSAGES,
    Contents,
    Language,
    filled,
    without_encryption,
)
from tests.conftest import opened_vault
from tests.doubles.keychains import Memory, keychain_on
from tests.running import PASSPHRASE, ROOT, Home

RUNS = 200
MOST_UNLOCK, MOST_KEYCHAIN, MOST_OPEN, MOST_SEARCH, MOST_SEEK = 1.0, 0.1, 0.3, 0.05, 0.02  # seconds
MOST_READ_RATIO, MOST_SAVE_RATIO = 1.3, 1.6
_HOURS, _A_SECOND = 3, 2 * 2 * 16_000  # of stereo sound of 16 bits and 16 kHz, the largest that a call is likely to be
_SEEKS, _TRIES = 500, 3
_SAVED_TO = 5  # calls; a call is heard to its end before the next one


@dataclass(frozen=True)
class Figure:
    """One measurement and its bar; without a bar it is there to be read."""

    name: str
    value: float
    most: float | None
    unit: str  # s, ms or x
    note: str = ""

    @property
    def is_good(self) -> bool:
        """Whether it keeps its bar."""
        return self.most is None or self.value <= self.most

    def __str__(self) -> str:
        shown, bar = _written(self.value, self.unit), "" if self.most is None else _written(self.most, self.unit)
        verdict = "" if self.most is None else "ok" if self.is_good else "MISSED"
        return f"{self.name:<52} {bar:>9} {shown:>9}  {verdict:<7} {self.note}".rstrip()


def _written(value: float, unit: str) -> str:
    return {"s": f"{value:.3f} s", "ms": f"{value * 1000:.1f} ms", "x": f"{value:.2f}"}[unit]


@dataclass(frozen=True)
class Side:
    """One of the two vaults, and what the window uses it by."""

    vault: Vault
    contents: Contents

    @property
    def store(self) -> CallStore:
        """Its recordings."""
        return CallStore(self.vault)

    @property
    def library(self) -> Library:
        """Its calls, as the window asks for them."""
        return Library(self.store, lambda _: None)


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def share(seconds: Sequence[float], part: float) -> float:
    """The value that `part` of them don't exceed."""
    ordered = sorted(seconds)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def _paired(sides: Sequence[Side], works: Sequence[Callable[[Side], object]]) -> tuple[list[float], list[float]]:
    """Seconds of each piece of work on either side, one right after the other."""
    taken: tuple[list[float], list[float]] = ([], [])
    for n, work in enumerate(works):
        for which in (0, 1) if n % 2 else (1, 0):
            taken[which].append(_timed(lambda: work(sides[which])))  # noqa: B023 - called here and now
    return taken


def _compared(name: str, most: float | None, taken: tuple[list[float], list[float]]) -> Figure:
    ratio = statistics.median(ours / plain for ours, plain in zip(*taken, strict=True))
    ours, plain = (statistics.median(one) * 1000 for one in taken)
    return Figure(name, ratio, most, "x", f"{ours:.2f} ms beside {plain:.2f} ms")


# --- Opening ------------------------------------------------------------------------------------


def unlocking(folder: Path, how: str, given: str, home: Home, runs: int) -> list[tuple[float, float, float]]:
    """Of each fresh process: seconds until the key was known, from then on, and of the first list of calls."""
    found = []
    environment = home.environment
    del environment["PYTHONDONTWRITEBYTECODE"]
    for _ in range(runs + 1):  # the first warms bytecode and the disk's cache
        ended = subprocess.run(
            [sys.executable, "-m", "tests.bench.vault_probe", str(folder), how], input=given + "\n", text=True,
            env=environment, cwd=ROOT, capture_output=True, check=True,
        )  # fmt: skip
        known, after, listing, calls = (float(part) for part in ended.stdout.split())
        if not calls:
            raise RuntimeError("the vault was empty")
        found.append((known, after, listing))
    return found[1:]


def opening_figures(folder: Path, recovery_key: str, home: Home, runs: int) -> list[Figure]:
    """Unlocking by passphrase at the default cost, by keychain and by recovery key; opening once the key is known."""
    keychain = Memory()
    KeySlots(folder, keychain_on(keychain)).turn_keychain_on(PASSPHRASE)
    kept = json.dumps([[*name, secret] for name, secret in keychain.kept.items()])
    given = (("typed", PASSPHRASE), ("keychain", kept), ("typed", recovery_key))
    slow, quick, bare = (unlocking(folder, how, what, home, runs) for how, what in given)
    after = [one[1] for one in slow + bare]
    whole, prepared, unprepared = ([one[0] + one[1] for one in found] for found in (slow, quick, bare))
    return [
        Figure("unlock with the default cost", statistics.median(whole), MOST_UNLOCK, "s", _slowest(whole)),
        # Without the time that the system's own service takes to answer.
        Figure(
            "unlock from the keychain, in a window", statistics.median(prepared), MOST_KEYCHAIN, "s", _slowest(prepared)
        ),
        Figure(
            "  by the recovery key, in a command", statistics.median(unprepared), None, "s", "with all that is loaded"
        ),
        Figure("open, after the key is known", statistics.median(after), MOST_OPEN, "s", _slowest(after)),
        Figure("  the first list of calls after that", statistics.median(one[2] for one in slow + bare), None, "s"),
    ]


def _slowest(seconds: Sequence[float]) -> str:
    return f"slowest of {len(seconds)}: {max(seconds):.3f} s"


# --- Reading and saving, side by side -------------------------------------------------------------


def queries(contents: Contents, count: int) -> list[str]:
    """What people type: one to three words from rare to those in half of all lines, beginnings, phrases, nothing."""
    chance, words = random.Random(2), contents.words
    kinds: list[Callable[[], str]] = [
        lambda: words[chance.randrange(12)],
        lambda: words[chance.randrange(30, 500)],
        lambda: words[chance.randrange(1000, len(words))],
        lambda: words[chance.randrange(30)] + " " + words[chance.randrange(200)],
        lambda: " ".join(words[chance.randrange(2000)] for _ in range(2)),
        lambda: " ".join(words[chance.randrange(60)] for _ in range(3)),
        lambda: " ".join(chance.choice(contents.lines).rstrip(".").split()[:3]),
        lambda: words[chance.randrange(1000)][: chance.choice((1, 2, 3))],
        lambda: "qq" + words[chance.randrange(1000)],
    ]
    return [kinds[n % len(kinds)]() for n in range(count)]


def reading_figures(sides: Sequence[Side], runs: int) -> list[Figure]:
    """Search, the list of calls and opening one call."""
    chance = random.Random(4)
    asked = queries(sides[0].contents, runs)
    for query in asked:
        hits = [[hit.text for hit in Search(side.store).search(query)] for side in sides]
        if hits[0] != hits[1]:
            raise RuntimeError("the two databases do not hold the same")
    searched = _paired(sides, [lambda side, q=query: Search(side.store).search(q) for query in asked])  # type: ignore[misc]
    listed = _paired(sides, [lambda side: side.library.calls()] * runs)
    numbers = [chance.randrange(len(sides[0].contents.calls)) for _ in range(runs)]
    opened = _paired(sides, [lambda side, n=number: open_call(side, n) for number in numbers])  # type: ignore[misc]
    return [
        Figure("a search, 95th percentile", share(searched[0], 0.95), MOST_SEARCH, "ms",
               f"of {len(asked)}; median {statistics.median(searched[0]) * 1000:.1f} ms, "
               f"slowest {max(searched[0]) * 1000:.1f} ms"),
        _compared("search, beside plain SQLite", MOST_READ_RATIO, searched),
        _compared("the list of calls, beside plain SQLite", MOST_READ_RATIO, listed),
        _compared("opening one call, beside plain SQLite", MOST_READ_RATIO, opened),
        *forgetful_figures(sides, max(10, runs // 10)),
    ]  # fmt: skip


def open_call(side: Side, number: int) -> None:
    """What the window reads when a call is opened."""
    one = side.contents.calls[number]
    side.library.call(one)
    side.library.transcript(one)
    side.library.summary(one)
    side.library.survey(one)


def forgetful_figures(sides: Sequence[Side], runs: int) -> list[Figure]:
    """The same where no page is in the cache, as after a write on another thread; every page is decrypted anew."""

    def cold(work: Callable[[Side], object]) -> tuple[list[float], list[float]]:
        taken: tuple[list[float], list[float]] = ([], [])
        for _ in range(runs):
            for side, seconds in zip(sides, taken, strict=True):
                side.vault.read().execute("PRAGMA shrink_memory")
                seconds.append(_timed(lambda: work(side)))  # noqa: B023 - called here and now
        return taken

    chance = random.Random(6)
    asked = iter(queries(sides[0].contents, 10 * runs))
    numbers = iter([chance.randrange(len(sides[0].contents.calls)) for _ in range(10 * runs)])
    return [
        _compared("  the list of calls, with an empty cache", None, cold(lambda side: side.library.calls())),
        _compared("  opening one call, with an empty cache", None, cold(lambda side: open_call(side, next(numbers)))),
        _compared("  search, with an empty cache", None, cold(lambda side: Search(side.store).search(next(asked)))),
    ]


def saving_figure(sides: Sequence[Side], runs: int) -> Figure:
    """Saving what the recogniser has just heard; each ends when it is on the disk."""
    language = Language(8)
    pieces = [[language.line(10_000.0 + n, 0), language.line(10_004.0 + n, 0)] for n in range(runs)]

    def save(side: Side, n: int) -> None:
        one = side.contents.calls[n * _SAVED_TO // runs]
        side.store.save_utterances(one, 0, pieces[n][-1].end, pieces[n], "en")

    taken = _paired(sides, [lambda side, n=n: save(side, n) for n in range(runs)])  # type: ignore[misc]
    return _compared("saving a segment, beside plain SQLite", MOST_SAVE_RATIO, taken)


# --- Seeking ------------------------------------------------------------------------------------


def seeking_figures(folder: Path, seconds: int, seeks: int = _SEEKS) -> list[Figure]:
    """Any second of a long recording, decrypted, from a cold disk: with a reader that is open, and with a fresh one.

    Of storage alone: what the decoder adds depends on the codec.
    """
    path, key, chance = folder / "long.sealed", os.urandom(32), random.Random(7)
    block = chance.randbytes(_A_SECOND)
    writer = SealedWriter(path, key)
    for n in range(seconds):
        writer.write(n.to_bytes(4) + block[4:])
    writer.close()

    def second(reader: SealedReader, wanted: int) -> None:
        if reader.read(wanted * _A_SECOND, _A_SECOND) != wanted.to_bytes(4) + block[4:]:
            raise RuntimeError("another second was read")

    def afresh(wanted: int) -> None:
        with SealedReader(path, key) as reader:
            second(reader, wanted)

    wanted = [chance.randrange(seconds) for _ in range(seeks)]

    def best(seek: Callable[[int], None]) -> list[float]:
        """Of each second the quickest of three tries, with all others in between: what stalls a machine is not ours."""
        rounds = []
        for _ in range(_TRIES):
            taken = []
            for one in wanted:
                _forget_on_disk(path)
                taken.append(_timed(lambda: seek(one)))  # noqa: B023 - called here and now
            rounds.append(taken)
        return [min(tries) for tries in zip(*rounds, strict=True)]

    with SealedReader(path, key) as reader:
        figures = [
            _seek_figure("any second of a long call, reader open", best(lambda one: second(reader, one))),
            _seek_figure("the same, with a fresh reader", best(afresh)),
        ]
    path.unlink()
    return figures


def _seek_figure(name: str, taken: Sequence[float]) -> Figure:
    median, most = statistics.median(taken) * 1000, share(taken, 0.95) * 1000
    note = f"slowest of {len(taken)}, cold disk; median {median:.2f} ms, 95 % within {most:.2f} ms"
    return Figure(name, max(taken), MOST_SEEK, "ms", note)


def _forget_on_disk(path: Path) -> None:
    """Ask the system to forget a file's pages, where it can be asked."""
    if hasattr(os, "posix_fadvise"):
        descriptor = os.open(path, os.O_RDONLY)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(descriptor)


# --- All of it ----------------------------------------------------------------------------------


def measure(
    runs: int = RUNS, unlocks: int = 5, calls: int = CALLS, conversations: int = CONVERSATIONS, hours: float = _HOURS
) -> list[Figure]:
    """Every figure."""
    with tempfile.TemporaryDirectory() as name:
        folder, home = Path(name), Home(Path(name) / "home")
        ours = Vault.create(folder / "ours", PASSPHRASE)
        recovery_key = ours.recovery_key or ""
        contents = filled(ours, calls, conversations)
        ours.close()
        figures = opening_figures(folder / "ours", recovery_key, home, unlocks)
        ours = Vault.open(folder / "ours", PASSPHRASE)
        with without_encryption():
            plain = opened_vault(folder / "plain")
            same = filled(plain, calls, conversations)
            plain.close()
            plain = opened_vault(folder / "plain")
            sides = (Side(ours, contents), Side(plain, same))
        figures += reading_figures(sides, runs)
        figures.append(saving_figure(sides, runs))
        for vault in (ours, plain):
            vault.close()
        return figures + seeking_figures(folder, int(hours * 3600))


def main() -> int:
    """Print the figures; 1 if one misses its bar."""
    figures = measure(int(sys.argv[1]) if len(sys.argv) > 1 else RUNS)
    print(f"{CALLS} calls, {CALLS * LINES:,} utterances, {CONVERSATIONS * MESSAGES:,} messages")
    # The cost of a passphrase is measured when it is chosen; a machine that is busier since takes longer to unlock.
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    print(f"on {os.cpu_count()} processors{load}")
    print(f"{'':<52} {'at most':>9} {'is':>9}")
    for figure in figures:
        print(figure)
    return 0 if all(figure.is_good for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
