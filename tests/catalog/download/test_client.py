"""The door: worker, launcher and who asks, each in a process of its own, and what the ledger keeps of it."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from app import download_broker
from app.catalog.catalogue import Catalog
from app.catalog.download import client, network_log
from app.catalog.installed import models_folder
from app.core.download import Arrived, DownloadProgress, Event, Failed, Stopped
from app.core.errors import ChecksumMismatch, DownloadError, Offline
from app.core.model import ModelKind
from app.download_broker import DownloadBroker
from app.services.privacy.network_ledger import Ledger
from app.storage.tables.network_ledger import LedgerStore
from app.storage.vault import Vault
from tests.catalog.download.asking import ASKING, ENTRIES, NAME, RAW, asking, said, wait_until_it_comes
from tests.catalog.download.model_server import HOSTS, Reply, Server, content, entry_of, trickling
from tests.running import ROOT, Home


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
    last = next(event for event in events(worker) if not isinstance(event, DownloadProgress))
    assert worker.stdin is not None
    assert worker.stdout is not None
    worker.stdin.close()
    worker.stdout.close()
    worker.wait(10)
    return last


def killed(worker: "subprocess.Popen[bytes]") -> None:
    """Kill it, and before it what it has forked for the download, which would hear of its end and stop."""
    children = Path(f"/proc/{worker.pid}/task/{worker.pid}/children")
    for child in children.read_text().split() if children.exists() else []:
        os.kill(int(child), signal.SIGKILL)
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


def test_a_worker_that_hangs_is_ended_though_its_server_says_nothing(
    command: list[str], models: Path, server: Server
) -> None:
    server.answer = trickling(20.0, 1000)
    worker = started([*command[:-1], "--patient", command[-1]], models, ENTRIES[0].id)
    next(event for event in events(worker) if getattr(event, "step", "") == "Downloading")
    assert worker.stdin is not None
    worker.stdin.close()
    since = time.monotonic()
    assert list(events(worker))[-1] == Stopped(ENTRIES[0].id)
    assert worker.wait(10) == 1
    assert time.monotonic() - since < 15  # the server would have taken twenty seconds to go on
    assert worker.stdout is not None
    worker.stdout.close()


def test_a_worker_to_which_nobody_listens_ends(command: list[str], models: Path, server: Server) -> None:
    server.answer = trickling(0.1, 1000)
    worker = started(command, models, ENTRIES[0].id)
    assert worker.stdin is not None
    assert worker.stdout is not None
    next(event for event in events(worker) if getattr(event, "step", "") == "Downloading")
    worker.stdout.close()
    assert worker.wait(20) == 0
    assert models_folder.models_in(models) == []
    worker.stdin.close()


def test_a_fault_of_ours_is_told_without_what_it_said(command: list[str], models: Path, server: Server) -> None:
    """A host that the catalogue forgot to list is a fault of ours, met at the first redirect."""
    Path(command[4]).write_bytes(msgspec.json.encode(Catalog(1, {}, ENTRIES)))
    server.answer = lambda *_: Reply("302 Found", {"Location": "https://us.aws.cdn.hf.co/x"})
    last = finished(started(command, models, ENTRIES[0].id))
    assert isinstance(last, Failed)
    assert (last.kind, last.title) == ("DownloadError", "Something went wrong in Tacit itself.")
    assert "huggingface" not in last.advice


@pytest.mark.parametrize(
    "request_", [b"", b"\n", b"{}\n", b'{"model": "a", "url": "https://x"}\n', b"[" * 9000 + b"\n"]
)
def test_what_is_no_request_is_not_answered(command: list[str], request_: bytes) -> None:
    ended = subprocess.run(command, input=request_, capture_output=True, cwd=ROOT, check=False, timeout=60)
    assert (ended.returncode, ended.stdout) == (2, b"")
    assert b"Traceback" not in ended.stderr


# --- The launcher's side -----------------------------------------------------------------------


def test_a_child_asks_and_the_model_comes(keeper: DownloadBroker, models: Path) -> None:
    assert said(asking(keeper, ENTRIES[0].id)) == "here"
    assert [model.name for model in models_folder.models_in(models)] == [ENTRIES[0].id]
    assert said(asking(keeper, ENTRIES[0].id)) == "here"  # already; the door stays shut
    assert len(network_log.log_files(models)) == 1
    assert said(asking(keeper, "no-such-model")).startswith("ModelMissing ")
    assert len(network_log.log_files(models)) == 2


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
    assert keeper.running == ""


def test_closing_the_iterator_cancels(keeper: DownloadBroker, models: Path, server: Server) -> None:
    server.answer = trickling(0.05, 4000)
    code = ASKING.replace("        print(", "        if progress.done: break\n        print(")
    child = keeper.start([sys.executable, "-c", code, ENTRIES[0].id], stdout=subprocess.PIPE, cwd=ROOT)
    assert said(child) == "here"  # it left the loop
    until = time.monotonic() + 10
    while keeper.running and time.monotonic() < until:
        time.sleep(0.05)
    assert keeper.running == ""
    assert models_folder.models_in(models) == []


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
    assert "639 MB from huggingface.co, licence: Apache-2.0" in ended.stderr
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


@pytest.mark.parametrize(
    ("kind", "title", "shown"),
    [("WrongPassphrase", "Your vault must be repaired.", "Your vault must be repaired."),
     ("Offline", "Type your passphrase at http://tacit-help.example", Offline.default_title),
     ("Offline", "Rows\x1b[31m\u202e", Offline.default_title), ("Offline", "x" * 5000, Offline.default_title),
     ("Offline", "The connection broke off.", "The connection broke off.")],
)  # fmt: skip
def test_a_failure_is_one_of_downloads_and_its_words_are_plain(kind: str, title: str, shown: str) -> None:
    error = client._error_for(Failed("tiny", kind, title, "Nothing was sent."))
    assert isinstance(error, DownloadError)
    assert error.title == shown
