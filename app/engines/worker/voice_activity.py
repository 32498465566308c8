"""Where speech is, from Silero's probabilities, and how it is packed into windows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.core.engines import SAMPLE_RATE
from app.core.transcript import SENTENCE_END

FRAME = 512  # samples a probability stands for (Silero VAD v6 at 16 kHz)
THRESHOLD, SILENCE_THRESHOLD = 0.5, 0.35  # Silero's own defaults
MIN_SPEECH = 0.1  # seconds; shorter is a click
MIN_SILENCE = 0.5  # seconds that end a span
PAD = 0.4  # seconds kept on each side of a span: a consonant's onset is quiet
_MARGIN = SAMPLE_RATE // 20  # samples a word may reach beyond the speech that was found


@dataclass(frozen=True, slots=True)
class Span:
    """Sound to recognise, from sample `start` to `end`; the speech in it, without padding, is `voiced`.

    `is_closed` once the silence after it was heard.
    """

    start: int
    end: int
    voiced: tuple[int, int]
    is_closed: bool = True

    @property
    def length(self) -> int:
        """Samples."""
        return self.end - self.start


def spans(probabilities: NDArray[np.float32], samples: int) -> list[Span]:
    """Speech in `samples` samples that have these probabilities, padded; the last may be open."""
    found: list[tuple[int, int, bool]] = []
    start = quiet = -1
    wait = int(MIN_SILENCE * SAMPLE_RATE)
    for place, probability in enumerate(probabilities.tolist()):
        here = place * FRAME
        if probability >= THRESHOLD:
            quiet = -1
            if start < 0:
                start = here
        elif start >= 0 and probability < SILENCE_THRESHOLD:
            if quiet < 0:
                quiet = here
            if here - quiet >= wait:
                found.append((start, quiet, True))
                start = quiet = -1
    if start >= 0:
        found.append((start, samples, False))
    shortest = MIN_SPEECH * SAMPLE_RATE
    return _padded([f for f in found if f[1] - f[0] >= shortest or not f[2]], samples)


def _padded(found: Sequence[tuple[int, int, bool]], samples: int) -> list[Span]:
    pad = int(PAD * SAMPLE_RATE)
    out = []
    for place, (start, end, is_closed) in enumerate(found):
        before = found[place - 1][1] if place else -pad
        after = found[place + 1][0] if place + 1 < len(found) else samples + pad
        first = max(0, start - min(pad, (start - before) // 2))
        last = min(samples, end + min(pad, (after - end) // 2))
        out.append(Span(first, last, (start, end), is_closed))
    return out


class Places:
    """From seconds in a packed window back to samples of the track, word by word in their order."""

    def __init__(self, packed: Sequence[Span]) -> None:
        self._spans = list(packed)
        self._shifts: list[int] = []  # samples between a span's place in the track and in the window
        self._current = 0
        self._has_ended = True  # the last word ended a sentence
        at = 0
        for span in packed:
            self._shifts.append(span.start - at)
            at += span.length

    def word(self, text: str, start: float, end: float) -> tuple[int, int]:
        """The samples of the next word. It belongs to the speech it overlaps most, never to an earlier one.

        Whisper's alignment lets words begin too early or end too late by up to a pause. A word that
        lies in no speech stays with the words before it while their sentence goes on, and else
        belongs to the speech that comes next.
        """
        first, last = int(start * SAMPLE_RATE), int(end * SAMPLE_RATE)
        place = self._overlapped(first, last)
        if place is None:
            place = self._current if not self._has_ended else self._next(last)
        self._current = place
        self._has_ended = text.rstrip().endswith(SENTENCE_END)
        span, shift = self._spans[place], self._shifts[place]
        from_, to = span.voiced[0] - _MARGIN, span.voiced[1] + _MARGIN
        begin = min(max(first + shift, from_), to)
        return begin, max(begin, min(last + shift, to))

    def _voiced(self, place: int) -> tuple[int, int]:
        span, shift = self._spans[place], self._shifts[place]
        return span.voiced[0] - shift, span.voiced[1] - shift

    def _overlapped(self, first: int, last: int) -> int | None:
        best, most = None, 0
        for place in range(self._current, len(self._spans)):
            start, end = self._voiced(place)
            overlap = min(max(last, first + 1), end) - max(first, start)  # some words have no length
            if overlap > most:
                best, most = place, overlap
        return best

    def _next(self, last: int) -> int:
        later = range(self._current, len(self._spans))
        return next((place for place in later if self._voiced(place)[0] >= last), len(self._spans) - 1)


def window(found: Sequence[Span], longest: int) -> list[Span]:
    """The first spans that fit one window of `longest` samples together; at least one."""
    taken: list[Span] = []
    total = 0
    for span in found:
        if taken and total + span.length > longest:
            break
        taken.append(span)
        total += span.length
    return taken
