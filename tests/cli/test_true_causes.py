"""An error names the true cause: a missing index, text in a recording's name, protection, too little memory."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app.core.resources import demo_call
from tests.engines.worker.recordings import both_sides, left, right, written
from tests.running import ROOT, Home, Outcome


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def boxes(content: bytes) -> list[tuple[bytes, bytes]]:
    """The boxes of an MP4, with their names."""
    found, at = [], 0
    while at < len(content):
        size = int.from_bytes(content[at : at + 4], "big")
        found.append((content[at + 4 : at + 8], content[at : at + size]))
        at += size
    return found


def made(folder: Path, container: str, codec: str, form: str = "s16") -> bytes:
    return written(folder / f"whole.{container}", [[(0.0, both_sides())]], container, codec, form).read_bytes()


def without_index(folder: Path, container: str) -> bytes:
    return b"".join(box for name, box in boxes(made(folder, container, "aac", "fltp")) if name != b"moov")


def zeroed_sound(folder: Path) -> bytes:
    content = without_index(folder, "mp4")
    return content[:1000] + bytes(len(content))


def film(folder: Path) -> bytes:
    import av
    import numpy as np

    with av.open(str(folder / "film.mp4"), "w") as file:
        stream = file.add_stream("mpeg4", rate=10)
        stream.width, stream.height = 64, 64
        for _ in range(5):
            file.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")))
        file.mux(stream.encode(None))
    return (folder / "film.mp4").read_bytes()


INDEX = "This recording was not finished, or not copied whole: its index is missing."
CUT = "This recording was not finished, or not copied whole: no sound follows its beginning."
TEXT = "This file holds text and no sound, whatever its name says."
LIST = "This file is a playlist: it names recordings and holds no sound itself."
PROTECTED = "This recording is copy-protected, and only the player that it was sold for can read it."
CAUSES: dict[str, tuple[Callable[[Path], bytes], str]] = {
    "m4a without its index": (lambda folder: without_index(folder, "ipod"), INDEX),
    "mov without its index": (lambda folder: without_index(folder, "mov"), INDEX),
    "mp4 copied by half": (lambda folder: made(folder, "mp4", "aac", "fltp")[:90_000], INDEX),
    "mp4 whose rest is zeros": (zeroed_sound, INDEX),
    "webm of which the beginning is there": (lambda folder: made(folder, "webm", "libopus")[:300], CUT),
    "ogg of which the beginning is there": (lambda folder: made(folder, "ogg", "libopus")[:100], CUT),
    "empty": (lambda _: b"", "This file is empty."),
    "zeros": (lambda _: bytes(50_000), "This file holds zeros only: its content was never written or copied."),
    "text": (lambda _: "Grüße aus Köln.\n".encode() * 90, TEXT),
    "text that begins like a film": (lambda _: b"The free lunch is over.\n" * 90, TEXT),
    "text that begins like a sound": (lambda _: b"caffeine keeps us awake\n" * 90, TEXT),
    "text of Windows": (lambda _: "Grüße aus Köln.\r\n".encode("utf-16") * 90, TEXT),
    "a page of a site that wanted a password": (lambda _: b"<!DOCTYPE html><title>Sign in</title>", TEXT),
    "m3u": (lambda _: b"#EXTM3U\n#EXTINF:10,\nhttp://127.0.0.1:9/x.ts\n", LIST),
    "pls": (lambda _: b"[playlist]\nFile1=http://127.0.0.1:9/x.mp3\n", LIST),
    "xspf": (lambda _: b'<?xml version="1.0"?>\n<playlist version="1"/>', LIST),
    "asx": (lambda _: b'<ASX version="3.0"></ASX>', LIST),
    "zip": (lambda _: b"PK\x03\x04" + os.urandom(900), "This file is an archive, and Tacit does not look into it."),
    "m4p": (lambda folder: made(folder, "ipod", "aac", "fltp").replace(b"mp4a", b"drms"), PROTECTED),
    "aax": (lambda folder: made(folder, "ipod", "aac", "fltp").replace(b"mp4a", b"aavd"), PROTECTED),
    "common encryption": (lambda folder: made(folder, "mp4", "aac", "fltp").replace(b"mp4a", b"enca"), PROTECTED),
    "a film without sound": (film, "This file has no sound track."),
    "a codec that nobody knows": (
        lambda folder: made(folder, "matroska", "flac").replace(b"A_FLAC", b"A_XYZW"),
        "The sound of this file is written in a way that Tacit does not know.",
    ),
    "a picture of a telephone": (
        lambda _: b"\0\0\0\x18ftypheic" + bytes(12) + b"\0\0\1\0meta" + bytes(300),
        "This file holds no sound that Tacit can read.",
    ),
    "a part of a stream, without its head": (
        lambda _: b"\0\0\0\x18stypmsdh" + bytes(12) + b"\0\0\1\0moof" + bytes(300),
        INDEX,
    ),
    "a picture": (lambda _: b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "This file holds no sound that Tacit can read."),
}


@pytest.mark.parametrize("name", CAUSES)
def test_why_a_file_is_no_recording(home: Home, tmp_path: Path, name: str) -> None:
    make, title = CAUSES[name]
    content = make(tmp_path)
    file = tmp_path / "call.mp3"  # the name says nothing
    file.write_bytes(content)
    outcome = home.run_here("transcribe", str(file), "--json")
    assert outcome.status == 1
    assert outcome.json["error"] == {
        "title": title,
        "advice": outcome.json["error"]["advice"],
        "kind": "UnsupportedMedia",
    }
    assert outcome.json["error"]["advice"].startswith("The file was left as it is; ")
    assert file.read_bytes() == content


def test_a_track_that_can_not_be_decoded_hides_no_other(home: Home, tmp_path: Path) -> None:
    whole = written(tmp_path / "two.mkv", [[(0.0, left())], [(0.0, right())]], "matroska", "flac").read_bytes()
    places = [found.start() for found in re.finditer(b"A_FLAC", whole)]
    for place, said in ((places[0], "good to hear"), (places[1], "this is Elena")):
        file = tmp_path / "call.mkv"
        file.write_bytes(whole[:place] + b"A_XYZW" + whole[place + 6 :])
        outcome = home.run_here("transcribe", str(file))
        assert outcome.status == 0, outcome.err
        assert said in outcome.out
        assert "One more sound track of this file could not be read." in outcome.err


def refused(home: Home, path: Path) -> str:
    outcome = home.run_here("transcribe", str(path), "--json")
    assert outcome.status == 1
    assert outcome.json["error"]["kind"] == "MediaError"
    assert outcome.json["error"]["advice"].startswith("Nothing was changed; ")
    return str(outcome.json["error"]["title"])


def test_why_a_path_is_no_recording(home: Home, tmp_path: Path) -> None:
    assert refused(home, tmp_path / "nowhere.mp3") == "There is no such file."
    assert refused(home, tmp_path) == "This is a folder and no file."
    (tmp_path / "loop.mp3").symlink_to(tmp_path / "loop.mp3")
    assert refused(home, tmp_path / "loop.mp3") == "This link leads to no file."
    assert refused(home, tmp_path / ("x" * 300)) == "The file is not there or can't be opened."


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(home: Home, tmp_path: Path) -> None:
    (tmp_path / "call.mp3").write_bytes(b"ID3")
    (tmp_path / "call.mp3").chmod(0)
    assert refused(home, tmp_path / "call.mp3") == "You may not read this file."


_LIMITED = "import os,resource,sys; resource.setrlimit(resource.RLIMIT_DATA, (int(sys.argv[1]) << 20,) * 2); "
_LIMITED += "os.execv(sys.argv[2], sys.argv[2:])"


@pytest.mark.skipif(sys.platform != "linux", reason="the limit is Linux's")
@pytest.mark.parametrize("megabytes", [115, 180, 220, 226, 261])
def test_too_little_memory_is_no_damage(home: Home, megabytes: int) -> None:
    command = [sys.executable, "-c", _LIMITED, str(megabytes), *home.command("transcribe", str(demo_call()), "--json")]
    ended = subprocess.run(
        command, cwd=ROOT, env=home.environment, text=True, capture_output=True, stdin=subprocess.DEVNULL, check=False
    )
    outcome = Outcome(ended.returncode, ended.stdout, ended.stderr)
    if outcome.status:
        assert outcome.json["error"]["title"] in (
            "There was not enough memory for this.", "The model does not fit into this computer's memory."
        ), json.dumps(outcome.json)  # fmt: skip
    assert "set aside" not in outcome.err
