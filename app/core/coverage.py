"""Which of the speech in a call has text, and where it has none."""

import math
from collections.abc import Iterable, Sequence

import msgspec

from app.core.durations import format_duration
from app.core.speech import Interval, Speech
from app.core.transcript import Transcript, Utterance, Word, is_corrected

LEAST_GAP = 1.5
"""Seconds of speech without a word from which they are a gap: word times are off by less, also where many talk."""
_LONGEST_WORD = 1.0  # seconds
_LONGEST_LETTER = 0.1  # seconds: long words last longer; people say some 15 letters a second


class Coverage(msgspec.Struct, frozen=True):
    """What of a call's speech has text; `speech` is how many seconds of it there are, of all tracks together."""

    speech: float
    gaps: tuple[Speech, ...]

    @property
    def without_text(self) -> float:
        """Seconds of speech in the gaps."""
        return sum(gap.duration for gap in self.gaps)

    @property
    def with_text(self) -> float:
        """Seconds of the other speech."""
        return self.speech - self.without_text

    @property
    def share(self) -> float:
        """How much of the speech has text, from 0 to 1; 1 where nobody speaks."""
        return self.with_text / self.speech if self.speech > 0 else 1.0


def coverage(transcript: Transcript) -> Coverage | None:
    """What of a call's speech has text.

    None where it is not known: of a call that came as text, and of one that an earlier version transcribed.
    """
    if not transcript.speech:
        return None
    gaps: list[Speech] = []
    for track in {place.track for place in transcript.speech}:
        lines = (said for said in transcript.utterances if said.track == track)
        places = [place for place in transcript.speech if place.track == track]
        told = [place for said in lines for place in _told_by(said)]
        found = without_words([(place.start, place.end) for place in places], told, LEAST_GAP)
        gaps += [Speech(track, start, end) for start, end in found]
    gaps.sort(key=lambda gap: (gap.start, gap.track))
    return Coverage(sum(place.duration for place in transcript.speech), tuple(gaps))


def coverage_note(found: Coverage) -> str:
    """How much of the speech has text, in a sentence: "98.7 % of the speech has text; 2 gaps."."""
    if not found.gaps:
        return "All of the speech has text."
    tenths = min(999, math.floor(found.share * 1000))  # never "100 %" beside a gap
    gaps = "1 gap" if len(found.gaps) == 1 else f"{len(found.gaps)} gaps"
    return f"{tenths / 10:.1f} % of the speech has text; {gaps}."


def gap_note(gap: Speech) -> str:
    """A gap in words: "6 s of speech without text"."""
    return f"{format_duration(gap.duration)} of speech without text"


def _told_by(said: Utterance) -> Iterable[Interval]:
    """The times of a line's words; the whole line where a person wrote it or changed its words."""
    if not said.words or is_corrected(said):
        return [(said.start, said.end)]
    return map(spoken_within, said.words)


def spoken_within(word: Word) -> Interval:
    """When a word is spoken: in its time, but no longer than one can last.

    Where a sentence was left out, the words around it are often given all of its time.
    """
    return word.start, min(word.end, word.start + max(_LONGEST_WORD, _LONGEST_LETTER * len(word.text.strip())))


def without_words(speech: Sequence[Interval], words: Iterable[Interval], least: float) -> list[Interval]:
    """The stretches of one track's speech, of at least so many seconds, in which no word is; both in any order."""
    told = sorted(words)
    found: list[Interval] = []
    place = 0
    for start, end in sorted(speech):
        while place < len(told) and told[place][1] <= start:
            place += 1
        at, behind = start, place
        while behind < len(told) and told[behind][0] < end:
            word_start, word_end = told[behind]
            found += [(at, word_start)] if word_start - at >= least else []
            at = max(at, word_end)
            behind += 1
        found += [(at, end)] if end - at >= least else []
    return found
