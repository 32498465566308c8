"""The door: worker, launcher and who asks, each in a process of its own, and what the ledger keeps of it."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from app import download_broker
from app.catalog.catalogue import Catalog
from app.catalog.download import network_log
from app.catalog.download.client import NoDownloadClient, PipedDownloadClient
from app.catalog.installed import models_folder
from app.core.download import Arrived, Event, Failed, Stopped
from app.core.errors import ChecksumMismatch, DownloadError
from app.core.job import Cancelled, Progress
from app.core.model import ModelKind
from app.download_broker import DownloadBroker
from app.services.privacy.network_ledger import Ledger
from app.storage.tables.network_ledger import LedgerStore
from app.storage.vault import Vault
from tests.catalog.download.model_server import HOSTS, Authority, Server, content, entry_of, trickling
from tests.running import ROOT, Home

NAME = "tiny.gguf"
RAW = content(400_000)
ENTRIES = tuple(entry_of({NAME: RAW}, f"tiny-{number}") for number in range(3))
WORKER = ROOT / "tests" / "catalog" / "download" / "worker.py"


@pytest.fixture
def models(tmp_path: Path) -> Path:
    return tmp_path / "models"


@pytest.fixture
def command(tmp_path: Path, authority: Authority, server: Server) -> list[str]:
    """The command of a worker whose world is the tests' server."""
    server.files = {NAME: RAW}
    listed = tmp_path / "catalog.json"
    listed.write_bytes(msgspec.json.encode(Catalog(1, HOSTS, ENTRIES)))
    return [sys.executable, str(WORKER), str(authority.path), str(server.port), str(listed), "--download"]


def started(command: list[str], models: Path, model: str) -> "subprocess.Popen[bytes]":
    worker = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)
    assert worker.stdin is not None
    worker.stdin.write(json.dumps({"model": model, "folder": str(models)}).encode() + b"\n")
    worker.stdin.flush()
    return worker


def events(worker: "subprocess.Popen[bytes]") -> Iterator[Event]:
    assert worker.stdout is not None
    for line in worker.stdout:
        yield msgspec.json.decode(line, type=Event)


def finished(worker: "subprocess.Popen[bytes]") -> Event:
    """The worker's last word."""
    last = list(events(worker))[-1]
    assert worker.stdin is not None
    assert worker.stdout is not None
    worker.stdin.close()
    worker.stdout.close()
    worker.wait(10)
    return last


def killed(worker: "subprocess.Popen[bytes]") -> None:
    worker.kill()
    worker.wait()
    for pipe in (worker.stdin, worker.stdout):
        assert pipe is not None
        pipe.close()


def test_a_worker_that_is_killed_goes_on_where_it_was(command: list[str], models: Path, server: Server) -> None:
    check_kills(command, models, server, 3)


@pytest.mark.long
def test_a_worker_is_killed_at_forty_moments(command: list[str], models: Path, server: Server) -> None:
    check_kills(command, models, server, 40)


def check_kills(command: list[str], models: Path, server: Server, times: int) -> None:
    """Kill -9 again and again on the way; then the file is right, and bytes that had come were not asked for twice."""
    raw = content(300_000 * (times + 1))
    server.files = {NAME: raw}
    Path(command[4]).write_bytes(msgspec.json.encode(Catalog(1, HOSTS, (entry_of(server.files, "tiny-0"),))))
    server.answer = trickling(0.01, 4000)
    chance, offsets = random.Random(5), []
    for _ in range(times):
        worker = started(command, models, "tiny-0")
        next(event for event in events(worker) if getattr(event, "step", "") == "Downloading")
        time.sleep(chance.uniform(0, 0.05))
        killed(worker)
        assert models_folder.models_in(models) == []
        offsets.append(server.asked[-1].offset)
    server.answer = trickling(0.0, 1 << 20)
    assert finished(started(command, models, "tiny-0")) == Arrived("tiny-0")
    assert (models / "tiny-0" / NAME).read_bytes() == raw
    assert offsets == sorted(offsets)
    assert server.asked[-1].offset > 0
    print(f"killed {times} times, right in the end; it went on from {server.asked[-1].offset} of {len(raw)} bytes")
    assert [note.entry.ending for note in network_log.log_files(models) if note.entry] == [""] * times + ["arrived"]


def test_another_edition_of_a_model_that_is_here_is_fetched(command: list[str], models: Path, server: Server) -> None:
    """The catalogue of a newer Tacit may list other bytes under the same name."""
    assert finished(started(command, models, "tiny-0")) == Arrived("tiny-0")
    server.files = {NAME: content(len(RAW), 2)}
    Path(command[4]).write_bytes(msgspec.json.encode(Catalog(1, HOSTS, (entry_of(server.files, "tiny-0"),))))
    assert finished(started(command, models, "tiny-0")) == Arrived("tiny-0")
    assert (models / "tiny-0" / NAME).read_bytes() == server.files[NAME]


def test_a_worker_says_what_went_wrong(command: list[str], models: Path, server: Server) -> None:
    server.files = {NAME: RAW[:-1] + b"?"}
    last = finished(started(command, models, ENTRIES[0].id))
    assert isinstance(last, Failed)
    assert (last.kind, last.title) == ("ChecksumMismatch", ChecksumMismatch.default_title)
    unknown = finished(started(command, models, "no-such-model"))
    assert isinstance(unknown, Failed)
    assert unknown.kind == "ModelMissing"


def test_the_end_of_its_input_stops_a_worker(command: list[str], models: Path, server: Server) -> None:
    server.answer = trickling(0.05, 1000)
    worker = started(command, models, ENTRIES[0].id)
    next(event for event in events(worker) if getattr(event, "step", "") == "Downloading")
    assert worker.stdin is not None
    worker.stdin.close()
    assert list(events(worker))[-1] == Stopped(ENTRIES[0].id)
    assert worker.wait(10) == 1
    assert worker.stdout is not None
    worker.stdout.close()


@pytest.mark.parametrize(
    "request_", [b"", b"\n", b"{}\n", b'{"model": "a", "url": "https://x"}\n', b"[" * 9000 + b"\n"]
)
def test_what_is_no_request_is_not_answered(command: list[str], request_: bytes) -> None:
    ended = subprocess.run(command, input=request_, capture_output=True, cwd=ROOT, check=False, timeout=60)
    assert (ended.returncode, ended.stdout) == (2, b"")
    assert b"Traceback" not in ended.stderr


# --- The launcher's side -----------------------------------------------------------------------


@pytest.fixture
def keeper(command: list[str], models: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DownloadBroker]:
    monkeypatch.setattr(download_broker, "download_command", lambda: command)
    kept = DownloadBroker(str(models))
    yield kept
    kept.close()


ASKING = """
import sys
from app.catalog.download.client import PipedDownloadClient
door = PipedDownloadClient(int(sys.argv[3]), int(sys.argv[4]))
try:
    for progress in door.pull(sys.argv[1]):
        print(progress.step, int(progress.done), flush=True)
    print("here")
except BaseException as error:
    print(type(error).__name__, error)
"""


def asking(keeper: DownloadBroker, model: str) -> "subprocess.Popen[bytes]":
    """A child of the launcher that asks for a model."""
    return keeper.start([sys.executable, "-c", ASKING, model], stdout=subprocess.PIPE, cwd=ROOT)


def wait_until_it_comes(child: "subprocess.Popen[bytes]") -> None:
    """Read what the child tells until bytes arrive."""
    assert child.stdout is not None
    assert any(b"Downloading" in line for line in iter(child.stdout.readline, b""))


def said(child: "subprocess.Popen[bytes]") -> str:
    out, _ = child.communicate(timeout=60)
    return out.decode().splitlines()[-1]


def test_a_child_asks_and_the_model_comes(keeper: DownloadBroker, models: Path) -> None:
    assert said(asking(keeper, ENTRIES[0].id)) == "here"
    assert [model.name for model in models_folder.models_in(models)] == [ENTRIES[0].id]
    assert said(asking(keeper, ENTRIES[0].id)) == "here"  # already; the door stays shut
    assert len(network_log.log_files(models)) == 1
    assert said(asking(keeper, "no-such-model")).startswith("ModelMissing ")


def test_a_download_outlives_the_child_and_the_next_joins_in(
    keeper: DownloadBroker, models: Path, server: Server
) -> None:
    server.answer = trickling(0.01, 4000)
    first = asking(keeper, ENTRIES[0].id)
    wait_until_it_comes(first)
    first.kill()
    first.communicate()
    assert said(asking(keeper, ENTRIES[0].id)) == "here"
    assert len(server.asked) == 1


def test_two_launchers_do_not_fetch_one_model_twice(keeper: DownloadBroker, models: Path, server: Server) -> None:
    server.answer = trickling(0.01, 4000)
    other = DownloadBroker(str(models))
    first = asking(keeper, ENTRIES[0].id)
    wait_until_it_comes(first)
    assert said(asking(other, ENTRIES[0].id)).startswith("DownloadError This model is being brought in already.")
    assert said(first) == "here"
    other.close()


def test_the_launchers_end_stops_the_download_and_keeps_the_part(
    keeper: DownloadBroker, models: Path, server: Server
) -> None:
    server.answer = trickling(0.05, 4000)
    child = asking(keeper, ENTRIES[0].id)
    wait_until_it_comes(child)
    keeper.close()
    assert said(child).startswith("Cancelled")
    assert models_folder.models_in(models) == []
    assert [path.stat().st_size > 0 for path in (models / ".incoming").glob("*/*.part")] == [True]


@pytest.mark.parametrize(
    "line", [b"", b"x", b"[]", b"{}", b'{"pull": 5}', b'{"pull": "../x"}', b'{"pull": "A"}', b'{"pull": "https://x"}',
             b'{"pull": "tiny-0", "url": "x"}', b'{"push": "tiny-0"}', b"[" * 9000, b"\xff" * 100]
)  # fmt: skip
def test_what_the_launcher_does_not_know_starts_nothing(
    keeper: DownloadBroker, monkeypatch: pytest.MonkeyPatch, line: bytes
) -> None:
    def never() -> list[str]:
        raise AssertionError("a worker was started")

    monkeypatch.setattr(download_broker, "download_command", never)
    keeper._handle_request(line)
    assert keeper._workers == {}


def test_closing_the_iterator_cancels(keeper: DownloadBroker, models: Path, server: Server) -> None:
    server.answer = trickling(0.05, 4000)
    code = ASKING.replace("        print(", "        if progress.done: break\n        print(")
    child = keeper.start([sys.executable, "-c", code, ENTRIES[0].id], stdout=subprocess.PIPE, cwd=ROOT)
    assert said(child) == "here"  # it left the loop
    until = time.monotonic() + 10
    while keeper._workers and time.monotonic() < until:
        time.sleep(0.05)
    assert keeper._workers == {}
    assert models_folder.models_in(models) == []


def test_a_door_whose_launcher_is_gone_says_so() -> None:
    (answered, answers), (asked, asks) = os.pipe(), os.pipe()
    door = PipedDownloadClient(answered, asks)
    outcome: list[BaseException] = []

    def pull() -> None:
        try:
            list(door.pull("tiny-0"))
        except DownloadError as error:
            outcome.append(error)

    waiting = threading.Thread(target=pull)
    waiting.start()
    assert os.read(asked, 100) == b'{"pull":"tiny-0"}\n'
    os.close(answers)
    waiting.join(5)
    assert [str(error).split(".")[0] for error in outcome] == ["The process that downloads is gone"]
    with pytest.raises(DownloadError):
        next(door.pull("tiny-0"))
    os.close(asked)


def test_without_a_launcher_nothing_can_be_fetched() -> None:
    with (
        pytest.raises(DownloadError, match="not started so that it can download"),
        closing(NoDownloadClient().pull("x")) as none,
    ):
        next(none)


def test_lines_of_the_launcher_become_progress_and_errors() -> None:
    (answered, answers), (asked, asks) = os.pipe(), os.pipe()
    door = PipedDownloadClient(answered, asks)
    pulling = door.pull("tiny-0")
    next(pulling)  # from here on it waits for lines
    os.write(answers, b'rubbish\n{"type":"advance","model":"tiny-0","step":"Downloading","done":1,"total":9}\n')
    steps = [next(pulling) for _ in range(3)]
    assert Progress("Downloading", 1, 9, "bytes") in steps
    assert door.active_downloads() == {"tiny-0"}
    os.write(answers, b'{"type":"stopped","model":"tiny-0"}\n')
    with pytest.raises(Cancelled):
        list(pulling)
    assert door.active_downloads() == set()
    os.close(answers)
    os.close(asked)


# --- The ledger --------------------------------------------------------------------------------


def test_the_vault_takes_over_what_was_noted(vault: Vault, models: Path) -> None:
    ledger = Ledger(LedgerStore(vault), models)
    assert ledger.entries() == []
    noting = network_log.NetworkLogWriter(models, "tiny-0")
    noting.count("huggingface.co", 0)
    noting.count("us.aws.cdn.hf.co", 5)
    (opening,) = ledger.entries()
    assert (opening.ending, opening.hosts, opening.closed) == ("", {"huggingface.co": 0, "us.aws.cdn.hf.co": 5}, None)
    assert len(network_log.log_files(models)) == 1  # the door is still open: more will follow
    noting.count("us.aws.cdn.hf.co", 7)
    noting.close("arrived")
    with (models / ".door" / f"{opening.id}.jsonl").open("ab") as file:
        file.write(b'{"id": "half a li')
    (opening,) = ledger.entries()
    assert (opening.ending, opening.size) == ("arrived", 12)
    assert network_log.log_files(models) == []
    assert ledger.entries() == [opening]


def test_a_last_note_that_comes_while_notes_are_taken_over_is_not_lost(vault: Vault, models: Path) -> None:
    noting = network_log.NetworkLogWriter(models, "tiny-0")
    (notes,) = network_log.log_files(models)
    noting.close("stopped")
    notes.forget()
    (opening,) = Ledger(LedgerStore(vault), models).entries()
    assert opening.ending == "stopped"
    assert network_log.log_files(models) == []


def test_the_command_line_offline_tells_and_the_ledger_keeps_it(tmp_path: Path) -> None:
    """The whole product, with a proxy that is not there: launcher, filtered command, worker; then the ledger."""
    home = Home(tmp_path)
    environment = home.environment | {"https_proxy": "http://127.0.0.1:9"}
    pull = home.command("models", "pull", "qwen3-0.6b", "--json")
    ended = subprocess.run(pull, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1
    assert json.loads(ended.stdout)["error"]["kind"] == "Offline"
    assert "0.6 GB from huggingface.co, licence: Apache-2.0" in ended.stderr
    assert home.run("list", "--json").json == []
    assert not list((home.models / ".door").glob("*"))  # opening the vault took the note over
    (row,) = home.run("models", "ledger", "--json", "--vault", str(home.vault)).json
    assert (row["model"], row["ending"], row["bytes"]) == ("qwen3-0.6b", "Offline", 0)
    assert home.run("models", "pull", "no-such").status == 1


def test_ctrl_c_on_the_command_line_keeps_the_part_and_says_so(
    command: list[str], tmp_path: Path, server: Server
) -> None:
    server.answer = trickling(0.05, 4000)
    home = Home(tmp_path / "home")
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); from app import download_broker, launcher\n"
        f"download_broker.download_command = lambda: {command!r}\n"
        "sys.exit(launcher.run_command(['models', 'pull', 'qwen3-0.6b']))"
    )
    listed = msgspec.json.encode(Catalog(1, HOSTS, (entry_of({NAME: RAW}, "qwen3-0.6b"),)))
    Path(command[4]).write_bytes(listed)
    run = subprocess.Popen(
        [sys.executable, "-c", code], cwd=ROOT, env=home.environment, stderr=subprocess.PIPE, text=True,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    until = time.monotonic() + 20
    while not list(home.models.glob(".incoming/*/*.part")) and time.monotonic() < until:
        time.sleep(0.05)
    time.sleep(0.5)
    run.send_signal(signal.SIGINT)
    _, err = run.communicate(timeout=20)
    assert run.returncode == 130, err
    assert "Stopped. What has arrived is kept; run the same command again" in err
    (part,) = home.models.glob(".incoming/*/*.part")
    assert part.stat().st_size > 0


def test_kinds_of_the_catalogue_are_those_of_the_shelf() -> None:
    assert {entry.kind for entry in ENTRIES} <= set(ModelKind)
