"""The survey of a recording: one pass through all its sound."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from app.core.call import Survey
from app.core.engines import SAMPLE_RATE
from app.core.errors import MediaDamaged, UnsupportedMedia
from app.core.job import Progress
from app.engines.worker.file_end import ends_early, has_second_movie, knows_length, wav_end
from app.engines.worker.loudness import Loudness
from app.engines.worker.recording_date import recording_date
from app.engines.worker.served_file import ServedFile
from app.engines.worker.sides import Line, Sides, gains_of, sides_of
from app.engines.worker.sound_stream import SoundFile, sound_tracks

_BLOCK = 4 * SAMPLE_RATE  # samples measured at a time
_MOST_LINES = 8  # channels of all tracks together that are read
_MISSING_SECONDS = 0.5  # seconds that may be missing at the end before a recording counts as cut off
_REPORT_EVERY = 30  # seconds of sound


def merged(
    files: Sequence[SoundFile], rate: int, start: float, size: int, *, may_seek: bool = True
) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """Yield (first sample, array of shape (channels of all, samples)) in blocks of `size` samples from `start` on.

    Each track is read by a reader of its own, so that memory stays flat however far apart a file keeps them.
    A track that has ended is silent.
    """
    readers = [file.samples(rate, start, may_seek=may_seek) for file in files]
    waiting: list[list[NDArray[np.float32]]] = [[] for _ in files]
    counts, ended = [0] * len(files), [False] * len(files)
    at = round(start * rate)
    while not all(ended) or max(counts) > 0:
        for n, reader in enumerate(readers):
            while counts[n] < size and not ended[n]:
                piece = next(reader, None)
                if piece is None:
                    ended[n] = True
                else:
                    waiting[n].append(piece[1])
                    counts[n] += piece[1].shape[1]
        length = min(size, max(counts))
        if not length:
            return
        block = []
        for n, file in enumerate(files):
            whole = np.concatenate(waiting[n], axis=1) if waiting[n] else np.zeros((file.channels, 0), np.float32)
            waiting[n] = [whole[:, length:]] if whole.shape[1] > length else []
            counts[n] = max(0, whole.shape[1] - length)
            block.append(np.pad(whole[:, :length], ((0, 0), (0, max(0, length - whole.shape[1])))))
        yield at, block[0] if len(block) == 1 else np.concatenate(block)
        at += length


def survey(file: ServedFile) -> Iterator[Progress | Survey]:
    """Decode all sound tracks once for duration, sides, levels and peaks, and for what of the file is not read.

    Raises:
        UnsupportedMedia: it has no audio that can be decoded.
        MediaDamaged: it is a recording, but nothing of it can be read.
    """
    end = wav_end(file)
    file = file.reopened(end.patches)
    files, unread = _readable(file)
    first = files[0][1]
    lines: list[Line] = [(number, channel) for number, one in files for channel in range(one.channels)]
    stated = max(one.stated_end for _, one in files)
    loudness = Loudness(len(lines))
    samples, reported = 0, 0.0
    for at, block in merged([one for _, one in files], SAMPLE_RATE, 0.0, _BLOCK):
        loudness.add(block)
        samples = at + block.shape[1]
        seconds = samples / SAMPLE_RATE
        if seconds - reported >= _REPORT_EVERY:
            reported = seconds
            yield Progress("Reading", seconds, max(stated, seconds) if stated else None, "s")
    if not samples:
        raise MediaDamaged
    duration = samples / SAMPLE_RATE
    is_short = stated - duration > max(_MISSING_SECONDS, 0.002 * stated) and knows_length(first.format_name, file)
    is_damaged = any(one.is_damaged for _, one in files)
    gains = gains_of(loudness)
    sides = sides_of(lines, loudness, gains)
    yield Survey(
        duration, len(sides.levels), sides.levels, sides.correlation,
        _peaks(loudness, lines, sides, gains), is_short or is_damaged or ends_early(first.format_name, file),
        first.stream.codec_context.name, _date(first), sides.tracks, bool(gains.min() > 1), unread,
        end.is_unread or has_second_movie(file), all(one.has_one_clock for _, one in files),
    )  # fmt: skip


def _readable(file: ServedFile) -> tuple[list[tuple[int, SoundFile]], int]:
    """The sound tracks that are read, with their numbers, and the number of those that are not.

    Raises:
        UnsupportedMedia: there is none that can be read; the reason is that of the first.
    """
    files: list[tuple[int, SoundFile]] = []
    refused: list[UnsupportedMedia] = []
    lines, tracks = 0, sound_tracks(file.reopened())
    for number in range(tracks):
        if lines >= _MOST_LINES:
            break
        try:
            one = SoundFile(file.reopened(), number)
        except UnsupportedMedia as error:
            refused.append(error)
            continue
        if lines + one.channels <= _MOST_LINES:
            files.append((number, one))
            lines += one.channels
    if not files:
        raise refused[0]
    return files, tracks - len(files)


def _peaks(loudness: Loudness, lines: Sequence[Line], sides: Sides, gains: NDArray[np.float64]) -> bytes:
    """One byte per side and tenth of a second, interleaved: the loudest of the side's channels."""
    peaks = np.concatenate(loudness.peaks, axis=1)
    found = np.zeros((len(sides.levels), peaks.shape[1]), np.uint8)
    for track in sides.tracks:
        line = lines.index((track.track, track.channel))
        tops = peaks[line].astype(np.float32) * gains[line]
        own = np.minimum(255, np.rint(tops * 255)).astype(np.uint8)
        found[track.side] = np.maximum(found[track.side], own)
    return found.T.tobytes()


def _date(file: SoundFile) -> datetime | None:
    return recording_date(dict(file.container.metadata), dict(file.stream.metadata))
