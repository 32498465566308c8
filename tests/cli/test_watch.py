"""`tacit watch`: what is in a folder and what comes into it is imported once, whatever ends it."""

import json
import os
import random
import shutil
import signal
import subprocess
import threading
import time
from collections import Counter
from pathlib import Path
from typing import IO

import pytest

from tests.cli.test_import_folder import write_call
from tests.running import CALLS, Home

_LIMIT = 60.0  # seconds that a process may take for what is waited for
_STILL = ("--settle", "0.2")


class Watch:
    """A running `tacit watch`, and what it has told so far."""

    def __init__(self, home: Home, folder: Path, *arguments: str) -> None:
        self.process = home.start("watch", str(folder), "--no-summary", *_STILL, *arguments)
        self.told: list[str] = []
        streams = (self.process.stdout, self.process.stderr)
        self._readers = [threading.Thread(target=self._read, args=(stream,), daemon=True) for stream in streams]
        for reader in self._readers:
            reader.start()

    def _read(self, stream: IO[str]) -> None:
        with stream:
            for line in stream:
                self.told.append(line.rstrip("\n"))

    def wait_for(self, words: str, count: int = 1) -> None:
        end = time.monotonic() + _LIMIT
        while sum(words in line for line in self.told) < count:
            assert time.monotonic() < end, f"no {words!r} in {self.told}"
            assert self.process.poll() is None or words in "\n".join(self.told), self.told
            time.sleep(0.01)

    def stop(self, by: signal.Signals = signal.SIGINT) -> int:
        """Send a signal, and wait for the end and all that is told."""
        self.process.send_signal(by)
        status = self.process.wait(_LIMIT)
        for reader in self._readers:
            reader.join(_LIMIT)
        return status


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def test_what_is_there_and_what_comes_is_imported_once_and_ctrl_c_says_what_is_left(home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    write_call(folder / "one.vtt", "We launch on Monday.")
    watch = Watch(home, folder)
    watch.wait_for("Waiting for recordings. Ctrl-C ends it.")
    growing = folder / "deep" / "two.vtt"
    text = write_call(growing, "We launch on Tuesday.").read_text()
    growing.write_text(text[:40])
    growing.write_text(text)
    write_call(folder / "copy.vtt", "We launch on Monday.")
    watch.wait_for("two.vtt:")
    watch.wait_for("It is in the vault already.")
    watch.wait_for("Waiting for recordings.", 2)
    assert watch.stop() == 130
    assert watch.told[-1] == "tacit: Stopped. 2 calls were finished; nothing was under way."
    assert len(home.run_here("list", "--json").json) == 2
    assert sorted(path.name for path in folder.rglob("*.vtt")) == ["copy.vtt", "one.vtt", "two.vtt"]


def test_once_does_one_round_and_what_was_dealt_with_is_known_from_the_vault(home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    one = write_call(folder / "one.vtt", "We launch on Monday.")
    (folder / "letter.txt").write_text("Dear diary, nothing happened.\n")
    first = home.run("watch", str(folder), "--once", "--no-summary", *_STILL)
    assert first.status == 1
    assert "1 call came in, 1 failed.\n  letter.txt: This text does not look like a call" in first.err
    assert sorted(path.name for path in folder.iterdir()) == ["letter.txt", "one.vtt"], "nothing is kept beside them"
    as_json = Home(home.folder.parent / "other").run("watch", str(folder), "--once", "--no-summary", "--json", *_STILL)
    told = [json.loads(line) for line in as_json.out.splitlines()]
    assert sorted(map(list, told))[0] == ["error"]
    assert [one["state"] for one in told if "state" in one] == ["transcribed"]
    second = home.run("watch", str(folder), "--once", "--no-summary", *_STILL)
    assert (second.status, second.out) == (0, "")
    assert second.err.endswith("No call came in.\n")
    (listed,) = home.run_here("list", "--json").json
    home.run_here("delete", listed["id"], "--yes")
    assert home.run("watch", str(folder), "--once", "--no-summary", *_STILL).out == "", "a deleted call stays deleted"
    os.utime(one)
    touched = home.run("watch", str(folder), "--once", "--no-summary", "--json", *_STILL)
    assert json.loads(touched.out)["state"] == "transcribed", "but a file that was changed is a new one"


def test_a_vault_that_is_open_elsewhere_and_a_folder_that_is_missing_are_told(home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    watch = Watch(home, folder)
    watch.wait_for("Waiting for recordings.")
    refused = home.run("watch", str(folder), "--once")
    assert refused.err == (
        "tacit: This vault is open in another Tacit window or command. Nothing was changed; close the other one, or "
        "wait until it has finished.\n"
    )
    folder.rmdir()
    watch.wait_for("The folder is not there now")
    write_call(folder / "one.vtt", "We launch on Monday.")
    watch.wait_for("one.vtt:")
    watch.wait_for("Waiting for recordings.", 2)
    assert watch.stop(signal.SIGTERM) == 130
    missing = home.run("watch", str(tmp_path / "nowhere"))
    assert (missing.status, missing.err) == (
        1, "tacit: There is no such folder, or it may not be read. Nothing was changed; check its name.\n",
    )  # fmt: skip


def test_ctrl_c_in_the_middle_says_what_goes_on_and_the_next_start_finishes_it(home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("call-910001.opus", "call-910002.opus"):
        shutil.copy(CALLS / name, folder)
    watch = Watch(home, folder)
    watch.wait_for("Transcribing")
    assert watch.stop() == 130, watch.told
    assert watch.told[-1] == (
        "tacit: Stopped. No call was finished; the one under way, and 1 more will go on at the next start."
    )
    after = home.run("watch", str(folder), "--once", "--no-summary", *_STILL)
    assert after.status == 0, after.err
    assert "Going on with «call-91000" in after.err
    states = [call["state"] for call in home.run_here("list", "--json").json]
    assert states == ["transcribed", "transcribed"]


def words(home: Home) -> Counter[str]:
    """What all calls say, line by line."""
    said: Counter[str] = Counter()
    for call in home.run_here("list", "--json").json:
        assert (call["state"], call["next_step"]) == ("transcribed", None)
        shown = home.run_here("show", call["id"], "--json").json
        said.update(word for line in shown["transcript"]["utterances"] for word in line["text"].split())
    return said


def killed_and_finished(tmp_path: Path, kills: int, seed: int = 0) -> None:
    """Kill `tacit watch` at random moments of its life, and compare what is there in the end with a quiet run."""
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    out.mkdir()
    for name in ("call-910001.opus", "call-910003.opus"):
        shutil.copy(CALLS / name, folder)
    for number in range(4):
        write_call(folder / f"text {number}.vtt", f"We launch on day {number}.")
    wish = ("--export-to", str(out), "--export-format", "txt", "--export-name", "{file}")
    quiet = Home(tmp_path / "quiet")
    began = time.monotonic()
    assert quiet.run("watch", str(folder), "--once", "--no-summary", *_STILL).status == 0
    life, expected = time.monotonic() - began, words(quiet)
    home, chance = Home(tmp_path / "home"), random.Random(20261128 + seed)
    states: Counter[int] = Counter()
    for _ in range(kills):
        watch = Watch(home, folder, *wish)
        try:
            watch.process.wait(chance.uniform(0.7, 0.7 + life / 2))  # so that most meet something under way
            raise AssertionError(f"it ended by itself: {watch.told}")
        except subprocess.TimeoutExpired:
            watch.stop(signal.SIGKILL)
        states[len(list(out.iterdir()))] += 1
    last = home.run("watch", str(folder), "--once", "--no-summary", *_STILL, *wish)
    assert last.status == 0, last.err
    print(f"{kills} kills; files exported after each: {dict(states)}")
    assert len(home.run_here("list", "--json").json) == 6, "each file came in once"
    found = words(home)
    assert sum((found - expected).values()) + sum((expected - found).values()) <= 0.02 * expected.total()
    assert sorted(path.stem for path in out.iterdir()) == sorted(path.stem for path in folder.iterdir())
    listed = home.run_here("watch", str(folder), "--once", "--no-summary", *_STILL)
    assert (listed.status, listed.out) == (0, ""), "nothing is left to do"


@pytest.mark.skipif(os.name != "posix", reason="a kill that nothing can catch")
@pytest.mark.timeout(300)
def test_a_few_kills_lose_and_double_nothing(tmp_path: Path) -> None:
    killed_and_finished(tmp_path, 4)


@pytest.mark.long
@pytest.mark.skipif(os.name != "posix", reason="a kill that nothing can catch")
@pytest.mark.timeout(3600)
def test_a_hundred_kills_lose_and_double_nothing(tmp_path: Path) -> None:
    for number in range(10):
        (tmp_path / str(number)).mkdir()
        killed_and_finished(tmp_path / str(number), 10, number)
