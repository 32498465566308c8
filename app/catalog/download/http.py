"""The only code that connects: file after file from the catalogue's hosts, over TLS, to a folder."""

import base64
import http.client
import queue
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote, unquote, urljoin, urlsplit
from urllib.request import getproxies, proxy_bypass

import truststore

from app.catalog.catalogue import CatalogFile, CatalogModel, is_allowed
from app.catalog.download.partial_file import Etags, Part, part_of
from app.catalog.download.response_checks import NOT_TAKEN, Again, Restart, check_promise, judge, strong_etag
from app.catalog.installed import receipts
from app.catalog.installed.staging import Arrival, require_room, synced, translated
from app.core.download import CHECKING, FETCHING
from app.core.errors import ChecksumMismatch, DownloadError, Offline, ServerRefused
from app.core.job import Cancelled

T = TypeVar("T")
Hosts = dict[str, tuple[str, ...]]
Report = Callable[[str, int, int], None]
"""Told the step, and the bytes of the whole model that are there and that there will be."""

_BLOCK = 1 << 18
_MOST_REDIRECTS = 5
_TARGET = re.compile(r"/[!-~]*\Z")  # what may stand in the line of a request
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_SLOW = ("The server sends too slowly.", "What has arrived is kept; start the download again later to go on.")


@dataclass(frozen=True)
class Limits:
    """How long is waited, in seconds, and how often is tried."""

    silence: float = 30.0  # without a byte
    answer: float = 90.0  # from looking up the name to the end of the answer's head
    slow_span: float = 60.0  # in each such span at least `slow_bytes` must come
    slow_bytes: int = 256 * 1024
    first_tries: int = 2  # before any answer: who is offline wants to hear it soon
    tries: int = 6  # later, in a row that bring fewer than `progress_bytes`
    progress_bytes: int = 1 << 20
    pause: float = 1.0  # before the second try, then twice as long each time


def download(
    entry: CatalogModel,
    models: Path,
    hosts: Hosts,
    report: Report,
    count: Callable[[str, int], None],
    *,
    stop: threading.Event | None = None,
    context: ssl.SSLContext | None = None,
    port: int = 443,
    limits: Limits | None = None,
) -> None:
    """Fetch a model and put it on the shelf, whole and checked; or go on with what has arrived earlier.

    `count` is told the bytes that come from each host. `context` and `port` are for tests: the
    product asks the system's certificates, and port 443.

    Raises:
        DownloadError: one of its kinds, in words. What has arrived right is kept.
        Cancelled: `stop` was set; likewise.
    """
    with Arrival(models, entry.id) as arrival:
        fetching = _Fetching(entry, arrival, hosts, report, count, stop or threading.Event())
        fetching.context = context or system_context()
        fetching.port, fetching.limits = port, limits or Limits()
        require_room(models, entry.size - fetching.arrived())
        for file in entry.files:
            fetching.fetch(file)
        arrival.settle(receipts.of_catalogue(entry))


def system_context() -> ssl.SSLContext:
    """TLS as the operating system trusts it."""
    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def proxy_for(host: str) -> tuple[str, int, dict[str, str]] | None:
    """The system's proxy for a host: its name, its port, and what it must be told.

    Raises:
        ServerRefused: it is of a kind that can't be used.
    """
    found = getproxies()
    address = found.get("https") or found.get("all")
    if not address or proxy_bypass(host):
        return None
    try:
        parts = urlsplit(address if "://" in address else f"http://{address}")
        where, port = parts.hostname, parts.port or 80
    except ValueError:  # how a person wrote it is in its words, which are not ours to repeat
        parts, where, port = urlsplit(""), None, 0
    if parts.scheme != "http" or not where:
        advice = "Nothing was sent; set an HTTP proxy, or bring the model as a file («tacit models add»)."
        raise ServerRefused("The system's proxy is of a kind that Tacit can't use.", advice)
    tell = {}
    if parts.username:
        secret = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
        tell["Proxy-Authorization"] = "Basic " + base64.b64encode(secret).decode()
    return where, port, tell


@dataclass
class _Fetching:
    """One model on its way."""

    entry: CatalogModel
    arrival: Arrival
    hosts: Hosts
    report: Report
    count: Callable[[str, int], None]
    stop: threading.Event
    context: ssl.SSLContext | None = None
    port: int = 443
    limits: Limits = Limits()

    def __post_init__(self) -> None:
        self._before = 0  # bytes of the files that are done
        self._was_answered = False
        self._etags = Etags(self.arrival.folder)

    def arrived(self) -> int:
        """Bytes that are there of all files."""
        folder = self.arrival.folder
        paths = [path for file in self.entry.files for path in (folder / file.name, part_of(folder / file.name))]
        return sum(path.stat().st_size for path in paths if path.is_file())

    def fetch(self, file: CatalogFile) -> None:
        """Bring one file to its full length, check it, and give it its name."""
        place = self.arrival.folder / file.name
        if place.is_file():  # from before the process ended; it had been checked, and is checked again
            place.replace(part_of(place))
        part = Part(part_of(place), file.bytes, lambda size: self._tell(CHECKING, size))
        try:
            failures, farthest = 0, part.size
            while part.size < file.bytes:
                try:
                    self._stretch(file, part)
                except Again as again:
                    failures = 1 if part.size - farthest >= self.limits.progress_bytes else failures + 1
                    farthest = max(farthest, part.size)
                    if failures >= (self.limits.tries if self._was_answered else self.limits.first_tries):
                        raise again.error from again
                    if self.stop.wait(self.limits.pause * 2 ** (failures - 1)):
                        raise Cancelled from again
        finally:
            part.close()
        if part.hasher.hexdigest() != file.sha256:
            part_of(place).unlink()
            raise ChecksumMismatch
        with translated():
            synced(part_of(place))
            part_of(place).replace(place)
        self._before += file.bytes

    def _stretch(self, file: CatalogFile, part: Part) -> None:
        """Ask for what is missing, and take what comes of it."""
        connection, response, host, pace = self._within(lambda: self._answer(file, part.size))
        self._was_answered = True
        try:
            follows, etag = judge(response.status, _head(response), file, part.size), strong_etag(_head(response))
            if not follows:
                part.restart()
                self._etags.keep(file.name, etag)
            elif etag and self._etags.of(file.name) not in ("", etag):  # it took no notice of If-Range
                raise Restart(ServerRefused("The server has another file now.", NOT_TAKEN))
            self._take(response, file, part, host, pace)
        except Restart:
            part.restart()
            raise
        except (OSError, http.client.HTTPException) as error:
            raise Offline(*_SLOW) if pace.is_slow else Again(_in_words(error)) from error
        finally:
            pace.end()
            response.close()
            connection.close()

    def _take(
        self, response: http.client.HTTPResponse, file: CatalogFile, part: Part, host: str, pace: "_Pace"
    ) -> None:
        pace.begin()
        while part.size < file.bytes:  # never a byte more, whatever is sent
            if self.stop.is_set():
                raise Cancelled
            block = response.read1(min(_BLOCK, file.bytes - part.size))
            if not block:
                raise http.client.IncompleteRead(b"")
            part.write(block)
            self.count(host, len(block))
            pace.came += len(block)
            self._tell(FETCHING, part.size)

    def _answer(
        self, file: CatalogFile, offset: int
    ) -> "tuple[http.client.HTTPSConnection, http.client.HTTPResponse, str, _Pace]":
        """Connect, ask, and follow redirects to the hosts that are allowed."""
        start = self.entry.host
        host, target = start, path_of(self.entry, file)
        for _ in range(_MOST_REDIRECTS + 1):
            self.count(host, 0)
            with ExitStack() as left:  # what is not handed on is closed
                connection = self._connection(host)
                left.callback(connection.close)
                try:
                    connection.request("GET", target, headers=self._headers(file, offset))
                    pace = _Pace(connection.sock, self.limits)
                    response = connection.getresponse()
                except (OSError, http.client.HTTPException) as error:
                    raise _refused_or_again(error) from error
                left.callback(response.close)
                if response.status not in _REDIRECTS:
                    left.pop_all()
                    return connection, response, host, pace
                check_promise(_head(response), file)
                location, here = response.headers.get("Location", ""), f"https://{host}{target}"
                host, target = self._allowed(here, location, (start, *self.hosts[start]))
        raise ServerRefused("The server sends on and on.", NOT_TAKEN)

    def _connection(self, host: str) -> http.client.HTTPSConnection:
        proxy = proxy_for(host)
        where, port = proxy[:2] if proxy else (host, self.port)
        connection = http.client.HTTPSConnection(where, port, timeout=self.limits.silence, context=self.context)
        if proxy:
            connection.set_tunnel(host, self.port, proxy[2])
        return connection

    def _headers(self, file: CatalogFile, offset: int) -> dict[str, str]:
        headers = {"User-Agent": "tacit", "Accept": "*/*", "Accept-Encoding": "identity", "Connection": "close"}
        if offset:
            headers["Range"] = f"bytes={offset}-"
            if etag := self._etags.of(file.name):
                headers["If-Range"] = etag
        return headers

    def _allowed(self, here: str, untrusted_location: str, patterns: tuple[str, ...]) -> tuple[str, str]:
        """Host and path of where we are sent on to."""
        try:
            parts = urlsplit(urljoin(here, untrusted_location))
            host, port = parts.hostname or "", parts.port
        except ValueError:
            parts, host, port = urlsplit(""), "", None
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        is_plain = parts.scheme == "https" and parts.username is None and port in (None, self.port)
        is_plain = is_plain and _TARGET.match(target) is not None
        if not is_plain or not is_allowed(host, patterns):
            advice = "Nothing was fetched from there; a newer version of Tacit may know it, or choose another model."
            raise ServerRefused("The server sends on to a host that is not on the catalogue's list.", advice)
        return host, target

    def _tell(self, step: str, size: int) -> None:
        if self.stop.is_set():
            raise Cancelled
        self.report(step, self._before + size, self.entry.size)

    def _within(self, work: Callable[[], T]) -> T:
        """Do what may hang in many places (names, handshake, head) for at most so long.

        A thread that hangs is left behind: it ends at the next time limit of its socket, or with this process.
        """
        outcome: queue.SimpleQueue[tuple[T | None, BaseException | None]] = queue.SimpleQueue()

        def run() -> None:
            try:
                outcome.put((work(), None))
            except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
                outcome.put((None, error))

        threading.Thread(target=run, name="answer", daemon=True).start()
        until = time.monotonic() + self.limits.answer
        while time.monotonic() < until:
            try:
                result, error = outcome.get(timeout=0.2)
            except queue.Empty:
                if self.stop.is_set():
                    raise Cancelled from None
                continue
            if error is not None:
                raise error
            return result  # type: ignore[return-value]
        raise Offline("The server does not answer in time.")


class _Pace:
    """Shuts a connection down that brings too little: by the clock, also while the HTTP library waits within a head."""

    def __init__(self, connected: socket.socket, limits: Limits) -> None:
        self.came = 0
        self.is_slow = False
        self._connected = connected
        self._limits = limits
        self._is_over = threading.Event()

    def begin(self) -> None:
        """Look from now on."""
        threading.Thread(target=self._look, name="pace", daemon=True).start()

    def end(self) -> None:
        """Look no longer."""
        self._is_over.set()

    def _look(self) -> None:
        before = 0
        while not self._is_over.wait(self._limits.slow_span):
            if self.came - before < self._limits.slow_bytes:
                self.is_slow = True
                with suppress(OSError):  # past TLS, whose state belongs to the thread that reads
                    socket.socket.shutdown(self._connected, socket.SHUT_RDWR)
                return
            before = self.came


def path_of(entry: CatalogModel, file: CatalogFile) -> str:
    """A file's path at its host, with the revision in it."""
    name = quote(file.name)
    if entry.release_tag:
        return f"/{entry.repository}/releases/download/{entry.release_tag}/{name}"
    return f"/{entry.repository}/resolve/{entry.revision}/{name}"


def _head(response: http.client.HTTPResponse) -> dict[str, str]:
    return {name.casefold(): value for name, value in response.headers.items()}


def _refused_or_again(error: Exception) -> Exception:
    """A certificate that is wrong stays wrong; anything else may pass."""
    if isinstance(error, ssl.SSLCertVerificationError):
        advice = (
            "Nothing was fetched; check the computer's date, and whether a program or a network opens your "
            "encrypted connections."
        )
        return ServerRefused("The server can't prove that it is the right one.", advice)
    if str(error).startswith("Tunnel connection failed"):
        return ServerRefused("The proxy does not let the connection through.", "Check the system's proxy settings.")
    return Again(_in_words(error))


def _in_words(error: Exception) -> DownloadError:
    if isinstance(error, socket.gaierror):
        return Offline("The server's name is not known: there seems to be no connection to the internet.")
    if isinstance(error, TimeoutError):
        return Offline("The server does not answer in time.")
    if isinstance(error, ssl.SSLError):
        return Offline("The encrypted connection to the server failed.")
    if isinstance(error, http.client.HTTPException | ConnectionResetError | BrokenPipeError):
        return Offline("The connection broke off.")
    return Offline()
