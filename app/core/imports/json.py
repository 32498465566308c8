"""Transcripts as JSON: our own, Whisper's and those of its relatives, and the meetings of QMSum."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from app.core.imports.names import with_names
from app.core.imports.raw_line import RawLine, clean, settled
from app.core.imports.times import seconds_of
from app.core.languages.codes import LANGUAGE_CODES, code_of_language
from app.core.written_call import NoTranscript, TextUnreadable, WrittenCall

_LINES = ("utterances", "segments", "transcription", "meeting_transcripts", "transcript", "results")
_WRAPPERS = ("transcript", "result", "results")  # what a list of lines may lie in
_TEXTS = ("text", "content", "transcript", "sentence")
_SPEAKERS = ("speaker", "speaker_name", "speakerName", "name")
_LONGEST_TITLE = 200  # characters


def read(text: str) -> WrittenCall:
    """The call of a JSON text; its summary, if it has one, is left to be written anew.

    Raises:
        TextUnreadable: it is no JSON.
        NoTranscript: nothing in it is a list of lines that somebody says.
        TextTooLong: there are more lines than a call has.
    """
    try:
        untrusted = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise TextUnreadable from error
    owner, found = _list_of_lines(untrusted)
    lines = list(_lines(found, is_in_milliseconds=_is_in_milliseconds(owner, found)))
    if not any(line.speaker for line in lines):
        lines = with_names(lines)
    recording = _mapping(_mapping(untrusted).get("recording"))
    title = clean(_string(recording.get("title")))[:_LONGEST_TITLE].strip()
    return WrittenCall(settled(lines), title, _date(recording.get("date")), _language(owner))


def _list_of_lines(untrusted: Any) -> tuple[Mapping[str, Any], Sequence[Any]]:
    """The list of what is said, and what it lies in."""
    owners = [_mapping(untrusted)]
    owners += [_mapping(owners[0].get(name)) for name in _WRAPPERS]
    candidates = [(owner, owner.get(name)) for owner in owners for name in _LINES]
    candidates.append(({}, untrusted))
    for owner, found in candidates:
        if isinstance(found, list) and any(_text(_mapping(entry)) for entry in found):
            return owner or owners[0], found
    raise NoTranscript


def _lines(found: Sequence[Any], *, is_in_milliseconds: bool) -> Iterator[RawLine]:
    unit = 0.001 if is_in_milliseconds else 1.0
    for entry in map(_mapping, found):
        start, end = (_time(entry, name, unit) for name in ("start", "end"))
        if start is None and (times := _mapping(entry.get("offsets"))):  # whisper.cpp, in milliseconds
            start, end = (_time(times, name, 0.001) for name in ("from", "to"))
        language = _string(entry.get("language"))
        yield RawLine(
            _text(entry), _speaker(entry), start, end, language if language in LANGUAGE_CODES else "",
            entry.get("is_language_doubtful") is True,
        )  # fmt: skip


def _is_in_milliseconds(owner: Mapping[str, Any], found: Sequence[Any]) -> bool:
    """Whether `start` and `end` are in thousandths, as AssemblyAI has them: whole numbers beside a confidence."""
    first = _mapping(found[0])
    return "confidence" in first and "audio_duration" in owner and isinstance(first.get("start"), int)


def _mapping(untrusted: Any) -> Mapping[str, Any]:
    return untrusted if isinstance(untrusted, dict) else {}


def _string(untrusted: Any) -> str:
    return untrusted if isinstance(untrusted, str) else ""


def _text(entry: Mapping[str, Any]) -> str:
    return next((said for name in _TEXTS if (said := _string(entry.get(name)))), "")


def _speaker(entry: Mapping[str, Any]) -> str:
    for name in _SPEAKERS:
        named = entry.get(name)
        if isinstance(named, int) and not isinstance(named, bool) and 0 <= named < 10_000:  # only numbered
            return f"Speaker {named}"
        if isinstance(named, dict):
            named = named.get("name")
        if isinstance(named, str) and named.strip():
            return named
    return ""


def _time(entry: Mapping[str, Any], name: str, unit: float) -> float | None:
    """Seconds; numbers too large for a float, and what is no number, are no times."""
    time = entry.get(name, entry.get(f"{name}_time", entry.get(f"{name}Time")))
    if isinstance(time, str):
        return seconds_of(time)
    if isinstance(time, bool) or not isinstance(time, int | float) or abs(time) > 1e15:
        return None
    return time * unit


def _language(owner: Mapping[str, Any]) -> str:
    named = _string(owner.get("language")) or _string(_mapping(owner.get("result")).get("language"))
    return named if named in LANGUAGE_CODES else code_of_language(named)


def _date(untrusted: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(_string(untrusted)).astimezone()
    except (ValueError, OverflowError, OSError):
        return None
