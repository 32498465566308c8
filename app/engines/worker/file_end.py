"""Where a file's sound ends: a header that counts too little, a file that breaks off, a second file behind it."""

import struct
from dataclasses import dataclass, field

from app.engines.worker.served_file import ServedFile

_MOST_CHUNKS = 10_000  # of one file that are walked through
_LEAST_REST = 0.5  # seconds of sound behind the counted end that are worth reading
_TAGS = (b"TAG", b"ID3", b"APETAGEX", b"LYRICS", b"\0\0\0\0\0\0\0\0")  # what other programs put behind a file
_WHOLE_FORMATS = ("wav", "flac", "mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", "w64", "aiff", "caf", "au")


@dataclass(frozen=True, slots=True)
class WavEnd:
    """What follows the sound that a WAV header counts: `patches` have it read on, `is_unread` says that it is not."""

    patches: dict[int, bytes] = field(default_factory=dict)
    is_unread: bool = False


def wav_end(file: ServedFile) -> WavEnd:
    """Compare what a WAV header counts with what is there.

    Sound behind the counted end is of a recorder that was stopped before it wrote the length, or of a second
    WAV appended to the first; it is read on where it has the same form.
    """
    head = file.peek(0, 12)
    if head[:4] != b"RIFF" or head[8:12] != b"WAVE":
        return WavEnd()
    form, data = b"", 0
    at = 12
    for _ in range(_MOST_CHUNKS):
        name, size = _chunk(file, at)
        if not _is_chunk_name(name):
            break
        if name == b"fmt ":
            form = file.peek(at + 8, min(size, 64))
        elif name == b"data":
            data = at
            break
        at += 8 + size + size % 2
    else:
        return WavEnd()
    if not data or len(form) < 16:
        return WavEnd()
    size = _chunk(file, data)[1]
    if size in (0, 0xFFFFFFFF) or data + 8 + size >= file.size:
        return WavEnd()  # still being written, when FFmpeg reads to the end; or cut off, which is told elsewhere
    return _beyond(file, data, size, form)


def _beyond(file: ServedFile, data: int, size: int, form: bytes) -> WavEnd:
    """What follows the chunk of sound at `data`: chunks of other kinds, to the end of the file, are nothing to read."""
    at = data + 8 + size + size % 2
    for _ in range(_MOST_CHUNKS):
        name, length = _chunk(file, at)
        if not _is_chunk_name(name) or name == b"RIFF" or at + 8 + length > file.size:
            break
        at += 8 + length + length % 2
    bytes_per_second = max(1, int.from_bytes(form[8:12], "little"))
    start = file.peek(at, 64)
    if file.size - at < _LEAST_REST * bytes_per_second or start.startswith(_TAGS):
        return WavEnd()
    if start.startswith(b"RIFF"):
        follower = _form_of(file, at)
        if follower is not None and follower[:16] != form[:16]:
            return WavEnd(is_unread=True)
    whole = min(file.size - data - 8, 0xFFFFFFFE)
    block = max(1, int.from_bytes(form[12:14], "little"))
    counted = (struct.pack("<I", min(file.size - 8, 0xFFFFFFFE)), struct.pack("<I", whole // block * block))
    return WavEnd({4: counted[0], data + 4: counted[1]}, is_unread=file.size - data - 8 > whole)


def _form_of(file: ServedFile, at: int) -> bytes | None:
    """The `fmt ` chunk of the WAV at this offset."""
    at += 12
    for _ in range(32):
        name, size = _chunk(file, at)
        if name == b"fmt ":
            return file.peek(at + 8, min(size, 64))
        if not _is_chunk_name(name):
            return None
        at += 8 + size + size % 2
    return None


def _chunk(file: ServedFile, at: int) -> tuple[bytes, int]:
    head = file.peek(at, 8)
    return head[:4], int.from_bytes(head[4:8], "little") if len(head) == 8 else 0


def _is_chunk_name(name: bytes) -> bool:
    return len(name) == 4 and all(32 <= byte < 127 for byte in name)


def has_second_movie(file: ServedFile) -> bool:
    """Whether another file was appended to an MP4: its boxes are never looked at."""
    at, files = 0, 0
    for _ in range(_MOST_CHUNKS):
        head = file.peek(at, 16)
        if len(head) < 8:
            break
        size, name = int.from_bytes(head[:4], "big"), head[4:8]
        files += name == b"ftyp"
        if size == 1 and len(head) == 16:
            size = int.from_bytes(head[8:16], "big")
        if size < 8 or not _is_chunk_name(name):
            break
        at += size
    return files > 1


def knows_length(format_name: str, file: ServedFile) -> bool:
    """Whether the container's duration is counted, not estimated from the bit rate.

    That of an Ogg file is read from its last page, so that it tells nothing of what is missing; and where the first
    sound is late, as in what was taken from a stream, FFmpeg counts it from zero or from there.
    """
    if format_name == "mp3":  # only with a header frame that has the number of frames, of all of the file
        counted = _mp3_bytes(file.peek(0, 64 * 1024))
        if counted is None:
            return False
        return not counted or file.size - counted <= file.size // 16  # else FFmpeg goes by the bit rate again
    return format_name in _WHOLE_FORMATS


def _mp3_bytes(head: bytes) -> int | None:
    """The bytes that an MP3's header frame counts, or None if there is no such frame; 0 if it counts frames alone."""
    if (at := head.find(b"VBRI")) >= 0:
        return int.from_bytes(head[at + 10 : at + 14], "big")
    at = max(head.find(b"Xing"), head.find(b"Info"))
    if at < 0:
        return None
    has_frames, has_bytes = (int.from_bytes(head[at + 4 : at + 8], "big") & flag for flag in (1, 2))
    bytes_at = at + (12 if has_frames else 8)
    return int.from_bytes(head[bytes_at : bytes_at + 4], "big") if has_bytes else 0


def ends_early(format_name: str, file: ServedFile) -> bool:
    """Whether the file's end is missing, which FFmpeg does not report for WAV and Ogg.

    A RIFF header states the file's length (0 or the maximum: it was still being written). The last
    page of an Ogg file has the end-of-stream flag (RFC 3533).
    """
    if format_name == "wav":
        stated = int.from_bytes(file.peek(4, 4), "little")
        return stated not in (0, 0xFFFFFFFF) and stated + 8 > file.size + 1
    if format_name != "ogg" or file.size < 28:
        return False
    tail = file.peek(max(0, file.size - 66_000), 66_000)
    page = tail.rfind(b"OggS\x00")
    if page < 0 or len(tail) < page + 27:
        return True
    segments = tail[page + 26]
    lengths = tail[page + 27 : page + 27 + segments]
    is_whole = len(lengths) == segments and len(tail) >= page + 27 + segments + sum(lengths)
    return not (tail[page + 5] & 4 and is_whole)
