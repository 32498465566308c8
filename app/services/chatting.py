"""Questions and answers: on one call, or on all of them through search; kept as conversations."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import msgspec

from app.core import prompting
from app.core.change import Change
from app.core.conversation import Citation, Conversation, Message, Role, StopReason
from app.core.engine import Delta, Generated, LanguageEngine, Prompt
from app.core.errors import ContextOverflow
from app.core.evidence import is_supported, markers, without_markers
from app.core.grammar import cited_text_grammar
from app.core.ids import ConversationId, RecordingId
from app.core.job import Cancelled, Context
from app.core.prompting import NumberedLine
from app.core.repetition import RepetitionGuard
from app.core.transcript import Transcript
from app.services.residency import Residency
from app.services.searching import Searching
from app.services.summarizing import reply_room
from app.storage.conversations import ConversationStore
from app.storage.recordings import RecordingStore

_AROUND = 3  # lines before and after a hit that belong to its excerpt
_BEST_HITS = 12
_SAVED_EVERY = 0.25  # seconds between two saves of a reply that is being written


@dataclass(frozen=True, slots=True)
class Material:
    """What a reply may be built on: the prompt, and what each number in it stands for."""

    prompt: Prompt
    lines: dict[int, tuple[RecordingId, NumberedLine]]
    names: tuple[str, ...]
    note: str = ""


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
        self._recordings = recordings
        self._searching = searching
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
        _, engine = self._residency.language()
        material = self._material(known, question, engine)
        room = reply_room(engine, prompting.ANSWER_REPLY_TOKENS)
        message = self._written(conversation, material, engine, room, context)
        self._publish(Change("conversation", conversation))
        return message

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

    def _material(self, known: Conversation, question: str, engine: LanguageEngine) -> Material:
        """What fits the context; whatever is left out is said in the note."""
        if known.recording is None:
            return self._on_library(known, question, engine)
        transcript = self._recordings.transcript(known.recording)
        lines = prompting.numbered_lines(transcript.utterances, transcript.speakers)
        budget = engine.facts().context_tokens - reply_room(engine, prompting.ANSWER_REPLY_TOKENS)
        text = prompting.transcript_text(lines)
        for first in range(0, len(known.messages) + 1, 2):  # the oldest turns go first
            prompt = prompting.question_prompt(text, known.messages[first:], question)
            if engine.count_prompt(prompt) <= budget:
                note = f"The first {first // 2} questions of this conversation were left out." if first else ""
                return Material(
                    prompt, {n.number: (known.recording, n) for n in lines}, transcript.speakers.names, note
                )
        return self._on_excerpts(known.recording, transcript, question, engine, budget)

    def _on_excerpts(
        self, recording: RecordingId, transcript: Transcript, question: str, engine: LanguageEngine, budget: int
    ) -> Material:
        """A call that is longer than the context: the lines around the best hits, under their own numbers."""
        lines = prompting.numbered_lines(transcript.utterances, transcript.speakers)
        hits = self._searching.related(question, _BEST_HITS, recording)
        chosen: set[int] = set()
        prompt = prompting.question_prompt(prompting.transcript_text([]), (), question)
        for wanted in [_around(hit.line, len(lines)) for hit in hits] or [range(len(lines))]:
            for place in wanted:
                trial = sorted(chosen | {place})
                fuller = prompting.question_prompt(prompting.transcript_text([lines[p] for p in trial]), (), question)
                if engine.count_prompt(fuller) > budget:
                    break
                chosen, prompt = set(trial), fuller
        if not chosen:
            raise ContextOverflow
        note = (
            "This call is longer than the model can read at once: "
            f"it read {len(chosen)} of {len(lines)} lines, those nearest to the question."
        )
        read = {lines[place].number: (recording, lines[place]) for place in sorted(chosen)}
        return Material(prompt, read, transcript.speakers.names, note)

    def _on_library(self, known: Conversation, question: str, engine: LanguageEngine) -> Material:
        """Excerpts around the best hits of all calls, numbered through; earlier turns go along if they fit."""
        budget = engine.facts().context_tokens - reply_room(engine, prompting.ANSWER_REPLY_TOKENS)
        hits = self._searching.related(question, _BEST_HITS)
        places: dict[RecordingId, set[int]] = {}
        transcripts: dict[RecordingId, Transcript] = {}
        used = 0
        built = Material(self._library_prompt("", known.messages, question, engine, budget), {}, ())
        for hit in hits:
            transcript = transcripts.setdefault(hit.id, self._recordings.transcript(hit.id))
            trial = {key: set(value) for key, value in places.items()}
            trial.setdefault(hit.id, set()).update(_around(hit.line, len(transcript.utterances)))
            text, lines, names = self._excerpts(trial, transcripts)
            bare = prompting.library_prompt(text, (), question)
            if engine.count_prompt(bare) > budget:
                continue
            places, used = trial, used + 1
            built = Material(self._library_prompt(text, known.messages, question, engine, budget), lines, names)
        left_out = len(hits) - used
        return built if not left_out else _noted(built, f"{left_out} of {len(hits)} passages found did not fit.")

    def _library_prompt(
        self, text: str, earlier: Sequence[Message], question: str, engine: LanguageEngine, budget: int
    ) -> Prompt:
        for first in range(0, len(earlier) + 1, 2):
            prompt = prompting.library_prompt(text, earlier[first:], question)
            if engine.count_prompt(prompt) <= budget:
                return prompt
        raise ContextOverflow

    def _excerpts(
        self, places: dict[RecordingId, set[int]], transcripts: dict[RecordingId, Transcript]
    ) -> tuple[str, dict[int, tuple[RecordingId, NumberedLine]], tuple[str, ...]]:
        lines: dict[int, tuple[RecordingId, NumberedLine]] = {}
        blocks, names = [], dict[str, None]()
        for recording, wanted in places.items():
            transcript = transcripts[recording]
            found = [transcript.utterances[place] for place in sorted(wanted)]
            block = prompting.numbered_lines(found, transcript.speakers, first=len(lines) + 1)
            lines |= {line.number: (recording, line) for line in block}
            names |= dict.fromkeys(transcript.speakers.names)
            blocks.append((self._recordings.get(recording).title, block))
        return prompting.excerpts_text(blocks), lines, tuple(names)


def _around(line: int, count: int) -> range:
    """The places (from 0) of a line and its neighbours."""
    return range(max(0, line - 1 - _AROUND), min(count, line + _AROUND))


def _noted(material: Material, note: str) -> Material:
    return Material(material.prompt, material.lines, material.names, note)


def checked(draft: Message, text: str, material: Material, reason: StopReason) -> Message:
    """The reply with its citations; a marker whose line can't bear its sentence is taken out."""
    kept: list[str] = []
    for sentence in text.strip().split("\n"):
        cited = [number for number in markers(sentence) if number in material.lines]
        texts = [f"{material.lines[n][1].speaker}: {material.lines[n][1].utterance.text}" for n in cited]
        plain = without_markers(sentence)
        kept.append(sentence if not cited or is_supported(plain, texts, material.names) else plain)
    text = "\n".join(kept)
    citations = tuple(
        Citation(recording, line.utterance.line, line.utterance.start, line.utterance.end, number)
        for number in markers(text)
        if number in material.lines
        for recording, line in [material.lines[number]]
    )
    return msgspec.structs.replace(draft, text=text, citations=citations, stop_reason=reason)


def _close(pieces: object) -> None:
    close = getattr(pieces, "close", None)
    if close is not None:
        close()
