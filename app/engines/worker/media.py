"""Decoding by PyAV, inside the media worker; the file comes as byte ranges from the parent."""

import io
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.engines import SAMPLE_RATE, Pcm
from app.core.errors import MediaDamaged, UnsupportedMedia
from app.core.job import Progress
from app.core.recording import PEAKS_PER_SECOND, Survey
from app.engines import protocol
from app.engines.worker.channel import Channel

# A file object drops FFmpeg's guard against nested addresses: without these two a playlist could
# open connections (measured). Playlists, network and device formats are not on the list.
_OPTIONS = {
    "protocol_whitelist": "none",
    "format_whitelist": "wav,w64,mp3,mov,mp4,m4a,3gp,3g2,mj2,mov\\,mp4\\,m4a\\,3gp\\,3g2\\,mj2,flac,ogg,matroska,webm,"
    "matroska\\,webm,amr,aac,aiff,caf,au,avi,asf,mpegts,mpeg,ac3,amrnb,amrwb",
}
_EXACT_SEEK = {"wav", "flac", "ogg", "mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm"}
_BLOCK = 2.0  # seconds of sound in one message
_READ_AHEAD = 256 * 1024  # bytes fetched from the parent at a time
_SOUND = 10 ** (-55 / 20)  # amplitude above which a block counts as sound for the correlation
_MISSING = 0.5  # seconds that may lack at the end before a recording counts as cut off
_DAMAGED_PACKETS = 50  # in a row, after which the rest is given up


class Ranges(io.RawIOBase):
    """A read-only file whose bytes the parent serves."""

    def __init__(self, channel: Channel, size: int) -> None:
        super().__init__()
        self._channel = channel
        self._size = size
        self._place = 0
        self._start = 0
        self._held = b""

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True

    def tell(self) -> int:
        """The place of the next byte."""
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move; 65536 (AVSEEK_SIZE) asks for the size."""
        if whence == 65536:
            return self._size
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}[whence]
        self._place = max(0, base + offset)
        return self._place

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes; none at the end."""
        want = self._size - self._place if size < 0 else min(size, self._size - self._place)
        if want <= 0:
            return b""
        skip = self._place - self._start
        if not 0 <= skip < len(self._held):
            self._start, skip = self._place, 0
            self._held = self._channel.bytes_at(self._place, min(max(want, _READ_AHEAD), protocol.LARGEST_FRAME // 2))
        piece = self._held[skip : skip + want]
        self._place += len(piece)
        return piece


class Media:
    """The media worker's engine."""

    def answer(self, request: protocol.Request, channel: Channel) -> Iterator[protocol.Value]:
        """Survey or decode."""
        if isinstance(request, protocol.SurveyMedia):
            yield from survey(Ranges(channel, request.size), request.size, channel)
        elif isinstance(request, protocol.DecodeMedia):
            yield from decode(Ranges(channel, request.size), request)
        else:
            raise protocol.WireError("not for this worker")


class _Opened:
    """An open container and its first sound track."""

    def __init__(self, file: Ranges) -> None:
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
        """Channels of the sound track."""
        return int(self.stream.codec_context.channels)

    @property
    def said_duration(self) -> float:
        """Seconds by the container's own word; 0 if it does not say."""
        if self.stream.duration and self.stream.time_base:
            return float(self.stream.duration * self.stream.time_base)
        return float(self.container.duration or 0) / 1e6

    def frames(self, start: float = 0.0) -> Iterator[tuple[float, Any]]:
        """(time in seconds, frame) from at or before `start`; damaged packets are passed over."""
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


def _resampled(opened: _Opened, tracks: int, rate: int, start: float) -> Iterator[tuple[float, NDArray[np.int16]]]:
    """(time, array of shape (tracks, samples)) at `rate`, from exactly `start` on."""
    import av

    resampler = av.AudioResampler(format="s16p", layout="stereo" if tracks == 2 else "mono", rate=rate)
    at: float | None = None
    layout = None
    for time, frame in opened.frames(start):
        shape = (frame.format.name, frame.layout.name, frame.sample_rate)
        if layout is not None and shape != layout:  # some files change in the middle
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


def decode(file: Ranges, request: protocol.DecodeMedia) -> Iterator[Pcm]:
    """Blocks of about two seconds of the channels asked for."""
    opened = _Opened(file)
    tracks = 1 if request.is_mixed or opened.channels < 2 else 2
    held: list[NDArray[np.int16]] = []
    begin, count = request.start, 0
    wanted = [0] if request.is_mixed else list(request.channels) if tracks == 2 else [0] * len(request.channels)
    for time, sound in _resampled(opened, tracks, request.rate, request.start):
        if not held:
            begin = time
        held.append(sound)
        count += sound.shape[1]
        if count >= _BLOCK * request.rate:
            yield _pcm(begin, request.rate, held, wanted)
            held, count = [], 0
    if count:
        yield _pcm(begin, request.rate, held, wanted)


def _pcm(begin: float, rate: int, held: Sequence[NDArray[np.int16]], wanted: Sequence[int]) -> Pcm:
    whole = np.concatenate(held, axis=1)
    return Pcm(begin, rate, tuple(whole[track].tobytes() for track in wanted))


def survey(file: Ranges, size: int, channel: Channel) -> Iterator[Progress | Survey]:
    """One pass: duration, levels, correlation of the channels, peaks, and whether it breaks off."""
    opened = _Opened(file)
    tracks = 2 if opened.channels >= 2 else 1
    said = opened.said_duration
    sums = np.zeros(tracks)
    products = np.zeros(3)  # left x left, right x right, left x right, where there is sound
    samples, reported = 0, 0.0
    peaks: list[bytes] = []
    step = SAMPLE_RATE // PEAKS_PER_SECOND
    rest = np.empty((tracks, 0), np.int16)
    for _, piece in _resampled(opened, tracks, SAMPLE_RATE, 0.0):
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
            yield Progress("Reading", seconds, max(said, seconds) if said else None, "s")
    if rest.shape[1]:
        block = rest.astype(np.float32) / 32768.0
        peaks.append(_peaks(np.pad(block, ((0, 0), (0, -block.shape[1] % step))), step))
        sums += (block.astype(np.float64) ** 2).sum(axis=1)
        products += _products(block)
    if not samples:
        raise MediaDamaged
    duration = samples / SAMPLE_RATE
    container = opened.container.format.name
    is_short = said - duration > max(_MISSING, 0.002 * said) and _knows_length(container, channel)
    is_cut = is_short or opened.is_damaged or _ends_early(container, size, channel)
    levels = tuple(float(10 * np.log10(max(s / samples, 1e-12))) for s in sums)
    scale = float(np.sqrt(products[0] * products[1]))
    correlation = float(products[2] / scale) if scale > 0 else 0.0
    yield Survey(
        duration, tracks, levels, correlation, b"".join(peaks), is_cut, opened.stream.codec_context.name,
        _recorded(opened.container.metadata, opened.stream.metadata),
    )  # fmt: skip


def _peaks(block: NDArray[np.float32], step: int) -> bytes:
    """One byte a channel and step, interleaved, 255 for full scale."""
    tops = np.abs(block).reshape(block.shape[0], -1, step).max(axis=2)
    peaks: NDArray[np.uint8] = np.minimum(255, np.rint(tops * 255)).astype(np.uint8)
    return peaks.T.tobytes()


def _products(block: NDArray[np.float32]) -> NDArray[np.float64]:
    if block.shape[0] < 2:
        return np.zeros(3)
    left, right = block.astype(np.float64)
    loud = (np.abs(left) > _SOUND) | (np.abs(right) > _SOUND)
    left, right = left[loud], right[loud]
    return np.array([(left * left).sum(), (right * right).sum(), (left * right).sum()])


def _knows_length(container: str, channel: Channel) -> bool:
    """Whether the container's duration is a count and not a guess from the bit rate."""
    if container == "mp3":  # only with a header frame that counts the others
        head = channel.bytes_at(0, 64 * 1024)
        return any(mark in head for mark in (b"Xing", b"Info", b"VBRI"))
    return container in _EXACT_SEEK or container in ("w64", "aiff", "caf", "au")


def _ends_early(container: str, size: int, channel: Channel) -> bool:
    """Whether the file itself lacks its end, which FFmpeg does not tell for these two.

    A RIFF header says how long the file is (0 and the greatest number: it was being written). The
    last page of an Ogg file carries the end-of-stream flag (RFC 3533).
    """
    if container == "wav":
        said = int.from_bytes(channel.bytes_at(4, 4), "little")
        return said not in (0, 0xFFFFFFFF) and said + 8 > size + 1
    if container != "ogg" or size < 28:
        return False
    tail = channel.bytes_at(max(0, size - 66_000), 66_000)
    page = tail.rfind(b"OggS\x00")
    if page < 0 or len(tail) < page + 27:
        return True
    segments = tail[page + 26]
    lengths = tail[page + 27 : page + 27 + segments]
    is_whole = len(lengths) == segments and len(tail) >= page + 27 + segments + sum(lengths)
    return not (tail[page + 5] & 4 and is_whole)


def _recorded(*metadata: dict[str, str]) -> datetime | None:
    for tags in metadata:
        lowered = {key.casefold(): value for key, value in tags.items()}
        for key in ("creation_time", "com.apple.quicktime.creationdate", "date_recorded", "date"):
            moment = _moment(lowered.get(key, ""))
            if moment:
                return moment
    return None


def _moment(text: str) -> datetime | None:
    """A full date and time; a bare year says too little, and 1904 and 1970 are clocks that were not set."""
    if len(text) < 16:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    found = found if found.tzinfo else found.replace(tzinfo=UTC)
    return found if found.year > 1980 else None
