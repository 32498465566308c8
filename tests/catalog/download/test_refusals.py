"""Downloads from a server with TLS that does everything wrong: nothing wrong comes in, and each failure is told."""

import os
import socket
import ssl
import subprocess
import threading
import time
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from app.catalog import catalogue
from app.catalog.download import http
from app.catalog.download.http import DownloadLimits
from app.core.download import FETCHING
from app.core.errors import ChecksumMismatch, DownloadError, NotEnoughSpace, Offline, ServerRefused
from app.core.job import Cancelled
from tests.catalog.conftest import Fetching
from tests.catalog.download.expectations import ENTRY, NAME, RAW, assert_in_words, is_right, refused
from tests.catalog.download.model_server import (
    HOSTS,
    NAMES,
    QUICK,
    Answer,
    Authority,
    Reply,
    Request,
    Server,
    content,
    cut_at,
    entry_of,
    good,
    running,
    trickling,
)


def replied(**changes: object) -> Answer:
    def answer(request: Request, server: Server) -> Reply:
        reply = good(request, server)
        for name, value in changes.items():
            setattr(reply, name, value)
        return reply

    return answer


@pytest.mark.parametrize(
    ("answer", "kind", "title"),
    [
        (replied(body=content(len(RAW), 2)), ChecksumMismatch, "not the file that the catalogue describes"),
        (replied(body=RAW[:-1] + b"!"), ChecksumMismatch, "not the file that the catalogue describes"),
        (replied(headers={"Content-Length": "12"}, body=b"twelve bytes"), ChecksumMismatch, "not as long"),
        (replied(headers={"Content-Length": str(1 << 40)}), ChecksumMismatch, "not as long"),
        (replied(headers={"X-Linked-Size": "7"}), ChecksumMismatch, "at the host is not the one"),
        (replied(headers={"X-Linked-ETag": '"' + "0" * 64 + '"'}), ChecksumMismatch, "at the host is not the one"),
        (replied(headers={"Content-Encoding": "gzip"}), ServerRefused, "in another form"),
        (replied(headers={}, body=RAW[:-1]), Offline, "broke off"),
        (replied(status="404 Not Found"), ServerRefused, "no longer at its place"),
        (replied(status="401 Unauthorized"), ServerRefused, "wants an account"),
        (replied(status="418 I'm a teapot"), ServerRefused, "does not give this file"),
        (replied(status="206 Partial Content"), ServerRefused, "does not give this file"),
        (replied(status="416 Range Not Satisfiable"), ServerRefused, "does not give this file"),
        (replied(status="503 Service Unavailable"), ServerRefused, "busy or out of order"),
        (replied(status="429 Too Many Requests"), ServerRefused, "busy or out of order"),
        (replied(headers={"Content-Length": "x" * 100_000}), Offline, "broke off"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_kept_out(
    fetching: Fetching, tiny: Server, answer: Answer, kind: type[DownloadError], title: str
) -> None:
    tiny.answer = answer
    refused(fetching, kind, title)
    if kind is ChecksumMismatch and "catalogue describes" in title:
        assert f"{NAME}.part" not in fetching.waiting()  # the bad part is gone, so that the next try can succeed
    tiny.answer = good
    assert is_right(fetching.run(ENTRY), {NAME: RAW})


def test_an_endless_body_is_not_read_to_its_end(fetching: Fetching, tiny: Server) -> None:
    sent = 0

    def endless(tls: ssl.SSLSocket) -> None:
        nonlocal sent
        while True:
            tls.sendall(b"x" * 65_536)
            sent += 65_536

    tiny.answer = lambda request, server: Reply(body=RAW + bytes(100), after=endless)
    assert is_right(fetching.run(ENTRY), {NAME: RAW})  # its first bytes are the file, and more were never taken
    tiny.answer = lambda request, server: Reply(body=RAW[:-1] + b"!", after=endless)
    other = entry_of({NAME: RAW}, "tiny-2")
    with pytest.raises(ChecksumMismatch):
        fetching.run(other)
    assert fetching.counted["huggingface.co"] == 2 * len(RAW)
    assert sent < 50_000_000


@pytest.mark.alone
def test_a_slow_trickle_is_given_up(fetching: Fetching, tiny: Server) -> None:
    tiny.answer = trickling(0.05)
    since = time.monotonic()
    refused(fetching, Offline, "too slowly")
    assert time.monotonic() - since < 3
    assert fetching.waiting()[f"{NAME}.part"] > 0


def test_silence_is_given_up(fetching: Fetching, tiny: Server) -> None:
    tiny.answer = trickling(5.0, 1000)
    refused(fetching, Offline, "does not answer in time", DownloadLimits(silence=0.3, first_tries=1, tries=1))
    assert fetching.waiting()[f"{NAME}.part"] == 1000


@pytest.mark.alone
def test_a_head_that_trickles_is_given_up(fetching: Fetching, tiny: Server) -> None:
    def drip(tls: ssl.SSLSocket) -> None:
        for _ in range(40):
            tls.sendall(b"X-More: 1\r\n")
            time.sleep(0.1)

    tiny.answer = lambda request, server: Reply(after=drip, is_headed=False)
    since = time.monotonic()
    refused(fetching, Offline, "does not answer in time", DownloadLimits(silence=2.0, answer=0.8, first_tries=1))
    assert time.monotonic() - since < 2


def test_a_handshake_that_never_comes_is_given_up(
    fetching: Fetching, tiny: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        monkeypatch.setattr(type(tiny), "port", mute.getsockname()[1])
        refused(fetching, Offline, "does not answer in time", DownloadLimits(silence=9.0, answer=0.5, first_tries=1))


def test_no_connection_at_all(fetching: Fetching, tiny: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        monkeypatch.setattr(type(tiny), "port", closed.getsockname()[1])
    refused(fetching, Offline, "can't be reached")

    def unknown(*_: object, **__: object) -> object:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    refused(fetching, Offline, "no connection to the internet")


@pytest.mark.parametrize("fault", ["another name", "expired", "another authority", "no TLS"])
def test_a_server_that_can_not_prove_itself(
    fetching: Fetching, authority: Authority, tmp_path: Path, tiny: Server, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    if fault == "no TLS":
        with socket.create_server(("127.0.0.1", 0)) as plain:
            monkeypatch.setattr(type(tiny), "port", plain.getsockname()[1])
            threading.Thread(target=_speak_plainly, args=(plain,), daemon=True).start()
            refused(fetching, Offline, "encrypted connection .* failed|broke off")
        return
    (tmp_path / "other").mkdir()
    context = {
        "another name": lambda: authority.serving("elsewhere.example"),
        "expired": lambda: authority.serving(*NAMES, age=timedelta(days=9)),
        "another authority": lambda: Authority(tmp_path / "other").serving(*NAMES),
    }[fault]()
    with running(context, {NAME: RAW}) as impostor:
        monkeypatch.setattr(type(tiny), "port", impostor.port)
        refused(fetching, ServerRefused, "can't prove that it is the right one")
        assert impostor.asked == []


def _speak_plainly(listening: socket.socket) -> None:
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        with connection:
            connection.sendall(b"HTTP/1.1 200 OK\r\n\r\nhello")


def test_the_products_own_context_trusts_no_stranger(fetching: Fetching, tiny: Server) -> None:
    fetching.context = http.system_context()
    refused(fetching, ServerRefused, "can't prove that it is the right one")


def test_two_at_once(fetching: Fetching, tiny: Server) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def watch(step: str, done: int, total: int) -> None:
        begun.set()
        go_on.wait(10)

    fetching.watch = watch
    first = threading.Thread(target=fetching.run, args=(ENTRY,))
    first.start()
    assert begun.wait(10)
    error = refused(fetching, DownloadError, "brought in already")
    assert "goes on" in error.advice
    go_on.set()
    first.join(10)
    assert is_right(fetching.folder / ENTRY.id, {NAME: RAW})


def test_stopping_keeps_the_part(fetching: Fetching, tiny: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    stop = threading.Event()
    tiny.answer = trickling(0.02, 10_000)
    threading.Timer(0.3, stop.set).start()
    with pytest.raises(Cancelled):
        http.download(
            ENTRY, fetching.folder, HOSTS, lambda *_: None, lambda *_: None, stop=stop, context=fetching.context,
            port=tiny.port, limits=QUICK,
        )  # fmt: skip
    kept = fetching.waiting()[f"{NAME}.part"]
    assert 0 < kept < len(RAW)
    tiny.answer = good
    tiny.asked.clear()
    assert is_right(fetching.run(ENTRY), {NAME: RAW})
    assert tiny.asked[0].offset == kept


def stop_soon(fetching: Fetching, server: Server, stop: threading.Event, limits: DownloadLimits) -> list[int]:
    """Run a download until it is stopped; the sizes of the blocks that came."""
    blocks: list[int] = []
    with pytest.raises(Cancelled):
        http.download(
            ENTRY, fetching.folder, HOSTS, fetching.watch, lambda _, size: blocks.append(size), stop=stop,
            context=fetching.context, port=server.port, limits=limits,
        )  # fmt: skip
    return [size for size in blocks if size]


def test_stopping_between_two_tries_does_not_wait_for_the_next(fetching: Fetching, tiny: Server) -> None:
    stop, since = threading.Event(), time.monotonic()

    def broken(request: Request, server: Server) -> Reply:
        threading.Timer(0.3, stop.set).start()
        return cut_at(iter([1000]))(request, server)

    tiny.answer = broken
    stop_soon(fetching, tiny, stop, DownloadLimits(pause=60))
    assert len(tiny.asked) == 1
    assert time.monotonic() - since < 30


def test_stopping_before_the_server_answers_does_not_wait_for_it(fetching: Fetching, tiny: Server) -> None:
    stop, go_on = threading.Event(), threading.Event()

    def silent(request: Request, server: Server) -> Reply:
        stop.set()
        go_on.wait(20)
        return good(request, server)

    tiny.answer = silent
    assert stop_soon(fetching, tiny, stop, DownloadLimits()) == []
    go_on.set()


def test_no_block_is_taken_after_a_stop(fetching: Fetching, tiny: Server) -> None:
    stop = threading.Event()
    fetching.watch = lambda step, done, total: stop.set() if step == FETCHING else None
    assert len(stop_soon(fetching, tiny, stop, QUICK)) == 1


def test_a_server_that_begins_well_and_then_trickles_is_given_up(fetching: Fetching, tiny: Server) -> None:
    def tiring(request: Request, server: Server) -> Reply:
        reply = good(request, server)
        body, reply.body = reply.body, reply.body[:200_000]

        def drip(tls: ssl.SSLSocket) -> None:
            for place in range(200_000, 200_100):
                tls.sendall(body[place : place + 1])
                time.sleep(0.1)

        reply.after = drip
        return reply

    tiny.answer = tiring
    refused(fetching, Offline, "too slowly", DownloadLimits(slow_span=0.5, slow_bytes=4096, first_tries=1, tries=1))


def test_a_proxy_that_refuses_is_told_apart_from_the_server(
    fetching: Fetching, tiny: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(proxy: socket.socket) -> None:
        client, _ = proxy.accept()
        with client:
            client.recv(65536)
            client.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as proxy:
        refusing = threading.Thread(target=refuse, args=(proxy,), daemon=True)
        refusing.start()
        monkeypatch.setenv("https_proxy", f"http://localhost:{proxy.getsockname()[1]}")
        error = refused(fetching, ServerRefused, "proxy does not let the connection through")
        refusing.join(10)
    assert "proxy settings" in error.advice
    assert tiny.asked == []


def test_a_disk_without_room_is_told_before(fetching: Fetching, tiny: Server) -> None:
    huge = catalogue.CatalogModel(
        "huge", ENTRY.kind, "Huge", "maker/huge", "MIT", "English", "1T", "tests", 32, 2,
        (catalogue.CatalogFile(NAME, 1 << 60, "0" * 64),), revision="b" * 40,
    )  # fmt: skip
    with pytest.raises(NotEnoughSpace, match=r"GB are needed, .* GB are free") as caught:
        fetching.run(huge)
    assert_in_words(caught.value)
    assert tiny.asked == []


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="mounting a small disk needs root")
def test_a_disk_that_fills_up_on_the_way(fetching: Fetching, tiny: Server) -> None:
    raw = content(8_000_000)
    tiny.files[NAME] = raw
    entry = entry_of({NAME: raw})
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=73m", "tmpfs", str(fetching.folder)], check=True)
    filler = fetching.folder / "filler"

    def fill(step: str, done: int, total: int) -> None:
        if done > 2_000_000 and not filler.exists():
            with filler.open("wb", buffering=0) as file:
                try:
                    while file.write(bytes(1 << 16)):
                        pass
                except OSError:
                    pass

    try:
        fetching.watch = fill
        with pytest.raises(NotEnoughSpace, match="disk is full") as caught:
            fetching.run(entry)
        assert_in_words(caught.value)
        assert not (fetching.folder / entry.id).exists()
        kept = fetching.waiting()[f"{NAME}.part"]
        assert kept > 2_000_000
        filler.unlink()  # room for the rest now, and not for the whole beside the part
        fetching.watch = lambda *_: None
        tiny.asked.clear()
        assert is_right(fetching.run(entry), {NAME: raw})
        assert tiny.asked[0].offset > 0
    finally:
        subprocess.run(["umount", str(fetching.folder)], check=True)


def test_a_folder_that_may_not_be_written(fetching: Fetching, tiny: Server, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    fetching.folder = tmp_path / "file" / "models"
    with pytest.raises(DownloadError, match="can't be written") as caught:
        fetching.run(ENTRY)
    assert_in_words(caught.value)
    assert tiny.asked == []


def test_a_proxy_of_the_system_is_used(
    fetching: Fetching, tiny: Server, looked_up: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        heard: list[str] = []
        relay = threading.Thread(target=_relay, args=(proxy, tiny.port, heard), daemon=True)
        relay.start()
        monkeypatch.setenv("https_proxy", f"http://who:s%40me@localhost:{proxy.getsockname()[1]}")
        assert is_right(fetching.run(ENTRY), {NAME: RAW})
        relay.join(10)
        assert not relay.is_alive()
    assert heard[0].startswith(f"CONNECT huggingface.co:{tiny.port} ")
    assert "Proxy-Authorization: Basic d2hvOnNAbWU=" in heard[0]
    assert "huggingface.co" not in looked_up  # that is the proxy's business
    monkeypatch.setenv("https_proxy", "socks5://localhost:1")
    with pytest.raises(ServerRefused, match="of a kind") as caught:
        fetching.run(entry_of({NAME: RAW}, "tiny-2"))
    assert_in_words(caught.value)
    monkeypatch.setenv("no_proxy", "huggingface.co")
    assert is_right(fetching.run(entry_of({NAME: RAW}, "tiny-3")), {NAME: RAW})


def _relay(proxy: socket.socket, port: int, heard: list[str]) -> None:
    client, _ = proxy.accept()
    with client, socket.create_connection(("127.0.0.1", port)) as behind:
        heard.append(client.recv(65536).decode())
        client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        there = threading.Thread(target=_pour, args=(client, behind), daemon=True)
        there.start()
        _pour(behind, client)
        there.join()


def _pour(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while block := one.recv(65536):
            other.sendall(block)
    with suppress(OSError):  # a connection that was reset ends the other one too
        other.shutdown(socket.SHUT_WR)
