"""Conversations: questions, answers and their citations."""

from datetime import datetime
from enum import Enum

import msgspec

from app.core.ids import CallId, ConversationId, UtteranceId
from app.core.plain_text import one_line

TITLE_LENGTH = 80  # characters


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


class ReplyMeasure(msgspec.Struct, frozen=True):
    """Of a reply: the tokens of the context that are used now and that there are, its own tokens, and its seconds."""

    used_tokens: int
    context_tokens: int
    reply_tokens: int
    seconds_to_first: float
    seconds: float

    @property
    def tokens_per_second(self) -> float:
        """How fast it was written, once its prompt was read; 0 of a reply that was too short to tell."""
        writing = self.seconds - self.seconds_to_first
        return (self.reply_tokens - 1) / writing if self.reply_tokens > 1 and writing > 0 else 0.0


class Sources(msgspec.Struct, frozen=True):
    """What a chat may use beside the model: these calls whole or what is found in all of them, or nothing."""

    calls: tuple[CallId, ...] = ()
    is_everything: bool = False


NOTHING, EVERYTHING = Sources(), Sources(is_everything=True)


class MessageVersion(msgspec.Struct, frozen=True):
    """The `number` of a message, and which one it is, from 1, of the `count` that were written in its place."""

    number: int
    position: int = 1
    count: int = 1


class Conversation(msgspec.Struct, frozen=True):
    """Messages about one call, or a chat that may use its `sources`; `versions` has one for each of the messages.

    The messages are those of one branch: what was edited or written anew is kept beside it.
    """

    id: ConversationId
    title: str
    updated: datetime
    call: CallId | None = None
    messages: tuple[Message, ...] = ()
    sources: Sources = NOTHING
    versions: tuple[MessageVersion, ...] = ()
    is_pinned: bool = False


def first_title(conversation: Conversation) -> str:
    """What a chat is called before it has a title: its first question, as far as that fits."""
    return one_line(conversation.messages[0].text)[:TITLE_LENGTH] if conversation.messages else ""
