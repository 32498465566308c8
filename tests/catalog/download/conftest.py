"""A worker whose world is the tests' server, and a launcher's broker that starts it."""

import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from app import download_broker
from app.catalog.catalogue import Catalog
from app.download_broker import DownloadBroker
from tests.catalog.download.asking import ENTRIES, NAME, RAW, WORKER
from tests.catalog.download.model_server import HOSTS, Authority, Server


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


@pytest.fixture
def keeper(command: list[str], models: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DownloadBroker]:
    monkeypatch.setattr(download_broker, "download_command", lambda: command)
    kept = DownloadBroker(str(models))
    yield kept
    kept.close()
