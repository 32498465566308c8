"""`kill -9` at random moments of everything that writes: the vault opens, what was confirmed is there, it is clean."""

import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.running import ROOT
from tests.services.confirmed_work import Ledger, Told
from tests.services.killed import WAYS

pytestmark = pytest.mark.skipif(os.name != "posix", reason="a kill that nothing can catch, and fork")


class Killing(Ledger):
    """Lets workers work, kills them, and holds what they confirmed against what is there."""

    def __init__(self, home: Path) -> None:
        super().__init__(home)
        self.hits: Counter[str] = Counter()
        environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
        self._zygote = subprocess.Popen(
            [sys.executable, "-m", "tests.services.killed"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT,
            env=environment,
        )  # fmt: skip

    def close(self) -> None:
        """End the process that forks."""
        self._zygote.communicate()

    def kill(self, way: str, seed: int, delay: float) -> None:
        """One life: let it work in one way, kill it after a while, and look at what is left."""
        passphrases = [truth.passphrase for truth in self.backups]
        request = {
            "home": str(self.home), "seed": seed, "way": way, "passphrase": self.truth.passphrase,
            "backup_passphrases": passphrases,
        }  # fmt: skip
        assert self._zygote.stdin is not None
        self._zygote.stdin.write(json.dumps(request).encode() + b"\n")
        self._zygote.stdin.flush()
        told = Told()
        for what, doing, facts in self._said():
            if what == "READY":
                time.sleep(delay)
                os.kill(facts["process"], 9)
            elif what == "ENDED":
                assert facts["signal"] == 9, f"it ended by itself while {told.doing or way}"
            else:
                self.take(told, what, doing, facts)
        self.hits[told.doing] += bool(told.doing)
        for left in self.home.glob("*.wav"):
            left.unlink()
        self.look(told, looks_twice=not seed % 3)

    def _said(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        assert self._zygote.stdout is not None
        for line in self._zygote.stdout:
            try:
                what, doing, facts = json.loads(line)
            except ValueError:  # cut off by the kill
                continue
            yield what, doing, facts
            if what == "ENDED":
                return
        raise AssertionError("the process that forks has ended")


def lives(home: Path, rounds: int, ways: tuple[str, ...] = WAYS) -> Counter[str]:
    """Kill so many workers of each kind, and print how often each thing was hit and confirmed."""
    home.mkdir()
    chance, killing = random.Random(20261121), Killing(home)
    try:
        for number in range(rounds * len(ways)):
            killing.kill(ways[number % len(ways)], number, chance.uniform(0.0, 0.12))
    finally:
        killing.close()
    print(f"{rounds * len(ways)} kills; hit while doing: {dict(killing.hits)}; confirmed: {dict(killing.confirmed)}")
    return killing.hits


def test_what_was_confirmed_outlives_a_kill_at_any_moment(tmp_path: Path) -> None:
    hits = lives(tmp_path / "home", 4)
    assert sum(hits.values()) >= 22, "most kills meet something under way"


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_notes_outlive_three_hundred_kills(tmp_path: Path) -> None:
    hits = lives(tmp_path / "home", 150, ("writing a note", "changing a note"))
    assert hits["writing a note"] >= 100
    assert hits["changing a note"] >= 60


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_what_was_confirmed_outlives_a_thousand_kills(tmp_path: Path) -> None:
    hits = lives(tmp_path / "home", 100)
    assert all(hits[way] >= 20 for way in WAYS)
