"""What a reply may be based on: a prompt that fits the context, and the line behind each number in it."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec

from app.core import prompts
from app.core.conversation import Conversation, Message, Role
from app.core.engines import LanguageEngine, Prompt
from app.core.errors import ContextOverflow
from app.core.ids import CallId
from app.core.job import JobContext
from app.core.prompts import NumberedLine
from app.core.search import content_terms
from app.core.transcript import Transcript, names_of
from app.core.wording import INSTRUCT, Wording
from app.services.calls.related_passages import Related, RelatedPassage, RelatedPassages
from app.services.calls.summarizing import reply_budget_tokens
from app.storage.tables.calls import CallStore

_AROUND = 1  # lines before and after a passage that are read with it: a question before its answer
_BEST_PASSAGES = 12
_Excerpt = tuple[CallId, Sequence[int]]  # a call, and the indices of lines from 0
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
    ) -> Material:
        """The whole call if it fits, else the lines nearest to the question; earlier turns as far as they fit.

        Raises:
            Cancelled: it was stopped while the vectors of a long call were made.
            ContextOverflow: not even the question fits.
        """
        budget = engine.facts().context_tokens - reply_budget_tokens(engine, prompts.ANSWER_REPLY_TOKENS)
        earlier = answered_turns(known.messages)
        if known.call is None:
            return self._material_from_library(earlier, question, engine, budget, wording)
        transcript = self._calls.transcript(known.call)
        lines = prompts.numbered_lines(transcript.utterances, transcript.speakers)
        text = prompts.transcript_text(lines)
        if engine.count_prompt(prompts.question_prompt(text, (), question, wording)) > budget:
            found = self._related.inside(known.call, question, _BEST_PASSAGES, context)
            return self._material_from_excerpts(
                known.call, found, transcript, earlier, question, engine, budget, wording
            )
        for first in range(0, len(earlier) + 1, 2):  # the oldest turns are dropped first
            prompt = prompts.question_prompt(text, earlier[first:], question, wording)
            if engine.count_prompt(prompt) <= budget:
                read = {line.number: (known.call, line) for line in lines}
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

    def _material_from_library(
        self, earlier: Sequence[Message], question: str, engine: LanguageEngine, budget: int, wording: Wording
    ) -> Material:
        """The nearest passages of all calls, numbered consecutively; earlier turns as far as they fit.

        If nothing is near, the main lines of the latest calls are used instead.
        """
        related = self._related.anywhere(question, _BEST_PASSAGES)
        positions: dict[CallId, set[int]] = {}
        transcripts: dict[CallId, Transcript] = {}
        used = 0
        nearest: list[_Excerpt] = [(one.call, _with_neighbours(one)) for one in related.passages]
        for call, wanted in nearest or self._key_lines(question):
            if call not in transcripts:
                transcripts[call] = self._calls.transcript(call)
            trial = {key: set(value) for key, value in positions.items()}
            trial.setdefault(call, set()).update(i for i in wanted if i < len(transcripts[call].utterances))
            text, _, _ = self._excerpts(trial, transcripts)
            if engine.count_prompt(prompts.library_prompt(text, (), question, wording)) <= budget:
                positions, used = trial, used + 1
        text, lines, names = self._excerpts(positions, transcripts) if positions else ("", {}, ())
        count = len(related.passages)
        unread = f"{count - used} of {count} passages found did not fit." if used < count else ""
        guess = _guess_note(used, related) if positions and not count else ""
        language = next((transcripts[call].language for call in positions), "")
        for first in range(0, len(earlier) + 1, 2):
            prompt = prompts.library_prompt(text, earlier[first:], question, wording)
            if engine.count_prompt(prompt) <= budget:
                return Material(prompt, lines, names, question, _joined(unread, _left_out(first)), language, guess)
        raise ContextOverflow

    def _key_lines(self, question: str) -> Iterator[_Excerpt]:
        """The lines that support the summaries of the calls named in the question, else of the latest calls."""
        titled = [
            hit.id for term in content_terms(question) for hit in self._calls.search_titles([term], _LATEST_CALLS)
        ]
        latest = [call.id for call in self._calls.all()[:_LATEST_CALLS]]
        for call in list(dict.fromkeys(titled or latest))[:_LATEST_CALLS]:
            summary = self._calls.summary(call)
            items = () if summary is None else [item for s in summary.sections_as_shown for item in s.items]
            numbers = {utterance.id: utterance.line for utterance in self._calls.transcript(call).utterances}
            first = (item.evidence[0].utterance for item in items if item.evidence)
            lines = dict.fromkeys(numbers[utterance] - 1 for utterance in first if utterance in numbers)
            if numbers:
                yield call, tuple(lines)[:_MAIN_LINES] or range(min(len(numbers), _MAIN_LINES))

    def _excerpts(
        self, positions: dict[CallId, set[int]], transcripts: dict[CallId, Transcript]
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


def _guess_note(calls: int, related: Related) -> str:
    count = "the latest call" if calls == 1 else f"the {calls} latest calls"
    found = "is near to this question" if related.is_by_meaning else "has a word of this question"
    return f"No line {found}: the answer is built on the main lines of {count}."


def _left_out(messages: int) -> str:
    count = messages // 2
    return f"{count} earlier question{'s' if count > 1 else ''} of this conversation did not fit." if count else ""


def _joined(*notes: str) -> str:
    return " ".join(note for note in notes if note)
