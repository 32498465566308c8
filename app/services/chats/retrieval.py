"""What a reply may be based on: a prompt that fits the context, and the line behind each number in it."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec

from app.core import prompts
from app.core.conversation import NOTHING, Conversation, Message, Role, Sources
from app.core.engines import LanguageEngine, Prompt
from app.core.errors import ContextOverflow
from app.core.ids import CallId
from app.core.job import JobContext
from app.core.prompts import NumberedLine
from app.core.search import content_terms
from app.core.transcript import Transcript, names_of
from app.core.wording import INSTRUCT, Wording
from app.services.calls.related_passages import Related, RelatedPassage, RelatedPassages
from app.services.generation import reply_budget_tokens
from app.storage.tables.calls import CallStore

_AROUND = 1  # lines before and after a passage that are read with it: a question before its answer
_BEST_PASSAGES = 12
_Excerpt = tuple[CallId, Sequence[int]]  # a call, and the indices of lines from 0
_Positions = dict[CallId, set[int]]  # of each call the indices of the lines that are read
_NO_TEXT = "The call that was chosen has no text yet, so nothing of it was read."
_LATEST_CALLS = 6  # calls used instead where search finds nothing
_MAIN_LINES = 10  # lines from each of them


@dataclass(frozen=True, slots=True)
class Material:
    """A prompt, the lines behind its numbers, who speaks in them, the question, and a sentence on what was left out."""

    prompt: Prompt
    lines: dict[int, tuple[CallId, NumberedLine]]
    names: tuple[str, ...]
    question: str
    note: str = ""
    language: str = ""  # of the lines; the meaning of capital letters depends on it
    guess_note: str = ""  # on lines that no search found; it holds for a reply that takes something from them


class Retrieval:
    """Builds the material of a reply."""

    def __init__(self, calls: CallStore, related: RelatedPassages) -> None:
        self._calls = calls
        self._related = related

    def material(
        self,
        known: Conversation,
        question: str,
        engine: LanguageEngine,
        context: JobContext,
        wording: Wording = INSTRUCT,
        begun: str = "",
    ) -> Material:
        """What a chat may use: one call whole if it fits, else the lines nearest to the question; or nothing.

        Earlier turns come with it as far as they fit, and in a chat without calls the reply that is `begun` too.

        Raises:
            Cancelled: it was stopped while the vectors of a long call were made.
            ContextOverflow: not even the question fits.
        """
        earlier = answered_turns(known.messages)
        call = sole_call(known)
        if call is None and known.sources == NOTHING:
            return _material_of_chat(earlier, question, engine, wording, begun)
        budget = engine.facts().context_tokens - reply_budget_tokens(engine, prompts.ANSWER_REPLY_TOKENS)
        if call is None:
            return self._material_of_several(known.sources, earlier, question, engine, budget, wording, context)
        transcript = self._calls.transcript(call)
        if not transcript.utterances:
            return replace(_material_of_chat(earlier, question, engine, wording, begun), note=_NO_TEXT)
        lines = prompts.numbered_lines(transcript.utterances, transcript.speakers)
        text = prompts.transcript_text(lines)
        numbers = {line.number: line.utterance.id for line in lines}
        if engine.count_prompt(prompts.question_prompt(text, (), question, wording)) > budget:
            near = self._related.inside(call, question, _BEST_PASSAGES, context)
            return self._material_from_excerpts(call, near, transcript, earlier, question, engine, budget, wording)
        for first in range(0, len(earlier) + 1, 2):  # the oldest turns are dropped first
            prompt = prompts.question_prompt(text, earlier[first:], question, wording, numbers)
            if engine.count_prompt(prompt) <= budget:
                read = {line.number: (call, line) for line in lines}
                names = names_of(transcript.speakers)
                return Material(prompt, read, names, question, _left_out(first), transcript.language)
        raise ContextOverflow

    def _material_from_excerpts(
        self,
        call: CallId,
        found: Related,
        transcript: Transcript,
        earlier: Sequence[Message],
        question: str,
        engine: LanguageEngine,
        budget: int,
        wording: Wording,
    ) -> Material:
        """The nearest passages of a call that is longer than the context, their lines under their own numbers."""
        lines = prompts.numbered_lines(transcript.utterances, transcript.speakers)
        chosen: set[int] = set()
        prompt = prompts.question_prompt(prompts.transcript_text([]), (), question, wording)
        for wanted in [_with_neighbours(one) for one in found.passages] or [range(len(lines))]:
            for position in wanted[: len(lines) - wanted.start]:
                trial = sorted(chosen | {position})
                fuller = prompts.question_prompt(
                    prompts.transcript_text([lines[p] for p in trial]), (), question, wording
                )
                if engine.count_prompt(fuller) > budget:
                    break
                chosen, prompt = set(trial), fuller
        if not chosen:
            raise ContextOverflow
        note = (
            "This call is longer than the model can read at once: "
            f"it read {len(chosen)} of {len(lines)} lines, those nearest to the question."
        )
        read = {lines[position].number: (call, lines[position]) for position in sorted(chosen)}
        prompt = msgspec.structs.replace(prompt, shared=0)  # the next question has other excerpts
        note = _joined(note, _left_out(len(earlier)))
        return Material(prompt, read, names_of(transcript.speakers), question, note, transcript.language)

    def _material_of_several(
        self,
        sources: Sources,
        earlier: Sequence[Message],
        question: str,
        engine: LanguageEngine,
        budget: int,
        wording: Wording,
        context: JobContext,
    ) -> Material:
        """The chosen calls whole if they fit, else the nearest passages of them, or of all; numbered consecutively.

        Earlier turns come with them as far as they fit. If nothing is near, the main lines of the latest calls are used
        instead, or of those that were chosen.
        """

        def fits(positions: _Positions) -> bool:
            text, _, _ = self._excerpts(positions, transcripts)
            return engine.count_prompt(prompts.library_prompt(text, (), question, wording)) <= budget

        transcripts = {call: self._calls.transcript(call) for call in sources.calls}
        positions: _Positions = {call: set(range(len(t.utterances))) for call, t in transcripts.items()}
        unread = guess = ""
        if sources.is_everything or not fits(positions):
            related = self._related_in(sources, question, context)
            nearest: list[_Excerpt] = [(one.call, _with_neighbours(one)) for one in related.passages]
            positions, used = {}, 0
            for call, wanted in nearest or self._key_lines(question, sources.calls):
                if call not in transcripts:
                    transcripts[call] = self._calls.transcript(call)
                trial = {key: set(value) for key, value in positions.items()}
                trial.setdefault(call, set()).update(i for i in wanted if i < len(transcripts[call].utterances))
                if fits(trial):
                    positions, used = trial, used + 1
            count = len(related.passages)
            unread = (
                _unread_note(used, count) if sources.is_everything else _part_note(positions, transcripts, bool(count))
            )
            guess = _guess_note(used, related, sources) if positions and not count else ""
        text, lines, names = self._excerpts(positions, transcripts) if positions else ("", {}, ())
        language = next((transcripts[call].language for call in positions), "")
        for first in range(0, len(earlier) + 1, 2):
            prompt = prompts.library_prompt(text, earlier[first:], question, wording)
            if engine.count_prompt(prompt) <= budget:
                return Material(prompt, lines, names, question, _joined(unread, _left_out(first)), language, guess)
        raise ContextOverflow

    def _related_in(self, sources: Sources, question: str, context: JobContext) -> Related:
        if sources.is_everything:
            return self._related.anywhere(question, _BEST_PASSAGES)
        found = [self._related.inside(call, question, _BEST_PASSAGES, context) for call in sources.calls]
        passages = sorted((one for related in found for one in related.passages), key=lambda one: -one.score)
        return Related(passages[:_BEST_PASSAGES], all(related.is_by_meaning for related in found))

    def _key_lines(self, question: str, chosen: Sequence[CallId]) -> Iterator[_Excerpt]:
        """The lines that support the summaries of the chosen calls, of those that are named, or of the latest."""
        for call in chosen or self._named_or_latest(question):
            summary = self._calls.summary(call)
            items = () if summary is None else [item for s in summary.sections_as_shown for item in s.items]
            numbers = {utterance.id: utterance.line for utterance in self._calls.transcript(call).utterances}
            first = (item.evidence[0].utterance for item in items if item.evidence)
            lines = dict.fromkeys(numbers[utterance] - 1 for utterance in first if utterance in numbers)
            if numbers:
                yield call, tuple(lines)[:_MAIN_LINES] or range(min(len(numbers), _MAIN_LINES))

    def _named_or_latest(self, question: str) -> list[CallId]:
        titled = [
            hit.id for term in content_terms(question) for hit in self._calls.search_titles([term], _LATEST_CALLS)
        ]
        latest = [call.id for call in self._calls.all()[:_LATEST_CALLS]]
        return list(dict.fromkeys(titled or latest))[:_LATEST_CALLS]

    def _excerpts(
        self, positions: _Positions, transcripts: dict[CallId, Transcript]
    ) -> tuple[str, dict[int, tuple[CallId, NumberedLine]], tuple[str, ...]]:
        lines: dict[int, tuple[CallId, NumberedLine]] = {}
        blocks, names = [], dict[str, None]()
        for call, wanted in positions.items():
            transcript = transcripts[call]
            found = [transcript.utterances[position] for position in sorted(wanted)]
            block = prompts.numbered_lines(found, transcript.speakers, first=len(lines) + 1)
            lines |= {line.number: (call, line) for line in block}
            names |= dict.fromkeys(names_of(transcript.speakers))
            blocks.append((self._calls.get(call).title, block))
        return prompts.excerpts_text(blocks), lines, tuple(names)


def sole_call(known: Conversation) -> CallId | None:
    """The one call that a conversation is about, or the only source of a chat."""
    if known.call is not None or len(known.sources.calls) != 1:
        return known.call
    return known.sources.calls[0]


def _material_of_chat(
    earlier: Sequence[Message], question: str, engine: LanguageEngine, wording: Wording, begun: str
) -> Material:
    """The question and what was said before it, as far as it fits beside the reply that is begun."""
    budget = engine.facts().context_tokens - reply_budget_tokens(engine, prompts.CHAT_REPLY_TOKENS)
    budget -= sum(engine.count([begun])) if begun else 0
    for first in range(0, len(earlier) + 1, 2):
        prompt = prompts.chat_prompt(earlier[first:], question, wording)
        if engine.count_prompt(prompt) <= budget:
            return Material(prompt, {}, (), question, _left_out(first))
    raise ContextOverflow


def answered_turns(messages: Sequence[Message]) -> list[Message]:
    """Questions with their replies; a failed one has none, and many chat templates refuse two turns of one role."""
    turns: list[Message] = []
    for question, reply in itertools.pairwise(messages):
        if question.role is Role.USER and reply.role is Role.ASSISTANT and reply.text.strip():
            turns += [question, reply]
    return turns


def _with_neighbours(passage: RelatedPassage) -> range:
    """The indices of a passage's lines and of those around it, of which a call may end before the last."""
    return range(max(0, passage.first - _AROUND), passage.last + 1 + _AROUND)


def _guess_note(calls: int, related: Related, sources: Sources) -> str:
    count = "the latest call" if calls == 1 else f"the {calls} latest calls"
    if sources.calls:
        count = "the chosen calls"
    found = "is near to this question" if related.is_by_meaning else "has a word of this question"
    return f"No line {found}: the answer is built on the main lines of {count}."


def _unread_note(used: int, count: int) -> str:
    return f"{count - used} of {count} passages found did not fit." if used < count else ""


def _part_note(positions: _Positions, transcripts: Mapping[CallId, Transcript], has_near: bool) -> str:
    read = sum(map(len, positions.values()))
    lines = sum(len(transcript.utterances) for transcript in transcripts.values())
    return (
        "The chosen calls are longer than the model can read at once: "
        f"it read {read} of {lines} lines{', those nearest to the question' if has_near else ''}."
    )


def _left_out(messages: int) -> str:
    count = messages // 2
    return f"{count} earlier question{'s' if count > 1 else ''} of this conversation did not fit." if count else ""


def _joined(*notes: str) -> str:
    return " ".join(note for note in notes if note)
