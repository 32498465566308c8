"""What a worker's values must be beside their types and ranges: a worker that was taken over says what it likes.

The types and ranges are declared with each message (`core.engines`, `core.ranges`) and checked where it is decoded.
"""

import math
import re
import struct
from collections.abc import Callable, Sequence

import msgspec

from app.core.call import PEAKS_PER_SECOND, Survey
from app.core.document import Document
from app.core.embedding import EmbeddingFacts
from app.core.engines import Delta, Heard, Pcm
from app.core.inspection import Inspection
from app.core.job import Progress
from app.core.languages.codes import LANGUAGE_CODES
from app.core.model import LanguageFacts
from app.core.ranges import LONGEST_SECONDS
from app.core.sandbox_report import Confinement
from app.core.transcript import Word
from app.core.voices import VoicePrints
from app.core.written_call import WrittenCall
from app.engines import protocol
from app.engines.protocol import WireError

_LONGEST_LINE = 200  # characters of a name or another line that is shown
_LONGEST_TEMPLATE = 200_000  # characters of a chat template that is shown
_LONGEST_WORD = 1000  # characters; Whisper's tokens are far shorter
_SLACK = 2.0  # seconds by which a time may lie beyond the sound that was sent, for rounding and padding
_ROUNDING = 1e-3  # of the length of a vector of float32 values
_COARSE_ROUNDING = 1e-2  # of the length of a vector of float16 values
_CODEC = re.compile(r"[a-z0-9_.-]{0,40}", re.ASCII)
_MARKS = [*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x2028, 0x2029]
_NO_MARKS = dict.fromkeys(_MARKS)  # control characters, and those that turn the direction of what follows
_NO_MARKS_BUT_TABS = {code: None for code in _MARKS if chr(code) != "\t"}
_NO_MARKS_BUT_LINES = {code: None for code in _MARKS if chr(code) not in "\n\t"}


def checked(value: protocol.Value) -> protocol.Value:
    """The value, its texts without control characters.

    Raises:
        WireError: it is none that a working engine sends.
    """
    if isinstance(value, Delta):
        return value if value.text.isprintable() else Delta(value.text.translate(_NO_MARKS_BUT_LINES))
    if isinstance(value, Heard):
        return _checked_heard(value)
    if isinstance(value, Pcm):
        _require(len({len(track) for track in value.tracks}) == 1 and len(value.tracks[0]) % 2 == 0)
        return value
    if isinstance(value, Survey):
        return _checked_survey(value)
    if isinstance(value, Progress):
        return msgspec.structs.replace(value, step=_line(value.step), unit=_line(value.unit))
    if isinstance(value, LanguageFacts | EmbeddingFacts):
        return msgspec.structs.replace(value, name=_line(value.name), architecture=_line(value.architecture))
    if isinstance(value, Inspection):
        return _checked_inspection(value)
    if isinstance(value, WrittenCall):
        return _checked_written(value)
    if isinstance(value, Document):
        return _checked_document(value)
    return _checked_confinement(value) if isinstance(value, Confinement) else value


class DecodedOrder:
    """Checks that decoded blocks are of the form that was asked for, and that each follows the one before."""

    def __init__(self, start: float, rate: int, tracks: int, speed: float = 1.0) -> None:
        self._earliest = max(0.0, start)
        self._form = (rate, tracks, speed)

    def check(self, block: protocol.Value) -> None:
        """Check the next block.

        Raises:
            WireError: it has another form, nothing in it, or begins before the end of the last.
        """
        assert isinstance(block, Pcm)
        _require((block.rate, len(block.tracks), block.speed) == self._form and block.duration > 0)
        _require(block.start >= self._earliest - _SLACK)
        self._earliest = block.start + block.duration


class HeardOrder:
    """Checks that what is heard lies within the sound that was sent, and goes on on each channel."""

    def __init__(self, channels: Sequence[int]) -> None:
        self._until = dict.fromkeys(channels, 0.0)
        self._spoken_until = dict.fromkeys(channels, 0.0)
        self._sent = 0.0

    def note_sent(self, block: Pcm | None) -> None:
        """Note a block of sound that the worker was sent."""
        if block is not None:
            self._sent = max(self._sent, block.start + block.duration)

    def check(self, heard: protocol.Value) -> None:
        """Check what was heard next.

        Raises:
            WireError: it is of another channel, goes back, or lies beyond the sound; so does the speech in it.
        """
        assert isinstance(heard, Heard)
        end = self._sent + _SLACK
        _require(self._until.get(heard.channel, math.inf) <= heard.until <= end)
        _require(all(word.end <= end for segment in heard.segments for word in segment.words))
        last = self._spoken_until[heard.channel]
        for start, stop in heard.speech:
            _require(last <= start < stop <= heard.until + _SLACK)
            last = stop
        self._until[heard.channel], self._spoken_until[heard.channel] = heard.until, last


class EmbeddedOrder:
    """Checks that there is one vector for each of so many texts, of the model's dimensions and of unit length."""

    def __init__(self, texts: int, dimensions: Callable[[], int]) -> None:
        self._left, self._dimensions = texts, dimensions

    @property
    def is_complete(self) -> bool:
        """Whether every text has its vector."""
        return not self._left

    def check(self, embedded: protocol.Value) -> None:
        """Check the next vectors.

        Raises:
            WireError: there are too many, or none; one has other dimensions, or values that are no numbers.
        """
        assert isinstance(embedded, protocol.Embedded)
        self._left -= len(embedded.vectors)
        _require(self._left >= 0 and bool(embedded.vectors))
        dimensions = self._dimensions()
        for raw in embedded.vectors:
            _require(len(raw) == 4 * dimensions)
            square = sum(value * value for value in struct.unpack(f"<{dimensions}f", raw))
            _require(_is_within(square, 1 - _ROUNDING, 1 + _ROUNDING))  # false for what is not a number


_MOST_WINDOWS = 10  # of a second of sound: some four times as many as there are


class ListenedOrder:
    """Checks that voice prints follow each other on each channel within the sound, and are of one model."""

    def __init__(self, channels: Sequence[int]) -> None:
        self._heard = HeardOrder(channels)
        self._last_start = dict.fromkeys(channels, 0.0)
        self._windows = dict.fromkeys(channels, 0)
        self._size = 0

    def note_sent(self, block: Pcm | None) -> None:
        """Note a block of sound that the worker was sent."""
        self._heard.note_sent(block)

    def check(self, found: protocol.Value) -> None:
        """Check the next voice prints.

        Raises:
            WireError: they are of another channel, go back, lie beyond the sound, or are no vectors of unit length.
        """
        assert isinstance(found, VoicePrints)
        self._heard.check(Heard(found.channel, found.until, (), ""))
        self._windows[found.channel] += len(found.windows)
        _require(self._windows[found.channel] <= _MOST_WINDOWS * (found.until + 1))
        for window in found.windows:
            _require(self._last_start[found.channel] <= window.start <= window.end <= found.until + _SLACK)
            self._last_start[found.channel] = window.start
            self._size = self._size or len(window.print)
            _require(len(window.print) == self._size > 0 and self._size % 2 == 0)
            square = sum(value * value for value in struct.unpack(f"<{self._size // 2}e", window.print))
            _require(_is_within(square, 1 - _COARSE_ROUNDING, 1 + _COARSE_ROUNDING))  # false for what is not a number


class GroupedOrder:
    """Checks that each of so many voice prints has its speaker, of so many speakers if a person said so."""

    def __init__(self, prints: int, speakers: int) -> None:
        self._left, self._speakers = prints, speakers

    def check(self, grouped: protocol.Value) -> None:
        """Check the next speakers.

        Raises:
            WireError: there are more of them than voice prints, or more people than speak.
        """
        assert isinstance(grouped, protocol.Grouped)
        self._left -= len(grouped.labels)
        _require(self._left >= 0 and bool(grouped.labels))
        _require(not self._speakers or max(grouped.labels) < self._speakers)


def _require(is_so: bool) -> None:
    if not is_so:
        raise WireError("a value that no working engine sends")


def _is_within(number: float, least: float, most: float) -> bool:
    return least <= number <= most  # false for what is not a number


def _line(untrusted: str, longest: int = _LONGEST_LINE) -> str:
    return untrusted[: 4 * longest].translate(_NO_MARKS)[:longest]


def _checked_heard(heard: Heard) -> Heard:
    _require(heard.language in LANGUAGE_CODES or not heard.language)
    _require(all(segment.channel == heard.channel for segment in heard.segments))
    segments = tuple(
        msgspec.structs.replace(segment, words=tuple(map(_checked_word, segment.words))) for segment in heard.segments
    )
    return msgspec.structs.replace(heard, segments=segments)


def _checked_word(word: Word) -> Word:
    _require(0 <= word.start <= word.end <= LONGEST_SECONDS)
    _require(_is_within(word.probability, 0, 1) and len(word.text) <= _LONGEST_WORD)
    if word.text.isprintable():
        return word
    return msgspec.structs.replace(word, text=" ".join(word.text.split("\n")).translate(_NO_MARKS))


def _checked_survey(survey: Survey) -> Survey:
    _require(_is_within(survey.duration, 0, LONGEST_SECONDS) and survey.duration > 0)
    _require(survey.channels in (1, 2) and len(survey.levels) == survey.channels)
    _require(all(_is_within(level, -400, 400) for level in survey.levels))
    _require(_is_within(survey.correlation, -1.01, 1.01))
    most_peaks = survey.channels * (PEAKS_PER_SECOND * (survey.duration + _SLACK))
    _require(len(survey.peaks) % survey.channels == 0 and len(survey.peaks) <= most_peaks)
    _require(_CODEC.fullmatch(survey.codec) is not None)
    _require(all(track.side < survey.channels for track in survey.tracks) and 0 <= survey.unread_tracks <= 1000)
    return survey


def _checked_written(call: WrittenCall) -> WrittenCall:
    """The call as no text can steer what shows it; its times must be those of lines that can be spoken."""
    _require(all(line.start <= line.end for line in call.lines))
    codes = {call.language, *(line.language for line in call.lines)} - {""}
    _require(codes <= LANGUAGE_CODES)
    lines = tuple(
        msgspec.structs.replace(line, text=line.text.translate(_NO_MARKS), speaker=line.speaker.translate(_NO_MARKS))
        for line in call.lines
    )
    return msgspec.structs.replace(call, title=_line(call.title), lines=lines)


def _checked_document(document: Document) -> Document:
    """The document as no text can steer what shows it."""
    lines = tuple(
        line if line.text.isprintable() else msgspec.structs.replace(line, text=line.text.translate(_NO_MARKS_BUT_TABS))
        for line in document.lines
    )
    return msgspec.structs.replace(document, title=_line(document.title), lines=lines)


def _checked_inspection(found: Inspection) -> Inspection:
    portions = tuple(
        msgspec.structs.replace(portion, part=_line(portion.part), type_name=_line(portion.type_name))
        for portion in found.portions
    )
    template = found.chat_template.translate(_NO_MARKS_BUT_LINES)[:_LONGEST_TEMPLATE]
    lines = {name: _line(getattr(found, name)) for name in ("format", "architecture", "name", "tokenizer")}
    facts = tuple((_line(name), _line(value)) for name, value in found.facts)
    return msgspec.structs.replace(found, **lines, chat_template=template, portions=portions, facts=facts)


def _checked_confinement(found: Confinement) -> Confinement:
    layers = tuple(
        msgspec.structs.replace(layer, name=_line(layer.name), detail=_line(layer.detail)) for layer in found.layers
    )
    attempts = tuple(
        msgspec.structs.replace(tried, name=_line(tried.name), answer=_line(tried.answer)) for tried in found.attempts
    )
    words = {name: _line(getattr(found, name)) for name in ("process", "seen", "problem")}
    return msgspec.structs.replace(found, **words, layers=layers, attempts=attempts)
