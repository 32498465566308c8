"""A full disk, a read-only folder and Ctrl-C: what was saved is there, and the command goes on afterwards."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.core.resources import demo_call
from tests.running import ROOT, Home, joined_call

pytestmark = pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="mounting needs root")


@contextmanager
def mounted(folder: Path, size: str) -> Iterator[Path]:
    """A small disk of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_while_importing(tmp_path: Path) -> None:
    home = Home(tmp_path)
    call = joined_call(tmp_path / "call.wav", 90)
    with mounted(home.vault, "3m"):
        outcome = home.run("import", str(call), "--json")
        assert outcome.status == 1
        assert outcome.json["error"]["kind"] == "NotEnoughSpace"
        assert "Traceback" not in outcome.err
        assert list((home.vault / "media").iterdir()) == []
        subprocess.run(["mount", "-o", "remount,size=64m", str(home.vault)], check=True)
        assert home.run("import", str(call), "--json").json[0]["state"] == "summarized"


def test_a_disk_that_fills_at_any_moment(tmp_path: Path) -> None:
    """The disk is filled at random moments of an import: an error in words or a good end, and then it goes on."""
    call = joined_call(tmp_path / "call.wav", 60)
    chance = random.Random(4)
    for number in range(4):
        home = Home(tmp_path / str(number))
        with mounted(home.vault, "24m"):
            assert home.run("list").status == 0
            run = home.start("import", str(call), "--json")
            time.sleep(chance.uniform(0.2, 2.5))
            ballast = home.vault / "ballast"
            with ballast.open("wb", buffering=0) as file:
                try:
                    while True:
                        file.write(bytes(1 << 16))
                except OSError:
                    pass
            out, err = run.communicate(timeout=120)
            assert run.returncode in (0, 1), err
            assert "Traceback" not in err
            if run.returncode == 1:
                assert '"NotEnoughSpace"' in out, out + err
            ballast.unlink()
            assert home.run("list").status == 0
            assert home.run("import", str(call), "--json").json[0]["state"] == "summarized"


def test_a_read_only_folder(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with mounted(home.vault, "16m"):
        assert home.run("import", str(demo_call())).status == 0
        subprocess.run(["mount", "-o", "remount,ro", str(home.vault)], check=True)
        outcome = home.run("import", str(demo_call()), "--json")
        assert outcome.status == 1
        assert outcome.json["error"]["kind"] == "VaultError"
        assert "writ" in outcome.json["error"]["title"] + outcome.json["error"]["advice"]
        subprocess.run(["mount", "-o", "remount,rw", str(home.vault)], check=True)
        assert len(home.run("list", "--json").json) == 1


def test_an_export_to_a_full_disk_leaves_no_half_file(tmp_path: Path) -> None:
    home = Home(tmp_path)
    found = home.run("import", str(demo_call()), "--json").json[0]["id"]
    with mounted(tmp_path / "small", "4k") as small:
        assert home.run("export", found, "-f", "json", "-o", str(small / "call.json"), "--json").status == 1
        assert list(small.iterdir()) == []


def test_ctrl_c_at_any_moment(tmp_path: Path) -> None:
    call = joined_call(tmp_path / "call.wav", 120)
    home, chance = Home(tmp_path), random.Random(9)
    saved = 0
    for _ in range(6):
        run = home.start("import", str(call), "--json")
        time.sleep(chance.uniform(0.05, 3.0))
        run.send_signal(signal.SIGINT)
        _, err = run.communicate(timeout=60)
        assert run.returncode in (0, 130, -signal.SIGINT), err  # the last: before Python had its own handler
        assert "Traceback" not in err
        listed = home.run("list", "--json")
        assert listed.status == 0, listed.err
        if listed.json:
            lines = len(home.run("show", listed.json[0]["id"], "--json").json["transcript"]["utterances"])
            assert lines >= saved  # what was saved stays saved
            saved = lines
    assert home.run("import", str(call), "--json").json[0]["state"] == "summarized"
    left = [p.name for p in (home.vault / "media").iterdir()]
    assert len(left) == 1


def test_ctrl_c_while_the_first_modules_are_imported_ends_without_a_traceback(tmp_path: Path) -> None:
    interrupted = """
import runpy, signal, sys

class Interrupts:
    def find_spec(self, name, path, target=None):
        if name == "app.core.own_program":
            signal.raise_signal(signal.SIGINT)

sys.meta_path.insert(0, Interrupts())
sys.argv = ["app", "list"]
runpy.run_module("app", run_name="__main__", alter_sys=True)
"""
    command = [sys.executable, "-c", interrupted]
    ended = subprocess.run(command, cwd=ROOT, env=Home(tmp_path).environment, capture_output=True, check=False)
    assert (ended.returncode, ended.stdout, ended.stderr) == (130, b"", b"")


def test_no_worker_outlives_a_killed_parent(tmp_path: Path) -> None:
    import psutil

    home = Home(tmp_path)
    run = home.start("import", str(joined_call(tmp_path / "call.wav", 300)))
    workers: list[psutil.Process] = []
    while not workers and run.poll() is None:
        workers = psutil.Process(run.pid).children(recursive=True)
        time.sleep(0.05)
    time.sleep(1.0)
    workers = psutil.Process(run.pid).children(recursive=True)
    assert workers
    run.kill()
    run.communicate()
    _, alive = psutil.wait_procs(workers, timeout=5)
    assert alive == []
