"""Which utterances of a new transcript of a call say what one of the earlier transcript said."""

import re
from collections.abc import Sequence

from app.core.transcript import Utterance

_WORD = re.compile(r"\w+")


def same_utterances(earlier: Sequence[Utterance], new: Sequence[Utterance]) -> dict[int, int]:
    """Positions in `new` with the position in `earlier` of the utterance that is the same; each occurs once.

    Two are the same if they are on one track, their times overlap, and their words are equal but for case and
    punctuation. Of several, the one that overlaps most is taken.
    """
    candidates: dict[tuple[int, str], list[int]] = {}
    for position, utterance in enumerate(earlier):
        candidates.setdefault((utterance.track, _normalized(utterance.text)), []).append(position)
    found: dict[int, int] = {}
    for position, utterance in enumerate(new):
        same = candidates.get((utterance.track, _normalized(utterance.text)), [])
        best = max(same, key=lambda known: _overlap(earlier[known], utterance), default=None)
        if best is not None and _overlap(earlier[best], utterance) > 0:
            found[position] = best
            same.remove(best)
    return found


def _normalized(text: str) -> str:
    return " ".join(_WORD.findall(text.casefold())) or text.strip()


def _overlap(one: Utterance, other: Utterance) -> float:
    return min(one.end, other.end) - max(one.start, other.start)
