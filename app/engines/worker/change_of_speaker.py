"""Where a side of a call stops for the other one: its words before and after are not one sentence."""

from collections.abc import Iterable, Sequence
from itertools import groupby

import msgspec

from app.core.speech import Interval
from app.core.transcript import PAUSE, Segment

TURN = 1.0  # seconds of speech of another side that make it a turn; an "mm-hm" has fewer


def parted_by_turns(segments: Iterable[Segment], last_end: float, others: Sequence[Interval]) -> tuple[Segment, ...]:
    """The same words, in segments that say where another side took its turn in the pause before them.

    Args:
        segments: what one side says.
        last_end: when its last word before them ended, in seconds.
        others: where the other sides are heard.
    """
    found: list[Segment] = []
    for segment in segments:
        turn, turns = 0, []
        for word in segment.words:
            if word.start - last_end >= PAUSE and _spoken_within((last_end, word.start), others) >= TURN:
                turn += 1
            turns.append(turn)
            last_end = word.end
        for number, words in groupby(zip(turns, segment.words, strict=True), key=lambda pair: pair[0]):
            said = tuple(word for _, word in words)
            found.append(msgspec.structs.replace(segment, words=said, is_after_other=number > 0))
    return tuple(found)


def _spoken_within(pause: Interval, others: Sequence[Interval]) -> float:
    """Seconds in which another side is heard in a pause."""
    return round(sum(max(0.0, min(end, pause[1]) - max(start, pause[0])) for start, end in others), 3)
