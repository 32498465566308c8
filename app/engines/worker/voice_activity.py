"""Finding speech from Silero's probabilities, packing it into windows, and mapping window times back."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.core.engines import SAMPLE_RATE
from app.core.sentence_end import SENTENCE_END

FRAME = 512  # samples per probability (Silero VAD v6 at 16 kHz)
MIN_SPEECH = 0.1  # seconds; anything shorter is a click
_MARGIN = SAMPLE_RATE // 20  # samples that a word may extend beyond the detected speech


@dataclass(frozen=True, slots=True)
class Detection:
    """What counts as speech: from which probability it begins and below which it ends (Silero's own defaults).

    `min_silence` is how many seconds of silence end a span, and `pad` how many are kept on each side of it: a
    consonant's onset is quiet.
    """

    threshold: float = 0.5
    silence_threshold: float = 0.35
    min_silence: float = 0.5
    pad: float = 0.4


@dataclass(frozen=True, slots=True)
class Span:
    """Audio to recognise, from sample `start` to `end`; `voiced` is the speech in it, without padding.

    `is_closed` is set once the silence after it was found.
    """

    start: int
    end: int
    voiced: tuple[int, int]
    is_closed: bool = True

    @property
    def length(self) -> int:
        """The number of samples."""
        return self.end - self.start


def speech_spans(probabilities: NDArray[np.float32], samples: int, detection: Detection = Detection()) -> list[Span]:
    """The padded spans of speech in `samples` samples, from the probability of each frame; the last may be open."""
    detected: list[tuple[int, int, bool]] = []
    start = silence_start = -1
    least_silence = int(detection.min_silence * SAMPLE_RATE)
    for index, probability in enumerate(probabilities.tolist()):
        sample = index * FRAME
        if probability >= detection.threshold:
            silence_start = -1
            if start < 0:
                start = sample
        elif start >= 0 and probability < detection.silence_threshold:
            if silence_start < 0:
                silence_start = sample
            if sample - silence_start >= least_silence:
                detected.append((start, silence_start, True))
                start = silence_start = -1
    if start >= 0:
        detected.append((start, samples, False))
    shortest = MIN_SPEECH * SAMPLE_RATE
    return _padded([f for f in detected if f[1] - f[0] >= shortest or not f[2]], samples, detection.pad)


def _padded(detected: Sequence[tuple[int, int, bool]], samples: int, seconds: float) -> list[Span]:
    pad = int(seconds * SAMPLE_RATE)
    out = []
    for index, (start, end, is_closed) in enumerate(detected):
        before = detected[index - 1][1] if index else -pad
        after = detected[index + 1][0] if index + 1 < len(detected) else samples + pad
        first = max(0, start - min(pad, (start - before) // 2))
        last = min(samples, end + min(pad, (after - end) // 2))
        out.append(Span(first, last, (start, end), is_closed))
    return out


class WindowTimeline:
    """Maps times in a packed window back to samples of the track, for one word after another."""

    def __init__(self, packed: Sequence[Span]) -> None:
        self._spans = list(packed)
        self._shifts: list[int] = []  # samples from a span's position in the window to that in the track
        self._current = 0
        self._sentence_has_ended = True  # the last word ended a sentence
        position = 0
        for span in packed:
            self._shifts.append(span.start - position)
            position += span.length

    def to_track_samples(self, text: str, start: float, end: float) -> tuple[int, int]:
        """The first and last sample in the track of the next word, given its seconds in the window.

        A word belongs to the span of speech that it overlaps most, never to one before the last word's.
        Whisper's alignment lets words begin too early or end too late by up to a pause. A word outside
        all speech stays with the previous word while its sentence continues, and otherwise belongs to
        the next span.
        """
        first, last = int(start * SAMPLE_RATE), int(end * SAMPLE_RATE)
        index = self._most_overlapped(first, last)
        if index is None:
            index = self._current if not self._sentence_has_ended else self._next_spoken(last)
        self._current = index
        self._sentence_has_ended = text.rstrip().endswith(SENTENCE_END)
        span, shift = self._spans[index], self._shifts[index]
        earliest, latest = span.voiced[0] - _MARGIN, span.voiced[1] + _MARGIN
        begin = min(max(first + shift, earliest), latest)
        return begin, max(begin, min(last + shift, latest))

    def _voiced_in_window(self, index: int) -> tuple[int, int]:
        span, shift = self._spans[index], self._shifts[index]
        return span.voiced[0] - shift, span.voiced[1] - shift

    def _most_overlapped(self, first: int, last: int) -> int | None:
        best, most = None, 0
        for index in range(self._current, len(self._spans)):
            start, end = self._voiced_in_window(index)
            overlap = min(max(last, first + 1), end) - max(first, start)  # some words have no duration
            if overlap > most:
                best, most = index, overlap
        return best

    def _next_spoken(self, last: int) -> int:
        later = range(self._current, len(self._spans))
        return next((index for index in later if self._voiced_in_window(index)[0] >= last), len(self._spans) - 1)


def next_window(detected: Sequence[Span], longest: int) -> list[Span]:
    """The first spans that together fit into a window of `longest` samples; at least one."""
    taken: list[Span] = []
    total = 0
    for span in detected:
        if taken and total + span.length > longest:
            break
        taken.append(span)
        total += span.length
    return taken
