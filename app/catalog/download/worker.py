"""The download worker: it takes one request for a model by its id, says how far it is line by line, and ends."""

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
from app.catalog.download.network_log import Noting
from app.catalog.installed import models_folder as shelf
from app.catalog.installed import receipts
from app.catalog.paths import models_folder
from app.core.download import Advance, Arrived, Event, Failed, Stopped
from app.core.errors import AssistantError, DownloadError
from app.core.job import Cancelled

_EVERY = 0.25  # seconds between two lines of progress
_GRACE = 2.0  # seconds after which a download that was told to stop is ended where it is; its parts stay right
_LONGEST_REQUEST = 8192  # bytes


class Request(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A model of the catalogue, and the models folder; "" for the one that the product itself would take."""

    model: str
    folder: str = ""


class Speaking:
    """Writes one line an event; without anybody who reads there is nothing left to do."""

    def __init__(self, outgoing: BinaryIO) -> None:
        self._outgoing = outgoing
        self._mutex = threading.Lock()
        self._last = (0.0, "")

    def say(self, event: Event) -> None:
        """Write an event."""
        try:
            with self._mutex:
                self._outgoing.write(msgspec.json.encode(event) + b"\n")
                self._outgoing.flush()
        except (OSError, ValueError):
            os._exit(0)

    def advance(self, model: str, step: str, done: int, total: int) -> None:
        """Say how far it is, but not too often."""
        now = time.monotonic()
        if now - self._last[0] >= _EVERY or step != self._last[1] or done >= total:
            self._last = (now, step)
            self.say(Advance(model, step, done, total))


def asked(incoming: RawIOBase) -> Request:
    """Read the one request.

    Raises:
        ValueError: it is none.
    """
    return msgspec.json.decode(incoming.readline(_LONGEST_REQUEST), type=Request)


def needs(request: Request) -> tuple[Path, set[int]]:
    """All that a download may reach: the models folder, made if need be, and the ports of hosts and proxies."""
    folder = models_folder(Path(request.folder) if request.folder else None)
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    ports = {443}
    for host in catalog().hosts:  # read before the walls are up
        with suppress(AssistantError):
            proxy = http.proxy_for(host)
            ports |= {proxy[1]} if proxy else set()
    return folder, ports


def run(request: Request, incoming: RawIOBase, outgoing: BinaryIO) -> int:
    """Fetch what was asked for; the end of `incoming` stops it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's: it closes our input
    speaking, stop = Speaking(outgoing), threading.Event()
    threading.Thread(target=_listen, args=(incoming, stop, speaking, request), name="listening", daemon=True).start()
    ending = attempt(request, catalog(), speaking, stop)
    speaking.say(ending)
    return 0 if isinstance(ending, Arrived) else 1


def attempt(request: Request, listed: Catalog, speaking: Speaking, stop: threading.Event) -> Event:
    """Fetch the model and say how it ended."""
    try:
        entry = listed.find(request.model)
        folder = models_folder(Path(request.folder) if request.folder else None)
        if not is_here(entry, folder):
            _fetch(entry, folder, listed, speaking, stop)
    except Cancelled:
        return Stopped(request.model)
    except AssistantError as error:
        return Failed(request.model, error.kind, error.title, error.advice)
    except Exception:  # noqa: BLE001 - the last resort: whoever asked must hear of an end
        ours = DownloadError("Something went wrong in Tacit itself.")
        return Failed(request.model, ours.kind, ours.title, ours.advice)
    return Arrived(request.model)


def is_here(entry: CatalogModel, folder: Path) -> bool:
    """Whether the model lies on the shelf as the catalogue has it; its bytes are checked when it is brought in."""
    place = folder / entry.id
    record = receipts.read(place)
    return record is not None and record.files == entry.files and shelf.is_whole(place, record)


def _fetch(entry: CatalogModel, folder: Path, listed: Catalog, speaking: Speaking, stop: threading.Event) -> None:
    noting = Noting(folder, entry.id)
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


def _listen(incoming: RawIOBase, stop: threading.Event, speaking: Speaking, request: Request) -> None:
    """The end of input means stop."""
    with suppress(OSError, ValueError):
        incoming.read()
    stop.set()
    time.sleep(_GRACE)
    speaking.say(Stopped(request.model))
    os._exit(1)


def refuse() -> int:
    """Answer what is no request."""
    sys.stderr.write("tacit: --download is for Tacit's own launcher; use «tacit models pull ID».\n")
    return 2
