"""Which utterances of a new transcript of a call say what one of the earlier transcript said."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence

import msgspec

from app.core.coverage import spoken_within
from app.core.ids import SpeakerId
from app.core.transcript import NO_SPEAKER, Utterance, heard_text, is_corrected

_WORD = re.compile(r"\w+")


def same_utterances(earlier: Sequence[Utterance], new: Sequence[Utterance]) -> dict[int, int]:
    """Positions in `new` with the position in `earlier` of the utterance that is the same; each occurs once.

    Two are the same if they are on one track, their times overlap, and their words are equal but for case and
    punctuation; of one that was corrected the words that were heard count as well. Of several, the one that overlaps
    most is taken.
    """
    candidates: dict[tuple[int, str], list[int]] = {}
    for position, utterance in enumerate(earlier):
        for text in {_normalized(utterance.text), _normalized(heard_text(utterance) or utterance.text)}:
            candidates.setdefault((utterance.track, text), []).append(position)
    found: dict[int, int] = {}
    taken: set[int] = set()
    for position, utterance in enumerate(new):
        same = (at for at in candidates.get((utterance.track, _normalized(utterance.text)), []) if at not in taken)
        best = max(same, key=lambda known: _overlap(earlier[known], utterance), default=None)
        if best is not None and _overlap(earlier[best], utterance) > 0:
            found[position] = best
            taken.add(best)
    return found


def as_corrected(new: Utterance, earlier: Utterance) -> Utterance:
    """An utterance heard anew; with a person's words, if the same earlier one was corrected."""
    return msgspec.structs.replace(new, text=earlier.text) if is_corrected(earlier) else new


def still_written(earlier: Sequence[Utterance], new: Sequence[Utterance]) -> set[int]:
    """Positions in `earlier` of the lines that a person wrote where nothing was heard, and nothing is heard anew."""
    by_track: dict[int, list[tuple[float, float]]] = {}
    for said in new:
        by_track.setdefault(said.track, []).extend(map(spoken_within, said.words))
    found = set()
    for position, line in enumerate(earlier):
        if not line.words:
            told = by_track.get(line.track, ())
            heard = sum(max(0.0, min(end, line.end) - max(start, line.start)) for start, end in told)
            if not heard or heard < (line.end - line.start) / 2:
                found.add(position)
    return found


class SpeakersByTime:
    """Who said something on a track at a time, by the lines of an earlier transcript."""

    def __init__(self, earlier: Iterable[Utterance]) -> None:
        self._lines: dict[int, list[Utterance]] = {}
        for said in earlier:
            self._lines.setdefault(said.track, []).append(said)
        self._starts: dict[int, list[float]] = {}
        self._longest: dict[int, float] = {}  # seconds of a line, by track
        for track, lines in self._lines.items():
            lines.sort(key=lambda said: said.start)
            self._starts[track] = [said.start for said in lines]
            self._longest[track] = max(said.end - said.start for said in lines)

    def speaker_of(self, new: Utterance) -> SpeakerId:
        """The speaker whose line shares most time with this one; `NO_SPEAKER` if none does."""
        starts = self._starts.get(new.track, [])
        first = bisect_left(starts, new.start - self._longest.get(new.track, 0.0))
        near = self._lines.get(new.track, [])[first : bisect_left(starts, new.end)]
        best = max(near, key=lambda said: _overlap(said, new), default=None)
        return best.speaker if best is not None and _overlap(best, new) > 0 else NO_SPEAKER


def _normalized(text: str) -> str:
    return " ".join(_WORD.findall(text.casefold())) or text.strip()


def _overlap(one: Utterance, other: Utterance) -> float:
    return min(one.end, other.end) - max(one.start, other.start)
