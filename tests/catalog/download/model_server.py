"""A server of models on this computer, with TLS under a CA of the tests' own, that misbehaves as one asks it to."""

import hashlib
import random
import re
import socket
import socketserver
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from app.catalog.catalogue import CatalogFile, CatalogModel
from app.catalog.download.http import DownloadLimits
from app.core.model import ModelKind

QUICK = DownloadLimits(silence=2.0, answer=4.0, slow_span=1.0, slow_bytes=4096, first_tries=2, tries=3,
               progress_bytes=1, pause=0.01)  # fmt: skip
HOSTS: dict[str, tuple[str, ...]] = {"huggingface.co": ("*.hf.co",)}
NAMES = ("huggingface.co", "us.aws.cdn.hf.co", "elsewhere.example")


@contextmanager
def names_here() -> Iterator[list[str]]:
    """Let every name be this computer's; the names that were looked up."""
    looked_up, whole = [], socket.getaddrinfo

    def here(host: str, port: int, *rest: object, **options: object) -> object:
        looked_up.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    socket.getaddrinfo = here  # type: ignore[assignment]
    try:
        yield looked_up
    finally:
        socket.getaddrinfo = whole


def content(size: int, seed: int = 1) -> bytes:
    """Bytes that begin as a GGUF does."""
    return b"GGUF" + random.Random(seed).randbytes(size - 4)


def entry_of(files: dict[str, bytes], id_: str = "tiny-1b", kind: ModelKind = ModelKind.LANGUAGE) -> CatalogModel:
    """A catalogue's entry for these files."""
    listed = tuple(CatalogFile(name, len(raw), hashlib.sha256(raw).hexdigest()) for name, raw in files.items())
    return CatalogModel(
        id_, kind, "Tiny", "maker/tiny", "Apache-2.0", "English", "1B", "tests", 4, 2, listed, revision="a" * 40
    )  # fmt: skip


@dataclass
class Request:
    """What was asked: path, the first byte wanted, and the headers in lower case."""

    path: str
    offset: int
    headers: dict[str, str]


@dataclass
class Reply:
    """What to send: head and body, then what `after` sends; without `is_headed` the head is left open."""

    status: str = "200 OK"
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    after: Callable[[ssl.SSLSocket], None] = lambda _: None
    is_headed: bool = True


Answer = Callable[[Request, "Server"], Reply]


class Server(socketserver.ThreadingTCPServer):
    """Serves `files` by their names, well, unless `answer` says otherwise."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, context: ssl.SSLContext, files: dict[str, bytes]) -> None:
        self.context = context
        self.files = files
        self.asked: list[Request] = []
        self.answer: Answer = good
        super().__init__(("127.0.0.1", 0), _Connection)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that has gone is no news."""


class _Connection(socketserver.BaseRequestHandler):
    server: Server

    def handle(self) -> None:
        self.request.settimeout(20)
        with suppress(OSError, ssl.SSLError), self.server.context.wrap_socket(self.request, server_side=True) as tls:
            request = _read(tls)
            self.server.asked.append(request)
            reply = self.server.answer(request, self.server)
            head = "".join(f"{name}: {value}\r\n" for name, value in reply.headers.items())
            tls.sendall(
                f"HTTP/1.1 {reply.status}\r\n{head}".encode() + (b"\r\n" + reply.body if reply.is_headed else b"")
            )
            reply.after(tls)
            with suppress(OSError, ValueError):
                tls.unwrap()


def _read(tls: ssl.SSLSocket) -> Request:
    raw = b""
    while b"\r\n\r\n" not in raw:
        more = tls.recv(65536)
        if not more:
            raise OSError
        raw += more
    first, *lines = raw.decode().split("\r\n\r\n")[0].split("\r\n")
    headers = {name.casefold(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    wanted = re.match(r"bytes=(\d+)-\Z", headers.get("range", ""))
    return Request(first.split(" ")[1], int(wanted[1]) if wanted else 0, headers)


def good(request: Request, server: Server) -> Reply:
    """Do it right: ranges, If-Range, an ETag, the length."""
    raw = server.files[request.path.rpartition("/")[2]]
    etag = f'"{hashlib.sha256(raw).hexdigest()[:20]}"'
    offset = request.offset if request.headers.get("if-range", etag) == etag else 0
    if offset >= len(raw):
        return Reply("416 Range Not Satisfiable", {"Content-Range": f"bytes */{len(raw)}", "Content-Length": "0"})
    headers = {"ETag": etag, "Content-Length": str(len(raw) - offset)}
    if not offset:
        return Reply("200 OK", headers, raw)
    return Reply(
        "206 Partial Content", headers | {"Content-Range": f"bytes {offset}-{len(raw) - 1}/{len(raw)}"}, raw[offset:]
    )


def cut_at(places: Iterator[int]) -> Answer:
    """Break each connection off after so many bytes of the body, until there are no more places."""

    def answer(request: Request, server: Server) -> Reply:
        reply = good(request, server)
        place = next(places, None)
        if place is not None:
            reply.body = reply.body[:place]
            reply.after = _torn
        return reply

    return answer


def _torn(tls: ssl.SSLSocket) -> None:
    """End without a goodbye, as a cable does."""
    tls.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    tls.close()


def trickling(pause: float, piece: int = 1) -> Answer:
    """Send the body in small pieces with pauses between."""

    def answer(request: Request, server: Server) -> Reply:
        reply = good(request, server)
        body, reply.body = reply.body, b""

        def drip(tls: ssl.SSLSocket) -> None:
            for start in range(0, len(body), piece):
                tls.sendall(body[start : start + piece])
                time.sleep(pause)

        reply.after = drip
        return reply

    return answer


def _key_usage(**allowed: bool) -> x509.KeyUsage:
    """What a key may be used for: what is named, and nothing else."""
    names = ["digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"]
    names += ["key_cert_sign", "crl_sign", "encipher_only", "decipher_only"]
    return x509.KeyUsage(**(dict.fromkeys(names, False) | allowed))


class Authority:
    """A CA for one run of the tests, and server certificates, as RFC 5280 wants them (Python 3.13 is strict)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tests' own CA")])
        basic = x509.BasicConstraints(ca=True, path_length=0)
        usage = _key_usage(key_cert_sign=True, crl_sign=True)
        self._certificate = self._signed(self._name, self._key.public_key(), [(basic, True), (usage, True)])
        self.path = folder / "ca.pem"
        self.path.write_bytes(self._certificate.public_bytes(serialization.Encoding.PEM))

    def trusting(self) -> ssl.SSLContext:
        """A client's context that trusts this CA and no other."""
        return ssl.create_default_context(cafile=str(self.path))

    def serving(self, *names: str, age: timedelta = timedelta()) -> ssl.SSLContext:
        """A server's context for these names and 127.0.0.1."""
        key = ec.generate_private_key(ec.SECP256R1())
        san = x509.SubjectAlternativeName(
            [x509.IPAddress(ip_address("127.0.0.1")), *(x509.DNSName(name) for name in names)]
        )
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "server")])
        extensions: list[tuple[x509.ExtensionType, bool]] = [
            (x509.BasicConstraints(ca=False, path_length=None), True),
            (_key_usage(digital_signature=True), True),
            (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
            (x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), False),
            (san, False),
        ]
        certificate = self._signed(subject, key.public_key(), extensions, age)
        path = self._folder / f"{certificate.serial_number}.pem"
        secret = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        path.write_bytes(secret + certificate.public_bytes(serialization.Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def _signed(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePublicKey,
        extensions: list[tuple[x509.ExtensionType, bool]],
        age: timedelta = timedelta(),
    ) -> x509.Certificate:
        now = datetime.now(UTC) - age
        builder = (
            x509.CertificateBuilder().subject_name(subject).issuer_name(self._name).public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=2))
        )  # fmt: skip
        identifier = x509.SubjectKeyIdentifier.from_public_key(key)
        for extension, is_critical in [*extensions, (identifier, False)]:
            builder = builder.add_extension(extension, is_critical)
        return builder.sign(self._key, hashes.SHA256())


@contextmanager
def running(context: ssl.SSLContext, files: dict[str, bytes]) -> Iterator[Server]:
    """A server for the length of a block."""
    server = Server(context, files)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
