"""A transcript: words, the recogniser's segments, and the utterances of each speaker that are shown and cited."""

from collections.abc import Iterable, Sequence
from enum import Enum

import msgspec

from app.core.ids import SpeakerId, UtteranceId, new_speaker_id, new_utterance_id


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


class Speaker(msgspec.Struct, frozen=True):
    """A person in one call; `is_you` if it is the user."""

    id: SpeakerId
    name: str
    is_you: bool = False


class Track(msgspec.Struct, frozen=True):
    """One channel of a call's sound, numbered as `Segment.channel`.

    `speaker` is who is taken to be heard on it until its utterances are given to others; `transcribed_until` is the
    time in seconds up to which its transcript is saved.
    """

    number: int
    speaker: SpeakerId
    transcribed_until: float = 0.0


NO_SPEAKER = SpeakerId("")
"""The speaker of an utterance that is not stored yet: the vault gives it that of its track."""


class Utterance(msgspec.Struct, frozen=True):
    """An uninterrupted stretch of one speaker; `start` and `end` in seconds from the beginning of the call.

    Whatever points at an utterance does so by `id`, which outlives editing, another transcription that hears the same,
    and another speaker. `line` is only the number shown: from 1 in order of `start`, and 0 before it is numbered.
    """

    id: UtteranceId
    track: int
    speaker: SpeakerId
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


def speaker_name(speaker: SpeakerId, speakers: Iterable[Speaker]) -> str:
    """The name shown for a speaker of a call; "" if there is none with this id."""
    return next((known.name for known in speakers if known.id == speaker), "")


def names_of(speakers: Iterable[Speaker]) -> tuple[str, ...]:
    """Their names, in order."""
    return tuple(speaker.name for speaker in speakers)


def default_speakers(layout: Layout, left: str = "", right: str = "") -> tuple[Speaker, ...]:
    """`You` and `Them` for a call, left first; one `Speaker` for one microphone; unless they are named."""
    if layout is Layout.MONO:
        return (Speaker(new_speaker_id(), left or "Speaker"),)
    return (Speaker(new_speaker_id(), left or "You", True), Speaker(new_speaker_id(), right or "Them"))


def default_tracks(layout: Layout, speakers: Sequence[Speaker]) -> tuple[Track, ...]:
    """The tracks with speech, each with the speaker in the same place."""
    return tuple(Track(number, speakers[number].id) for number in layout.channels)


def with_sides_swapped(speakers: Sequence[Speaker]) -> tuple[Speaker, ...]:
    """The same speakers, the first two under each other's name; doing it twice undoes it."""
    if len(speakers) < 2:
        return tuple(speakers)
    left, right, *others = speakers
    return (Speaker(left.id, right.name, right.is_you), Speaker(right.id, left.name, left.is_you), *others)


def speaking(layout: Layout, speakers: Sequence[Speaker]) -> tuple[Speaker, ...]:
    """The speakers who can be heard: all but the side of a call that was not recorded."""
    silent = {Layout.LEFT_ONLY: 1, Layout.RIGHT_ONLY: 0}.get(layout)
    return tuple(speaker for place, speaker in enumerate(speakers) if place != silent)


class Transcript(msgspec.Struct, frozen=True):
    """All utterances of a call in order of their start; `duration` in seconds."""

    language: str
    duration: float
    model: str
    utterances: tuple[Utterance, ...]
    speakers: tuple[Speaker, ...]

    def name(self, utterance: Utterance) -> str:
        """The name of the speaker of one of its utterances."""
        return speaker_name(utterance.speaker, self.speakers)


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
    return spoken(channel, group[0].start, group[-1].end, text, tuple(group))


def spoken(track: int, start: float, end: float, text: str, words: tuple[Word, ...] = ()) -> Utterance:
    """A new utterance that was just recognised on a track; who speaks is left open."""
    return Utterance(new_utterance_id(), track, NO_SPEAKER, start, end, text, words)


def in_order(found: Iterable[Utterance]) -> list[Utterance]:
    """The same utterances by start, then track."""
    return sorted(found, key=lambda u: (u.start, u.track))


def given_to_tracks(found: Iterable[Utterance], tracks: Iterable[Track]) -> list[Utterance]:
    """The same utterances, each of its track's speaker."""
    speakers = {track.number: track.speaker for track in tracks}
    return [msgspec.structs.replace(u, speaker=speakers[u.track]) for u in found]


def with_line_numbers(found: Iterable[Utterance]) -> tuple[Utterance, ...]:
    """The same utterances in order, with lines from 1."""
    return tuple(msgspec.structs.replace(u, line=n) for n, u in enumerate(in_order(found), 1))
