"""The only code that connects: it downloads files from the catalogue's hosts over TLS into a folder."""

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
from urllib.parse import quote, unquote, urljoin, urlsplit
from urllib.request import getproxies, proxy_bypass

import truststore

from app.catalog.catalogue import CatalogFile, CatalogModel, is_allowed
from app.catalog.download.partial_file import Etags, PartialFile, partial_path
from app.catalog.download.response_checks import (
    NOT_TAKEN,
    RestartableError,
    RetryableError,
    check_announced_file,
    check_response,
    strong_etag,
)
from app.catalog.installed import receipts
from app.catalog.installed.staging import StagingFolder, require_room, sync_to_disk, translate_disk_errors
from app.core.download import CHECKING, FETCHING
from app.core.errors import ChecksumMismatch, DownloadError, Offline, ServerRefused
from app.core.job import Cancelled

Hosts = dict[str, tuple[str, ...]]
Report = Callable[[str, int, int], None]
"""Called with the step, the bytes of the model present so far and its total bytes."""

_Answer = tuple[http.client.HTTPSConnection, http.client.HTTPResponse, str, "_Pace"]  # with the host that gave it
_BLOCK = 1 << 18
_MOST_REDIRECTS = 5
_TARGET = re.compile(r"/[!-~]*\Z")  # the characters allowed in a request line
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_SLOW = ("The server sends too slowly.", "What has arrived is kept; start the download again later to go on.")


@dataclass(frozen=True)
class DownloadLimits:
    """How long to wait, in seconds, and how often to try."""

    silence: float = 30.0  # without a byte
    answer: float = 90.0  # from the name lookup to the end of the response headers
    slow_span: float = 60.0  # in each such span at least `slow_bytes` must arrive
    slow_bytes: int = 256 * 1024
    first_tries: int = 2  # before any response: someone offline wants to know soon
    tries: int = 6  # afterwards: consecutive ones that bring fewer than `progress_bytes`
    progress_bytes: int = 1 << 20
    pause: float = 1.0  # before the second try, then doubled each time


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
    limits: DownloadLimits | None = None,
) -> None:
    """Download a model into the models folder, complete and checked, resuming an earlier attempt if there was one.

    `count` is called with the bytes received from each host. `context` and `port` are for tests: the
    product uses the system's certificates and port 443.

    Raises:
        DownloadError: one of its subclasses, in words. What has arrived intact is kept.
        Cancelled: `stop` was set; what has arrived is kept too.
    """
    with StagingFolder(models, entry.id) as arrival:
        fetching = _ModelFetch(entry, arrival, hosts, report, count, stop or threading.Event())
        fetching.context = context or system_context()
        fetching.port, fetching.limits = port, limits or DownloadLimits()
        require_room(models, entry.size - fetching.arrived())
        for file in entry.files:
            fetching.fetch(file)
        arrival.install(receipts.of_catalogue(entry))


def system_context() -> ssl.SSLContext:
    """A TLS context that trusts what the operating system trusts."""
    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def proxy_for(host: str) -> tuple[str, int, dict[str, str]] | None:
    """The system's proxy for a host: its name, its port and the headers it needs; None without a proxy.

    Raises:
        ServerRefused: the proxy is of an unsupported kind.
    """
    found = getproxies()
    address = found.get("https") or found.get("all")
    if not address or proxy_bypass(host):
        return None
    try:
        parts = urlsplit(address if "://" in address else f"http://{address}")
        where, port = parts.hostname, parts.port or 80
    except ValueError:  # the error quotes the person's setting, which must not be repeated
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
class _ModelFetch:
    """The download of one model."""

    entry: CatalogModel
    arrival: StagingFolder
    hosts: Hosts
    report: Report
    count: Callable[[str, int], None]
    stop: threading.Event
    context: ssl.SSLContext | None = None
    port: int = 443
    limits: DownloadLimits = DownloadLimits()

    def __post_init__(self) -> None:
        self._before = 0  # bytes of the finished files
        self._was_answered = False
        self._etags = Etags(self.arrival.folder)

    def arrived(self) -> int:
        """Bytes present so far, of all files."""
        folder = self.arrival.folder
        paths = [path for file in self.entry.files for path in (folder / file.name, partial_path(folder / file.name))]
        return sum(path.stat().st_size for path in paths if path.is_file())

    def fetch(self, file: CatalogFile) -> None:
        """Download one file to its full length, check it, and give it its final name."""
        final_path = self.arrival.folder / file.name
        if final_path.is_file():  # left by an earlier process; it was checked then, and is checked again
            final_path.replace(partial_path(final_path))
        part = PartialFile(partial_path(final_path), file.bytes, lambda size: self._report_step(CHECKING, size))
        try:
            failures, farthest = 0, part.size
            while part.size < file.bytes:
                try:
                    self._fetch_rest(file, part)
                except RetryableError as again:
                    failures = 1 if part.size - farthest >= self.limits.progress_bytes else failures + 1
                    farthest = max(farthest, part.size)
                    if failures >= (self.limits.tries if self._was_answered else self.limits.first_tries):
                        raise again.error from again
                    if self.stop.wait(self.limits.pause * 2 ** (failures - 1)):
                        raise Cancelled from again
        finally:
            part.close()
        if part.hasher.hexdigest() != file.sha256:
            partial_path(final_path).unlink()
            raise ChecksumMismatch
        with translate_disk_errors():
            sync_to_disk(partial_path(final_path))
            partial_path(final_path).replace(final_path)
        self._before += file.bytes

    def _fetch_rest(self, file: CatalogFile, part: PartialFile) -> None:
        """Request what is missing, and write what arrives."""
        connection, response, host, pace = self._request_in_time(file, part.size)
        self._was_answered = True
        try:
            follows, etag = (
                check_response(response.status, _headers_of(response), file, part.size),
                strong_etag(_headers_of(response)),
            )
            if not follows:
                part.restart()
                self._etags.keep(file.name, etag)
            elif etag and self._etags.of(file.name) not in ("", etag):  # it ignored If-Range
                raise RestartableError(ServerRefused("The server has another file now.", NOT_TAKEN))
            self._receive(response, file, part, host, pace)
        except RestartableError:
            part.restart()
            raise
        except (OSError, http.client.HTTPException) as error:
            raise Offline(*_SLOW) if pace.is_slow else RetryableError(_error_for(error)) from error
        finally:
            pace.end()
            response.close()
            connection.close()

    def _receive(
        self, response: http.client.HTTPResponse, file: CatalogFile, part: PartialFile, host: str, pace: "_Pace"
    ) -> None:
        pace.begin()
        while part.size < file.bytes:  # never a byte more, whatever the server sends
            if self.stop.is_set():
                raise Cancelled
            block = response.read1(min(_BLOCK, file.bytes - part.size))
            if not block:
                raise http.client.IncompleteRead(b"")
            part.write(block)
            self.count(host, len(block))
            pace.received += len(block)
            self._report_step(FETCHING, part.size)

    def _request(self, file: CatalogFile, offset: int) -> _Answer:
        """Connect, send the request, and follow redirects to allowed hosts."""
        start = self.entry.host
        host, target = start, url_path(self.entry, file)
        for _ in range(_MOST_REDIRECTS + 1):
            self.count(host, 0)
            with ExitStack() as left:  # closes what is not returned
                connection = self._connection(host)
                left.callback(connection.close)
                try:
                    connection.request("GET", target, headers=self._headers(file, offset))
                    pace = _Pace(connection.sock, self.limits)
                    response = connection.getresponse()
                except (OSError, http.client.HTTPException) as error:
                    raise _connection_error(error) from error
                left.callback(response.close)
                if response.status not in _REDIRECTS:
                    left.pop_all()
                    return connection, response, host, pace
                check_announced_file(_headers_of(response), file)
                location, here = response.headers.get("Location", ""), f"https://{host}{target}"
                host, target = self._redirect_target(here, location, (start, *self.hosts[start]))
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

    def _redirect_target(self, here: str, untrusted_location: str, patterns: tuple[str, ...]) -> tuple[str, str]:
        """Host and path of an allowed redirect."""
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

    def _report_step(self, step: str, size: int) -> None:
        if self.stop.is_set():
            raise Cancelled
        self.report(step, self._before + size, self.entry.size)

    def _request_in_time(self, file: CatalogFile, offset: int) -> _Answer:
        """`_request` within the time limit: it may hang in many places (name lookup, handshake, headers).

        A hanging thread is left behind: it ends at its socket's next timeout, or with this process. If an answer comes
        to it after all, it closes what it opened.
        """
        outcome: queue.SimpleQueue[_Answer | BaseException] = queue.SimpleQueue()
        is_given_up = threading.Event()

        def run() -> None:
            try:
                outcome.put(self._request(file, offset))
            except BaseException as error:  # noqa: BLE001 - raised again in the waiting thread
                outcome.put(error)
            if is_given_up.is_set():
                _discard(outcome)

        threading.Thread(target=run, name="answer", daemon=True).start()
        until = time.monotonic() + self.limits.answer
        while time.monotonic() < until and not self.stop.is_set():
            with suppress(queue.Empty):
                answer = outcome.get(timeout=0.2)
                if isinstance(answer, BaseException):
                    raise answer
                return answer
        is_given_up.set()
        _discard(outcome)  # it may have come just now
        if self.stop.is_set():
            raise Cancelled
        raise Offline("The server does not answer in time.")


def _discard(outcome: "queue.SimpleQueue[_Answer | BaseException]") -> None:
    """Close the connection that nobody waits for any more."""
    with suppress(queue.Empty):
        answer = outcome.get_nowait()
        if not isinstance(answer, BaseException):
            connection, response, *_ = answer
            response.close()
            connection.close()


class _Pace:
    """Shuts down a connection that is too slow, measured by the clock, even while the HTTP library awaits headers."""

    def __init__(self, connected: socket.socket, limits: DownloadLimits) -> None:
        self.received = 0
        self.is_slow = False
        self._socket = connected
        self._limits = limits
        self._is_over = threading.Event()

    def begin(self) -> None:
        """Start watching."""
        threading.Thread(target=self._watch, name="pace", daemon=True).start()

    def end(self) -> None:
        """Stop watching."""
        self._is_over.set()

    def _watch(self) -> None:
        before = 0
        while not self._is_over.wait(self._limits.slow_span):
            if self.received - before < self._limits.slow_bytes:
                self.is_slow = True
                with suppress(OSError):  # bypassing TLS, whose state belongs to the reading thread
                    socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
                return
            before = self.received


def url_path(entry: CatalogModel, file: CatalogFile) -> str:
    """A file's URL path at its host, with the pinned revision."""
    name = quote(file.name)
    if entry.release_tag:
        return f"/{entry.repository}/releases/download/{entry.release_tag}/{name}"
    return f"/{entry.repository}/resolve/{entry.revision}/{name}"


def _headers_of(response: http.client.HTTPResponse) -> dict[str, str]:
    return {name.casefold(): value for name, value in response.headers.items()}


def _connection_error(error: Exception) -> Exception:
    """The error for a failed connection: a bad certificate is final; most others are worth a retry."""
    if isinstance(error, ssl.SSLCertVerificationError):
        advice = (
            "Nothing was fetched; check the computer's date, and whether a program or a network opens your "
            "encrypted connections."
        )
        return ServerRefused("The server can't prove that it is the right one.", advice)
    if str(error).startswith("Tunnel connection failed"):
        return ServerRefused("The proxy does not let the connection through.", "Check the system's proxy settings.")
    return RetryableError(_error_for(error))


def _error_for(error: Exception) -> DownloadError:
    if isinstance(error, socket.gaierror):
        return Offline("The server's name is not known: there seems to be no connection to the internet.")
    if isinstance(error, TimeoutError):
        return Offline("The server does not answer in time.")
    if isinstance(error, ssl.SSLError):
        return Offline("The encrypted connection to the server failed.")
    if isinstance(error, http.client.HTTPException | ConnectionResetError | BrokenPipeError):
        return Offline("The connection broke off.")
    return Offline()
