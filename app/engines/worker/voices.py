"""Voice prints of the sound of a call, inside the voices worker, in flat memory.

Each track is listened to in blocks of some minutes, whose level is raised, because the voice activity model misses
what is quiet. Speech that may go on in the next block is left to it. Of what is heard only the voice prints are kept.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.core.engines import SAMPLE_RATE, Pcm
from app.core.errors import EngineOutOfMemory, ModelDamaged, ModelTooLarge, NoModelLoaded
from app.core.voices import VoicePrints, VoiceWindow
from app.engines import protocol
from app.engines.memory_shortage import is_of_shortage
from app.engines.model_files.voice_model import LONGEST_WINDOW, VoiceModel
from app.engines.sandbox import resource_limits
from app.engines.worker.channel import Channel
from app.engines.worker.voice_activity import FRAME, Detection, speech_spans
from app.engines.worker.voice_groups import speakers_of

BLOCK = 180 * SAMPLE_RATE
"""Samples of a track that are listened to at once."""
STEP = 2 * SAMPLE_RATE // 5
"""Samples from one window to the next: 0.4 seconds."""
LONGEST_REST = 60 * SAMPLE_RATE
"""Samples of speech without a pause at the end of a block that are left to the next one at most."""
_DETECTION = Detection(threshold=0.35, silence_threshold=0.2, min_silence=0.3, pad=0.06)
"""Lower than for words: a voice that is heard badly is still a voice, and silence has none."""
_LOUDNESS_STEP = SAMPLE_RATE // 10  # samples of which one loudness is taken
_LOUD, _MOST_GAIN = 0.1, 100.0  # what the loudest twentieth of a block is raised to, and by what at most
_BASE_TIMEOUT = 10.0  # seconds in which a small model must load and make its first voice print
_SLOWEST_DISK = 30e6  # bytes per second; a slower load counts as hung
_DETECTED_AT_ONCE = 64 * FRAME * 16  # samples (33 s) given to the voice activity model at a time
_WARM_UP = 32 * FRAME  # samples (1 s) given again, so that the model's state is right before new ones
_WINDOWS_AT_ONCE = 256  # after which is looked whether the work was cancelled

Sound = NDArray[np.float32]
Place = tuple[int, int]


class VoiceListener:
    """The voices worker's engine."""

    def __init__(self) -> None:
        self._model: VoiceModel | None = None

    def answer(self, request: protocol.Request, channel: Channel) -> Iterator[protocol.Value]:
        """Load a model, listen to sound, or group voice prints."""
        if isinstance(request, protocol.LoadModel):
            self._load(request)
        elif isinstance(request, protocol.GroupVoices):
            yield protocol.Grouped(tuple(speakers_of(request.prints, request.count)))
        elif not isinstance(request, protocol.Listen):
            raise protocol.WireError("not for this worker")
        elif self._model is None:
            raise NoModelLoaded
        else:
            yield from _listen(self._model, request.channels, channel)

    def _load(self, request: protocol.LoadModel) -> None:
        path = Path(request.path)
        try:
            with resource_limits.deadline(_BASE_TIMEOUT + path.stat().st_size / _SLOWEST_DISK):
                resource_limits.limit_memory(request.free)
                self._model = VoiceModel(path, request.threads)
        except EngineOutOfMemory as error:
            raise ModelTooLarge from error
        except (OSError, MemoryError) as error:
            raise (ModelTooLarge if is_of_shortage(error) else ModelDamaged) from error


class _Track:
    """The sound of one channel that was not listened to yet, from `start` (samples of the call) on."""

    def __init__(self, channel: int) -> None:
        self.channel = channel
        self.start = 0
        self._blocks: list[NDArray[np.int16]] = []

    @property
    def size(self) -> int:
        """The number of samples."""
        return sum(map(len, self._blocks))

    def add(self, sound: bytes, start: float) -> None:
        """Append a block of 16-bit samples that begins at `start` (seconds), which the first one sets."""
        if not self._blocks:
            self.start = round(start * SAMPLE_RATE)
        self._blocks.append(np.frombuffer(sound, np.int16))

    def heard(self) -> Sound:
        """The sound so far, its level raised."""
        self._blocks = [np.concatenate(self._blocks)] if self._blocks else []
        return raised(self._blocks[0]) if self._blocks else np.empty(0, np.float32)

    def drop_before(self, sample: int) -> None:
        """Drop the sound before `sample`, a place in what was heard."""
        self._blocks = [self._blocks[0][sample:].copy()] if sample < self.size else []
        self.start += sample


def _listen(model: VoiceModel, channels: tuple[int, ...], channel: Channel) -> Iterator[VoicePrints]:
    tracks = [_Track(number) for number in channels]
    while True:
        block = channel.request_sound()
        if block is not None:
            _feed(tracks, block)
        for track in tracks:
            if block is None or track.size >= BLOCK:
                yield _prints_of(model, track, channel, is_end=block is None)
        if block is None:
            return


def _feed(tracks: list[_Track], block: Pcm) -> None:
    if block.rate != SAMPLE_RATE or len(block.tracks) != len(tracks):
        raise protocol.WireError("sound of the wrong shape")
    for track, sound in zip(tracks, block.tracks, strict=True):
        track.add(sound, block.start)


def _prints_of(model: VoiceModel, track: _Track, channel: Channel, *, is_end: bool) -> VoicePrints:
    """The voice prints of a block; speech that may go on stays in the track."""
    sound = track.heard()
    spoken = speech_spans(speech_probabilities(sound), len(sound), _DETECTION)
    until = len(sound)
    if spoken and not is_end and not spoken[-1].is_closed and spoken[-1].length <= LONGEST_REST:
        until = spoken.pop().start
    places = [place for span in spoken for place in windows_of((span.start, span.end))]
    windows: list[VoiceWindow] = []
    for first in range(0, len(places), _WINDOWS_AT_ONCE):
        channel.checkpoint()
        some = places[first : first + _WINDOWS_AT_ONCE]
        vectors = model.prints([sound[slice(*place)] for place in some])
        for place, vector in zip(some, vectors, strict=True):
            start, end = (round((track.start + sample) / SAMPLE_RATE, 3) for sample in place)
            windows.append(VoiceWindow(start, end, vector.astype("<f2").tobytes()))
    track.drop_before(until)
    return VoicePrints(track.channel, track.start / SAMPLE_RATE, tuple(windows))


def raised(samples: NDArray[np.int16]) -> Sound:
    """The sound in -1 to 1, raised or lowered so that its loudest twentieth is about as loud as speech nearby."""
    sound = samples.astype(np.float32) / 32768.0
    whole = len(sound) // _LOUDNESS_STEP * _LOUDNESS_STEP
    if not whole:
        return sound
    loudness = np.sqrt(np.mean(sound[:whole].reshape(-1, _LOUDNESS_STEP) ** 2, axis=1))
    gain = min(_MOST_GAIN, _LOUD / (float(np.percentile(loudness, 95)) + 1e-9))
    return np.asarray(np.clip(sound * np.float32(gain), -1, 1), np.float32)


def speech_probabilities(sound: Sound) -> NDArray[np.float32]:
    """How likely each frame of 512 samples is speech; the last one may be shorter."""
    from faster_whisper.vad import get_vad_model

    model: Any = get_vad_model()
    found = [np.empty(0, np.float32)]
    for first in range(0, len(sound), _DETECTED_AT_ONCE):
        warm = min(first, _WARM_UP)
        part = sound[first - warm : first + _DETECTED_AT_ONCE]
        padded = np.pad(part, (0, -len(part) % FRAME))  # a copy: the model's own code writes into what it is given
        found.append(np.asarray(model(padded), np.float32).reshape(-1)[warm // FRAME :])
    return np.concatenate(found)


def windows_of(span: Place) -> list[Place]:
    """The windows over a span: from its beginning to its end, each of full length unless the span is shorter."""
    first, last = span
    rest = last - first - LONGEST_WINDOW
    if rest <= 0:
        return [span]
    count = -(-rest // STEP)  # evenly, so that the last one ends with the span
    starts = [first + rest * number // count for number in range(count + 1)]
    return [(start, start + LONGEST_WINDOW) for start in starts]
