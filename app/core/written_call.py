"""A call that came as text: what its lines say, who says them when as far as the text tells, and why it is none."""

from datetime import datetime
from typing import Annotated

import msgspec

from app.core.errors import MediaDamaged, MediaError, UnsupportedMedia
from app.core.ranges import Seconds

LARGEST_TEXT = 64 * 1024 * 1024
"""Bytes of a file that is read as text; ten hours with the time of each word take half of it."""
MOST_LINES = 50_000
"""Lines of one call; ten hours in cues of three seconds have 12,000."""
MOST_SPEAKERS = 200
"""Speakers of one call that are told apart; a sitting of a parliament has some seventy."""
LONGEST_TEXT_LINE = 4_000
"""Characters of one line; a longer one is divided, so that what cites it leads to its words."""
LONGEST_SPEAKER = 100
"""Characters of a speaker's name."""

_Text = Annotated[str, msgspec.Meta(max_length=LONGEST_TEXT_LINE)]
_Name = Annotated[str, msgspec.Meta(max_length=LONGEST_SPEAKER)]
_Code = Annotated[str, msgspec.Meta(max_length=8)]


class WrittenLine(msgspec.Struct, frozen=True, array_like=True):
    """What one speaker says in one go; `speaker` is "" where the text does not tell.

    `start` and `end` are seconds from the beginning of the call, `end` after `start`; both are 0 in a text without
    times. `language` is a code, or "" for the call's.
    """

    text: _Text
    speaker: _Name = ""
    start: Seconds = 0.0
    end: Seconds = 0.0
    language: _Code = ""
    is_language_doubtful: bool = False


class WrittenCall(msgspec.Struct, frozen=True, tag=True):
    """A call as a text tells it, or a part of its lines, in order.

    `title` and `date` are the text's own, if it has them. `is_encoding_guessed`: its bytes were no Unicode.
    """

    lines: Annotated[tuple[WrittenLine, ...], msgspec.Meta(max_length=MOST_LINES)]
    title: Annotated[str, msgspec.Meta(max_length=200)] = ""
    date: datetime | None = None
    language: _Code = ""
    is_encoding_guessed: bool = False

    @property
    def duration(self) -> float:
        """The seconds until the last line ends; 0 in a text without times."""
        return max((line.end for line in self.lines), default=0.0)


class NoTranscript(UnsupportedMedia):
    """A text tells of no call."""

    goes_by_parent = True
    default_title = "This text does not look like a call: it names nobody who speaks, and no times."
    default_advice = (
        "Nothing was imported; if it is plain text and each of its lines was said, «tacit import --any-text» takes it."
    )


class TextTooLong(UnsupportedMedia):
    """A text is larger than that of any call."""

    goes_by_parent = True
    default_title = "This text is longer than any call: more than 64 MB, or 50,000 lines."
    default_advice = "Nothing was imported; choose the transcript of one call."


class TextUnreadable(MediaDamaged):
    """A text is not of the form that it begins as."""

    goes_by_parent = True
    default_title = "This text is damaged and can't be read."
    default_advice = "The file was left as it is; export the transcript again, or try another form of it."


class NoSound(MediaError):
    """A call came as text."""

    goes_by_parent = True
    default_title = "This call came as text and has no sound."
    default_advice = "Nothing was changed; its lines can be read, searched and asked about."


class NoTimes(MediaError):
    """A call came as a text without times."""

    goes_by_parent = True
    default_title = "This call came as a text without times, and subtitles need them."
    default_advice = "Nothing was written; export it as txt, md or json."
