"""A recording: what is known of it, what state it is in, and what is to be done with it next."""

from datetime import datetime
from enum import Enum

import msgspec

from app.core.ids import RecordingId
from app.core.transcript import Layout, Speakers


class Survey(msgspec.Struct, frozen=True, tag=True):
    """What one pass through a file's sound shows.

    `duration` is in seconds as decoded. `levels` are the channels' root mean squares in dBFS
    (-120 is silence), `correlation` that of left and right at zero lag over the parts with sound,
    from -1 to 1. `peaks` holds one byte a channel and tenth of a second, interleaved, 255 for
    full scale. `is_truncated`: the file says that it is longer than what could be read.
    `recorded` is the container's own date, aware, if it has one.
    """

    duration: float
    channels: int
    levels: tuple[float, ...]
    correlation: float
    peaks: bytes
    is_truncated: bool
    codec: str
    recorded: datetime | None = None


PEAKS_PER_SECOND = 10
SILENT_LEVEL = -60.0  # dBFS; a telephone's noise floor lies above, an unused channel far below
_FAR_BELOW = 35.0  # dB between a channel that is used and one that only carries leakage
_HARDLY = 0.35  # correlation below which the channels are two sides of a call


def layout_of(survey: Survey) -> Layout:
    """Tell a two-sided call from one microphone and from a call with one silent channel."""
    if survey.channels < 2:
        return Layout.MONO
    left, right = survey.levels[:2]
    if max(left, right) <= SILENT_LEVEL:
        return Layout.MONO
    if (right <= SILENT_LEVEL and left - right >= _FAR_BELOW / 2) or left - right >= _FAR_BELOW:
        return Layout.LEFT_ONLY
    if (left <= SILENT_LEVEL and right - left >= _FAR_BELOW / 2) or right - left >= _FAR_BELOW:
        return Layout.RIGHT_ONLY
    return Layout.TWO_SIDED if abs(survey.correlation) < _HARDLY else Layout.MONO


class RecordingState(Enum):
    """How far a recording has come; each state is reached in a transaction."""

    IMPORTED = "imported"  # the sound is in the vault, nothing was transcribed yet
    TRANSCRIBING = "transcribing"  # part of the transcript is saved
    TRANSCRIBED = "transcribed"  # the transcript is whole, there is no summary
    SUMMARIZED = "summarized"


class Recording(msgspec.Struct, frozen=True):
    """A recording in the vault. `date` is when the call took place, aware; `duration` in seconds.

    `transcribed_until` is the second up to which every channel's transcript is saved.
    """

    id: RecordingId
    title: str
    date: datetime
    duration: float
    state: RecordingState
    layout: Layout
    speakers: Speakers
    language: str = ""
    preview: str = ""
    is_truncated: bool = False
    transcribed_until: float = 0.0
    wants_summary: bool = True
    has_titled_itself: bool = True  # no person has named it, so a summary may


class Step(Enum):
    """What is to be done with a recording next."""

    TRANSCRIBE = "transcribe"
    SUMMARIZE = "summarize"
    NOTHING = "nothing"


def next_step(recording: Recording) -> Step:
    """What an import that was stopped here goes on with."""
    if recording.state in (RecordingState.IMPORTED, RecordingState.TRANSCRIBING):
        return Step.TRANSCRIBE
    if recording.state is RecordingState.TRANSCRIBED and recording.wants_summary:
        return Step.SUMMARIZE
    return Step.NOTHING
