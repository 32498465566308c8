"""Workers are killed in the middle of their work: what was saved is there, and the same command goes on."""

import json
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jiwer
import psutil
import pytest

from app.core.resources import demo_call
from tests.running import Home, joined_call

SEED = 20261121
WORKERS = ("media", "speech", "language")
BEGUN = {"media": "Transcribing", "speech": "Transcribing", "language": "Summarizing"}
"""What a run writes to stderr when a worker's work begins; it is needed to the end of that work."""
_GIVE_UP = 90.0  # seconds to wait for a worker to appear


def worker_of(parent: int, name: str) -> psutil.Process | None:
    """The running worker of that name below a process."""
    try:
        for child in psutil.Process(parent).children(recursive=True):
            if child.cmdline()[-2:] == ["--worker", name]:
                return child
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return None
    return None


def killed_run(home: Home, call: Path, name: str, after: float) -> tuple[int, str, bool]:
    """Import a call, kill one worker some seconds after it appeared; (status, stderr, whether it was hit)."""
    run = home.start("import", str(call), "--json")
    deadline, victim = time.monotonic() + _GIVE_UP, None
    while victim is None and run.poll() is None and time.monotonic() < deadline:
        victim = worker_of(run.pid, name)
        time.sleep(0.01)
    time.sleep(after)
    victim = worker_of(run.pid, name)  # the media worker of the survey is followed by that of the transcription
    if victim is not None:
        victim.kill()
    out, err = run.communicate(timeout=240)
    told = json.loads(out)["error"] if run.returncode == 1 and out else {}
    return run.returncode, " ".join([err, *(told[part] for part in ("title", "advice") if told)]), victim is not None


def killed_on(home: Home, call: Path, name: str, mark: str) -> tuple[int, str]:
    """Import a call and kill one worker as soon as its work is told on stderr and it is there; (status, stderr)."""
    run = home.start("import", str(call), "--json")
    assert run.stderr is not None
    told = ""
    while mark not in told:
        letter = run.stderr.read(1)
        assert letter, f"it ended before {mark!r}: {told}"
        told += letter
    while (victim := worker_of(run.pid, name)) is None:
        assert run.poll() is None, f"it ended without a {name} worker after {mark!r}"
        time.sleep(0.002)
    victim.kill()
    out, err = run.communicate(timeout=240)
    error = json.loads(out)["error"] if run.returncode == 1 and out else {}
    return run.returncode, " ".join([told + err, *(error[part] for part in ("title", "advice") if error)])


def assert_goes_on(home: Home, call: Path, status: int, err: str, expected: list[tuple[str, str]]) -> None:
    """A run with a kill ended in words or went on by itself; what was saved is there, and the same command ends it."""
    assert "Traceback" not in err
    assert status in (0, 1), err
    if status == 1:
        assert "safe" in err or "left as it is" in err or "was changed" in err or "is kept" in err
    listed = home.run("list", "--json")
    assert listed.status == 0, listed.err  # the vault opens
    saved = words_of(home, listed.json[0]["id"]) if listed.json else []
    again = home.run("import", str(call), "--json", timeout=300)
    assert again.status == 0, again.err
    whole = words_of(home, again.json[0]["id"])
    assert [line for line in saved if line not in whole] == []  # what was saved is there
    assert amount(whole) == pytest.approx(amount(expected), rel=0.02)  # nothing lost, nothing twice
    assert likeness(whole, expected) >= 0.93


def words_of(home: Home, call: str) -> list[tuple[str, str]]:
    shape = home.run("show", call, "--json").json
    return [(u["speaker"], u["text"]) for u in shape["transcript"]["utterances"]]


def amount(lines: list[tuple[str, str]]) -> int:
    """Words."""
    return sum(len(text.split()) for _, text in lines)


def likeness(one: list[tuple[str, str]], other: list[tuple[str, str]]) -> float:
    """From 0 to 1, in words. Where a run went on, windows are cut elsewhere, and a name may be heard differently."""
    a, b = (" ".join(text for _, text in lines) for lines in (one, other))
    return 1 - float(jiwer.wer(a, b))


def reference(home: Home, call: Path) -> tuple[list[tuple[str, str]], dict[str, float]]:
    """The transcript of an undisturbed run, and for how long each worker is there to be killed."""
    run = home.start("import", str(call), "--json")
    lives: dict[str, list[float]] = {}
    while run.poll() is None:
        now = time.monotonic()
        for name in WORKERS:
            if worker_of(run.pid, name) is not None:
                lives.setdefault(name, [now, now])[1] = now
        time.sleep(0.01)
    out, err = run.communicate()
    assert run.returncode == 0, err
    found = json.loads(out)[0]["id"]
    return words_of(home, found), {name: last - first for name, (first, last) in lives.items()}


def scenario(
    tmp_path: Path, seconds: float, times: int, workers: tuple[str, ...] = WORKERS
) -> Iterator[dict[str, Any]]:
    """Kill each worker `times` times at random moments of its life; yields what happened.

    A moment at which the worker had just ended does not count, and another is tried.
    """
    call = joined_call(tmp_path / "long.wav", seconds)
    expected, lives = reference(Home(tmp_path / "undisturbed"), call)
    assert set(lives) == set(WORKERS)
    chance = random.Random(SEED)
    for name in workers:
        life = lives[name]
        hits = 0
        for number in range(5 * times):
            if hits == times:
                break
            home = Home(tmp_path / f"{name}-{number}")
            status, err, was_hit = killed_run(home, call, name, chance.uniform(0.0, life))
            assert_goes_on(home, call, status, err, expected)
            hits += was_hit
            yield {"worker": name, "hit": was_hit, "status": status}


def report(seen: list[dict[str, Any]]) -> int:
    hits: int = sum(s["hit"] for s in seen)
    went_on = sum(s["hit"] and s["status"] == 0 for s in seen)
    print(
        f"{len(seen)} kills tried, {hits} hit a worker, {went_on} runs went on by themselves, the rest ended in words"
    )
    return hits


@pytest.mark.timeout(240)
def test_each_worker_is_killed_in_the_middle_of_its_work(tmp_path: Path) -> None:
    """On an event and not at a moment, so that it always hits: what the worker has just begun is seen from outside."""
    call = demo_call()
    home = Home(tmp_path / "undisturbed")
    whole = home.run("import", str(call), "--json")
    expected = words_of(home, whole.json[0]["id"])
    for name, mark in BEGUN.items():
        home = Home(tmp_path / name)
        status, err = killed_on(home, call, name, mark)
        assert_goes_on(home, call, status, err, expected)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_a_few_kills_at_random_moments(tmp_path: Path) -> None:
    report(list(scenario(tmp_path, seconds=150, times=2)))


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("worker", WORKERS)
def test_twenty_kills_of_a_worker_in_a_call_of_ten_minutes(tmp_path: Path, worker: str) -> None:
    assert report(list(scenario(tmp_path, seconds=600, times=20, workers=(worker,)))) == 20
