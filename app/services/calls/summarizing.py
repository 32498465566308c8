"""Summarising a transcript, chunk by chunk, with the lines that support each point."""

from collections.abc import Callable, Iterable, Sequence

import msgspec

from app.core import prompts
from app.core.call import CallState
from app.core.change import Change
from app.core.engines import Delta, Generated, LanguageEngine, Prompt
from app.core.errors import ContextOverflow, EngineError, NotReady
from app.core.evidence import (
    distinct_indices,
    invents,
    is_same_point,
    sentences_of,
    without_repetition,
)
from app.core.grammar import heading_grammar, summary_grammar
from app.core.ids import CallId
from app.core.job import JobContext, Progress
from app.core.prompts import NumberedLine
from app.core.summary import ActionItem, Evidence, Point, Summary
from app.core.transcript import Speakers, Transcript
from app.services.calls.supporting_lines import SupportingLines
from app.services.engine_pool import EnginePool, retry_once
from app.storage.tables.calls import CallStore

_FEWEST_LINES = 4  # a chunk that fails is halved down to this, then it is an error
_LEAST_SHARE = 4  # a reply takes a quarter of the context at most, so that a small context still has room to read
_CHUNK_SHARE = 4  # a chunk takes a quarter of the trained context at most: close to that length, models cite badly
_LONGEST_OVERVIEW = 12  # sentences, where it is put together from the overviews of the parts
_MOST_EVIDENCE = 3  # lines shown for a point
_SILENT_ADVICE = "Nothing was changed; transcribe it again in another language or with another speech model."
_FAILED = "The summary could not be finished: the model failed on one part of the call."
_FAILED_ADVICE = "The transcript is safe, and no half summary was kept; try again, or choose another language model."


class _Fact(msgspec.Struct):
    text: str
    source: list[int]


class _Action(msgspec.Struct):
    task: str
    owner: str
    due: str
    source: list[int]


class _Reply(msgspec.Struct):
    title: str
    key_points: list[_Fact]
    decisions: list[_Fact]
    action_items: list[_Action]
    overview: str


class _Heading(msgspec.Struct):
    title: str
    overview: str


class Summarizing:
    """Writes summaries."""

    def __init__(self, calls: CallStore, engine_pool: EnginePool, publish: Callable[[Change], None]) -> None:
        self._calls = calls
        self._engine_pool = engine_pool
        self._publish = publish

    def run(self, call: CallId, context: JobContext) -> Summary:
        """Summarise a call's transcript and save the summary.

        Raises:
            ModelMissing: there is no language model; the transcript is kept.
            NotReady: there is no whole transcript yet, or none at all.
            EngineError: a chunk failed; nothing is skipped silently.
        """
        known = self._calls.get(call)
        if known.state in (CallState.IMPORTED, CallState.TRANSCRIBING):
            raise NotReady
        if known.state is CallState.SILENT:
            raise NotReady("No speech was found in this call, so there is nothing to summarize.", _SILENT_ADVICE)
        transcript = self._calls.transcript(call)
        summary = retry_once(lambda: self._summarize(transcript, context))
        self._calls.save_summary(call, summary)
        self._publish(Change("summary", call))
        return summary

    def _summarize(self, transcript: Transcript, context: JobContext) -> Summary:
        model, engine = self._engine_pool.language()
        return msgspec.structs.replace(summarize(transcript, engine, context), model=model.name)


def summarize(transcript: Transcript, engine: LanguageEngine, context: JobContext) -> Summary:
    """Summarise a transcript of any length; each line is in exactly one chunk.

    Decisions, action items and key points of all chunks are kept, without duplicates; only title and
    overview are generated again, from the overviews of the chunks.
    """
    lines = prompts.numbered_lines(transcript.utterances, transcript.speakers)
    chunks = _chunks(lines, engine)
    replies: list[tuple[list[NumberedLine], _Reply]] = []
    for done, chunk in enumerate(chunks):
        context.report(Progress("Summarizing", done, len(chunks), "parts"))
        replies += _summarize_chunk(chunk, engine, context)
    heading = _write_heading([reply for _, reply in replies], engine, context)
    context.report(Progress("Summarizing", len(chunks), len(chunks), "parts"))
    return _merged(replies, heading, transcript.speakers, transcript.language)


def reply_budget_tokens(engine: LanguageEngine, wanted: int) -> int:
    """Tokens kept free for a reply in this engine's context."""
    return min(wanted, engine.facts().context_tokens // _LEAST_SHARE)


def _chunks(lines: Sequence[NumberedLine], engine: LanguageEngine) -> list[list[NumberedLine]]:
    room = reply_budget_tokens(engine, prompts.SUMMARY_REPLY_TOKENS)
    fixed = engine.count_prompt(prompts.summary_prompt([]))
    facts = engine.facts()
    budget = facts.context_tokens - room - fixed - prompts.CHAT_TEMPLATE_TOKENS
    if facts.trained_tokens:
        budget = min(budget, facts.trained_tokens // _CHUNK_SHARE)
    costs = engine.count([f"{line.text}\n" for line in lines])
    chunks = prompts.split_into_chunks(lines, costs, budget)
    if len(chunks) > 1:  # evenly: a last chunk of two lines would give a poor summary
        even = sum(costs) // len(chunks) + max(costs)
        chunks = prompts.split_into_chunks(lines, costs, min(budget, even))
    return chunks


def _summarize_chunk(
    chunk: list[NumberedLine], engine: LanguageEngine, context: JobContext
) -> list[tuple[list[NumberedLine], _Reply]]:
    """Generate the reply for a chunk, or those for its halves if the model fails on the whole.

    Lines are numbered from 1 in each chunk: small models cite low numbers best, and the grammar
    only allows numbers that are in the prompt. The renumbered lines are returned with each reply.
    """
    renumbered = [NumberedLine(n, line.speaker, line.utterance) for n, line in enumerate(chunk, 1)]
    prompt, grammar = prompts.summary_prompt(renumbered), summary_grammar(range(1, len(renumbered) + 1))
    room = reply_budget_tokens(engine, prompts.SUMMARY_REPLY_TOKENS)
    try:
        return [(renumbered, msgspec.json.decode(generate_text(engine, prompt, grammar, room, context), type=_Reply))]
    except (msgspec.DecodeError, ContextOverflow) as error:
        if len(chunk) < 2 * _FEWEST_LINES:
            raise EngineError(_FAILED, _FAILED_ADVICE) from error
        middle = len(chunk) // 2
        return _summarize_chunk(chunk[:middle], engine, context) + _summarize_chunk(chunk[middle:], engine, context)


def generate_text(engine: LanguageEngine, prompt: Prompt, grammar: str, room: int, context: JobContext) -> str:
    """Generate a whole reply, checking for cancellation after each part of it."""
    parts = []
    for value in engine.generate(prompt, grammar, room):
        context.checkpoint()
        if isinstance(value, Delta):
            parts.append(value.text)
        elif isinstance(value, Generated):
            break
    return "".join(parts)


def _write_heading(replies: Sequence[_Reply], engine: LanguageEngine, context: JobContext) -> _Heading:
    """Title and overview: those of the only chunk, or generated from those of several, in rounds if need be."""
    known = [_Heading(reply.title, without_repetition(reply.overview)) for reply in replies]
    room = reply_budget_tokens(engine, prompts.SUMMARY_REPLY_TOKENS)
    budget = engine.facts().context_tokens - room
    while len(known) > 1:
        groups: list[list[_Heading]] = [[]]
        for heading in known:
            texts = [h.overview for h in [*groups[-1], heading]]
            if len(groups[-1]) >= 2 and engine.count_prompt(prompts.heading_prompt(texts)) > budget:
                groups.append([])
            groups[-1].append(heading)
        known = [_combine_headings(group, engine, room, context) for group in groups]
    return known[0]


def _combine_headings(group: Sequence[_Heading], engine: LanguageEngine, room: int, context: JobContext) -> _Heading:
    if len(group) == 1:
        return group[0]
    prompt = prompts.heading_prompt([heading.overview for heading in group])
    try:
        written = msgspec.json.decode(generate_text(engine, prompt, heading_grammar(), room, context), type=_Heading)
    except (msgspec.DecodeError, ContextOverflow):
        written = _Heading("", "")
    # Where the model fails at this (empty or repetitive text, invented names or numbers), nothing is lost: the
    # overviews of the parts, one after the other, say what the call was about.
    kept = [group[index].overview for index in distinct_indices([heading.overview for heading in group])]
    sentences = sentences_of(written.overview)
    is_sound = len(distinct_indices(sentences)) == len(sentences) > 0 and not invents(written.overview, kept)
    title = written.title if written.title and not invents(written.title, kept) else group[0].title
    return _Heading(title, written.overview if is_sound else _concatenated(kept))


def _concatenated(overviews: Sequence[str]) -> str:
    """The overviews of the parts as one, each sentence once; a very long one is cut and says so."""
    sentences = list(dict.fromkeys(s for overview in overviews for s in sentences_of(overview)))
    rest = len(sentences) - _LONGEST_OVERVIEW
    more = [f"({rest} more sentences on other parts are left out here; the points are complete.)"] if rest > 0 else []
    return " ".join(sentences[:_LONGEST_OVERVIEW] + more)


def _merged(
    replies: Sequence[tuple[list[NumberedLine], _Reply]], heading: _Heading, speakers: Speakers, language: str
) -> Summary:
    points: list[Point] = []
    decisions: list[Point] = []
    actions: list[ActionItem] = []
    for lines, reply in replies:
        bearing = SupportingLines(lines, speakers, language)
        decided = [_point(fact, bearing) for fact in reply.decisions]
        decisions += decided
        noted = [_point(fact, bearing) for fact in reply.key_points]
        points += [p for p in noted if not any(is_same_point(p.text, d.text) for d in decided)]
        actions += [_action(action, bearing) for action in reply.action_items]
    return Summary(
        heading.title.strip(),
        heading.overview.strip(),
        _each_once(points),
        _each_once(decisions),
        _actions_once(actions),
        "",
    )


def _each_once(points: Sequence[Point]) -> tuple[Point, ...]:
    """The points without duplicates, each with the evidence of all its duplicates."""
    kept = distinct_indices([point.text for point in points])
    return tuple(
        Point(points[k].text, _merged_evidence(p.evidence for p in points if is_same_point(p.text, points[k].text)))
        for k in kept
    )


def _merged_evidence(evidence: Iterable[tuple[Evidence, ...]]) -> tuple[Evidence, ...]:
    found = {e.line: e for some in evidence for e in some}
    return tuple(found[line] for line in sorted(found))[:_MOST_EVIDENCE]


def _actions_once(actions: Sequence[ActionItem]) -> tuple[ActionItem, ...]:
    """The items without duplicates: those with the same task, owner and date; another date makes another item."""
    said = [f"{a.task} {a.owner} {a.due}" for a in actions]
    return tuple(
        msgspec.structs.replace(
            actions[k],
            evidence=_merged_evidence(
                a.evidence for a, s in zip(actions, said, strict=True) if is_same_point(s, said[k])
            ),
        )
        for k in distinct_indices(said)
    )


def _point(fact: _Fact, bearing: SupportingLines) -> Point:
    text = fact.text.strip()
    return Point(text, bearing.evidence(text, fact.source))


def _action(action: _Action, bearing: SupportingLines) -> ActionItem:
    task, owner, due = action.task.strip(), action.owner.strip(), action.due.strip()
    channel = bearing.channel_of(owner)
    if channel is None:
        return ActionItem(task, owner, due, bearing.evidence(f"{task} {due} by {owner}", action.source), channel)
    return ActionItem(task, owner, due, bearing.evidence(f"{task} {due}", action.source, channel), channel)
