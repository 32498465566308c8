"""Launcher, window and download worker, each a process of its own with its walls, and a server with TLS."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from app.catalog.catalogue import Catalog
from app.catalog.download import network_log
from app.catalog.installed import models_folder
from app.core.model import ModelKind
from app.storage.vault import Vault
from tests.catalog.download.model_server import HOSTS, NAMES, Authority, entry_of, running, trickling
from tests.running import CHEAP, PASSPHRASE, ROOT, Home
from tests.ui.models.download_broker import demo
from tests.ui.models.launched import MODEL

FILE = "Qwen3-0.6B-Q8_0.gguf"


@pytest.mark.skipif(sys.platform != "linux", reason="the walls that are asserted here are Linux's")
def test_in_the_window_a_model_is_downloaded_paused_resumed_used_and_in_the_ledger(tmp_path: Path) -> None:
    home, authority = Home(tmp_path / "home"), Authority(tmp_path)
    Vault.create(home.vault, PASSPHRASE, CHEAP).close()
    raw = demo(ModelKind.LANGUAGE).path.read_bytes()
    catalog, command = tmp_path / "catalog.json", tmp_path / "worker.json"
    entry = msgspec.structs.replace(entry_of({FILE: raw}, MODEL), name="Qwen3 0.6B (Q8_0)")
    catalog.write_bytes(msgspec.json.encode(Catalog(1, HOSTS, (entry,))))
    with running(authority.serving(*NAMES), {FILE: raw}) as server:
        server.answer = trickling(0.01, 25_000)
        worker = [
            ROOT / "tests" / "catalog" / "download" / "worker.py",
            authority.path,
            server.port,
            catalog,
            "--download",
        ]
        command.write_text(json.dumps([sys.executable, *map(str, worker)]))
        launched = [sys.executable, ROOT / "tests" / "ui" / "models" / "launched.py", command]
        ended = subprocess.run(
            [*map(str, launched), "--vault", str(home.vault), "--models", str(home.models)], cwd=ROOT,
            env=home.environment | {"QT_QPA_PLATFORM": "offscreen"}, capture_output=True, text=True, timeout=90,
            check=False,
        )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    seen: dict[str, Any] = {}
    for line in ended.stdout.splitlines():
        seen |= json.loads(line)
    assert seen["before"].startswith("Offline, enforced: No part of Tacit that holds or reads your calls can connect.")
    assert seen["asked"] == "From huggingface.co, 639 MB, Apache-2.0. Only the downloader connects."
    assert seen["during"].startswith("Online for one download: Only the downloader may connect, only to the model host")
    assert " loaded" in seen["said"]
    assert seen["button"] == "Pause"
    assert seen["paused"].endswith("are here, from huggingface.co.")
    assert seen["after_pause"] == seen["before"] != seen["during"]
    first, second = server.asked
    assert (first.offset, 0 < second.offset < len(raw)) == (0, True), "it went on where it was"
    assert (home.models / MODEL / FILE).read_bytes() == raw
    assert [model.name for model in models_folder.models_in(home.models)] == [MODEL]
    newest, before = seen["ledger"]
    assert newest.startswith("To fetch Qwen3 0.6B (Q8_0): ")
    assert newest.endswith(" MB from huggingface.co. It arrived, whole and checked.")
    assert before.endswith("B from huggingface.co. It was stopped; what had arrived was kept.")
    assert network_log.log_files(home.models) == [], "the vault has taken the notes over"
