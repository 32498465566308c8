"""Chats in memory, whose replies come in pieces."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec

from app.core.change import Change
from app.core.conversation import (
    NOTHING,
    Citation,
    Conversation,
    Mark,
    Message,
    MessageVersion,
    Role,
    Sources,
    StopReason,
)
from app.core.engines import Delta
from app.core.ids import CallId, ConversationId, new_conversation_id
from app.core.job import Cancelled, JobContext, Progress
from tests.ui.example_calls import line_id
from tests.ui.service_doubles import Library


@dataclass
class Answering:
    """Conversations in memory; a reply comes in pieces, slowly if asked to."""

    publish: Callable[[Change], None]
    library: Library
    kept: dict[str, Conversation] = field(default_factory=dict)
    pieces: Sequence[str] = ("By ", "Friday [6", "].")
    reading: Sequence[Progress] = ()
    pause: float = 0.0
    error: Exception | None = None

    def conversations(self) -> list[Conversation]:
        return [msgspec.structs.replace(c, messages=()) for c in reversed(self.kept.values())]

    def conversation(self, known: ConversationId) -> Conversation:
        return self.kept[known]

    def of_call(self, known: CallId) -> Conversation | None:
        return next((c for c in self.kept.values() if c.call == known), None)

    def start(
        self, call: CallId | None = None, sources: Sources = NOTHING, *, is_incognito: bool = False
    ) -> Conversation:
        made = Conversation(new_conversation_id(), "", datetime.now(UTC), call, sources=sources)
        self.kept[made.id] = made
        return made

    def _append(self, known: ConversationId, message: Message) -> None:
        old = self.kept[known]
        title = old.title or message.text
        versions = tuple(MessageVersion(number) for number in range(1, len(old.messages) + 2))
        self.kept[known] = msgspec.structs.replace(
            old, title=title, messages=(*old.messages, message), versions=versions
        )
        self.publish(Change("conversation", known))

    def reply(self, known: ConversationId, question: str, context: JobContext) -> Message:
        self._append(known, Message(Role.USER, question))
        if self.error is not None:
            raise self.error
        text, reason = "", StopReason.FINISHED
        try:
            for progress in self.reading:
                time.sleep(self.pause)
                context.checkpoint()
                context.report(progress)
            for piece in self.pieces:
                time.sleep(self.pause)
                context.checkpoint()
                text += piece
                context.report(Delta(piece))
        except Cancelled:
            reason = StopReason.STOPPED
        about = self.kept[known].call or next(iter(self.library.kept), CallId(""))
        message = Message(Role.ASSISTANT, text, (Citation(CallId(about), line_id(6), 50.0, 55.0, 6),), reason)
        if "]" in text:
            message = msgspec.structs.replace(message, marks=(Mark(text.index("["), text.index("]") + 1, (6,)),))
        self._append(known, message)
        return message

    def _cut(self, known: ConversationId, count: int) -> Conversation:
        old = self.kept[known]
        self.kept[known] = msgspec.structs.replace(old, messages=old.messages[:count], versions=old.versions[:count])
        return old

    def ask_anew(self, known: ConversationId, number: int, question: str, context: JobContext) -> object:
        self._cut(known, number - 1)
        return self.reply(known, question, context)

    def reply_anew(self, known: ConversationId, number: int, context: JobContext) -> object:
        question = self._cut(known, number - 2).messages[number - 2].text
        return self.reply(known, question, context)

    def go_on(self, known: ConversationId, number: int, context: JobContext) -> object:
        return self.reply_anew(known, number, context)

    def forget_incognito(self) -> None:
        self.kept.clear()

    def show_version(self, known: ConversationId, number: int, step: int) -> None:
        """There is one version of each message."""

    def use(self, known: ConversationId, sources: Sources) -> None:
        self.kept[known] = msgspec.structs.replace(self.kept[known], sources=sources)

    def rename(self, known: ConversationId, title: str) -> None:
        self.kept[known] = msgspec.structs.replace(self.kept[known], title=title)

    def pin(self, known: ConversationId, *, is_pinned: bool) -> None:
        self.kept[known] = msgspec.structs.replace(self.kept[known], is_pinned=is_pinned)

    def write_title(self, known: ConversationId, context: JobContext) -> str:
        return ""

    def delete(self, known: ConversationId) -> None:
        del self.kept[known]
        self.publish(Change("conversation", known, is_gone=True))
