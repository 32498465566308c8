"""A server of models with a certificate that the tests' own CA signed, and a models folder to fetch into."""

import os
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.catalog.catalogue import CatalogModel
from app.catalog.download import http
from app.catalog.download.http import DownloadLimits, Hosts
from tests.catalog.download.model_server import HOSTS, NAMES, QUICK, Authority, Server, content, names_here, running


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def certificate(authority: Authority) -> ssl.SSLContext:
    return authority.serving(*NAMES)


@pytest.fixture
def looked_up(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Every name is this computer's, and no proxy stands before it; the names that were asked for."""
    for name in [name for name in os.environ if name.casefold().endswith("_proxy")]:
        monkeypatch.delenv(name)
    with names_here() as names:
        yield names


@pytest.fixture
def server(certificate: ssl.SSLContext, looked_up: list[str]) -> Iterator[Server]:
    with running(certificate, {}) as started:
        yield started


class Fetching:
    """Downloads into one folder, and keeps what was reported and counted."""

    def __init__(self, folder: Path, authority: Authority, server: Server) -> None:
        self.folder = folder
        self.context = authority.trusting()
        self._server = server
        self.steps: list[tuple[str, int, int]] = []
        self.counted: dict[str, int] = {}
        self.watch: Callable[[str, int, int], None] = lambda *_: None

    def run(self, entry: CatalogModel, limits: DownloadLimits = QUICK, hosts: Hosts = HOSTS) -> Path:
        """Fetch a model; its folder on the shelf."""
        self._server.files |= dict.fromkeys((file.name for file in entry.files), b"") | self._server.files
        http.download(
            entry, self.folder, hosts, self._report, self._count, context=self.context, port=self._server.port,
            limits=limits,
        )  # fmt: skip
        return self.folder / entry.id

    def waiting(self) -> dict[str, int]:
        """Files in the gathering places, and their sizes."""
        return {p.name: p.stat().st_size for p in (self.folder / ".incoming").glob("*/*") if p.is_file()}

    def _report(self, step: str, done: int, total: int) -> None:
        self.steps.append((step, done, total))
        self.watch(step, done, total)

    def _count(self, host: str, size: int) -> None:
        self.counted[host] = self.counted.get(host, 0) + size


@pytest.fixture
def fetching(tmp_path: Path, authority: Authority, server: Server) -> Fetching:
    folder = tmp_path / "models"
    folder.mkdir()
    return Fetching(folder, authority, server)


@pytest.fixture
def tiny(server: Server) -> Server:
    """The server, with one small model."""
    server.files = {"tiny.gguf": content(300_000)}
    return server
