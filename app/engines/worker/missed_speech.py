"""Speech in which no word was heard, which is decoded once more by itself.

Whisper leaves out sentences that are much quieter than the rest of their window, or that follow it closely.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

import msgspec

from app.core.coverage import spoken_within, without_words
from app.core.engines import SAMPLE_RATE
from app.core.transcript import Segment, Word
from app.engines.worker.track import Window
from app.engines.worker.voice_activity import Span

_LEAST = 1.0  # seconds without a word: shorter ones are words that end too early by their times
_LEAST_ALONE = 0.3  # seconds of speech between two pauses, such as a "yes" that nobody wrote down
_MOST = 4  # stretches of one window, the longest, so that music that passes for speech does not take minutes
_PAD = 0.3  # seconds on each side, so that the first and the last consonant are whole
_SURE = -0.7
"""The mean logarithm of the tokens' probabilities from which it counts as heard. By Whisper base, 25 stretches of AMI
meetings, a telephone call and sentences read out 20 to 34 dB more quietly than others: what was said had -0.63 to
-0.26, what was made up -1.08 to -0.74."""
_MOST_REPETITIVE = 2.4  # times that a text is longer than it is compressed: Whisper's own bound for going in circles
_MOST_LETTERS = 30  # a second; people say some 15


def is_heard(said: Any, span: Span) -> bool:
    """Whether a segment of faster-whisper's is what is said in a stretch: likely, not in circles, and not too much."""
    most = _MOST_LETTERS * (span.voiced[1] - span.voiced[0]) / SAMPLE_RATE
    is_likely: bool = said.avg_logprob >= _SURE and said.compression_ratio <= _MOST_REPETITIVE
    return is_likely and len(said.text.strip()) <= most


def missed_spans(window: Window, said: Iterable[Segment]) -> list[Span]:
    """The longest stretches of a window's speech without a word of what was heard in it, in order."""
    voiced = [(first / SAMPLE_RATE, last / SAMPLE_RATE) for first, last in (span.voiced for span in window.spans)]
    words = (spoken_within(word) for segment in said for word in segment.words)
    told = [(start - window.start, end - window.start) for start, end in words]
    alone = [one for one in without_words(voiced, told, _LEAST_ALONE) if one in voiced]
    found = sorted({*alone, *without_words(voiced, told, _LEAST)}, key=lambda one: one[0] - one[1])[:_MOST]
    return [_padded(round(start * SAMPLE_RATE), round(end * SAMPLE_RATE), window) for start, end in sorted(found)]


def _padded(first: int, last: int, window: Window) -> Span:
    pad = round(_PAD * SAMPLE_RATE)
    return Span(max(0, first - pad), min(len(window.samples), last + pad), (first, last))


def with_missed(said: Sequence[Segment], missed: Segment) -> tuple[Segment, ...]:
    """What was heard in a window, with what was missed of it at its place.

    Words of it that only repeat what is next to them are left out: there the times were wrong, and nothing was missed.
    """
    moment = missed.words[0].start
    parted = [
        msgspec.structs.replace(segment, words=tuple(group))
        for segment in said
        for _, group in groupby(segment.words, key=lambda word: word.start >= moment)
    ]
    place = next((at for at, one in enumerate(parted) if one.words[0].start >= moment), len(parted))
    before, after = parted[:place], parted[place:]
    words = _unrepeated(missed.words, _plain(before), _plain(after))
    return (*before, msgspec.structs.replace(missed, words=words), *after) if words else tuple(said)


def _unrepeated(words: Sequence[Word], before: Sequence[str], after: Sequence[str]) -> tuple[Word, ...]:
    """The words, less those at the beginning that end what is before, and those at the end that begin what is after."""
    plain = [_bare(word) for word in words]
    first = max(n for n in range(len(plain) + 1) if n == 0 or list(before[-n:]) == plain[:n])
    last = max(n for n in range(len(plain) - first + 1) if n == 0 or list(after[:n]) == plain[-n:])
    return tuple(words[first : len(words) - last])


def _plain(segments: Iterable[Segment]) -> list[str]:
    return [_bare(word) for segment in segments for word in segment.words]


def _bare(word: Word) -> str:
    """A word without case and marks."""
    return "".join(sign for sign in word.text.casefold() if sign.isalnum())
