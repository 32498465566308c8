"""The kinds of recordings that can be read: their file name suffixes, FFmpeg's names for them, and how they begin."""

import re
from typing import NamedTuple


class MediaKind(NamedTuple):
    """One kind of file: the suffixes shown to people, other suffixes of the same kind, and FFmpeg's formats."""

    shown: tuple[str, ...]
    others: tuple[str, ...]
    formats: tuple[str, ...]


_MP4 = ("mov", "mp4", "m4a", "3gp", "3g2", "mj2")
MEDIA_KINDS = (
    MediaKind(("wav",), ("w64",), ("wav", "w64")),
    MediaKind(("mp3",), (), ("mp3",)),
    MediaKind(("m4a", "mp4", "mov", "3gp"), ("3g2", "m4b", "m4v"), (*_MP4, ",".join(_MP4))),
    MediaKind(("aac",), (), ("aac",)),
    MediaKind(("flac",), (), ("flac",)),
    MediaKind(("ogg", "opus"), ("oga",), ("ogg",)),
    MediaKind(("webm", "mkv"), ("mka",), ("matroska", "webm", "matroska,webm")),
    MediaKind(("amr",), (), ("amr", "amrnb", "amrwb")),
    MediaKind(("wma",), ("asf",), ("asf",)),
    MediaKind(("aiff",), ("aif",), ("aiff",)),
    MediaKind(("caf",), (), ("caf",)),
    MediaKind(("au",), (), ("au",)),
    MediaKind(("avi",), (), ("avi",)),
    MediaKind(("mpeg",), ("mpg", "ts"), ("mpegts", "mpeg")),
    MediaKind(("ac3",), (), ("ac3",)),
)
TEXT_SUFFIXES = ("vtt", "srt", "txt", "md", "json", "docx")
"""The suffixes of what a call can come as beside sound: transcripts that other programs, or we, have written."""
TEXT_KINDS = f"{', '.join(TEXT_SUFFIXES[:-1])} or {TEXT_SUFFIXES[-1]}"
"""The same as a person reads them."""
SUFFIXES = tuple(suffix for kind in MEDIA_KINDS for suffix in (*kind.shown, *kind.others))
"""Every suffix of a recording, without the dot."""
FORMATS = tuple(name for kind in MEDIA_KINDS for name in kind.formats)
"""FFmpeg's names of the formats that may be opened; no playlist, network or device format is among them."""
SIGNATURE_BYTES = 16
"""How many bytes from a file's start `begins_as_recording` needs."""
_SIGNATURES = re.compile(
    rb"RIFF....WAVE|OggS|fLaC|ID3|\xff[\xe2-\xfd\xff]|....ftyp|\x1aE\xdf\xa3|#!AMR|FORM....AIF|0&\xb2u|caff", re.DOTALL
)
"""WAV, Ogg, FLAC, MP3 with and without tags (AAC frames begin the same way), MP4, Matroska, AMR, AIFF, WMA, CAF.

`FF FE` is how a text in UTF-16 begins, and as MPEG audio only the first layer with checksums.
"""


def begins_as_recording(head: bytes) -> bool:
    """Whether a file that begins with these bytes is a recording, whatever its name says."""
    return _SIGNATURES.match(head) is not None


def kinds_in_words() -> str:
    """The kinds as a person reads them: "wav, mp3, … or ac3"."""
    shown = [suffix for kind in MEDIA_KINDS for suffix in kind.shown]
    return f"{', '.join(shown[:-1])} or {shown[-1]}"


def may_be_transcript(name: str, head: bytes) -> bool:
    """Whether a file of this name that begins so is read as text; what begins as a recording never is."""
    return name.casefold().rpartition(".")[2] in TEXT_SUFFIXES and not begins_as_recording(head)
