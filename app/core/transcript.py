"""A transcript: words, the recogniser's segments, and the utterances of each speaker that are shown and cited."""

import hashlib
from collections.abc import Iterable, Sequence
from enum import Enum

import msgspec

from app.core.ids import SpeakerId, UtteranceId, new_speaker_id, new_utterance_id
from app.core.sentence_end import (
    SENTENCE_END,
    begins_like_a_sentence,
    columns,
    ends_clause,
    ends_sentence,
    is_between_words,
)
from app.core.speech import Speech
from app.core.unspaced_scripts import is_unspaced


class Word(msgspec.Struct, frozen=True, array_like=True):
    """One recognised word; `start` and `end` in seconds from the beginning of the call, `probability` 0 to 1."""

    text: str
    start: float
    end: float
    probability: float


class Segment(msgspec.Struct, frozen=True):
    """The recogniser's unit on one channel (0 left or mono, 1 right).

    `language` is the code of the one that it is spoken in, "" if unknown; `is_language_doubtful` says that another
    one is about as likely. `is_after_other` says that the other side took its turn in the pause before it.
    """

    channel: int
    words: tuple[Word, ...]
    language: str = ""
    is_language_doubtful: bool = False
    is_after_other: bool = False


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


UNNAMED = "Speaker"
"""The name of somebody whom neither the call nor a person names."""
FIRST_UNNAMED = f"{UNNAMED} 1"
"""The name of the same beside others whom nobody names either."""
NO_SPEAKER = SpeakerId("")
"""The speaker of an utterance that is not stored yet: the vault gives it that of its track."""


class Utterance(msgspec.Struct, frozen=True):
    """An uninterrupted stretch of one speaker; `start` and `end` in seconds from the beginning of the call.

    Whatever points at an utterance does so by `id`, which outlives editing, another transcription that hears the same,
    and another speaker. `line` is only the number shown: from 1 in order of `start`, and 0 before it is numbered.
    `language` is the code of the one that it is spoken in; "" in transcripts that have one language for all.
    """

    id: UtteranceId
    track: int
    speaker: SpeakerId
    start: float
    end: float
    text: str
    words: tuple[Word, ...] = ()
    line: int = 0
    language: str = ""
    is_language_doubtful: bool = False


class Layout(Enum):
    """How the channels of a recording relate to each other."""

    MONO = "mono"  # one microphone, or two channels with the same sound
    TWO_SIDED = "two_sided"  # a call: one side on each channel
    LEFT_ONLY = "left_only"  # a call of which only the left side was recorded
    RIGHT_ONLY = "right_only"
    WRITTEN = "written"  # no sound: the call came as text

    @property
    def channels(self) -> tuple[int, ...]:
        """The channels to transcribe, in the numbering of `Segment.channel`; of a text the one track of its lines."""
        return {"mono": (0,), "two_sided": (0, 1), "left_only": (0,), "right_only": (1,), "written": (0,)}[self.value]


def speaker_name(speaker: SpeakerId, speakers: Iterable[Speaker]) -> str:
    """The name shown for a speaker of a call; "" if there is none with this id."""
    return next((known.name for known in speakers if known.id == speaker), "")


def shown_name(speaker: SpeakerId, speakers: Sequence[Speaker]) -> str:
    """The name to show beside what a speaker says; "" for the only one of a call whom nobody named."""
    name = speaker_name(speaker, speakers)
    return "" if len(speakers) == 1 and name == UNNAMED else name


def names_of(speakers: Iterable[Speaker]) -> tuple[str, ...]:
    """Their names, in order."""
    return tuple(speaker.name for speaker in speakers)


def default_speakers(layout: Layout, left: str = "", right: str = "") -> tuple[Speaker, ...]:
    """`You` and `Them` for a call, left first; one `Speaker` for one microphone; unless they are named."""
    if layout is Layout.MONO:
        return (Speaker(new_speaker_id(), left or UNNAMED),)
    return (Speaker(new_speaker_id(), left or "You", True), Speaker(new_speaker_id(), right or "Them"))


def numbered(speakers: Sequence[Speaker]) -> tuple[Speaker, ...]:
    """The same speakers: the one whom nobody named has a number beside others with one, and none alone."""
    old, new = (UNNAMED, FIRST_UNNAMED) if any(one.name.startswith(f"{UNNAMED} ") for one in speakers) else ("", "")
    if len(speakers) == 1:
        old, new = FIRST_UNNAMED, UNNAMED
    return tuple(msgspec.structs.replace(one, name=new) if one.name == old else one for one in speakers)


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
    """All utterances of a call in order of their start; `duration` in seconds, `language` the one spoken most.

    `speech` is where somebody speaks, understood or not; nothing where that is not known.
    """

    language: str
    duration: float
    model: str
    utterances: tuple[Utterance, ...]
    speakers: tuple[Speaker, ...]
    speech: tuple[Speech, ...] = ()

    @property
    def has_times(self) -> bool:
        """Whether it is known when its lines are said: of a call that came as a text without times it is not."""
        return self.duration > 0 or not self.utterances or any(utterance.end > 0 for utterance in self.utterances)

    @property
    def corrections(self) -> int:
        """How many of its lines say something else than what was heard; of a call that came as text it isn't known."""
        return sum(map(is_corrected, self.utterances))

    def name(self, utterance: Utterance) -> str:
        """The name of the speaker of one of its utterances."""
        return speaker_name(utterance.speaker, self.speakers)

    def language_of(self, utterance: Utterance) -> str:
        """The language of one of its utterances; "" if it is not known."""
        return utterance.language or self.language


def language_spoken_most(found: Iterable[Utterance]) -> str:
    """The language with the most seconds of speech; "" where none is known."""
    seconds: dict[str, float] = {}
    for utterance in found:
        if utterance.language:
            spoken_for = utterance.end - utterance.start
            seconds[utterance.language] = seconds.get(utterance.language, 0.0) + spoken_for
    return max(seconds, key=lambda language: seconds[language], default="")


PAUSE = 0.8  # seconds of silence of one speaker that end an utterance where the words don't tell of sentences
SENTENCE_PAUSE = 0.15  # seconds of silence that end it after a complete sentence
LONGEST_PAUSE = 2.0  # seconds of silence that end it in the middle of a sentence
LONGEST = 220  # columns of text from which the end of a sentence always ends it
MOST = 400  # columns that no utterance has more of, unless a word has
_WORDS_PER_SENTENCE = 60  # more words than that for each end of a sentence: the model writes none to speak of


def utterances(segments: Iterable[Segment], unfinished: Iterable[Utterance] = ()) -> list[Utterance]:
    """Divide the words of each channel's segments into utterances, in order of their start.

    An utterance is what a person would read as one: a sentence, whatever breath or comma is in it, or some short ones
    that were said without a pause. It ends at the end of a sentence with a pause after it, at any once it is long, at a
    long pause, where the other side took its turn, and where another language begins. Where a model writes no
    sentences, a shorter pause ends it. One that would get too long ends at the best place in it. A word from the other
    side does not split it, so that an "mm-hm" leaves a sentence intact. `line` is left at 0.

    `unfinished` is the last utterance of each channel heard before. Where what follows belongs to it, the first of the
    channel's utterances is that one going on, with its id and speaker; else it does not occur again.
    """
    spoken_words: dict[int, list[tuple[Segment, Word]]] = {}
    for segment in segments:
        spoken_words.setdefault(segment.channel, []).extend((segment, word) for word in segment.words)
    before = {said.track: said for said in unfinished}
    found: list[Utterance] = []
    for channel, heard in spoken_words.items():
        if heard:
            found += _Joining(channel, heard, before.get(channel)).utterances()
    return in_order(found)


def text_digest(found: Iterable[Utterance]) -> str:
    """A digest of what utterances say, by which it is seen later whether any of it was corrected."""
    made = hashlib.sha256()
    for said in found:
        made.update(f"{said.id}\0{said.text}\0".encode())
    return made.hexdigest()


def heard_text(said: Utterance) -> str:
    """What an utterance said as it was recognised; "" if it was not."""
    return "".join(word.text for word in said.words).strip()


def has_its_words(said: Utterance) -> bool:
    """Whether an utterance is as it was recognised: one that was edited does not go on."""
    return bool(said.words) and heard_text(said) == said.text


def is_corrected(said: Utterance) -> bool:
    """Whether an utterance says something else than what was recognised."""
    return bool(said.words) and heard_text(said) != said.text


class _Joining:
    """Joins the words of one channel, in order, to utterances."""

    def __init__(self, channel: int, heard: Sequence[tuple[Segment, Word]], before: Utterance | None) -> None:
        self._channel, self._heard = channel, heard
        self._known = before if before is not None and has_its_words(before) else None
        self._group: list[Word] = list(self._known.words) if self._known else []
        self._language = self._known.language if self._known else ""
        self._doubts = [self._known is not None and self._known.is_language_doubtful] * len(self._group)  # of each word
        self._found: list[Utterance] = []
        words = self._group + [word for _, word in heard]
        ends = sum(word.text.rstrip().endswith(SENTENCE_END) for word in words)
        self._has_sentences = ends > 0 and len(words) <= ends * _WORDS_PER_SENTENCE

    def utterances(self) -> list[Utterance]:
        """All of them."""
        last: Segment | None = None
        for number, (segment, word) in enumerate(self._heard):
            is_first = segment is not last
            spaced = _with_space(self._group, word) if is_first else word
            if self._group:
                if is_first and segment.is_after_other:
                    self._end(len(self._group))
                else:
                    self._end_before(segment, spaced, is_first_of_segment=is_first and number > 0)
            if not self._group:
                self._language = segment.language
            self._group.append(spaced)
            self._doubts.append(segment.is_language_doubtful)
            last = segment
        if len(self._group) > (len(self._known.words) if self._known else 0):
            self._end(len(self._group))
        return self._found

    def _end_before(self, segment: Segment, word: Word, *, is_first_of_segment: bool) -> None:
        """End the utterance before a word if it does not belong to it; one that is too long, at its best place."""
        gap = round(word.start - self._group[-1].end, 3)
        if segment.language != self._language:
            self._end(len(self._group))
        elif not is_between_words(self._group[-1].text, word.text):
            return
        elif self._is_end(segment, word, gap, is_first_of_segment=is_first_of_segment):
            self._end(len(self._group))
        elif gap >= PAUSE:
            self._end(self._last_sentence_end())
        most = MOST if self._has_sentences else LONGEST
        while self._group and _width(self._group) + columns(word.text) > most:
            self._end(self._best_end(word, most))

    def _is_end(self, segment: Segment, word: Word, gap: float, *, is_first_of_segment: bool) -> bool:
        if gap >= (LONGEST_PAUSE if self._has_sentences else PAUSE):
            return True
        if gap >= PAUSE and is_first_of_segment and begins_like_a_sentence(word.text):
            return True  # the model began anew after a pause and left out the full stop
        text = _text(self._group)
        if not ends_sentence(text, word.text, self._language, is_after_pause=gap >= PAUSE):
            return False
        is_judged_otherwise = segment.is_language_doubtful != any(self._doubts)
        return gap >= SENTENCE_PAUSE or _width(self._group) >= LONGEST or is_judged_otherwise

    def _last_sentence_end(self) -> int:
        """How many words the finished sentences before the one that a pause interrupts have; 0 without any."""
        return next((at for at in range(len(self._group) - 1, 0, -1) if self._kind_of_end(at) == 2), 0)

    def _kind_of_end(self, at: int, following: Word | None = None) -> int:
        """What ends before the word at a place: 2 a sentence, 1 a part of one, 0 a word, -1 nothing."""
        text, word = _text(self._group[:at]), following if at == len(self._group) else self._group[at]
        if word is None or not is_between_words(self._group[at - 1].text, word.text):
            return -1
        return 2 if ends_sentence(text, word.text, self._language) else int(ends_clause(text))

    def _best_end(self, word: Word, most: int) -> int:
        """Where an utterance that is too long ends: after a sentence, a part of one, or at the longest pause."""
        starts = [one.start for one in self._group[1:]] + [word.start]
        places = [at for at in range(1, len(self._group) + 1) if _width(self._group[:at]) * 3 >= most]
        ranks = [(self._kind_of_end(at, word), starts[at - 1] - self._group[at - 1].end, at) for at in places]
        return max(ranks, default=(0, 0.0, len(self._group)))[2]

    def _end(self, count: int) -> None:
        """Make an utterance of the first words; the rest goes on. The one that is known is made only if it changed."""
        if not count:
            return
        words, self._group = tuple(self._group[:count]), self._group[count:]
        is_doubtful, self._doubts = any(self._doubts[:count]), self._doubts[count:]
        known, self._known = self._known, None
        if known is not None and words == known.words:
            return
        said = spoken(self._channel, words[0].start, words[-1].end, _text(words), words)
        if known is not None:
            said = msgspec.structs.replace(said, id=known.id, speaker=known.speaker)
        self._found.append(msgspec.structs.replace(said, language=self._language, is_language_doubtful=is_doubtful))


def _text(words: Iterable[Word]) -> str:
    return "".join(word.text for word in words).strip()


def _width(words: Iterable[Word]) -> int:
    return sum(columns(word.text) for word in words)


def _with_space(group: Sequence[Word], word: Word) -> Word:
    """The first word of a segment with the space that parts it from what is before, where its script has spaces."""
    if not group or not word.text[:1].isalnum() or group[-1].text[-1:].isspace():
        return word
    if is_unspaced(word.text[:1]) or is_unspaced(group[-1].text[-1:]):
        return word
    return msgspec.structs.replace(word, text=f" {word.text}")


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
