"""Questions and answers, kept as conversations."""

from datetime import datetime
from enum import Enum

import msgspec

from app.core.ids import ConversationId, RecordingId


class Role(Enum):
    """Who speaks in a conversation."""

    USER = "user"
    ASSISTANT = "assistant"


class StopReason(Enum):
    """Why a reply ended."""

    FINISHED = "finished"
    LENGTH = "length"  # the context or the limit of tokens was reached
    STOPPED = "stopped"  # by the person
    INTERRUPTED = "interrupted"  # the process died; what had been saved is there


class Citation(msgspec.Struct, frozen=True):
    """The line of a recording that a reply points at; `marker` is the number in the reply's text."""

    id: RecordingId
    line: int
    start: float
    end: float
    marker: int = 0


class Message(msgspec.Struct, frozen=True):
    """One message; a reply's `text` still carries its markers, `[n]`."""

    role: Role
    text: str
    citations: tuple[Citation, ...] = ()
    stop_reason: StopReason = StopReason.FINISHED
    note: str = ""  # what was left out of the prompt, in words


class Conversation(msgspec.Struct, frozen=True):
    """Messages on one recording, or on all of them if `recording` is None."""

    id: ConversationId
    title: str
    updated: datetime
    recording: RecordingId | None = None
    messages: tuple[Message, ...] = ()
