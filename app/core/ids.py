"""Identifiers that sort by creation time."""

import re
import secrets
import threading
import time
from datetime import UTC, datetime
from typing import NewType

CallId = NewType("CallId", str)
ConversationId = NewType("ConversationId", str)
UtteranceId = NewType("UtteranceId", str)
SpeakerId = NewType("SpeakerId", str)
NoteId = NewType("NoteId", str)
TaskId = NewType("TaskId", str)

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no i, l, o, u
_EPOCH = 1_577_836_800  # 2020-01-01 UTC, so that seven characters last until the year 3100
_RANDOM_BITS = 25
_FORM = re.compile(f"[{_ALPHABET}]{{12}}", re.ASCII)
_lock = threading.Lock()
_issued: dict[int, set[int]] = {}  # the latest second -> the random numbers already used in it


def _base32(number: int, width: int) -> str:
    digits = []
    for _ in range(width):
        number, digit = divmod(number, 32)
        digits.append(_ALPHABET[digit])
    return "".join(reversed(digits))


def _new_id() -> str:
    """Twelve characters: seven for the seconds since 2020, five random; unique within one process."""
    second = int(time.time()) - _EPOCH
    with _lock:
        if second not in _issued:
            _issued.clear()
        issued = _issued.setdefault(second, set())
        while (number := secrets.randbits(_RANDOM_BITS)) in issued:
            pass
        issued.add(number)
    return _base32(second, 7) + _base32(number, 5)


def is_id(text: object) -> bool:
    """Whether something read from elsewhere has the form of an id; only such a one may become part of a path."""
    return isinstance(text, str) and _FORM.fullmatch(text) is not None


def new_call_id() -> CallId:
    """A new id for a call."""
    return CallId(_new_id())


def new_conversation_id() -> ConversationId:
    """A new id for a conversation."""
    return ConversationId(_new_id())


def new_utterance_id() -> UtteranceId:
    """A new id for an utterance, which it keeps whatever is edited around it."""
    return UtteranceId(_new_id())


def new_speaker_id() -> SpeakerId:
    """A new id for a speaker of one call."""
    return SpeakerId(_new_id())


def new_note_id() -> NoteId:
    """A new id for a note."""
    return NoteId(_new_id())


def new_task_id() -> TaskId:
    """A new id for a task of a person's own."""
    return TaskId(_new_id())


def id_of(digest: bytes) -> str:
    """The id that stands for these 32 bytes of a hash: the same for the same, and with no time of its own."""
    return _base32(int.from_bytes(digest[:8]) >> 4, 12)


def made_at(id_: str) -> datetime:
    """When an id was created, to the second."""
    seconds = 0
    for digit in id_[:7]:
        seconds = seconds * 32 + _ALPHABET.index(digit)
    return datetime.fromtimestamp(_EPOCH + seconds, UTC)
