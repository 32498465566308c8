"""Why a file that can't be opened as a recording is none: a look at its bytes, where FFmpeg says no more than no."""

import codecs
import re

from app.core.errors import (
    ArchivedRecording,
    BlankFile,
    IndexMissing,
    PlaylistFile,
    SoundMissing,
    TextFile,
    UnsupportedMedia,
)
from app.core.media_kinds import SIGNATURE_BYTES, begins_as_recording
from app.engines.worker.served_file import ServedFile

_LOOKED_AT = 4096  # bytes at each place
_MOST_BOXES = 10_000
_MOVIE_BOXES = (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot", b"styp", b"moof", b"sidx")
_PICTURES = tuple(b"ftyp" + brand for brand in (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif", b"avis", b"crx "))
_PLAYLIST = re.compile(r"\s*(#EXTM3U|\[playlist\]|<asx\b|<smil\b|(<\?xml[^>]*>\s*)?<playlist\b)", re.IGNORECASE)
_ARCHIVES = (b"PK\x03\x04", b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b\x08", b"BZh", b"\xfd7zXZ\0")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")


def why_unreadable(file: ServedFile) -> UnsupportedMedia:
    """The error that says why this file, which could not be opened or has no sound, can't be read."""
    head = file.peek(0, _LOOKED_AT)
    text = _text_of(head)
    if text is not None:
        return PlaylistFile() if _PLAYLIST.match(text) else TextFile()
    if head[4:8] in _MOVIE_BOXES:
        is_picture = head[4:12] in _PICTURES
        return UnsupportedMedia() if is_picture or _has_index(file) else IndexMissing()
    if begins_as_recording(head[:SIGNATURE_BYTES]):
        return SoundMissing()
    if _is_blank(file, head):
        return BlankFile()
    return ArchivedRecording() if head.startswith(_ARCHIVES) else UnsupportedMedia()


def _has_index(file: ServedFile) -> bool:
    """Whether the box with the index is there whole; recorders write it last."""
    at = 0
    for _ in range(_MOST_BOXES):
        head = file.peek(at, 16)
        if len(head) < 8:
            break
        size, name = int.from_bytes(head[:4], "big"), head[4:8]
        if size == 1 and len(head) == 16:
            size = int.from_bytes(head[8:16], "big")
        if name == b"moov":
            return at + size <= file.size
        if size < 8:
            break
        at += size
    return False


def _is_blank(file: ServedFile, head: bytes) -> bool:
    """Whether all places that are looked at are zeros, as where a copy reserved its room and then stopped."""
    places = [file.size * part // 8 for part in range(1, 8)]
    return not any(head) and not any(any(file.peek(place, _LOOKED_AT)) for place in places)


def _text_of(head: bytes) -> str | None:
    """The beginning as text in UTF-8 or UTF-16, or None if it is none."""
    is_wide = head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = codecs.getincrementaldecoder("utf-16" if is_wide else "utf-8-sig")().decode(head)
    except UnicodeDecodeError:
        return None
    return text if text and not _CONTROLS.search(text) else None
