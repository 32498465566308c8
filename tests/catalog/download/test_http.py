"""Downloads from a server with TLS: they come whole, follow few redirects, and are taken up where they broke off."""

import os
import random
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.catalog.download.http import DownloadLimits
from app.catalog.installed import models_folder, receipts, staging
from app.core.errors import Offline, ServerRefused
from app.core.model import ModelKind
from tests.catalog.conftest import Fetching
from tests.catalog.download.expectations import ENTRY, NAME, RAW, assert_in_words, break_off, is_right, refused
from tests.catalog.download.model_server import (
    Answer,
    Reply,
    Request,
    Server,
    content,
    cut_at,
    entry_of,
    good,
)


def test_a_model_of_several_files_comes_whole(fetching: Fetching, server: Server) -> None:
    server.files = {"model.bin": content(200_000, 2), "config.json": b"{}", "tokenizer.json": b"{ }"}
    entry = entry_of(server.files, "tiny-speech", ModelKind.SPEECH)
    place = fetching.run(entry)
    assert is_right(place, server.files)
    assert {path.name for path in place.iterdir()} == {*server.files, "model.json"}
    record = receipts.read(place)
    assert record is not None
    assert (record.origin, record.revision, record.files) == ("catalogue", "a" * 40, entry.files)
    assert [model.name for model in models_folder.models_in(fetching.folder)] == ["tiny-speech"]
    assert fetching.steps[-1] == ("Downloading", entry.size, entry.size)
    assert fetching.counted == {"huggingface.co": entry.size}
    assert fetching.waiting() == {}
    asked = server.asked[0]
    assert asked.path == f"/maker/tiny/resolve/{'a' * 40}/model.bin"
    assert set(asked.headers) == {"host", "user-agent", "accept", "accept-encoding", "connection"}
    assert asked.headers["user-agent"] == "tacit"  # neither version nor system, nobody's business


@pytest.mark.skipif(sys.platform != "linux", reason="Linux tells the name of what is open")
def test_all_is_on_the_disk_before_it_is_on_the_shelf(
    fetching: Fetching, tiny: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a power cut could leave a model that looks whole and is not."""
    order: list[str] = []
    sync, rename = os.fsync, Path.rename

    def syncing(descriptor: int) -> None:
        order.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)
        sync(descriptor)

    def renaming(path: Path, to: Path) -> Path:
        order.append(f"to {to.name}")
        return rename(path, to)

    monkeypatch.setattr(os, "fsync", syncing)
    monkeypatch.setattr(Path, "rename", renaming)
    place = fetching.run(ENTRY)
    shelved = order.index(f"to {place.name}")
    assert {NAME, "model.json", ENTRY.id} <= set(order[:shelved])
    assert fetching.folder.name in order[shelved:]


def test_a_damaged_copy_on_the_shelf_makes_way(fetching: Fetching, tiny: Server) -> None:
    place = fetching.run(ENTRY)
    (place / NAME).write_bytes(b"GGUF, and no more")
    assert is_right(fetching.run(ENTRY), {NAME: RAW})
    assert [path.name for path in (fetching.folder / ".incoming").iterdir()] == [f"{ENTRY.id}.lock"]


def test_a_kill_between_two_renames_loses_nothing_and_leaves_nothing(
    fetching: Fetching, tiny: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = fetching.run(ENTRY)
    (place / NAME).write_bytes(b"GGUF, and no more")
    rename = Path.rename

    def killed(path: Path, to: Path) -> Path:
        if to == place:
            raise KeyboardInterrupt
        return rename(path, to)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", killed)
        with pytest.raises(KeyboardInterrupt):
            fetching.run(ENTRY)
    assert list(staging.partial_downloads(fetching.folder)) == [ENTRY.id]  # the copy that was put aside is no download
    tiny.asked.clear()
    assert is_right(fetching.run(ENTRY), {NAME: RAW})
    assert tiny.asked == []
    assert [path.name for path in (fetching.folder / ".incoming").iterdir()] == [f"{ENTRY.id}.lock"]


def test_a_file_that_came_whole_is_not_fetched_again(fetching: Fetching, server: Server) -> None:
    server.files = {"model.bin": content(200_000, 2), "config.json": b"{}"}
    entry = entry_of(server.files, "tiny-speech", ModelKind.SPEECH)

    def half(request: Request, server: Server) -> Reply:
        return good(request, server) if request.path.endswith(".bin") else Reply("503 Service Unavailable")

    server.answer = half
    with pytest.raises(ServerRefused):
        fetching.run(entry)
    server.answer = good
    server.asked.clear()
    assert is_right(fetching.run(entry), server.files)
    assert [request.path.rpartition("/")[2] for request in server.asked] == ["config.json"]


def test_a_redirect_within_the_list_is_followed(fetching: Fetching, tiny: Server, looked_up: list[str]) -> None:
    def sent_on(request: Request, server: Server) -> Reply:
        if request.headers["host"].startswith("huggingface.co"):
            where = f"https://us.aws.cdn.hf.co:{server.port}/store/{NAME}?signed=1"
            return Reply("302 Found", {"Location": where, "X-Linked-Size": str(len(RAW)), "Content-Length": "0"})
        return good(Request(request.path.partition("?")[0], request.offset, request.headers), server)

    tiny.answer = sent_on
    assert is_right(fetching.run(ENTRY), {NAME: RAW})
    assert looked_up == ["huggingface.co", "us.aws.cdn.hf.co"]
    assert fetching.counted == {"huggingface.co": 0, "us.aws.cdn.hf.co": len(RAW)}


@pytest.mark.parametrize(
    "where",
    [
        "https://elsewhere.example{port}/tiny.gguf", "http://huggingface.co/tiny.gguf", "https://hf.co{port}/x",
        "https://huggingface.co.elsewhere.example{port}/x", "https://evilhf.co{port}/x", "file:///etc/passwd",
        "https://huggingface.co:1/x", "https://person@huggingface.co{port}/x", "//elsewhere.example/x", "https://[::1/",
    ],
)  # fmt: skip
def test_a_redirect_elsewhere_is_refused(fetching: Fetching, tiny: Server, looked_up: list[str], where: str) -> None:
    tiny.answer = lambda _, server: Reply("302 Found", {"Location": where.format(port=f":{server.port}")})
    refused(fetching, ServerRefused, "not on the catalogue's list")
    assert set(looked_up) == {"huggingface.co"}


def test_a_redirect_in_a_circle_ends(fetching: Fetching, tiny: Server) -> None:
    tiny.answer = lambda request, _: Reply("307 Temporary Redirect", {"Location": request.path})
    refused(fetching, ServerRefused, "sends on and on")
    assert len(tiny.asked) == 6


def broken_at(count: int, seed: int) -> tuple[Iterator[int], list[int]]:
    places = [random.Random(seed).randrange(len(RAW)) for _ in range(count)]
    return iter(places), places


def test_connections_that_break_off_are_taken_up_again(fetching: Fetching, tiny: Server) -> None:
    check_broken(fetching, tiny, 12)


@pytest.mark.long
def test_a_hundred_connections_that_break_off_at_random_bytes(fetching: Fetching, tiny: Server) -> None:
    check_broken(fetching, tiny, 100)


def check_broken(fetching: Fetching, tiny: Server, count: int) -> None:
    """Each model breaks off once at a random byte: with nobody to go on the part is kept, then it is taken up."""
    _, places = broken_at(count, 7)
    resumed = 0
    for number, place in enumerate(places):
        entry = entry_of({NAME: RAW}, f"tiny-{number}")
        tiny.answer = cut_at(iter([place]))
        with pytest.raises(Offline, match="broke off") as caught:
            fetching.run(entry, DownloadLimits(silence=2.0, answer=4.0, first_tries=1, tries=1))
        assert_in_words(caught.value)
        assert not (fetching.folder / entry.id).exists()
        kept = (fetching.folder / ".incoming" / entry.id / f"{NAME}.part").stat().st_size
        assert kept <= place
        tiny.asked.clear()
        assert is_right(fetching.run(entry), {NAME: RAW})
        assert tiny.asked[0].offset == kept
        assert not kept or tiny.asked[0].headers["if-range"].startswith('"')
        resumed += kept
    print(f"{count} connections broken off at random bytes: {count} models right, {resumed} bytes not fetched twice")


@pytest.mark.long
def test_one_download_through_a_hundred_broken_connections(fetching: Fetching, tiny: Server) -> None:
    raw = content(20_000_000)
    tiny.files[NAME] = raw
    tiny.answer = cut_at(iter([random.Random(3).randrange(1, 300_000) for _ in range(100)]))
    assert is_right(fetching.run(entry_of({NAME: raw})), {NAME: raw})
    print(f"one download, {len(tiny.asked)} connections, right")
    assert len(tiny.asked) == 101


def wrong_range(request: Request, server: Server) -> Reply:
    reply = good(request, server)
    if request.offset:
        reply.headers |= {
            "Content-Range": f"bytes 5-{len(RAW) - 1}/{len(RAW)}", "Content-Length": str(len(RAW) - 5)
        }  # fmt: skip
        reply.body = RAW[5:]
    return reply


def other_length(request: Request, server: Server) -> Reply:
    reply = good(request, server)
    if request.offset:
        reply.headers["Content-Range"] = f"bytes {request.offset}-{len(RAW) + 6}/{len(RAW) + 7}"
        reply.headers["Content-Length"] = str(len(RAW) + 7 - request.offset)
        reply.body = content(len(RAW) + 7, 3)[request.offset :]
    return reply


def no_range(request: Request, server: Server) -> Reply:
    return good(Request(request.path, 0, {}), server)


def out_of_range(request: Request, server: Server) -> Reply:
    return Reply("416 Range Not Satisfiable", {"Content-Length": "0"}) if request.offset else good(request, server)


@pytest.mark.parametrize(
    "answer", [wrong_range, other_length, no_range, out_of_range], ids=lambda answer: str(answer.__name__)
)
def test_a_server_that_can_not_go_on_begins_anew(fetching: Fetching, tiny: Server, answer: Answer) -> None:
    break_off(fetching, tiny)
    tiny.answer = answer
    assert is_right(fetching.run(ENTRY), {NAME: RAW})


def test_a_part_of_another_file_is_not_gone_on_with(fetching: Fetching, tiny: Server) -> None:
    """The server has other bytes than those the part began with: it sees that by If-Range, and sends all of them."""
    tiny.files[NAME] = content(len(RAW), 99)
    break_off(fetching, tiny)
    tiny.files[NAME] = RAW
    assert is_right(fetching.run(ENTRY), {NAME: RAW})
    assert tiny.asked[-1].offset > 0


def test_a_part_longer_than_the_file_is_thrown_away(fetching: Fetching, tiny: Server) -> None:
    part = fetching.folder / ".incoming" / ENTRY.id / f"{NAME}.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(RAW + b"more")
    assert is_right(fetching.run(ENTRY), {NAME: RAW})
