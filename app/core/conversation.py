"""Conversations: questions, answers and their citations."""

from datetime import datetime
from enum import Enum

import msgspec

from app.core.ids import CallId, ConversationId, UtteranceId


class Role(Enum):
    """Who speaks in a conversation."""

    USER = "user"
    ASSISTANT = "assistant"


class StopReason(Enum):
    """Why a reply ended."""

    FINISHED = "finished"
    LENGTH = "length"  # the context or the token limit was reached
    STOPPED = "stopped"  # by the user
    INTERRUPTED = "interrupted"  # the process died; what had been saved is kept


class Citation(msgspec.Struct, frozen=True, omit_defaults=True):
    """The utterance of a call that a reply cites; `marker` is the number in the reply's text.

    `start` and `end` are in seconds, as they were when the reply was written. `is_earlier` is found out when a
    conversation is read: the call was transcribed anew since, and the utterance is not in its transcript any more.
    """

    id: CallId
    utterance: UtteranceId
    start: float
    end: float
    marker: int = 0
    is_earlier: bool = False


class CitedWords(msgspec.Struct, frozen=True):
    """What a citation points at: `line` is the number shown, 0 if the words are from an earlier transcript."""

    citation: Citation
    line: int
    speaker: str
    text: str


class Mark(msgspec.Struct, frozen=True, array_like=True):
    """A place in a reply, from `start` to `end` in characters, where it cites: the citations' `marker`s, or none.

    None: the claim is not confirmed. A claim without a citation has a place of no length behind it.
    """

    start: int
    end: int
    numbers: tuple[int, ...] = ()


class Message(msgspec.Struct, frozen=True):
    """One message; a reply's `text` is what the model wrote, `[n]` included, and `marks` say where it cites."""

    role: Role
    text: str
    citations: tuple[Citation, ...] = ()
    stop_reason: StopReason = StopReason.FINISHED
    note: str = ""  # what was left out of the prompt, in words
    marks: tuple[Mark, ...] = ()


class Conversation(msgspec.Struct, frozen=True):
    """Messages about one call, or about all of them if `call` is None."""

    id: ConversationId
    title: str
    updated: datetime
    call: CallId | None = None
    messages: tuple[Message, ...] = ()
