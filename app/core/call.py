"""A stored call: its audio survey, and its state."""

from collections.abc import Collection
from datetime import datetime
from enum import Enum
from typing import Annotated

import msgspec

from app.core.ids import CallId
from app.core.transcript import Layout, Speaker, Track, speaker_name


class SoundTrack(msgspec.Struct, frozen=True, array_like=True):
    """A channel of one of a file's sound tracks, counted from 0, and the side of the call (0 or 1) it belongs to.

    `gain` is the factor with which it is added to that side; negative if it is wired the other way round.
    """

    track: Annotated[int, msgspec.Meta(ge=0, le=255)]
    channel: Annotated[int, msgspec.Meta(ge=0, le=63)]
    side: Annotated[int, msgspec.Meta(ge=0, le=1)]
    gain: Annotated[float, msgspec.Meta(ge=-1e6, le=1e6)]


class Survey(msgspec.Struct, frozen=True, tag=True):
    """The result of one pass through a file's audio.

    `duration` is in seconds, as a player shows it. `channels` is the number of sides, one or two. `levels`
    are the root mean squares of their loudest seconds in dBFS (-120 is silence); `correlation` is that of
    the two at zero lag over the parts with sound, from -1 to 1. `peaks` has one byte per side and tenth of
    a second, interleaved; 255 is full scale. `is_truncated`: the file claims to be longer than what could
    be read. `recorded` is the container's own date, if it has one; naive where it names no time zone.

    `tracks` is what the sides are made of; none in a survey of an earlier version, whose sides are the first
    two channels. `is_quiet`: speech is so quiet that it is made louder. `unread_tracks` is the number of
    sound tracks that were not read. `goes_on`: sound follows that was not read. `is_seekable`: a place in
    it can be found by its time. `is_encoding_guessed`: of a text, its bytes were no Unicode.
    """

    duration: float
    channels: int
    levels: tuple[float, ...]
    correlation: float
    peaks: bytes
    is_truncated: bool
    codec: str
    recorded: datetime | None = None
    tracks: tuple[SoundTrack, ...] = ()
    is_quiet: bool = False
    unread_tracks: int = 0
    goes_on: bool = False
    is_seekable: bool = True
    is_encoding_guessed: bool = False


TEXT_CODEC = "text"  # stands in the survey of a call that came as text
PEAKS_PER_SECOND = 10
SILENT_LEVEL = -60.0  # dBFS; a telephone's noise floor is above it, an unused channel beside one in use below
NO_SOUND = -80.0  # dBFS; a recording whose loudest second is below it is silent
LEAKAGE_GAP = 35.0  # dB between a channel in use and one with only leakage
TWO_SIDED_CORRELATION = 0.35  # below this correlation the channels are two sides of a call


def layout_of(survey: Survey) -> Layout:
    """Decide between a two-sided call, one microphone, and a call with one silent channel."""
    if survey.channels < 2:
        return Layout.MONO
    left, right = survey.levels[:2]
    if max(left, right) <= NO_SOUND:
        return Layout.MONO
    if is_unused(right, left):
        return Layout.LEFT_ONLY
    if is_unused(left, right):
        return Layout.RIGHT_ONLY
    return Layout.TWO_SIDED if abs(survey.correlation) < TWO_SIDED_CORRELATION else Layout.MONO


def is_unused(level: float, other: float) -> bool:
    """Whether a channel of this level in dBFS is silent beside the other one, or has only what leaks from it."""
    return other - level >= (LEAKAGE_GAP / 2 if level <= SILENT_LEVEL else LEAKAGE_GAP)


# The names of the steps.
TRANSCRIBE, FIND_SPEAKERS, SUMMARIZE, EXPORT = "transcribe", "speakers", "summarize", "export"


class CallState(Enum):
    """How far a call has been processed, as people are told it; what counts are the steps done."""

    IMPORTED = "imported"  # the audio is in the vault, nothing is transcribed yet
    TRANSCRIBING = "transcribing"  # part of the transcript is saved
    TRANSCRIBED = "transcribed"  # the transcript is complete, there is no summary
    SUMMARIZED = "summarized"
    SILENT = "silent"  # the whole of it was transcribed, and no speech was found


class Call(msgspec.Struct, frozen=True):
    """A call in the vault. `date` (aware) is when it took place; `duration` is in seconds.

    `speakers` are in order, left before right; `tracks` are those that carry speech. A call that is transcribed anew
    (`awaits_new_transcript`) shows its earlier transcript until the new one is whole; from then on its summary is one
    of the earlier transcript (`has_earlier_summary`) until it is written anew. With a new transcript it may await that
    its speakers are told apart (`awaits_speakers`). `wants_export`: it is written to a folder once it is whole.
    """

    id: CallId
    title: str
    date: datetime
    duration: float
    state: CallState
    layout: Layout
    speakers: tuple[Speaker, ...]
    tracks: tuple[Track, ...]
    language: str = ""
    preview: str = ""
    is_truncated: bool = False
    wants_summary: bool = True
    has_automatic_title: bool = True  # the user has not named it, so a summary may
    steps_done: frozenset[str] = frozenset()
    awaits_new_transcript: bool = False
    has_earlier_summary: bool = False
    awaits_speakers: bool = False
    wants_export: bool = False

    @property
    def has_sound(self) -> bool:
        """Whether it can be heard: a call that came as text can't."""
        return self.layout is not Layout.WRITTEN

    @property
    def transcribed_until(self) -> float:
        """The time in seconds up to which the transcript of every track is saved."""
        return min((track.transcribed_until for track in self.tracks), default=0.0)

    @property
    def own_track(self) -> int | None:
        """The number of the track that the user is heard on, if there is one."""
        own = {speaker.id for speaker in self.speakers if speaker.is_you}
        return next((track.number for track in self.tracks if track.speaker in own), None)

    def name_on(self, track: int) -> str:
        """The name of the speaker of a track; "" if the call has no such track."""
        speaker = next((known.speaker for known in self.tracks if known.number == track), None)
        return "" if speaker is None else speaker_name(speaker, self.speakers)


def call_state(steps_done: Collection[str], *, is_begun: bool, has_lines: bool) -> CallState:
    """The state that the steps done amount to; `is_begun` and `has_lines` are said of the transcript."""
    if SUMMARIZE in steps_done:
        return CallState.SUMMARIZED
    if TRANSCRIBE in steps_done:
        return CallState.TRANSCRIBED if has_lines else CallState.SILENT
    return CallState.TRANSCRIBING if is_begun else CallState.IMPORTED
