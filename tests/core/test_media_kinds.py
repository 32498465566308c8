"""One list of kinds is what the refusal names, the dialog offers, a drop takes and the decoder opens."""

from pathlib import Path

import pytest

from app.core.errors import UnsupportedMedia
from app.core.media_kinds import (
    FORMATS,
    MEDIA_KINDS,
    SIGNATURE_BYTES,
    SUFFIXES,
    begins_as_recording,
    kinds_in_words,
    may_be_transcript,
)
from app.engines.worker import sound_stream
from app.services.file_kinds import sort_dropped
from tests.running import ROOT


def test_each_kind_is_named_in_the_refusal_and_in_the_read_me() -> None:
    assert kinds_in_words() in UnsupportedMedia().advice
    assert kinds_in_words() in (ROOT / "README.md").read_text().replace("\n", " ")
    assert all(kind.shown and kind.formats for kind in MEDIA_KINDS)
    assert len(set(SUFFIXES)) == len(SUFFIXES)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_each_suffix_is_taken_as_a_recording(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"call.{suffix.upper()}"
    path.write_bytes(b"anything")
    assert sort_dropped([path]).calls == (path,)


def test_the_decoder_opens_these_formats_and_no_playlist_or_device() -> None:
    allowed = sound_stream._OPTIONS["format_whitelist"].replace("\\,", " ").split(",")
    assert [name.replace(" ", ",") for name in allowed] == list(FORMATS)
    assert not {"hls", "concat", "dash", "applehttp", "rtsp", "sdp", "alsa", "pulse", "lavfi"} & set(FORMATS)


def test_the_first_bytes_tell_a_recording() -> None:
    assert begins_as_recording(b"RIFF\0\0\0\0WAVEfmt ")
    assert not begins_as_recording(b"RIFF\0\0\0\0AVI LIST")
    assert not begins_as_recording(b"%PDF-1.7")


@pytest.mark.parametrize("second", [0xE2, 0xE3, 0xF1, 0xF2, 0xF3, 0xF9, 0xFA, 0xFB, 0xFD, 0xFF])
def test_a_frame_of_sound_without_tags_tells_a_recording(second: int) -> None:
    assert begins_as_recording(bytes([0xFF, second, 0x90, 0x64]))


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-8"])
def test_a_text_in_wide_characters_is_no_recording(encoding: str) -> None:
    head = "\ufeffAnna: Shall we begin?".encode(encoding)[:SIGNATURE_BYTES]
    assert not begins_as_recording(head)
    assert may_be_transcript("call.txt", head)
