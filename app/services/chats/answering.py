"""Questions and answers, about one call or, through search, about all of them; kept as conversations."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import msgspec

from app.core import prompts
from app.core.change import Change
from app.core.chat_title import title_of_reply
from app.core.citing import CitableLines, reply_marks
from app.core.conversation import (
    NOTHING,
    Citation,
    Conversation,
    Message,
    ReplyMeasure,
    Role,
    Sources,
    StopReason,
)
from app.core.engines import Delta, Generated, LanguageEngine, Prompt
from app.core.errors import AssistantError, NotFound
from app.core.evidence.passages import SpokenLine
from app.core.grammar import cited_text_grammar
from app.core.ids import CallId, ConversationId
from app.core.job import Cancelled, JobContext, Progress
from app.core.repetition import RepetitionGuard
from app.core.sampling import GREEDY, Sampling, for_retry
from app.core.wording import wording_of
from app.services.calls.line_meaning import LineMeanings
from app.services.calls.prompt_states import PromptStates
from app.services.calls.related_passages import RelatedPassages
from app.services.chats.incognito import IncognitoChats
from app.services.chats.retrieval import Material, Retrieval, sole_call
from app.services.engine_pool import FOR_WANT_OF_MEMORY, EnginePool, retry
from app.services.generation import generate_text, reply_budget_tokens
from app.storage.tables.calls import CallStore
from app.storage.tables.conversations import ConversationStore

_SAVED_EVERY = 0.25  # seconds between two saves of a reply while it is generated


class Answering:
    """Answers questions, about calls or about anything, and stores the conversations."""

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
        self._kept = conversations
        self._incognito = IncognitoChats()
        self._calls = calls
        self._retrieval = Retrieval(calls, related)
        self._engine_pool = engine_pool
        self._publish = publish

    def _store(self, conversation: ConversationId) -> ConversationStore | IncognitoChats:
        return self._incognito if conversation in self._incognito else self._kept

    def conversations(self) -> list[Conversation]:
        """All conversations that are kept, without their messages, those that are pinned first, then newest first."""
        return self._kept.all()

    def conversation(self, conversation: ConversationId) -> Conversation:
        """One conversation with its messages; their citations tell which of them are of an earlier transcript."""
        return self._with_current_citations(self._store(conversation).get(conversation))

    def of_call(self, call: CallId) -> Conversation | None:
        """The conversation about one call, if there is one."""
        known = self._kept.of_call(call)
        return None if known is None else self._with_current_citations(known)

    def _with_current_citations(self, known: Conversation) -> Conversation:
        messages = tuple(
            msgspec.structs.replace(message, citations=self._calls.utterances.current(message.citations))
            for message in known.messages
        )
        return msgspec.structs.replace(known, messages=messages)

    def start(
        self, call: CallId | None = None, sources: Sources = NOTHING, *, is_incognito: bool = False
    ) -> Conversation:
        """Start a conversation about one call, or a chat that may use its sources.

        An incognito one is kept in memory alone, and gone with the session.
        """
        return (self._incognito if is_incognito else self._kept).start(call, sources)

    def use(self, conversation: ConversationId, sources: Sources) -> None:
        """Change what a chat may use from its next question on."""
        self._store(conversation).use(conversation, sources)
        self._publish(Change("conversation", conversation))

    def rename(self, conversation: ConversationId, title: str) -> None:
        """Give a chat a title of the person's own; an empty one changes nothing."""
        if title.strip():
            self._store(conversation).rename(conversation, title)
            self._publish(Change("conversation", conversation))

    def pin(self, conversation: ConversationId, *, is_pinned: bool) -> None:
        """Keep a chat before the others, or no longer."""
        self._kept.pin(conversation, is_pinned=is_pinned)
        self._publish(Change("conversation", conversation))

    def delete(self, conversation: ConversationId) -> None:
        """Delete a conversation."""
        self._store(conversation).delete(conversation)
        self._publish(Change("conversation", conversation, is_gone=True))

    def forget_incognito(self) -> None:
        """Forget all incognito chats."""
        self._incognito.clear()

    def forget_call(self, call: CallId) -> None:
        """Forget the incognito chats that a call which is deleted stands in."""
        self._incognito.forget_call(call)

    def show_version(self, conversation: ConversationId, number: int, step: int) -> None:
        """Show the branch with the version before (`step` -1) or after (1) a message; at the ends nothing changes."""
        self._store(conversation).show_version(conversation, number, step)
        self._publish(Change("conversation", conversation))

    def reply(self, conversation: ConversationId, question: str, context: JobContext) -> Message:
        """Answer a question, reporting the text as `Delta`s and saving it while it is generated.

        The reply so far, as a message, is reported too whenever a citation in it may have become whole, and a
        `ReplyMeasure` at its end.

        A cancelled reply is kept as far as it came, marked as stopped, and returned.

        Raises:
            ModelMissing, EngineError: the question is kept, and so is the reply as far as it came.
            ContextOverflow: question and history alone are longer than the model can read.
        """
        return self._ask(self._store(conversation).get(conversation), question, context)

    def ask_anew(self, conversation: ConversationId, number: int, question: str, context: JobContext) -> Message:
        """Ask another question in the place of the one with this number, which is kept as an earlier version.

        Raises:
            The same as `reply`.
        """
        return self._ask(until(self._store(conversation).get(conversation), number), question, context)

    def _ask(self, known: Conversation, question: str, context: JobContext) -> Message:
        last = known.versions[-1].number if known.versions else 0
        number = self._store(known.id).append(known.id, Message(Role.USER, question), last)
        self._publish(Change("conversation", known.id))
        return self._answer(known, question, number, context)

    def reply_anew(self, conversation: ConversationId, number: int, context: JobContext) -> Message:
        """Write another reply in the place of the one with this number, which is kept as an earlier version.

        Raises:
            The same as `reply`.
        """
        known = self._store(conversation).get(conversation)
        place = _place(known, number)
        asked = known.versions[place - 1]
        earlier = until(known, asked.number)
        attempt = known.versions[place].count
        return self._answer(earlier, known.messages[place - 1].text, asked.number, context, attempt)

    def go_on(self, conversation: ConversationId, number: int, context: JobContext) -> Message:
        """Go on with the reply with this number where it ended; it is the last message.

        Raises:
            The same as `reply`; the reply stays as it was.
            NotFound: it is not the last one any more.
            AssistantError: a call that it cites is not used by the chat any more.
        """
        known = self._store(conversation).get(conversation)
        place = _place(known, number)
        if place == 0 or place + 1 < len(known.messages) or known.messages[place].role is not Role.ASSISTANT:
            raise NotFound("This reply is not the last one any more.", "Nothing was changed; ask for the rest of it.")
        asked, replied = known.messages[place - 1 :]
        used = (*known.sources.calls, known.call)
        if not known.sources.is_everything and any(cited.id not in used for cited in replied.citations):
            raise AssistantError(
                "This reply cites a call that the chat does not use any more.",
                "The reply was kept as it is; add the call again, or ask anew.",
            )
        before = until(known, known.versions[-2].number)
        return self._answer(before, asked.text, number, context, begun=replied)

    def write_title(self, conversation: ConversationId, context: JobContext) -> str:
        """Have the model name a chat by its first question; "" if the chat keeps the name it has.

        Raises:
            ModelMissing, EngineError: it could not be asked.
        """
        known = self._kept.get(conversation)
        model, engine = self._engine_pool.language()
        if model.is_demo or not known.messages:
            return ""
        question = known.messages[0].text
        prompt = prompts.title_prompt(question, wording_of(model))
        title = title_of_reply(generate_text(engine, prompt, "", prompts.TITLE_REPLY_TOKENS, context), question)
        if not title or not self._kept.suggest_title(conversation, title):
            return ""
        self._publish(Change("conversation", conversation))
        return title

    def _answer(
        self,
        known: Conversation,
        question: str,
        number: int,
        context: JobContext,
        attempt: int = 0,
        begun: Message | None = None,
    ) -> Message:
        """Write a reply behind the question with this number, or go on with the reply that has it and has `begun`."""
        store = self._store(known.id)

        def generate() -> tuple[Message, LanguageEngine, Prompt]:
            material, engine = self._material(known, question, context, begun)
            sampling = engine.facts().sampling or GREEDY
            if attempt:
                sampling = for_retry(sampling, attempt)
            room = _room(engine, material)
            reply = _Reply(store, known.id, number, begun, sampling, room, is_anew=attempt > 0)
            return self._write_reply(reply, material, engine, context), engine, material.prompt

        message, engine, prompt = retry(FOR_WANT_OF_MEMORY, generate, saved=lambda: len(store.get(known.id).messages))
        self._publish(Change("conversation", known.id))
        if self._states is not None and prompt.shared and (call := sole_call(known)) is not None:
            self._states.keep(call, engine, prompt, context)
        return message

    def _material(
        self, known: Conversation, question: str, context: JobContext, begun: Message | None
    ) -> tuple[Material, LanguageEngine]:
        context.report(Progress("Loading the model", 0))
        model, engine = self._engine_pool.language()
        context.report(Progress("Reading", 0))
        text = begun.text if begun else ""
        material = self._retrieval.material(known, question, engine, context, wording_of(model), text)
        if begun is not None:
            turns = (*material.prompt.messages, ("assistant", begun.text))
            material = replace(material, prompt=Prompt(turns, material.prompt.shared))
        if self._states is not None and material.prompt.shared and (call := sole_call(known)) is not None:
            self._states.give_back(call, engine, material.prompt, context)
        return material, engine

    def _write_reply(self, reply: "_Reply", material: Material, engine: LanguageEngine, context: JobContext) -> Message:
        draft = Message(Role.ASSISTANT, "", (), StopReason.INTERRUPTED, material.note)
        begun = reply.begun.text if reply.begun else ""
        so_far = draft
        if reply.begun:  # what it cites is known meanwhile, so that it goes with a call that is deleted
            so_far = msgspec.structs.replace(draft, citations=reply.begun.citations, marks=reply.begun.marks)
        number = reply.after if reply.begun else reply.store.append(reply.conversation, draft, reply.after)
        reason, saved = StopReason.STOPPED, time.monotonic()
        grammar = cited_text_grammar(material.lines) if material.lines else ""
        context_tokens = engine.facts().context_tokens
        guard, lines = RepetitionGuard(), self._citable(material)

        def message(reason: StopReason) -> Message:
            return message_with_citations(draft, begun + guard.text, material, lines, reason)

        def observe(value: Progress | Delta | Generated) -> None:
            nonlocal reason, saved
            if isinstance(value, Generated):
                reason = value.stop_reason
                context.report(_measure(value, context_tokens))
                return
            context.report(value)
            if isinstance(value, Progress):
                return
            if time.monotonic() - saved >= _SAVED_EVERY:
                saved = time.monotonic()
                reply.store.replace(number, msgspec.structs.replace(so_far, text=begun + guard.text))
            if "]" in value.text and lines.numbers:
                context.report(message(StopReason.INTERRUPTED))

        try:
            generate_text(engine, material.prompt, grammar, reply.room, context, observe, reply.sampling, guard)
            if guard.is_repeating:
                reason = StopReason.FINISHED
        except Cancelled:
            reason = StopReason.STOPPED
        except BaseException:
            if guard.text.strip():
                reply.store.replace(number, message(StopReason.INTERRUPTED))
            elif reply.begun:
                reply.store.replace(number, reply.begun)
            else:
                reply.store.remove_message(number)
            raise
        written = message(reason)
        if reply.is_anew and not written.text:
            reply.store.remove_message(number)  # the one that was there is shown again
        else:
            reply.store.replace(number, written)
        return written

    def _citable(self, material: Material) -> CitableLines:
        said = {n: SpokenLine(line.speaker, line.utterance.text) for n, (_, line) in material.lines.items()}
        places = [(call, line.utterance.id) for call, line in material.lines.values()]
        meaning = self._meanings.of_lines(places) if self._meanings is not None and places else None
        return CitableLines(said, material.names, material.language, meaning)


@dataclass(frozen=True, slots=True)
class _Reply:
    """Where a reply goes and how it is written: `after` which message, or, with `begun`, as which one it goes on."""

    store: ConversationStore | IncognitoChats
    conversation: ConversationId
    after: int
    begun: Message | None
    sampling: Sampling
    room: int  # in tokens
    is_anew: bool = False


def until(known: Conversation, number: int) -> Conversation:
    """The conversation as it was before the message with this number."""
    end = _place(known, number)
    return msgspec.structs.replace(known, messages=known.messages[:end], versions=known.versions[:end])


def _place(known: Conversation, number: int) -> int:
    """The index of a message in the branch that is shown.

    Raises:
        NotFound: it is in none, or in another.
    """
    found = [place for place, version in enumerate(known.versions) if version.number == number]
    if not found:
        raise NotFound("This message is not shown any more.", "Nothing was changed; look at the chat and try again.")
    return found[0]


def _room(engine: LanguageEngine, material: Material) -> int:
    wanted = prompts.ANSWER_REPLY_TOKENS if material.lines else prompts.CHAT_REPLY_TOKENS
    return reply_budget_tokens(engine, wanted)


def _measure(value: Generated, context_tokens: int) -> ReplyMeasure:
    used = value.prompt_tokens + value.reply_tokens
    return ReplyMeasure(used, context_tokens, value.reply_tokens, value.seconds_to_first, value.seconds)


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
