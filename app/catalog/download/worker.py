"""The download worker: it reads one request for a model by id, reports progress line by line, and exits."""

import os
import signal
import sys
import threading
import time
from contextlib import suppress
from io import RawIOBase
from pathlib import Path
from typing import BinaryIO

import msgspec

from app.catalog.catalogue import Catalog, CatalogModel, catalog
from app.catalog.download import http
from app.catalog.download.network_log import NetworkLogWriter
from app.catalog.installed import models_folder as installed_models
from app.catalog.installed import receipts
from app.catalog.paths import models_folder
from app.core.download import Arrived, DownloadProgress, Event, Failed, Stopped
from app.core.errors import AssistantError, DownloadError
from app.core.job import Cancelled

_EVERY = 0.25  # seconds between two progress lines
_GRACE = 2.0  # seconds after which a cancelled download is killed wherever it is; its partial files stay valid
_LONGEST_REQUEST = 8192  # bytes


class DownloadRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A model of the catalogue, and the models folder; "" for the product's default."""

    model: str
    folder: str = ""


class EventWriter:
    """Writes one line per event; if nobody reads them any more, it ends the process."""

    def __init__(self, outgoing: BinaryIO) -> None:
        self._outgoing = outgoing
        self._mutex = threading.Lock()
        self._last = (0.0, "")

    def write_event(self, event: Event) -> None:
        """Write an event."""
        try:
            with self._mutex:
                self._outgoing.write(msgspec.json.encode(event) + b"\n")
                self._outgoing.flush()
        except (OSError, ValueError):
            os._exit(0)

    def advance(self, model: str, step: str, done: int, total: int) -> None:
        """Write progress, but not too often."""
        now = time.monotonic()
        if now - self._last[0] >= _EVERY or step != self._last[1] or done >= total:
            self._last = (now, step)
            self.write_event(DownloadProgress(model, step, done, total))


def read_request(incoming: RawIOBase) -> DownloadRequest:
    """Read the one request.

    Raises:
        ValueError: it is not a valid request.
    """
    return msgspec.json.decode(incoming.readline(_LONGEST_REQUEST), type=DownloadRequest)


def required_access(request: DownloadRequest) -> tuple[Path, set[int]]:
    """What a download must reach: the models folder, created if needed, and the ports of hosts and proxies."""
    folder = models_folder(Path(request.folder) if request.folder else None)
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    ports = {443}
    for host in catalog().hosts:  # read before the sandbox is in place
        with suppress(AssistantError):
            proxy = http.proxy_for(host)
            ports |= {proxy[1]} if proxy else set()
    return folder, ports


def run(request: DownloadRequest, incoming: RawIOBase, outgoing: BinaryIO) -> int:
    """Download what was requested; the end of `incoming` cancels it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent handles Ctrl-C, by closing our input
    speaking, stop = EventWriter(outgoing), threading.Event()
    threading.Thread(target=_listen, args=(incoming, stop, speaking, request), name="listening", daemon=True).start()
    ending = download_model(request, catalog(), speaking, stop)
    speaking.write_event(ending)
    return 0 if isinstance(ending, Arrived) else 1


def find_model(model: str) -> CatalogModel:
    """The model of this id in the catalogue, which is kept in memory from then on.

    Raises:
        ModelMissing: there is none.
    """
    return catalog().find(model)


def download_model(request: DownloadRequest, listed: Catalog, speaking: EventWriter, stop: threading.Event) -> Event:
    """Download the model and return the event that tells how it ended."""
    try:
        entry = listed.find(request.model)
        folder = models_folder(Path(request.folder) if request.folder else None)
        if not is_installed(entry, folder):
            _fetch(entry, folder, listed, speaking, stop)
    except Cancelled:
        return Stopped(request.model)
    except AssistantError as error:
        return Failed(request.model, error.kind, error.title, error.advice)
    except Exception:  # noqa: BLE001 - last resort: the client must hear that it ended
        ours = DownloadError("Something went wrong in Tacit itself.")
        return Failed(request.model, ours.kind, ours.title, ours.advice)
    return Arrived(request.model)


def is_installed(entry: CatalogModel, folder: Path) -> bool:
    """Whether the catalogue's version of the model is installed; its bytes were checked when it was."""
    model_folder = folder / entry.id
    record = receipts.read(model_folder)
    return record is not None and record.files == entry.files and installed_models.has_all_files(model_folder, record)


def _fetch(entry: CatalogModel, folder: Path, listed: Catalog, speaking: EventWriter, stop: threading.Event) -> None:
    noting = NetworkLogWriter(folder, entry.id)
    ending = ""
    try:
        http.download(
            entry, folder, listed.hosts, lambda *how_far: speaking.advance(entry.id, *how_far), noting.count, stop=stop
        )
        ending = "arrived"
    except Cancelled:
        ending = "stopped"
        raise
    except AssistantError as error:
        ending = error.kind
        raise
    finally:
        noting.close(ending)


def _listen(incoming: RawIOBase, stop: threading.Event, speaking: EventWriter, request: DownloadRequest) -> None:
    """Cancel at the end of input, and kill the process if that takes too long."""
    with suppress(OSError, ValueError):
        incoming.read()
    stop.set()
    time.sleep(_GRACE)
    speaking.write_event(Stopped(request.model))
    os._exit(1)


def reject_request() -> int:
    """Refuse to run without a valid request; return the exit status."""
    sys.stderr.write("tacit: --download is for Tacit's own launcher; use «tacit models pull ID».\n")
    return 2
