"""Downloads in odd surroundings: links where models gather, proxies nobody can read, servers that trick us."""

import gc
import json
import os
import subprocess
import sys
import threading
import time
import warnings
from pathlib import Path

import pytest

from app import download_broker
from app.catalog.download import network_log
from app.catalog.download.http import DownloadLimits
from app.catalog.installed import models_folder
from app.catalog.installed.receipts import of_catalogue
from app.catalog.installed.staging import StagingFolder
from app.core.errors import ChecksumMismatch, DownloadError, Offline, ServerRefused
from app.download_broker import DownloadBroker
from tests.catalog.conftest import Fetching
from tests.catalog.download.expectations import ENTRY, NAME, RAW, assert_in_words, break_off, is_right, refused
from tests.catalog.download.model_server import Authority, Reply, Request, Server, content, cut_at, good
from tests.running import ROOT

posix = pytest.mark.skipif(os.name != "posix", reason="links as POSIX has them")


@pytest.fixture
def diary(tmp_path: Path) -> Path:
    """A person's file, outside the models folder."""
    path = tmp_path / "documents" / "diary.jsonl"
    path.parent.mkdir()
    path.write_text("a person's words")
    return path


@posix
@pytest.mark.parametrize("what", ["gathering place", "place of one model", "part", "another name", "state"])
def test_links_in_the_models_folder_lead_nowhere(fetching: Fetching, tiny: Server, diary: Path, what: str) -> None:
    """As in a models folder from a stick, or one that several people share."""
    gathering = fetching.folder / ".incoming"
    own = gathering / ENTRY.id
    (fetching.folder if what == "gathering place" else gathering if what == "place of one model" else own).mkdir(
        parents=True, exist_ok=True
    )
    if what == "gathering place":
        gathering.symlink_to(diary.parent)
    elif what == "place of one model":
        own.symlink_to(diary.parent)
    elif what == "another name":
        os.link(diary, own / f"{NAME}.part")
    else:
        (own / (f"{NAME}.part" if what == "part" else "state.json")).symlink_to(diary)
    assert is_right(fetching.run(ENTRY), {NAME: RAW})
    assert diary.read_text() == "a person's words"
    assert sorted(diary.parent.iterdir()) == [diary]
    assert [model.name for model in models_folder.models_in(fetching.folder)] == [ENTRY.id]


@posix
def test_what_is_brought_is_not_written_through_a_link(tmp_path: Path, diary: Path) -> None:
    from io import BytesIO

    from app.catalog.installed.copying import copy_stream

    own = tmp_path / "models" / ".incoming" / ENTRY.id
    own.mkdir(parents=True)
    (own / NAME).symlink_to(diary)
    with StagingFolder(tmp_path / "models", ENTRY.id) as arrival:
        copy_stream(BytesIO(RAW), arrival, NAME, len(RAW), lambda _: None)
        place = arrival.install(of_catalogue(ENTRY))
    assert is_right(place, {NAME: RAW})
    assert diary.read_text() == "a person's words"


@posix
def test_only_our_own_notes_are_read_and_deleted(tmp_path: Path, diary: Path) -> None:
    (tmp_path / ".door").symlink_to(diary.parent)
    assert network_log.log_files(tmp_path) == []
    (tmp_path / ".door").unlink()
    (tmp_path / ".door").mkdir()
    (tmp_path / ".door" / "diary.jsonl").write_text("a person's words")
    assert network_log.log_files(tmp_path) == []
    network_log.NetworkLogWriter(tmp_path, "tiny-1b").close("arrived")
    (note,) = network_log.log_files(tmp_path)
    assert note.entry is not None
    (tmp_path / ".door" / f"{note.entry.id}.jsonl").write_text("a person's words")
    assert [note.entry for note in network_log.log_files(tmp_path)] == [None]


def test_a_models_folder_that_no_disk_can_have_holds_no_notes(tmp_path: Path) -> None:
    assert network_log.log_files(tmp_path / ("x" * 300)) == []


@posix
def test_a_pipe_in_the_models_folder_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "model.gguf")
    assert models_folder.models_in(tmp_path) == []


@pytest.mark.parametrize("proxy", ["http://localhost:port", "http://[secret", "http://me:secret@host:99999", "::::"])
def test_a_proxy_that_can_not_be_read_is_told(
    fetching: Fetching, tiny: Server, monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    monkeypatch.setenv("https_proxy", proxy)
    error = refused(fetching, ServerRefused, "proxy is of a kind")
    assert "secret" not in str(error)
    assert tiny.asked == []


@pytest.mark.parametrize(
    "where",
    ["us.hf.co{port}/a b", "us.hf.co{port}/\xe9", "us.hf.co{port}/\x01", "\xe9.hf.co{port}/", "a..hf.co{port}/",
     "x\x7f.hf.co{port}/", "a" * 300 + ".hf.co{port}/", "\uff45vil.example\uff0f.hf.co{port}/", "*.hf.co{port}/"],
)  # fmt: skip
def test_an_address_that_no_server_has_is_refused(
    fetching: Fetching, tiny: Server, looked_up: list[str], where: str
) -> None:
    address = f"https://{where}".encode().decode("latin-1")
    tiny.answer = lambda _, server: Reply("302 Found", {"Location": address.format(port=f":{server.port}")})
    refused(fetching, ServerRefused, "not on the catalogue's list")
    assert set(looked_up) == {"huggingface.co"}


@pytest.mark.parametrize("promise", [{"X-Linked-Size": "7"}, {"X-Linked-ETag": '"' + "0" * 64 + '"'}])
def test_another_file_is_told_before_anything_is_fetched(
    fetching: Fetching, tiny: Server, looked_up: list[str], promise: dict[str, str]
) -> None:
    """The hub tells size and hash with the redirect; where it leads to is not even looked up."""
    tiny.answer = lambda _, server: Reply("302 Found", {"Location": f"https://us.hf.co:{server.port}/x", **promise})
    refused(fetching, ChecksumMismatch, "at the host is not the one")
    assert set(looked_up) == {"huggingface.co"}


def test_an_answer_that_comes_too_late_is_closed(fetching: Fetching, tiny: Server) -> None:
    """Nobody waits for it any more, and what it opened is not left to the collector."""

    def late(*_: object) -> Reply:
        time.sleep(0.8)
        return good(*_)  # type: ignore[arg-type]

    tiny.answer = late
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        refused(fetching, Offline, "in time", DownloadLimits(answer=0.3, first_tries=1, tries=1))
        for thread in threading.enumerate():
            if thread.name == "answer":
                thread.join(20)
        assert len(tiny.asked) == 1, "it was answered, late"
        gc.collect()
    assert [str(warning.message) for warning in caught] == []


@pytest.mark.alone
def test_a_trickle_between_the_pieces_of_a_body_is_given_up(fetching: Fetching, tiny: Server) -> None:
    """The length of a piece that never ends: the HTTP library waits for it inside, each byte within its time."""

    def drip(tls: object) -> None:
        for _ in range(60):
            tls.sendall(b"0")  # type: ignore[attr-defined]
            time.sleep(0.1)

    tiny.answer = lambda *_: Reply(headers={"Transfer-Encoding": "chunked"}, after=drip)
    since = time.monotonic()
    refused(
        fetching, Offline, "too slowly", DownloadLimits(silence=2.0, answer=4.0, slow_span=0.5, first_tries=1, tries=1)
    )
    assert time.monotonic() - since < 3


def test_a_body_in_pieces_comes_whole(fetching: Fetching, tiny: Server) -> None:
    pieces = [RAW[start : start + 9999] for start in range(0, len(RAW), 9999)]
    body = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in [*pieces, b""])
    tiny.answer = lambda *_: Reply(headers={"Transfer-Encoding": "chunked"}, body=body)
    assert is_right(fetching.run(ENTRY), {NAME: RAW})


def test_a_server_that_takes_no_notice_of_if_range_is_seen(fetching: Fetching, tiny: Server) -> None:
    """Else gigabytes would come, of which the beginning is of another file."""
    tiny.files[NAME] = content(len(RAW), 99)
    break_off(fetching, tiny)
    tiny.files[NAME] = RAW

    def heedless(request: Request, server: Server) -> Reply:
        return good(Request(request.path, request.offset, {}), server)

    tiny.answer = heedless
    assert is_right(fetching.run(ENTRY), {NAME: RAW})
    assert fetching.counted["huggingface.co"] < 2 * len(RAW)


def test_a_name_that_fits_other_bytes_too_is_not_relied_on(fetching: Fetching, tiny: Server) -> None:
    """A weak ETag says that two files mean the same, and a server must not go on by it."""
    cut = cut_at(iter([100_000]))

    def weakly(request: Request, server: Server) -> Reply:
        reply = cut(request, server)
        reply.headers["ETag"] = 'W/"1"'
        return reply

    tiny.answer = weakly
    with pytest.raises(Offline):
        fetching.run(ENTRY, DownloadLimits(first_tries=1, tries=1))
    assert is_right(fetching.run(ENTRY), {NAME: RAW})
    assert tiny.asked[-1].offset > 0
    assert "if-range" not in tiny.asked[-1].headers


def test_a_download_that_can_not_be_started_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in the window of the demo, whose launcher runs under the filter of the command line."""
    monkeypatch.setattr(download_broker, "download_command", lambda: [str(tmp_path / "no-such-program")])
    keeper = DownloadBroker(str(tmp_path))
    code = """
import sys
import threading
from app.catalog.download.client import PipedDownloadClient
try:
    list(PipedDownloadClient(int(sys.argv[2]), int(sys.argv[3])).pull("tiny-1b"))
except BaseException as error:
    print(type(error).__name__, error)
"""
    child = keeper.start([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=ROOT)
    said = child.communicate(timeout=60)[0].decode()
    keeper.close()
    assert said.startswith("DownloadError The process that downloads could not be started. Nothing was sent")
    kind, title, advice = download_broker._NOT_STARTED.values()
    assert kind == "DownloadError"
    assert_in_words(DownloadError(title, advice))


@posix
def test_the_environment_names_no_certificates(tmp_path: Path, authority: Authority, tiny: Server) -> None:
    """Whoever starts the worker, also by hand: whom to trust is the system's to say."""
    code = f"""
import json, os, sys
sys.path.insert(0, {str(ROOT)!r})
sys.argv[1:] = ["--download"]
from app import __main__ as entry
from app.catalog.download import worker as downloading
def attempt(request, incoming, outgoing):
    outgoing.write(json.dumps(sorted(os.environ)).encode() + b"\\n")
    return 0
downloading.run = attempt
sys.exit(entry.main())
"""
    named = {"SSL_CERT_FILE": str(authority.path), "SSL_CERT_DIR": str(tmp_path), "OPENSSL_CONF": "x"}
    request = json.dumps({"model": "qwen3-0.6b", "folder": str(tmp_path / "models")}).encode() + b"\n"
    command = [sys.executable, "-c", code]
    ended = subprocess.run(command, input=request, capture_output=True, env=os.environ | named, check=True)
    known = json.loads(ended.stdout)
    assert "PATH" in known
    assert [name for name in known if "SSL" in name] == []
