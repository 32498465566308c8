"""A stored call: its audio survey, and its state."""

from collections.abc import Collection
from datetime import datetime
from enum import Enum

import msgspec

from app.core.ids import CallId
from app.core.transcript import Layout, Speakers


class Survey(msgspec.Struct, frozen=True, tag=True):
    """The result of one pass through a file's audio.

    `duration` is in seconds, as decoded. `levels` are the channels' root mean squares in dBFS
    (-120 is silence); `correlation` is that of left and right at zero lag over the parts with
    sound, from -1 to 1. `peaks` has one byte per channel and tenth of a second, interleaved; 255
    is full scale. `is_truncated`: the file claims to be longer than what could be read.
    `recorded` is the container's own date (aware), if it has one.
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
SILENT_LEVEL = -60.0  # dBFS; a telephone's noise floor is above it, an unused channel far below
_LEAKAGE_GAP = 35.0  # dB between a channel in use and one with only leakage
_TWO_SIDED_CORRELATION = 0.35  # below this correlation the channels are two sides of a call


def layout_of(survey: Survey) -> Layout:
    """Decide between a two-sided call, one microphone, and a call with one silent channel."""
    if survey.channels < 2:
        return Layout.MONO
    left, right = survey.levels[:2]
    if max(left, right) <= SILENT_LEVEL:
        return Layout.MONO
    if (right <= SILENT_LEVEL and left - right >= _LEAKAGE_GAP / 2) or left - right >= _LEAKAGE_GAP:
        return Layout.LEFT_ONLY
    if (left <= SILENT_LEVEL and right - left >= _LEAKAGE_GAP / 2) or right - left >= _LEAKAGE_GAP:
        return Layout.RIGHT_ONLY
    return Layout.TWO_SIDED if abs(survey.correlation) < _TWO_SIDED_CORRELATION else Layout.MONO


TRANSCRIBE, SUMMARIZE = "transcribe", "summarize"  # the names of the steps that the state speaks of


class CallState(Enum):
    """How far a call has been processed, as people are told it; what counts are the steps done."""

    IMPORTED = "imported"  # the audio is in the vault, nothing is transcribed yet
    TRANSCRIBING = "transcribing"  # part of the transcript is saved
    TRANSCRIBED = "transcribed"  # the transcript is complete, there is no summary
    SUMMARIZED = "summarized"
    SILENT = "silent"  # the whole of it was transcribed, and no speech was found


class Call(msgspec.Struct, frozen=True):
    """A call in the vault. `date` (aware) is when it took place; `duration` is in seconds.

    `transcribed_until` is the time in seconds up to which every channel's transcript is saved.
    """

    id: CallId
    title: str
    date: datetime
    duration: float
    state: CallState
    layout: Layout
    speakers: Speakers
    language: str = ""
    preview: str = ""
    is_truncated: bool = False
    transcribed_until: float = 0.0
    wants_summary: bool = True
    has_automatic_title: bool = True  # the user has not named it, so a summary may
    steps_done: frozenset[str] = frozenset()


def call_state(steps_done: Collection[str], *, is_begun: bool, has_lines: bool) -> CallState:
    """The state that the steps done amount to; `is_begun` and `has_lines` are said of the transcript."""
    if SUMMARIZE in steps_done:
        return CallState.SUMMARIZED
    if TRANSCRIBE in steps_done:
        return CallState.TRANSCRIBED if has_lines else CallState.SILENT
    return CallState.TRANSCRIBING if is_begun else CallState.IMPORTED
