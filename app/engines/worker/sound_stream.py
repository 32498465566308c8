"""One sound track of a container, decoded to samples without a hole on the container's own clock."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.errors import NoSoundTrack, RecordingProtected, SoundKindUnknown
from app.core.media_kinds import FORMATS
from app.engines.worker.served_file import ServedFile
from app.engines.worker.unreadable import why_unreadable

# Given a file object, FFmpeg drops its guard against nested URLs: without these two options a playlist
# could open connections (measured). Playlists, network and device formats are not on the list.
_OPTIONS = {
    "protocol_whitelist": "none",
    "format_whitelist": ",".join(name.replace(",", r"\,") for name in FORMATS),
}
_EXACT_SEEK = {"wav", "flac", "ogg", "mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm"}
_CLOCKED = {"mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm", "ogg", "mpegts", "mpeg", "asf"}  # others count samples
_FROM_ZERO = {"mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm"}  # players begin these at zero, others at the first sound
_ENCRYPTED = {"enca", "drms", "aavd"}  # an MP4's names for encrypted sound: the standard's, iTunes's, Audible's
_ASF_PROTECTION = {"asf_protection_type", "asf_key_id", "asf_license_url"}
_JOINT = 2  # packets that can't be decoded where one MP3 was appended to another: they lean on what went before
_DAMAGED_PACKETS = 50  # in a row, after which the rest is skipped
_LEAST_HOLE = 0.1  # seconds; less is the jitter of a clock
_LONGEST_HOLE = 6 * 3600.0  # seconds; a longer one is a wrong time, not a pause
_MOST_SILENCE = 24 * 3600.0  # seconds of holes that are believed in one file
_RESTART = 5.0  # seconds that a clock goes back when it begins anew, as where one file was appended to another
_LATEST_START = 3600.0  # seconds; a first sound later than this has the time of day as its clock
_SILENCE_BLOCK = 4.0  # seconds of silence in one piece
MOST_CHANNELS = 8  # of one track that are read

Samples = NDArray[np.float32]


class SoundFile:
    """An open container, its sound tracks, and which of them this reader decodes.

    Raises:
        UnsupportedMedia: there is no such track, or it is none that can be decoded.
    """

    def __init__(self, file: ServedFile, track: int = 0) -> None:
        self._errors = _errors()
        self.container = _opened(file)
        if not 0 <= track < len(self.container.streams.audio):
            raise NoSoundTrack if self.container.streams else why_unreadable(file)
        self.stream = self.container.streams.audio[track]
        self._refuse_unreadable(file)
        self.stream.codec_context.thread_type = "NONE"
        self.is_damaged = False
        self.has_one_clock = True

    def _refuse_unreadable(self, file: ServedFile) -> None:
        codec = self.stream.codec_context
        if codec is None:
            raise SoundKindUnknown
        is_protected = _ASF_PROTECTION & {key.casefold() for key in self.container.metadata}
        if is_protected or codec.codec_tag in _ENCRYPTED:
            raise RecordingProtected
        if not codec.sample_rate:
            raise why_unreadable(file)

    @property
    def format_name(self) -> str:
        """FFmpeg's name of the container's format."""
        return str(self.container.format.name)

    @property
    def channels(self) -> int:
        """The number of channels of the track that are read."""
        return max(1, min(int(self.stream.codec_context.channels), MOST_CHANNELS))

    @property
    def stated_end(self) -> float:
        """The time in seconds at which the container says that the track ends; 0 if it does not say."""
        stream = self.stream
        if stream.duration and stream.time_base:
            first = float((stream.start_time or 0) * stream.time_base)
            return max(0.0, first - self._zero()) + float(stream.duration * stream.time_base)
        if self.stream.metadata.get("DURATION"):
            return _seconds_of(self.stream.metadata["DURATION"])
        if len(self.container.streams) > 1:
            return 0.0  # it may be another track that lasts so long
        return float(self.container.duration or 0) / 1e6

    def _zero(self) -> float:
        """The time on the container's clock at which a player's own begins."""
        start = float(self.container.start_time or 0) / 1e6
        return 0.0 if self.format_name in _FROM_ZERO and start < _LATEST_START else start

    def frames(self, start: float = 0.0) -> Iterator[tuple[float | None, Any]]:
        """Yield (time in seconds or None, frame) from `start` or a little earlier; damaged packets are skipped."""
        zero, base = self._zero(), self.stream.time_base
        if start > 1.0 and self.format_name in _EXACT_SEEK and base:
            try:
                self.container.seek(int((start + zero) / base), stream=self.stream, backward=True)
            except self._errors:
                self.container.seek(0)
        is_clocked = self.format_name in _CLOCKED
        bad, total, is_first = 0, 0, True
        packets = self.container.demux(self.stream)
        while bad < _DAMAGED_PACKETS:
            try:
                decoded = next(packets).decode()
            except MemoryError:
                raise
            except StopIteration:
                self.is_damaged = self.is_damaged or bad > 0
                return
            except self._errors:
                bad, total = bad + 1, total + 1
                self.is_damaged = total > (_JOINT if self.format_name == "mp3" else 0)
                continue
            bad = 0
            for frame in decoded:
                is_timed = is_clocked or (is_first and start > 1.0)
                yield (frame.time - zero if is_timed and frame.time is not None else None), frame
                is_first = False

    def samples(self, rate: int, start: float = 0.0, *, may_seek: bool = True) -> Iterator[tuple[int, Samples]]:
        """Yield (number of the first sample, array of shape (channels, samples)) at `rate` Hz, from `start` on.

        The pieces follow each other without a hole: where the container's clock has one, there is silence.
        """
        import av

        count, first_wanted = self.channels, round(start * rate)
        at, expected, shift, silence = 0, 0.0, 0.0, 0.0  # `at` in samples given out or skipped, `expected` in seconds
        resampler: Any = None
        form, is_first = None, True
        for time, frame in self.frames(start if may_seek else 0.0):
            shape = (frame.format.name, frame.layout.name, frame.sample_rate)
            gap = 0.0 if time is None else time + shift - expected
            if (
                is_first and gap > 0 and start > 1.0 and may_seek
            ):  # after a seek the clock counts; the sound may begin later still
                expected, gap = max(0.0, min(gap, start)), gap - max(0.0, min(gap, start))
                at = round(expected * rate)
            is_first = False
            if gap < -_RESTART:
                shift, gap, self.has_one_clock = shift - gap, 0.0, False
            if gap > _LONGEST_HOLE or silence + gap > _MOST_SILENCE:
                shift, gap = shift - gap, 0.0
            if gap > _LEAST_HOLE or form != shape:
                for piece in _flushed(resampler, count):
                    yield from _wanted(at, piece, first_wanted)
                    at += piece.shape[1]
                resampler = av.AudioResampler(format="fltp", layout=frame.layout, rate=rate)
                form = shape
            if gap > _LEAST_HOLE:
                silence += gap
                expected += gap
                end = round(expected * rate)
                for piece in _silence(count, max(0, end - at), rate):
                    yield from _wanted(at, piece, first_wanted)
                    at += piece.shape[1]
            expected += frame.samples / frame.sample_rate
            frame.pts = None
            for out in resampler.resample(frame):
                piece = _with_channels(out.to_ndarray(), count)
                yield from _wanted(at, piece, first_wanted)
                at += piece.shape[1]
        for piece in _flushed(resampler, count):
            yield from _wanted(at, piece, first_wanted)
            at += piece.shape[1]


def sound_tracks(file: ServedFile) -> int:
    """The number of a file's sound tracks, also of those that can't be decoded; 1 if it has none.

    Raises:
        UnsupportedMedia: it can't be opened.
    """
    with _opened(file) as container:
        return max(1, len(container.streams.audio))


def _errors() -> tuple[type[Exception], ...]:
    """What a damaged file makes PyAV raise."""
    import av.error

    return (av.error.FFmpegError, ValueError, EOFError)


def _opened(file: ServedFile) -> Any:
    import av

    av.logging.set_level(av.logging.PANIC)
    try:
        return av.open(file, mode="r", options=_OPTIONS, metadata_errors="replace")
    except MemoryError:  # FFmpeg's own is one of its errors too
        raise
    except _errors() as error:
        raise why_unreadable(file) from error


def _wanted(at: int, piece: Samples, first: int) -> Iterator[tuple[int, Samples]]:
    """The part of a piece at sample `at` that is not before `first`, if there is any."""
    skip = max(0, first - at)
    if skip < piece.shape[1]:
        yield at + skip, piece[:, skip:]


def _flushed(resampler: Any, count: int) -> Iterator[Samples]:
    for out in resampler.resample(None) if resampler is not None else ():
        yield _with_channels(out.to_ndarray(), count)


def _silence(count: int, samples: int, rate: int) -> Iterator[Samples]:
    size = int(_SILENCE_BLOCK * rate)
    for at in range(0, samples, size):
        yield np.zeros((count, min(size, samples - at)), np.float32)


def _with_channels(sound: Samples, count: int) -> Samples:
    """The sound with so many channels: some files change their number midway."""
    if sound.shape[0] == 1 and count > 1:
        return np.repeat(sound, count, axis=0)
    if sound.shape[0] < count:
        return np.pad(sound, ((0, count - sound.shape[0]), (0, 0)))
    return sound[:count]


def _seconds_of(text: str) -> float:
    """The seconds in `00:00:46.988000000`; 0 for anything else."""
    parts = text.split(":")
    try:
        return sum(float(part) * factor for part, factor in zip(parts, (3600, 60, 1), strict=True))
    except ValueError:
        return 0.0
