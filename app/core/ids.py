"""Identifiers that sort by the time they were made."""

import secrets
import threading
import time
from datetime import UTC, datetime
from typing import NewType

RecordingId = NewType("RecordingId", str)
ConversationId = NewType("ConversationId", str)

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base 32: no i, l, o, u
_EPOCH = 1_577_836_800  # 2020-01-01 UTC, so that seven characters last until the year 3100
_RANDOM = 25  # bits
_lock = threading.Lock()
_given: dict[int, set[int]] = {}  # of the latest second, what was given already


def _base32(number: int, width: int) -> str:
    digits = []
    for _ in range(width):
        number, digit = divmod(number, 32)
        digits.append(_ALPHABET[digit])
    return "".join(reversed(digits))


def _fresh() -> str:
    """Twelve characters: seven of seconds since 2020, five random ones, none twice in one process."""
    second = int(time.time()) - _EPOCH
    with _lock:
        if second not in _given:
            _given.clear()
        given = _given.setdefault(second, set())
        while (number := secrets.randbits(_RANDOM)) in given:
            pass
        given.add(number)
    return _base32(second, 7) + _base32(number, 5)


def fresh_recording_id() -> RecordingId:
    """A new id for a recording."""
    return RecordingId(_fresh())


def fresh_conversation_id() -> ConversationId:
    """A new id for a conversation."""
    return ConversationId(_fresh())


def made_at(id_: str) -> datetime:
    """When an id was made, to the second."""
    seconds = 0
    for digit in id_[:7]:
        seconds = seconds * 32 + _ALPHABET.index(digit)
    return datetime.fromtimestamp(_EPOCH + seconds, UTC)
