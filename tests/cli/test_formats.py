"""Sound of every kind comes in, by its content and not by its name; sides are told apart by what is heard."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import jiwer
import numpy as np
import pytest
from numpy.typing import NDArray

from app.core.resources import demo_call
from tests.acceptance.test_demo import plain
from tests.running import ROOT, Home, truth

RATE = 48_000
Sound = NDArray[np.int16]


@pytest.fixture(scope="module")
def sound() -> Sound:
    """The demo call, of shape (2, samples)."""
    with av.open(str(demo_call())) as container:
        resampler = av.AudioResampler(format="s16p", layout="stereo", rate=RATE)
        pieces = [out.to_ndarray() for frame in container.decode(audio=0) for out in resampler.resample(frame)]
    return np.concatenate(pieces, axis=1).astype(np.int16)


def write(path: Path, sound: Sound, container: str, codec: str, rate: int = RATE) -> Path:
    """Encode a sound by PyAV."""
    layout = "stereo" if sound.shape[0] == 2 else "mono"
    with av.open(str(path), "w", format=container) as file:
        stream = file.add_stream(codec, rate=rate)
        assert isinstance(stream, av.AudioStream)
        stream.layout = layout
        wanted = stream.codec_context.format
        resampler = av.AudioResampler(format=wanted.name if wanted else "s16", layout=layout, rate=rate)
        whole = av.AudioFrame.from_ndarray(np.ascontiguousarray(sound), format="s16p", layout=layout)
        whole.sample_rate = RATE
        fifo = av.AudioFifo()
        for frame in resampler.resample(whole):
            frame.pts = None
            fifo.write(frame)
        size = stream.codec_context.frame_size or 4096
        at = 0
        while (part := fifo.read(size, partial=True)) is not None:
            part.pts, at = at, at + part.samples
            file.mux(stream.encode(part))
        file.mux(stream.encode(None))
    return path


def errors(shape: Any) -> float:
    """Word error rate of a transcript of the demo call."""
    said = " ".join(text for _, text in truth(demo_call())["turns"])
    return jiwer.wer(plain(said), plain(" ".join(u["text"] for u in shape["utterances"])))


@pytest.mark.parametrize(
    ("container", "codec", "rate"),
    [
        ("wav", "pcm_s16le", 48_000), ("wav", "pcm_f32le", 96_000), ("wav", "pcm_mulaw", 8_000), ("mp3", "mp3", 44_100),
        ("ipod", "aac", 44_100), ("mp4", "aac", 48_000), ("3gp", "aac", 16_000), ("flac", "flac", 44_100),
        ("ogg", "flac", 44_100), ("ogg", "libopus", 48_000), ("webm", "libopus", 48_000), ("matroska", "flac", 48_000),
        ("adts", "aac", 44_100), ("aiff", "pcm_s16be", 22_050),
    ],
)  # fmt: skip
def test_kinds_of_sound(tmp_path: Path, sound: Sound, container: str, codec: str, rate: int) -> None:
    file = write(tmp_path / "a recording.bin", sound, container, codec, rate)  # the name says nothing
    outcome = Home(tmp_path).run("transcribe", str(file), "-f", "json")
    assert outcome.status == 0, outcome.err
    assert "breaks off" not in outcome.err
    assert {u["speaker"] for u in outcome.json["utterances"]} == {"You", "Them"}
    assert abs(outcome.json["duration"] - 42.18) < 0.3
    assert errors(outcome.json) <= (0.25 if rate < 16_000 else 0.10)


def test_a_telephone_s_own_format(tmp_path: Path) -> None:
    outcome = Home(tmp_path).run("transcribe", str(ROOT / "tests" / "fixtures" / "media" / "telephone.amr"), "--json")
    assert outcome.status == 0, outcome.err
    assert {u["speaker"] for u in outcome.json["utterances"]} == {"Speaker"}


@pytest.mark.parametrize(
    ("change", "speakers"),
    [
        (lambda s: np.stack([s[0] // 2 + s[1] // 2] * 2), {"Speaker"}),
        (lambda s: s[:1] // 2 + s[1:] // 2, {"Speaker"}),
        (lambda s: np.stack([s[0], s[1] * 0]), {"You"}),
        (lambda s: np.stack([s[0] * 0, s[1]]), {"Them"}),
        (lambda s: np.stack([s[0], s[1] + s[0] // 40]), {"You", "Them"}),
    ],
    ids=["twice the same", "mono", "only left", "only right", "a little bleed"],
)
def test_sides(tmp_path: Path, sound: Sound, change: Callable[[Sound], Sound], speakers: set[str]) -> None:
    file = write(tmp_path / "call.wav", change(sound).astype(np.int16), "wav", "pcm_s16le")
    outcome = Home(tmp_path).run("transcribe", str(file), "-f", "json")
    assert outcome.status == 0, outcome.err
    assert {u["speaker"] for u in outcome.json["utterances"]} == speakers


def test_the_date_comes_from_the_container_else_from_the_file(tmp_path: Path, sound: Sound) -> None:
    import os

    home = Home(tmp_path)
    named = tmp_path / "dated.m4a"
    write(named, sound[:, : RATE * 12], "ipod", "aac")
    with av.open(str(named)) as source, av.open(str(tmp_path / "with.m4a"), "w", format="ipod") as target:
        target.metadata["creation_time"] = "2026-03-04T05:06:07Z"
        stream = target.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(source.streams.audio[0]):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    dated = home.run("import", str(tmp_path / "with.m4a"), "--no-summary", "--json")
    assert dated.json[0]["date"] == "2026-03-04T05:06:07+00:00"
    other = tmp_path / "other.wav"
    write(other, sound[:, : RATE * 12], "wav", "pcm_s16le")
    os.utime(other, (1_700_000_000, 1_700_000_000))
    assert home.run("import", str(other), "--no-summary", "--json").json[0]["date"] == "2023-11-14T22:13:20+00:00"
    third = tmp_path / "third.flac"
    write(third, sound[:, : RATE * 13], "flac", "flac")
    said = home.run("import", str(third), "--no-summary", "--json", "--date", "2025-12-24T18:00:00+01:00")
    assert said.json[0]["date"] == "2025-12-24T17:00:00+00:00"


def test_formats_of_export(tmp_path: Path) -> None:
    home = Home(tmp_path)
    found = home.run("import", str(demo_call()), "--left", "Elena", "--right", "Leo", "--json").json[0]
    assert found["speakers"] == ["Elena", "Leo"]
    for fmt, beginning in (
        ("txt", "Website launch\n"),
        ("md", "# Website launch\n"),
        ("srt", "1\n00:00:00,"),
        ("vtt", "WEBVTT\n"),
    ):
        out = tmp_path / f"call.{fmt}"
        assert home.run("export", found["id"], "-f", fmt, "-o", str(out)).status == 0
        assert out.read_text().startswith(beginning)
        assert "Leo" in out.read_text()
    for fmt, magic in (
        ("docx", b"PK\x03\x04"),
        ("pdf", b"%PDF-"),
        ("html", b"<!DOCTYPE html>"),
        ("csv", b"\xef\xbb\xbfstart,"),
    ):
        ended = home.run("export", found["id"], "-f", fmt, "-o", str(tmp_path / f"call.{fmt}"))
        assert (ended.status, ended.err) == (0, "Written. This file is not encrypted.\n")
        assert (tmp_path / f"call.{fmt}").read_bytes().startswith(magic)
    refused = home.run("export", found["id"], "-f", "srt", "--no-times", "-o", str(tmp_path / "no.srt"))
    assert refused.status == 2
    assert not (tmp_path / "no.srt").exists()
    shutil.rmtree(home.vault)
