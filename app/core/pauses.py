"""The pauses of a call: where nobody is heard for a while, so that a listener may jump over it."""

from collections.abc import Iterable, Sequence
from itertools import groupby

from app.core.call import PEAKS_PER_SECOND, Survey
from app.core.speech import Interval, Speech
from app.core.transcript import Utterance

_LEAST_SILENCE = 1.0  # seconds; a shorter silence belongs to how somebody speaks
_AFTER_SPEECH, _BEFORE_SPEECH = 0.3, 0.2  # seconds of it that are still heard, so that no sound is cut
# Quiet is what is below the double of the noise in which nobody speaks, which is the level of the quietest tenth, and
# in any case far below what speech reaches. Of the sound that this alone jumps over in the recordings of tests/real, a
# hundredth is speech for Silero's detector. Words that were recognised are never jumped over.
_NOISE, _SPEECH = 10, 95  # percentiles of the peaks
_OVER_NOISE, _OF_SPEECH, _LEAST_NOISE = 2.0, 0.1, 2


def jumps(survey: Survey, lines: Sequence[Utterance] = (), speech: Iterable[Speech] = ()) -> list[Interval]:
    """The stretches to jump over, in order: pauses of the sound in which no word of these lines is, and no speech."""
    count = len(survey.peaks) // max(1, survey.channels)
    is_heard = bytearray(count)  # for each tenth of a second
    for side in range(survey.channels):
        peaks = survey.peaks[side :: survey.channels][:count]
        most = _most_of_silence(peaks)
        for at, peak in enumerate(peaks):
            if peak > most:
                is_heard[at] = 1
    spoken = [(word.start, word.end) for line in lines for word in line.words]
    spoken += [(line.start, line.end) for line in lines if not line.words]
    for start, end in spoken + [(place.start, place.end) for place in speech]:
        first, last = int(start * PEAKS_PER_SECOND), min(count, int(end * PEAKS_PER_SECOND) + 1)
        is_heard[first:last] = b"\1" * (last - first)
    found, at = [], 0
    for heard, group in groupby(is_heard):
        begin, at = at, at + len(list(group))
        if not heard and at - begin >= _LEAST_SILENCE * PEAKS_PER_SECOND:
            found.append((begin / PEAKS_PER_SECOND + _AFTER_SPEECH, at / PEAKS_PER_SECOND - _BEFORE_SPEECH))
    return found


def _most_of_silence(peaks: bytes) -> float:
    """The highest peak of a side that is not taken for speech."""
    ranked = sorted(peaks) or [0]
    noise, speech = (ranked[len(ranked) * percent // 100] for percent in (_NOISE, _SPEECH))
    return min(max(_OVER_NOISE * noise, _LEAST_NOISE), _OF_SPEECH * speech)
