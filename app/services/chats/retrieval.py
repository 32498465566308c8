"""What a reply may be based on: a prompt that fits the context, and the line behind each number in it."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.core import prompts
from app.core.conversation import Conversation, Message, Role
from app.core.engines import LanguageEngine, Prompt
from app.core.errors import ContextOverflow
from app.core.ids import CallId
from app.core.prompts import NumberedLine
from app.core.search import content_terms
from app.core.transcript import Transcript, names_of
from app.services.calls.search import Search
from app.services.calls.summarizing import reply_budget_tokens
from app.storage.tables.calls import CallStore

_NEIGHBOURS = 3  # lines before and after a hit that are included in its excerpt
_BEST_HITS = 12
_Excerpt = tuple[CallId, int, tuple[int, ...]]  # a call, how many neighbours of a line to include, lines (from 1)
_LATEST_CALLS = 6  # calls used instead where search finds nothing
_MAIN_LINES = 10  # lines from each of them


@dataclass(frozen=True, slots=True)
class Material:
    """A prompt, the lines behind its numbers, the speakers' names, and a sentence on what was left out."""

    prompt: Prompt
    lines: dict[int, tuple[CallId, NumberedLine]]
    names: tuple[str, ...]
    note: str = ""
    language: str = ""  # of the lines; the meaning of capital letters depends on it


class Retrieval:
    """Builds the material of a reply."""

    def __init__(self, calls: CallStore, searching: Search) -> None:
        self._calls = calls
        self._search = searching

    def material(self, known: Conversation, question: str, engine: LanguageEngine) -> Material:
        """The whole call if it fits, else the lines nearest to the question; earlier turns as far as they fit.

        Raises:
            ContextOverflow: not even the question fits.
        """
        budget = engine.facts().context_tokens - reply_budget_tokens(engine, prompts.ANSWER_REPLY_TOKENS)
        earlier = answered_turns(known.messages)
        if known.call is None:
            return self._material_from_library(earlier, question, engine, budget)
        transcript = self._calls.transcript(known.call)
        lines = prompts.numbered_lines(transcript.utterances, transcript.speakers)
        text = prompts.transcript_text(lines)
        if engine.count_prompt(prompts.question_prompt(text, (), question)) > budget:
            return self._material_from_excerpts(known.call, transcript, earlier, question, engine, budget)
        for first in range(0, len(earlier) + 1, 2):  # the oldest turns are dropped first
            prompt = prompts.question_prompt(text, earlier[first:], question)
            if engine.count_prompt(prompt) <= budget:
                read = {line.number: (known.call, line) for line in lines}
                return Material(prompt, read, names_of(transcript.speakers), _left_out(first), transcript.language)
        raise ContextOverflow

    def _material_from_excerpts(
        self,
        call: CallId,
        transcript: Transcript,
        earlier: Sequence[Message],
        question: str,
        engine: LanguageEngine,
        budget: int,
    ) -> Material:
        """The material from a call longer than the context: the lines around the best hits, under their own numbers."""
        lines = prompts.numbered_lines(transcript.utterances, transcript.speakers)
        hits = self._search.related(question, _BEST_HITS, call)
        chosen: set[int] = set()
        prompt = prompts.question_prompt(prompts.transcript_text([]), (), question)
        for wanted in [_neighbour_positions(hit.line, len(lines)) for hit in hits] or [range(len(lines))]:
            for position in wanted:
                trial = sorted(chosen | {position})
                fuller = prompts.question_prompt(prompts.transcript_text([lines[p] for p in trial]), (), question)
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
        return Material(
            prompt, read, names_of(transcript.speakers), _joined(note, _left_out(len(earlier))), transcript.language
        )

    def _material_from_library(
        self, earlier: Sequence[Message], question: str, engine: LanguageEngine, budget: int
    ) -> Material:
        """Excerpts around the best hits in all calls, numbered consecutively; earlier turns as far as they fit.

        If no line contains a word of the question, the main lines of the latest calls are used instead.
        """
        hits = self._search.related(question, _BEST_HITS)
        nearest: list[_Excerpt] = [(hit.id, _NEIGHBOURS, (hit.line,)) for hit in hits]
        positions: dict[CallId, set[int]] = {}
        transcripts: dict[CallId, Transcript] = {}
        used = 0
        for call, around, wanted in nearest or self._key_lines(question):
            transcript = transcripts.setdefault(call, self._calls.transcript(call))
            trial = {key: set(value) for key, value in positions.items()}
            for line in wanted:
                trial.setdefault(call, set()).update(_neighbour_positions(line, len(transcript.utterances), around))
            text, _, _ = self._excerpts(trial, transcripts)
            if engine.count_prompt(prompts.library_prompt(text, (), question)) <= budget:
                positions, used = trial, used + 1
        text, lines, names = self._excerpts(positions, transcripts) if positions else ("", {}, ())
        unread = f"{len(hits) - used} of {len(hits)} passages found did not fit." if used < len(hits) else ""
        if positions and not hits:
            count = "the latest call" if used == 1 else f"the {used} latest calls"
            unread = f"No line has a word of this question: the answer is built on the main lines of {count}."
        language = next((transcripts[call].language for call in positions), "")
        for first in range(0, len(earlier) + 1, 2):
            prompt = prompts.library_prompt(text, earlier[first:], question)
            if engine.count_prompt(prompt) <= budget:
                return Material(prompt, lines, names, _joined(unread, _left_out(first)), language)
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
            lines = dict.fromkeys(numbers[utterance] for utterance in first if utterance in numbers)
            if numbers:
                yield call, 0, tuple(lines)[:_MAIN_LINES] or tuple(range(1, min(len(numbers), _MAIN_LINES) + 1))

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


def _neighbour_positions(line: int, count: int, neighbours: int = _NEIGHBOURS) -> range:
    """The positions (from 0) of a line (from 1) and its neighbours."""
    return range(max(0, line - 1 - neighbours), min(count, line + neighbours))


def _left_out(messages: int) -> str:
    count = messages // 2
    return f"{count} earlier question{'s' if count > 1 else ''} of this conversation did not fit." if count else ""


def _joined(*notes: str) -> str:
    return " ".join(note for note in notes if note)
