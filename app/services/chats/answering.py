"""Questions and answers, about one call or, through search, about all of them; kept as conversations."""

import time
from collections.abc import Callable

import msgspec

from app.core import prompts
from app.core.change import Change
from app.core.conversation import Citation, Conversation, Message, Role, StopReason
from app.core.engines import Delta, Generated, LanguageEngine
from app.core.evidence import UNCONFIRMED, is_supported, markers, supporting_line, with_allowed_markers, without_markers
from app.core.grammar import cited_text_grammar
from app.core.ids import CallId, ConversationId
from app.core.job import Cancelled, JobContext
from app.core.repetition import RepetitionGuard
from app.services.calls.search import Search
from app.services.calls.summarizing import reply_budget_tokens
from app.services.chats.retrieval import Material, Retrieval
from app.services.engine_pool import FOR_WANT_OF_MEMORY, EnginePool, retry
from app.storage.tables.calls import CallStore
from app.storage.tables.conversations import ConversationStore

_SAVED_EVERY = 0.25  # seconds between two saves of a reply while it is generated


class Answering:
    """Answers questions and stores the conversations."""

    def __init__(
        self,
        conversations: ConversationStore,
        calls: CallStore,
        searching: Search,
        engine_pool: EnginePool,
        publish: Callable[[Change], None],
    ) -> None:
        self._conversations = conversations
        self._calls = calls
        self._retrieval = Retrieval(calls, searching)
        self._engine_pool = engine_pool
        self._publish = publish

    def conversations(self) -> list[Conversation]:
        """All conversations without their messages, newest first."""
        return self._conversations.all()

    def conversation(self, conversation: ConversationId) -> Conversation:
        """One conversation with its messages; their citations tell which of them are of an earlier transcript."""
        return self._with_current_citations(self._conversations.get(conversation))

    def of_call(self, call: CallId) -> Conversation | None:
        """The conversation about one call, if there is one."""
        known = self._conversations.of_call(call)
        return None if known is None else self._with_current_citations(known)

    def _with_current_citations(self, known: Conversation) -> Conversation:
        messages = tuple(
            msgspec.structs.replace(message, citations=self._calls.utterances.current(message.citations))
            for message in known.messages
        )
        return msgspec.structs.replace(known, messages=messages)

    def start(self, call: CallId | None = None) -> Conversation:
        """Start a conversation about one call, or about all."""
        return self._conversations.start(call)

    def delete(self, conversation: ConversationId) -> None:
        """Delete a conversation."""
        self._conversations.delete(conversation)
        self._publish(Change("conversation", conversation, is_gone=True))

    def reply(self, conversation: ConversationId, question: str, context: JobContext) -> Message:
        """Answer a question, reporting the text as `Delta`s and saving it while it is generated.

        A cancelled reply is kept as far as it came, marked as stopped, and returned.

        Raises:
            ModelMissing, EngineError: the question is kept, and so is the reply as far as it came.
            ContextOverflow: question and history alone are longer than the model can read.
        """
        known = self._conversations.get(conversation)
        self._conversations.append(conversation, Message(Role.USER, question))
        self._publish(Change("conversation", conversation))
        message = retry(
            FOR_WANT_OF_MEMORY,
            lambda: self._generate_reply(known, question, context),
            saved=lambda: len(self._conversations.get(conversation).messages),
        )
        self._publish(Change("conversation", conversation))
        return message

    def _generate_reply(self, known: Conversation, question: str, context: JobContext) -> Message:
        _, engine = self._engine_pool.language()
        material = self._retrieval.material(known, question, engine)
        room = reply_budget_tokens(engine, prompts.ANSWER_REPLY_TOKENS)
        return self._write_reply(known.id, material, engine, room, context)

    def _write_reply(
        self, conversation: ConversationId, material: Material, engine: LanguageEngine, room: int, context: JobContext
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
                    if guard.is_repeating:
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
                self._conversations.replace(
                    number, message_with_citations(draft, text, material, StopReason.INTERRUPTED)
                )
            else:
                self._conversations.remove_message(number)
            raise
        finally:
            _close(pieces)
        rest = guard.flush()
        if rest:
            text += rest
            context.report(Delta(rest))
        message = message_with_citations(draft, text, material, reason)
        self._conversations.replace(number, message)
        return message


def message_with_citations(draft: Message, text: str, material: Material, reason: StopReason) -> Message:
    """The reply with its citations, each of them verified."""
    plain = text.replace(UNCONFIRMED, "").strip()
    text = "\n".join(_checked_line(line, material) for line in plain.split("\n"))
    if not markers(text):  # nothing is confirmed: this is said once, of the whole reply
        text = text.replace(f" {UNCONFIRMED}", "")
    citations = tuple(
        Citation(call, line.utterance.id, line.utterance.start, line.utterance.end, number)
        for number in markers(text)
        for call, line in [material.lines[number]]
    )
    return msgspec.structs.replace(draft, text=text, citations=citations, stop_reason=reason)


def _checked_line(untrusted_line: str, material: Material) -> str:
    """A line of a reply; markers whose lines don't support it give way to a line that does, else to `UNCONFIRMED`."""
    line = with_allowed_markers(untrusted_line, material.lines)
    cited, plain = markers(line), without_markers(line)
    spoken = {number: f"{line.speaker}: {line.utterance.text}" for number, (_, line) in material.lines.items()}
    if not cited or is_supported(plain, [spoken[number] for number in cited], material.names, material.language):
        return line
    index = supporting_line(plain, list(spoken.values()), material.names, material.language)
    return f"{plain} {UNCONFIRMED}" if index is None else f"{plain} [{list(spoken)[index]}]"


def _close(pieces: object) -> None:
    close = getattr(pieces, "close", None)
    if close is not None:
        close()
