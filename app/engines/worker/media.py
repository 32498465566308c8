"""Audio decoding by PyAV, inside the media worker; the parent serves the file as byte ranges."""

import io
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.call import PEAKS_PER_SECOND, Survey
from app.core.engines import SAMPLE_RATE, Pcm
from app.core.errors import MediaDamaged, UnsupportedMedia
from app.core.job import Progress
from app.core.media_kinds import FORMATS
from app.engines import protocol
from app.engines.worker.channel import Channel

# Given a file object, FFmpeg drops its guard against nested URLs: without these two options a playlist
# could open connections (measured). Playlists, network and device formats are not on the list.
_OPTIONS = {
    "protocol_whitelist": "none",
    "format_whitelist": ",".join(name.replace(",", r"\,") for name in FORMATS),
}
_EXACT_SEEK = {"wav", "flac", "ogg", "mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm"}
_BLOCK = 2.0  # seconds of audio in one message
_READ_AHEAD = 256 * 1024  # bytes fetched from the parent at a time
_QUIET = 10 ** (-55 / 20)  # amplitude above which a sample counts for the correlation
_MISSING_SECONDS = 0.5  # seconds that may be missing at the end before a recording counts as cut off
_DAMAGED_PACKETS = 50  # in a row, after which the rest is skipped


class ServedFile(io.RawIOBase):
    """A read-only file whose bytes the parent serves."""

    def __init__(self, channel: Channel, size: int) -> None:
        super().__init__()
        self._channel = channel
        self._size = size
        self._position = 0
        self._buffer_start = 0
        self._buffer = b""

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """The offset of the next byte."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move, and return the new offset; 65536 (AVSEEK_SIZE) returns the size instead."""
        if whence == 65536:
            return self._size
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def read(self, size: int = -1) -> bytes:
        """Read at most `size` bytes; none at the end."""
        want = self._size - self._position if size < 0 else min(size, self._size - self._position)
        if want <= 0:
            return b""
        skip = self._position - self._buffer_start
        if not 0 <= skip < len(self._buffer):
            self._buffer_start, skip = self._position, 0
            length = min(max(want, _READ_AHEAD), protocol.LARGEST_FRAME // 2)
            self._buffer = self._channel.request_bytes(self._position, length)
        piece = self._buffer[skip : skip + want]
        self._position += len(piece)
        return piece


class MediaDecoder:
    """The media worker's engine."""

    def answer(self, request: protocol.Request, channel: Channel) -> Iterator[protocol.Value]:
        """Survey or decode."""
        if isinstance(request, protocol.SurveyMedia):
            yield from survey(ServedFile(channel, request.size), request.size, channel)
        elif isinstance(request, protocol.DecodeMedia):
            yield from decode(ServedFile(channel, request.size), request)
        else:
            raise protocol.WireError("not for this worker")


class _AudioSource:
    """An open container and its first audio stream."""

    def __init__(self, file: ServedFile) -> None:
        import av
        import av.error

        av.logging.set_level(av.logging.PANIC)
        self._errors: tuple[type[Exception], ...] = (av.error.FFmpegError, ValueError, EOFError)
        try:
            self.container = av.open(file, mode="r", options=_OPTIONS, metadata_errors="replace")
        except self._errors as error:
            raise UnsupportedMedia from error
        if not self.container.streams.audio:
            raise UnsupportedMedia
        self.stream = self.container.streams.audio[0]
        self.stream.codec_context.thread_type = "NONE"
        self.is_damaged = False
        if not self.stream.codec_context.sample_rate:
            raise UnsupportedMedia

    @property
    def channels(self) -> int:
        """The number of channels of the audio stream."""
        return int(self.stream.codec_context.channels)

    @property
    def stated_duration(self) -> float:
        """The duration in seconds that the container states; 0 if it states none."""
        if self.stream.duration and self.stream.time_base:
            return float(self.stream.duration * self.stream.time_base)
        return float(self.container.duration or 0) / 1e6

    def frames(self, start: float = 0.0) -> Iterator[tuple[float, Any]]:
        """Yield (time in seconds, frame) from `start` or a little earlier; damaged packets are skipped."""
        origin = float((self.stream.start_time or 0) * self.stream.time_base) if self.stream.time_base else 0.0
        if start > 1.0 and self.container.format.name in _EXACT_SEEK:
            try:
                self.container.seek(int((start + origin) * 1e6), backward=True)
            except self._errors:
                self.container.seek(0)
        bad, at = 0, None
        packets = self.container.demux(self.stream)
        while bad < _DAMAGED_PACKETS:
            try:
                packet = next(packets)
                decoded = packet.decode()
            except StopIteration:
                return
            except self._errors:
                bad, self.is_damaged = bad + 1, True
                continue
            bad = 0
            for frame in decoded:
                if at is None:
                    at = 0.0 if start <= 1.0 or frame.time is None else max(0.0, frame.time - origin)
                yield at, frame
                at += frame.samples / frame.sample_rate


def _resampled(source: _AudioSource, tracks: int, rate: int, start: float) -> Iterator[tuple[float, NDArray[np.int16]]]:
    """Yield (time in seconds, array of shape (tracks, samples)) at `rate` Hz, from exactly `start` on."""
    import av

    resampler = av.AudioResampler(format="s16p", layout="stereo" if tracks == 2 else "mono", rate=rate)
    at: float | None = None
    layout = None
    for time, frame in source.frames(start):
        shape = (frame.format.name, frame.layout.name, frame.sample_rate)
        if layout is not None and shape != layout:  # some files change their format midway
            resampler = av.AudioResampler(format="s16p", layout="stereo" if tracks == 2 else "mono", rate=rate)
        layout = shape
        frame.pts = None
        for out in resampler.resample(frame):
            sound: NDArray[np.int16] = np.asarray(out.to_ndarray(), np.int16)
            here = time if at is None else at
            at = here + sound.shape[1] / rate
            if at <= start:
                continue
            skip = max(0, round((start - here) * rate))
            yield here + skip / rate, sound[:, skip:]
    for out in resampler.resample(None) if layout else ():
        yield at or 0.0, np.asarray(out.to_ndarray(), np.int16)


def decode(file: ServedFile, request: protocol.DecodeMedia) -> Iterator[Pcm]:
    """Yield blocks of about two seconds of the requested channels."""
    source = _AudioSource(file)
    tracks = 1 if request.is_mixed or source.channels < 2 else 2
    blocks: list[NDArray[np.int16]] = []
    begin, count = request.start, 0
    wanted = [0] if request.is_mixed else list(request.channels) if tracks == 2 else [0] * len(request.channels)
    for time, sound in _resampled(source, tracks, request.rate, request.start):
        if not blocks:
            begin = time
        blocks.append(sound)
        count += sound.shape[1]
        if count >= _BLOCK * request.rate:
            yield _pcm(begin, request.rate, blocks, wanted)
            blocks, count = [], 0
    if count:
        yield _pcm(begin, request.rate, blocks, wanted)


def _pcm(begin: float, rate: int, blocks: Sequence[NDArray[np.int16]], wanted: Sequence[int]) -> Pcm:
    whole = np.concatenate(blocks, axis=1)
    return Pcm(begin, rate, tuple(whole[track].tobytes() for track in wanted))


def survey(file: ServedFile, size: int, channel: Channel) -> Iterator[Progress | Survey]:
    """Decode once for duration, levels, correlation of the channels and peaks, and whether the end is missing."""
    source = _AudioSource(file)
    tracks = 2 if source.channels >= 2 else 1
    stated = source.stated_duration
    sums = np.zeros(tracks)
    products = np.zeros(3)  # left x left, right x right, left x right, summed where it is not quiet
    samples, reported = 0, 0.0
    peaks: list[bytes] = []
    step = SAMPLE_RATE // PEAKS_PER_SECOND
    rest = np.empty((tracks, 0), np.int16)
    for _, piece in _resampled(source, tracks, SAMPLE_RATE, 0.0):
        samples += piece.shape[1]
        rest = np.concatenate([rest, piece], axis=1)
        whole = rest.shape[1] // step * step
        if whole >= step * PEAKS_PER_SECOND:
            block, rest = rest[:, :whole].astype(np.float32) / 32768.0, rest[:, whole:]
            peaks.append(_peaks(block, step))
            sums += (block.astype(np.float64) ** 2).sum(axis=1)
            products += _products(block)
        seconds = samples / SAMPLE_RATE
        if seconds - reported >= 30:
            reported = seconds
            yield Progress("Reading", seconds, max(stated, seconds) if stated else None, "s")
    if rest.shape[1]:
        block = rest.astype(np.float32) / 32768.0
        peaks.append(_peaks(np.pad(block, ((0, 0), (0, -block.shape[1] % step))), step))
        sums += (block.astype(np.float64) ** 2).sum(axis=1)
        products += _products(block)
    if not samples:
        raise MediaDamaged
    duration = samples / SAMPLE_RATE
    format_name = source.container.format.name
    is_short = stated - duration > max(_MISSING_SECONDS, 0.002 * stated) and _knows_length(format_name, channel)
    is_cut = is_short or source.is_damaged or _ends_early(format_name, size, channel)
    levels = tuple(float(10 * np.log10(max(s / samples, 1e-12))) for s in sums)
    scale = float(np.sqrt(products[0] * products[1]))
    correlation = float(products[2] / scale) if scale > 0 else 0.0
    yield Survey(
        duration, tracks, levels, correlation, b"".join(peaks), is_cut, source.stream.codec_context.name,
        _recording_time(source.container.metadata, source.stream.metadata),
    )  # fmt: skip


def _peaks(block: NDArray[np.float32], step: int) -> bytes:
    """The peak of each step: one byte per channel, interleaved, with 255 for full scale."""
    tops = np.abs(block).reshape(block.shape[0], -1, step).max(axis=2)
    peaks: NDArray[np.uint8] = np.minimum(255, np.rint(tops * 255)).astype(np.uint8)
    return peaks.T.tobytes()


def _products(block: NDArray[np.float32]) -> NDArray[np.float64]:
    if block.shape[0] < 2:
        return np.zeros(3)
    left, right = block.astype(np.float64)
    loud = (np.abs(left) > _QUIET) | (np.abs(right) > _QUIET)
    left, right = left[loud], right[loud]
    return np.array([(left * left).sum(), (right * right).sum(), (left * right).sum()])


def _knows_length(format_name: str, channel: Channel) -> bool:
    """Whether the container's duration is counted, not estimated from the bit rate."""
    if format_name == "mp3":  # only with a header frame that has the number of frames
        head = channel.request_bytes(0, 64 * 1024)
        return any(mark in head for mark in (b"Xing", b"Info", b"VBRI"))
    return format_name in _EXACT_SEEK or format_name in ("w64", "aiff", "caf", "au")


def _ends_early(format_name: str, size: int, channel: Channel) -> bool:
    """Whether the file's end is missing, which FFmpeg does not report for WAV and Ogg.

    A RIFF header states the file's length (0 or the maximum: it was still being written). The last
    page of an Ogg file has the end-of-stream flag (RFC 3533).
    """
    if format_name == "wav":
        stated = int.from_bytes(channel.request_bytes(4, 4), "little")
        return stated not in (0, 0xFFFFFFFF) and stated + 8 > size + 1
    if format_name != "ogg" or size < 28:
        return False
    tail = channel.request_bytes(max(0, size - 66_000), 66_000)
    page = tail.rfind(b"OggS\x00")
    if page < 0 or len(tail) < page + 27:
        return True
    segments = tail[page + 26]
    lengths = tail[page + 27 : page + 27 + segments]
    is_whole = len(lengths) == segments and len(tail) >= page + 27 + segments + sum(lengths)
    return not (tail[page + 5] & 4 and is_whole)


def _recording_time(*metadata: dict[str, str]) -> datetime | None:
    for tags in metadata:
        lowered = {key.casefold(): value for key, value in tags.items()}
        for key in ("creation_time", "com.apple.quicktime.creationdate", "date_recorded", "date"):
            time = _parsed_time(lowered.get(key, ""))
            if time:
                return time
    return None


def _parsed_time(text: str) -> datetime | None:
    """Parse a full date and time; a bare year says too little, and 1904 and 1970 come from clocks that were not set."""
    if len(text) < 16:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    found = found if found.tzinfo else found.replace(tzinfo=UTC)
    return found if found.year > 1980 else None
