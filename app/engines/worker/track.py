"""The sound of one channel that is not recognised yet, and the windows of speech that are taken out of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from app.core.engines import SAMPLE_RATE
from app.core.speech import Interval
from app.engines.worker.voice_activity import FRAME, Span, speech_spans

_DETECTION_STEP = 10 * SAMPLE_RATE  # samples given to the voice activity model at a time
_DETECTION_OVERLAP = 32 * FRAME  # samples (1 s) given again, to warm up the model's state before new ones
_KEPT_SPANS = 200  # of speech, beside what is buffered: enough for the pause in which the other side is heard


@dataclass(frozen=True, slots=True)
class Window:
    """Speech of one track that is recognised at once.

    Attributes:
        start: When the first of its samples is heard in the recording, in seconds.
        until: When the last of its speech ends, in seconds.
        spans: Where its speech is among the samples.
        samples: The sound from `start` on, as 16-bit samples.
        probabilities: How likely each frame of it is speech.
        speech: Where somebody speaks in it, in seconds of the recording.
    """

    start: float
    until: float
    spans: Sequence[Span]
    samples: NDArray[np.int16]
    probabilities: NDArray[np.float32]
    speech: tuple[Interval, ...]

    def sound_of(self, spans: Sequence[Span]) -> NDArray[np.float32]:
        """The sound of these spans one after the other, as samples in -1 to 1."""
        return np.concatenate([self.samples[span.start : span.end].astype(np.float32) / 32768.0 for span in spans])


class Track:
    """The buffered sound of one channel."""

    def __init__(self, channel: int) -> None:
        self.channel = channel
        self.start = 0.0  # time in the recording of the first buffered sample, in seconds
        self.language = ""  # spoken so far, or "" before the first words
        self.is_language_fixed = False  # a person said which it is, or the model knows only one
        self._blocks: list[NDArray[np.int16]] = []
        self._samples: NDArray[np.int16] = np.empty(0, np.int16)
        self._probabilities: NDArray[np.float32] = np.empty(0, np.float32)
        self._spans: list[Span] | None = None
        self._voiced_before: list[Interval] = []  # in what is not buffered any more
        self.last_end = 0.0  # of the last word, in seconds

    @property
    def voiced(self) -> list[Interval]:
        """Where this track is heard, as far as it was looked at; what is long past is forgotten."""
        return self._voiced_before + self._in_seconds(self._spans or [])

    def _in_seconds(self, spans: Sequence[Span]) -> list[Interval]:
        times = ([round(self.start + sample / SAMPLE_RATE, 3) for sample in span.voiced] for span in spans)
        return [(first, last) for first, last in times]

    @property
    def size(self) -> int:
        """The number of buffered samples."""
        return len(self._samples) + sum(map(len, self._blocks))

    def add(self, block: bytes, start: float) -> None:
        """Append a block of 16-bit samples that begins at `start` (seconds); the first one sets the track's start."""
        if not self.size:
            self.start = start
        self._blocks.append(np.frombuffer(block, np.int16))

    def find_speech(self, *, is_end: bool) -> list[Span]:
        """Detect speech in new samples once there are enough; returns the speech found in the buffer so far."""
        new = self.size - len(self._probabilities) * FRAME
        if new >= _DETECTION_STEP or (is_end and new > 0):
            self._join_blocks()
            self._probabilities = np.concatenate([self._probabilities, self._new_probabilities(is_end=is_end)])
            self._spans = None
        if self._spans is None:
            checked_samples = min(self.size, len(self._probabilities) * FRAME)
            self._spans = speech_spans(self._probabilities, checked_samples)
        if is_end and self._spans:
            self._spans[-1] = replace(self._spans[-1], is_closed=True)
        return self._spans

    def _join_blocks(self) -> None:
        self._samples = np.concatenate([self._samples, *self._blocks])
        self._blocks = []

    def _new_probabilities(self, *, is_end: bool) -> NDArray[np.float32]:
        from faster_whisper.vad import get_vad_model

        known = len(self._probabilities) * FRAME
        overlap = min(known, _DETECTION_OVERLAP)
        fresh = self._samples[known - overlap :]
        padding = -len(fresh) % FRAME
        if padding and not is_end:
            fresh, padding = fresh[: len(fresh) - len(fresh) % FRAME], 0
        if not len(fresh):
            return np.empty(0, np.float32)
        sound = np.pad(fresh.astype(np.float32) / 32768.0, (0, padding))
        found: NDArray[np.float32] = np.asarray(get_vad_model()(sound), np.float32).reshape(-1)
        return found[overlap // FRAME :]

    def take(self, spans: Sequence[Span]) -> Window:
        """Take the sound up to the end of these spans, the first of what was found, out of the buffer."""
        self._join_blocks()
        end = spans[-1].end
        start, samples, probabilities = self.start, self._samples[:end], self._probabilities[: -(-end // FRAME)]
        speech = tuple(self._in_seconds(spans))
        self.drop_before(end)
        return Window(start, start + end / SAMPLE_RATE, tuple(spans), samples, probabilities, speech)

    def drop_before(self, sample: int) -> None:
        """Drop the sound before `sample`, in whole frames; if less than a frame would be left, drop that too."""
        self._join_blocks()
        gone = [span for span in self._spans or [] if span.end <= sample]
        self._voiced_before = [*self._voiced_before, *self._in_seconds(gone)][-_KEPT_SPANS:]
        frames = sample // FRAME
        if self.size - sample < FRAME:
            frames = len(self._probabilities)
        self._samples = self._samples[frames * FRAME :].copy()
        self._probabilities = self._probabilities[frames:]
        self._spans = None
        self.start += frames * FRAME / SAMPLE_RATE  # at the very end a little too late, but then nothing follows

    @property
    def silence_until(self) -> int:
        """The sample up to which speech was looked for, less a second that a word may have begun in."""
        return max(0, len(self._probabilities) * FRAME - SAMPLE_RATE)
