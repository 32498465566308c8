"""Audio decoding by PyAV, inside the media worker; the parent serves the file as byte ranges."""

from collections.abc import Iterator, Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from app.core.call import SoundTrack
from app.core.engines import Pcm
from app.core.imports.document import read_call
from app.core.written_call import LARGEST_TEXT, TextTooLong, WrittenCall
from app.engines import protocol
from app.engines.worker.channel import Channel
from app.engines.worker.file_end import wav_end
from app.engines.worker.served_file import ServedFile
from app.engines.worker.sound_stream import SoundFile
from app.engines.worker.survey import merged, survey
from app.engines.worker.tempo import at_speed

_BLOCK = 2.0  # seconds of audio in one message
_LINES = 500  # of a text in one message
_READ = 1024 * 1024  # bytes of a text that are asked for at a time


class MediaDecoder:
    """The media worker's engine."""

    def answer(self, request: protocol.Request, channel: Channel) -> Iterator[protocol.Value]:
        """Survey, decode, or read a text."""
        if isinstance(request, protocol.SurveyMedia):
            yield from survey(ServedFile(channel, request.size))
        elif isinstance(request, protocol.DecodeMedia):
            blocks = decode(ServedFile(channel, request.size), request)
            yield from blocks if request.speed == 1.0 else at_speed(blocks, request.speed)
        elif isinstance(request, protocol.ReadText):
            yield from read_text(ServedFile(channel, request.size), request)
        else:
            raise protocol.WireError("not for this worker")


def read_text(file: ServedFile, request: protocol.ReadText) -> Iterator[WrittenCall]:
    """Yield the call that a text tells, in parts of some lines each.

    Raises:
        NoTranscript, TextUnreadable, TextTooLong, BlankFile: there is none in it.
    """
    if file.size > LARGEST_TEXT:
        raise TextTooLong
    data = b"".join(iter(lambda: file.read(_READ), b""))
    call = read_call(data, is_any_text=request.is_any_text, is_prose=request.is_prose)
    for at in range(0, len(call.lines), _LINES):
        yield msgspec.structs.replace(call, lines=call.lines[at : at + _LINES])


def decode(file: ServedFile, request: protocol.DecodeMedia) -> Iterator[Pcm]:
    """Yield blocks of about two seconds of the requested sides.

    Raises:
        UnsupportedMedia: it has no audio that can be decoded.
    """
    file = file.reopened(wav_end(file).patches)
    numbers = sorted({track.track for track in request.tracks}) or [0]
    files = [SoundFile(file.reopened(), number) for number in numbers]
    lines = [(number, channel) for number, one in zip(numbers, files, strict=True) for channel in range(one.channels)]
    tracks = request.tracks or tuple(SoundTrack(0, channel, channel, 1.0) for _, channel in lines[:2])
    weights = _weights(tracks, lines, None if request.is_mixed else request.channels)
    size = round(_BLOCK * request.rate)
    for at, block in merged(files, request.rate, request.start, size, may_seek=request.is_seekable):
        mixed = np.clip(np.rint(weights @ block * 32768.0), -32768, 32767).astype(np.int16)
        yield Pcm(at / request.rate, request.rate, tuple(row.tobytes() for row in mixed))


def _weights(
    tracks: Sequence[SoundTrack], lines: Sequence[tuple[int, int]], channels: Sequence[int] | None
) -> NDArray[np.float32]:
    """How much of each channel of the file is in each wanted side, of shape (sides, channels); None mixes all."""
    sides = sorted({track.side for track in tracks})
    weights: NDArray[np.float32] = np.zeros((max(sides) + 1, len(lines)), np.float32)
    for track in tracks:
        if (track.track, track.channel) in lines:
            weights[track.side, lines.index((track.track, track.channel))] += track.gain
    if channels is None:
        weights = (weights.sum(axis=0, keepdims=True) / len(sides)).astype(np.float32)
    else:
        weights = weights[[channel if channel in sides else sides[0] for channel in channels]]
    return weights
