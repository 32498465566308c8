"""A transcript: words, the recogniser's segments, and the utterances that are shown and cited."""

from collections.abc import Iterable, Sequence
from enum import Enum

import msgspec


class Word(msgspec.Struct, frozen=True, array_like=True):
    """One recognised word; `start` and `end` in seconds from the beginning of the call, `probability` 0 to 1."""

    text: str
    start: float
    end: float
    probability: float


class Segment(msgspec.Struct, frozen=True):
    """The recogniser's unit on one channel (0 left or mono, 1 right)."""

    channel: int
    words: tuple[Word, ...]


class Utterance(msgspec.Struct, frozen=True):
    """An uninterrupted stretch of one speaker; `start` and `end` in seconds from the beginning of the call.

    `line` is its number in the transcript, from 1 in order of `start`; 0 before it is numbered.
    """

    channel: int
    start: float
    end: float
    text: str
    words: tuple[Word, ...] = ()
    line: int = 0


class Layout(Enum):
    """How the channels of a recording relate to each other."""

    MONO = "mono"  # one microphone, or two channels with the same sound
    TWO_SIDED = "two_sided"  # a call: one side on each channel
    LEFT_ONLY = "left_only"  # a call of which only the left side was recorded
    RIGHT_ONLY = "right_only"

    @property
    def channels(self) -> tuple[int, ...]:
        """The channels to transcribe, in the numbering of `Utterance.channel`."""
        return {"mono": (0,), "two_sided": (0, 1), "left_only": (0,), "right_only": (1,)}[self.value]


class Speakers(msgspec.Struct, frozen=True):
    """Who is on which channel: `names[0]` left or mono, `names[1]` right; `you` is the user's channel, if any."""

    names: tuple[str, str]
    you: int | None

    def name(self, channel: int) -> str:
        """The name shown for a channel."""
        return self.names[channel]

    def swapped(self) -> "Speakers":
        """The same speakers with the channels swapped."""
        return Speakers((self.names[1], self.names[0]), None if self.you is None else 1 - self.you)

    def speaking_names(self, layout: Layout) -> tuple[str, ...]:
        """The names of the channels that carry speech in this layout."""
        return tuple(self.names[channel] for channel in layout.channels)


def default_speakers(layout: Layout, left: str = "", right: str = "") -> Speakers:
    """`You` and `Them` for a call, `Speaker` for one microphone, unless they are named."""
    if layout is Layout.MONO:
        return Speakers((left or "Speaker", right or "Speaker"), None)
    return Speakers((left or "You", right or "Them"), 0)


class Transcript(msgspec.Struct, frozen=True):
    """All utterances of a call in order of their start; `duration` in seconds."""

    language: str
    duration: float
    model: str
    utterances: tuple[Utterance, ...]
    speakers: Speakers


PAUSE = 0.8  # seconds of silence of one speaker that end an utterance, wherever they fall
SENTENCE_PAUSE = 0.15  # seconds of silence that end it after a complete sentence
LONGEST = 220  # characters after which the end of a sentence always ends it
SENTENCE_END = (".", "?", "!", "…", "。", "？", "！", "।")


def utterances(segments: Iterable[Segment]) -> list[Utterance]:
    """Divide the words of each channel's segments into utterances, in order of their start.

    An utterance ends at a pause of its own speaker, at a shorter pause after the end of a
    sentence, and at the next end of a sentence once it is long. A word from the other side does
    not split it, so that an "mm-hm" leaves a sentence intact. `line` is left at 0.
    """
    words: dict[int, list[Word]] = {}
    for segment in segments:
        words.setdefault(segment.channel, []).extend(segment.words)
    found: list[Utterance] = []
    for channel, spoken in words.items():
        group: list[Word] = []
        for word in spoken:
            if group and _is_break(group, word):
                found.append(_joined(channel, group))
                group = []
            group.append(word)
        if group:
            found.append(_joined(channel, group))
    return in_order(found)


def _is_break(group: Sequence[Word], word: Word) -> bool:
    gap = word.start - group[-1].end
    if gap >= PAUSE:
        return True
    if not group[-1].text.rstrip("\"'”’)").endswith(SENTENCE_END):
        return False
    return gap >= SENTENCE_PAUSE or sum(len(w.text) for w in group) >= LONGEST


def _joined(channel: int, group: Sequence[Word]) -> Utterance:
    text = "".join(word.text for word in group).strip()
    return Utterance(channel, group[0].start, group[-1].end, text, tuple(group))


def in_order(found: Iterable[Utterance]) -> list[Utterance]:
    """The same utterances by start, then channel."""
    return sorted(found, key=lambda u: (u.start, u.channel))


def with_line_numbers(found: Iterable[Utterance]) -> tuple[Utterance, ...]:
    """The same utterances in order, with lines from 1."""
    return tuple(msgspec.structs.replace(u, line=n) for n, u in enumerate(in_order(found), 1))
