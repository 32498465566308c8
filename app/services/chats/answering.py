"""Questions and answers: on one call, or on all of them through search; kept as conversations."""

import time
from collections.abc import Callable

import msgspec

from app.core import prompts
from app.core.change import Change
from app.core.conversation import Citation, Conversation, Message, Role, StopReason
from app.core.engines import Delta, Generated, LanguageEngine
from app.core.evidence import UNCONFIRMED, is_supported, markers, supporting_line, with_markers, without_markers
from app.core.grammar import cited_text_grammar
from app.core.ids import ConversationId, RecordingId
from app.core.job import Cancelled, Context
from app.core.repetition import RepetitionGuard
from app.services.calls.search import Searching
from app.services.calls.summarizing import reply_room
from app.services.chats.retrieval import Grounding, Material
from app.services.engine_pool import Residency, with_less
from app.storage.tables.conversations import ConversationStore
from app.storage.tables.recordings import RecordingStore

_SAVED_EVERY = 0.25  # seconds between two saves of a reply that is being written


class Chatting:
    """Answers questions and keeps them."""

    def __init__(
        self,
        conversations: ConversationStore,
        recordings: RecordingStore,
        searching: Searching,
        residency: Residency,
        publish: Callable[[Change], None],
    ) -> None:
        self._conversations = conversations
        self._grounding = Grounding(recordings, searching)
        self._residency = residency
        self._publish = publish

    def conversations(self) -> list[Conversation]:
        """All conversations without their messages, newest first."""
        return self._conversations.all()

    def conversation(self, conversation: ConversationId) -> Conversation:
        """One conversation with its messages."""
        return self._conversations.get(conversation)

    def of_recording(self, recording: RecordingId) -> Conversation | None:
        """The kept questions on one call."""
        return self._conversations.of_recording(recording)

    def start(self, recording: RecordingId | None = None) -> Conversation:
        """A new conversation on one call, or on all."""
        return self._conversations.start(recording)

    def delete(self, conversation: ConversationId) -> None:
        """Forget a conversation."""
        self._conversations.delete(conversation)
        self._publish(Change("conversation", conversation, is_gone=True))

    def reply(self, conversation: ConversationId, question: str, context: Context) -> Message:
        """Answer a question; the pieces are reported as `Delta`, and what is said is saved as it comes.

        A cancelled reply keeps what was said, marked as stopped, and is returned.

        Raises:
            ModelMissing, EngineError: the question is kept, and the reply as far as it came.
            ContextOverflow: question and history alone are longer than the model can read.
        """
        known = self._conversations.get(conversation)
        self._conversations.append(conversation, Message(Role.USER, question))
        self._publish(Change("conversation", conversation))
        message = with_less(
            lambda: self._answered(known, question, context),
            lambda: self._conversations.get(conversation).messages[-1].role is Role.USER,
        )
        self._publish(Change("conversation", conversation))
        return message

    def _answered(self, known: Conversation, question: str, context: Context) -> Message:
        _, engine = self._residency.language()
        material = self._grounding.material(known, question, engine)
        room = reply_room(engine, prompts.ANSWER_REPLY_TOKENS)
        return self._written(known.id, material, engine, room, context)

    def _written(
        self, conversation: ConversationId, material: Material, engine: LanguageEngine, room: int, context: Context
    ) -> Message:
        draft = Message(Role.ASSISTANT, "", (), StopReason.INTERRUPTED, material.note)
        number = self._conversations.append(conversation, draft)
        text, reason, saved = "", StopReason.STOPPED, time.monotonic()
        grammar = cited_text_grammar(material.lines) if material.lines else ""
        pieces = engine.generate(material.prompt, grammar, room)
        guard = RepetitionGuard()
        try:
            for value in pieces:
                context.checkpoint()
                if isinstance(value, Generated):
                    reason = value.stop_reason
                elif isinstance(value, Delta):
                    shown = guard.add(value.text)
                    text += shown
                    if guard.is_over:
                        reason = StopReason.FINISHED
                        break
                    if shown:
                        context.report(Delta(shown))
                if time.monotonic() - saved >= _SAVED_EVERY:
                    saved = time.monotonic()
                    self._conversations.replace(number, msgspec.structs.replace(draft, text=text))
        except Cancelled:
            reason = StopReason.STOPPED
        except BaseException:
            if text.strip():
                self._conversations.replace(number, checked(draft, text, material, StopReason.INTERRUPTED))
            else:
                self._conversations.remove_message(number)
            raise
        finally:
            _close(pieces)
        rest = guard.rest()
        if rest:
            text += rest
            context.report(Delta(rest))
        message = checked(draft, text, material, reason)
        self._conversations.replace(number, message)
        return message


def checked(draft: Message, text: str, material: Material, reason: StopReason) -> Message:
    """The reply with its citations, each of them checked."""
    said = text.replace(UNCONFIRMED, "").strip()
    text = "\n".join(_checked_line(line, material) for line in said.split("\n"))
    if not markers(text):  # nothing is confirmed: that is said once, of the whole
        text = text.replace(f" {UNCONFIRMED}", "")
    citations = tuple(
        Citation(recording, line.utterance.line, line.utterance.start, line.utterance.end, number)
        for number in markers(text)
        for recording, line in [material.lines[number]]
    )
    return msgspec.structs.replace(draft, text=text, citations=citations, stop_reason=reason)


def _checked_line(said: str, material: Material) -> str:
    """A line of a reply. Markers whose lines can't bear it give way to the line that says it, or to a doubt's mark."""
    line = with_markers(said, material.lines)
    cited, plain = markers(line), without_markers(line)
    spoken = {number: f"{line.speaker}: {line.utterance.text}" for number, (_, line) in material.lines.items()}
    if not cited or is_supported(plain, [spoken[number] for number in cited], material.names, material.language):
        return line
    place = supporting_line(plain, list(spoken.values()), material.names, material.language)
    return f"{plain} {UNCONFIRMED}" if place is None else f"{plain} [{list(spoken)[place]}]"


def _close(pieces: object) -> None:
    close = getattr(pieces, "close", None)
    if close is not None:
        close()
