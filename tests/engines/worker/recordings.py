"""Recordings of every build, made from the demo call: sound tracks, pauses, offsets, levels."""

from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from app.core.call import Survey
from app.core.resources import demo_call
from app.engines.parent.engines import RemoteMedia
from tests.conftest import Bytes

RATE = 16_000
Sound = NDArray[np.floating[Any]]
"""Of shape (channels, samples), at 16 kHz, full scale 1."""


@cache
def both_sides() -> Sound:
    """The first 12 seconds of the demo call, of shape (2, samples)."""
    return sides_of(demo_call())[:, : 12 * RATE]


def sides_of(call: Path) -> Sound:
    """Both sides of a call, of shape (2, samples)."""
    with av.open(str(call)) as container:
        resampler = av.AudioResampler(format="fltp", layout="stereo", rate=RATE)
        pieces = [out.to_ndarray() for frame in container.decode(audio=0) for out in resampler.resample(frame)]
    return np.concatenate(pieces, axis=1).astype(np.float32)


def left() -> Sound:
    """One side alone."""
    return both_sides()[:1]


def right() -> Sound:
    """The other side alone."""
    return both_sides()[1:]


def silence(seconds: float, channels: int = 1) -> Sound:
    """Nothing."""
    return np.zeros((channels, round(seconds * RATE)), np.float32)


def written(
    path: Path,
    tracks: Sequence[Sequence[tuple[float, Sound]]],
    container: str,
    codec: str,
    form: str = "s16",
    default: int = 0,
    tags: dict[str, str] | None = None,
    rates: Sequence[int] = (),
) -> Path:
    """Write a file whose tracks are sounds, each beginning at a time in seconds.

    `form` is the samples' format, `rates` are those of the tracks in Hz, if not 16 kHz.
    """
    packets = []
    with av.open(str(path), "w", format=container) as file:
        file.metadata.update(tags or {})
        for number, parts in enumerate(tracks):
            layout = {1: "mono", 2: "stereo", 3: "3.0", 4: "quad", 6: "5.1"}[parts[0][1].shape[0]]
            rate = rates[number] if rates else RATE
            stream = file.add_stream(codec, rate=rate, layout=layout)
            assert isinstance(stream, av.AudioStream)
            stream.codec_context.format = form
            if len(tracks) > 1 and container in ("mp4", "matroska"):
                stream.disposition = 1 if number == default else 0  # type: ignore[assignment]
            file.start_encoding() if number == len(tracks) - 1 else None
            size = 320 if codec == "libopus" else 1024
            for start, sound in parts:
                resampler = av.AudioResampler(format=form, layout=layout, rate=rate, frame_size=size)
                position = round(start * rate)
                for at in [*range(0, sound.shape[1], size), None]:
                    frame = None if at is None else _frame(sound[:, at : at + size], layout, size)
                    for out in resampler.resample(frame):
                        out.pts, position = position, position + out.samples
                        out.time_base = Fraction(1, rate)
                        packets += stream.encode(out)
            packets += stream.encode(None)
        for packet in sorted(packets, key=lambda p: float((p.dts or 0) * p.time_base)):
            file.mux(packet)
    return path


def _frame(sound: Sound, layout: str, size: int) -> av.AudioFrame:
    """A piece of sound, filled with silence to so many samples."""
    piece = np.ascontiguousarray(np.pad(sound, ((0, 0), (0, size - sound.shape[1]))))
    frame = av.AudioFrame.from_ndarray(piece, format="fltp", layout=layout)
    frame.sample_rate = RATE
    frame.time_base = Fraction(1, RATE)
    return frame


def wav(sound: Sound) -> bytes:
    """A 16-bit WAV."""
    data = np.clip(np.rint(sound.T * 32767), -32768, 32767).astype("<i2").tobytes()
    channels = sound.shape[0]
    form = (
        (1).to_bytes(2, "little")
        + channels.to_bytes(2, "little")
        + RATE.to_bytes(4, "little")
        + (RATE * 2 * channels).to_bytes(4, "little")
        + (2 * channels).to_bytes(2, "little")
        + (16).to_bytes(2, "little")
    )
    body = b"WAVE" + chunk(b"fmt ", form) + chunk(b"data", data)
    return chunk(b"RIFF", body)


def chunk(name: bytes, body: bytes) -> bytes:
    """A chunk of a RIFF file."""
    return name + len(body).to_bytes(4, "little") + body


def surveyed(content: bytes) -> Survey:
    """The survey that the media worker makes."""
    engine = RemoteMedia()
    try:
        *_, last = engine.survey(Bytes(content))
    finally:
        engine.close()
    assert isinstance(last, Survey)
    return last


def heard(content: bytes, survey: Survey, channel: int | None = None, start: float = 0.0) -> Sound:
    """What a side sounds like from `start` on, of shape (samples,); None is the mix that is played."""
    engine = RemoteMedia()
    try:
        blocks = list(engine.decode(Bytes(content), (channel or 0,), start, is_mixed=channel is None, survey=survey))
    finally:
        engine.close()
    at = round(start * RATE)
    for block in blocks:
        assert round(block.start * RATE) == at, "blocks follow each other"
        at += len(block.tracks[0]) // 2
    return np.frombuffer(b"".join(block.tracks[0] for block in blocks), np.int16).astype(np.float32) / 32768


def likeness(sound: Sound, said: Sound, at: float) -> float:
    """How much the sound is what was said (one row) at a time in seconds, allowing a codec some 0.1 s of delay."""
    return max(_likeness(sound, said, at + delay) for delay in (-0.1, -0.05, 0.0, 0.05, 0.1))


def _likeness(sound: Sound, said: Sound, at: float) -> float:
    window = np.pad(sound, (RATE, said.shape[-1] + RATE))[round(at * RATE) + RATE :][: said.shape[-1]]
    one, other = (
        np.abs(part.ravel()[: len(part.ravel()) // 1600 * 1600]).reshape(-1, 1600).mean(1) for part in (window, said)
    )
    return float(np.corrcoef(one, other)[0, 1]) if one.std() and other.std() else 0.0
