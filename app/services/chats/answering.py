"""Questions and answers, about one call or, through search, about all of them; kept as conversations."""

import time
from collections.abc import Callable

import msgspec

from app.core import prompts
from app.core.change import Change
from app.core.citing import CitableLines, reply_marks
from app.core.conversation import Citation, Conversation, Message, Role, StopReason
from app.core.engines import Delta, Generated, LanguageEngine, Prompt
from app.core.evidence.passages import SpokenLine
from app.core.grammar import cited_text_grammar
from app.core.ids import CallId, ConversationId
from app.core.job import Cancelled, JobContext, Progress
from app.core.repetition import RepetitionGuard
from app.core.sampling import GREEDY
from app.core.wording import wording_of
from app.services.calls.line_meaning import LineMeanings
from app.services.calls.prompt_states import PromptStates
from app.services.calls.related_passages import RelatedPassages
from app.services.calls.summarizing import close_reply, reply_budget_tokens
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
        related: RelatedPassages,
        engine_pool: EnginePool,
        publish: Callable[[Change], None],
        states: PromptStates | None = None,
        meanings: LineMeanings | None = None,
    ) -> None:
        self._states = states
        self._meanings = meanings
        self._conversations = conversations
        self._calls = calls
        self._retrieval = Retrieval(calls, related)
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

        The reply so far, as a message, is reported too whenever a citation in it may have become whole.

        A cancelled reply is kept as far as it came, marked as stopped, and returned.

        Raises:
            ModelMissing, EngineError: the question is kept, and so is the reply as far as it came.
            ContextOverflow: question and history alone are longer than the model can read.
        """
        known = self._conversations.get(conversation)
        self._conversations.append(conversation, Message(Role.USER, question))
        self._publish(Change("conversation", conversation))
        message, engine, prompt = retry(
            FOR_WANT_OF_MEMORY,
            lambda: self._generate_reply(known, question, context),
            saved=lambda: len(self._conversations.get(conversation).messages),
        )
        self._publish(Change("conversation", conversation))
        if self._states is not None and known.call is not None and prompt.shared:
            self._states.keep(known.call, engine, prompt, context)
        return message

    def _generate_reply(
        self, known: Conversation, question: str, context: JobContext
    ) -> tuple[Message, LanguageEngine, Prompt]:
        context.report(Progress("Loading the model", 0))
        model, engine = self._engine_pool.language()
        context.report(Progress("Reading", 0))
        material = self._retrieval.material(known, question, engine, context, wording_of(model))
        if self._states is not None and known.call is not None and material.prompt.shared:
            self._states.give_back(known.call, engine, material.prompt, context)
        room = reply_budget_tokens(engine, prompts.ANSWER_REPLY_TOKENS)
        return self._write_reply(known.id, material, engine, room, context), engine, material.prompt

    def _write_reply(
        self, conversation: ConversationId, material: Material, engine: LanguageEngine, room: int, context: JobContext
    ) -> Message:
        draft = Message(Role.ASSISTANT, "", (), StopReason.INTERRUPTED, material.note)
        number = self._conversations.append(conversation, draft)
        reason, saved = StopReason.STOPPED, time.monotonic()
        grammar = cited_text_grammar(material.lines) if material.lines else ""
        pieces = engine.generate(material.prompt, grammar, room, engine.facts().sampling or GREEDY)
        guard, lines = RepetitionGuard(), self._citable(material)
        try:
            for value in pieces:
                context.checkpoint()
                if isinstance(value, Generated):
                    reason = value.stop_reason
                elif isinstance(value, Progress):
                    context.report(value)
                elif isinstance(value, Delta):
                    guard.add(value.text)
                    if guard.is_repeating:
                        reason = StopReason.FINISHED
                        break
                    context.report(value)
                    if "]" in value.text:
                        so_far = message_with_citations(draft, guard.text, material, lines, StopReason.INTERRUPTED)
                        context.report(so_far)
                if time.monotonic() - saved >= _SAVED_EVERY:
                    saved = time.monotonic()
                    self._conversations.replace(number, msgspec.structs.replace(draft, text=guard.text))
        except Cancelled:
            reason = StopReason.STOPPED
        except BaseException:
            if guard.text.strip():
                self._conversations.replace(
                    number, message_with_citations(draft, guard.text, material, lines, StopReason.INTERRUPTED)
                )
            else:
                self._conversations.remove_message(number)
            raise
        finally:
            close_reply(pieces)
        message = message_with_citations(draft, guard.text, material, lines, reason)
        self._conversations.replace(number, message)
        return message

    def _citable(self, material: Material) -> CitableLines:
        said = {n: SpokenLine(line.speaker, line.utterance.text) for n, (_, line) in material.lines.items()}
        places = [(call, line.utterance.id) for call, line in material.lines.values()]
        meaning = self._meanings.of_lines(places) if self._meanings is not None and places else None
        return CitableLines(said, material.names, material.language, meaning)


def message_with_citations(
    draft: Message, text: str, material: Material, lines: CitableLines, reason: StopReason
) -> Message:
    """The reply as the model wrote it but for blank lines around it, with its citations, each of them verified."""
    text = text.strip("\n").rstrip()
    is_whole = reason is StopReason.FINISHED  # the beginning of a sentence is no short answer
    marks = reply_marks(text, lines, material.question if is_whole else "")
    citations = tuple(
        Citation(call, line.utterance.id, line.utterance.start, line.utterance.end, number)
        for number in dict.fromkeys(number for mark in marks for number in mark.numbers)
        for call, line in [material.lines[number]]
    )
    note = " ".join(filter(None, (material.note, material.guess_note if marks else "")))
    return msgspec.structs.replace(draft, text=text, citations=citations, marks=marks, stop_reason=reason, note=note)
