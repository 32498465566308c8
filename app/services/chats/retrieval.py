"""What a reply may be built on: the prompt that fits the context, and what each number in it stands for."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.core import prompts
from app.core.conversation import Conversation, Message, Role
from app.core.engines import LanguageEngine, Prompt
from app.core.errors import ContextOverflow
from app.core.ids import RecordingId
from app.core.prompts import NumberedLine
from app.core.search import content_terms
from app.core.transcript import Transcript
from app.services.calls.search import Searching
from app.services.calls.summarizing import reply_room
from app.storage.tables.recordings import RecordingStore

_AROUND = 3  # lines before and after a hit that belong to its excerpt
_BEST_HITS = 12
_Place = tuple[RecordingId, int, tuple[int, ...]]  # a recording, the neighbours that go along, lines (from 1)
_LATEST = 6  # calls that stand in where search finds nothing
_MAIN_LINES = 10  # lines of each of them


@dataclass(frozen=True, slots=True)
class Material:
    """A prompt, the lines behind its numbers, the speakers' names, and in words what was left out."""

    prompt: Prompt
    lines: dict[int, tuple[RecordingId, NumberedLine]]
    names: tuple[str, ...]
    note: str = ""
    language: str = ""  # of the lines: what capitals mean differs


class Grounding:
    """Builds the material of a reply."""

    def __init__(self, recordings: RecordingStore, searching: Searching) -> None:
        self._recordings = recordings
        self._searching = searching

    def material(self, known: Conversation, question: str, engine: LanguageEngine) -> Material:
        """The whole call if it fits, else what search finds nearest; earlier turns as far as they fit.

        Raises:
            ContextOverflow: not even the question fits.
        """
        budget = engine.facts().context_tokens - reply_room(engine, prompts.ANSWER_REPLY_TOKENS)
        earlier = answered_turns(known.messages)
        if known.recording is None:
            return self._on_library(earlier, question, engine, budget)
        transcript = self._recordings.transcript(known.recording)
        lines = prompts.numbered_lines(transcript.utterances, transcript.speakers)
        text = prompts.transcript_text(lines)
        if engine.count_prompt(prompts.question_prompt(text, (), question)) > budget:
            return self._on_excerpts(known.recording, transcript, earlier, question, engine, budget)
        for first in range(0, len(earlier) + 1, 2):  # the oldest turns go first
            prompt = prompts.question_prompt(text, earlier[first:], question)
            if engine.count_prompt(prompt) <= budget:
                read = {line.number: (known.recording, line) for line in lines}
                return Material(prompt, read, transcript.speakers.names, _left_out(first), transcript.language)
        raise ContextOverflow

    def _on_excerpts(
        self,
        recording: RecordingId,
        transcript: Transcript,
        earlier: Sequence[Message],
        question: str,
        engine: LanguageEngine,
        budget: int,
    ) -> Material:
        """A call that is longer than the context: the lines around the best hits, under their own numbers."""
        lines = prompts.numbered_lines(transcript.utterances, transcript.speakers)
        hits = self._searching.related(question, _BEST_HITS, recording)
        chosen: set[int] = set()
        prompt = prompts.question_prompt(prompts.transcript_text([]), (), question)
        for wanted in [_around(hit.line, len(lines)) for hit in hits] or [range(len(lines))]:
            for place in wanted:
                trial = sorted(chosen | {place})
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
        read = {lines[place].number: (recording, lines[place]) for place in sorted(chosen)}
        return Material(
            prompt, read, transcript.speakers.names, _joined(note, _left_out(len(earlier))), transcript.language
        )

    def _on_library(self, earlier: Sequence[Message], question: str, engine: LanguageEngine, budget: int) -> Material:
        """Excerpts around the best hits of all calls, numbered through; earlier turns go along if they fit.

        Where no line has a word of the question, what matters most in the latest calls stands in.
        """
        hits = self._searching.related(question, _BEST_HITS)
        nearest: list[_Place] = [(hit.id, _AROUND, (hit.line,)) for hit in hits]
        places: dict[RecordingId, set[int]] = {}
        transcripts: dict[RecordingId, Transcript] = {}
        used = 0
        for recording, around, wanted in nearest or self._latest(question):
            transcript = transcripts.setdefault(recording, self._recordings.transcript(recording))
            trial = {key: set(value) for key, value in places.items()}
            for line in wanted:
                trial.setdefault(recording, set()).update(_around(line, len(transcript.utterances), around))
            text, _, _ = self._excerpts(trial, transcripts)
            if engine.count_prompt(prompts.library_prompt(text, (), question)) <= budget:
                places, used = trial, used + 1
        text, lines, names = self._excerpts(places, transcripts) if places else ("", {}, ())
        unread = f"{len(hits) - used} of {len(hits)} passages found did not fit." if used < len(hits) else ""
        if places and not hits:
            count = "the latest call" if used == 1 else f"the {used} latest calls"
            unread = f"No line has a word of this question: the answer is built on the main lines of {count}."
        language = next((transcripts[recording].language for recording in places), "")
        for first in range(0, len(earlier) + 1, 2):
            prompt = prompts.library_prompt(text, earlier[first:], question)
            if engine.count_prompt(prompt) <= budget:
                return Material(prompt, lines, names, _joined(unread, _left_out(first)), language)
        raise ContextOverflow

    def _latest(self, question: str) -> Iterator[_Place]:
        """Of the calls that the question names by title, else of the latest: the lines that their summaries rest on."""
        titled = [hit.id for term in content_terms(question) for hit in self._recordings.titled([term], _LATEST)]
        latest = [recording.id for recording in self._recordings.all()[:_LATEST]]
        for recording in list(dict.fromkeys(titled or latest))[:_LATEST]:
            summary = self._recordings.summary(recording)
            parts = () if summary is None else (summary.decisions, summary.action_items, summary.key_points)
            lines = dict.fromkeys(point.evidence[0].line for points in parts for point in points if point.evidence)
            count = len(self._recordings.transcript(recording).utterances)
            if count:
                yield recording, 0, tuple(lines)[:_MAIN_LINES] or tuple(range(1, min(count, _MAIN_LINES) + 1))

    def _excerpts(
        self, places: dict[RecordingId, set[int]], transcripts: dict[RecordingId, Transcript]
    ) -> tuple[str, dict[int, tuple[RecordingId, NumberedLine]], tuple[str, ...]]:
        lines: dict[int, tuple[RecordingId, NumberedLine]] = {}
        blocks, names = [], dict[str, None]()
        for recording, wanted in places.items():
            transcript = transcripts[recording]
            found = [transcript.utterances[place] for place in sorted(wanted)]
            block = prompts.numbered_lines(found, transcript.speakers, first=len(lines) + 1)
            lines |= {line.number: (recording, line) for line in block}
            names |= dict.fromkeys(transcript.speakers.names)
            blocks.append((self._recordings.get(recording).title, block))
        return prompts.excerpts_text(blocks), lines, tuple(names)


def answered_turns(messages: Sequence[Message]) -> list[Message]:
    """Questions with their replies; one that failed has none, and many templates refuse two turns of one side."""
    turns: list[Message] = []
    for question, reply in itertools.pairwise(messages):
        if question.role is Role.USER and reply.role is Role.ASSISTANT and reply.text.strip():
            turns += [question, reply]
    return turns


def _around(line: int, count: int, neighbours: int = _AROUND) -> range:
    """The places (from 0) of a line and its neighbours."""
    return range(max(0, line - 1 - neighbours), min(count, line + neighbours))


def _left_out(messages: int) -> str:
    count = messages // 2
    return f"{count} earlier question{'s' if count > 1 else ''} of this conversation did not fit." if count else ""


def _joined(*notes: str) -> str:
    return " ".join(note for note in notes if note)
