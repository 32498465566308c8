"""Summarising a transcript, chunk by chunk, with the lines that support each point."""

from collections.abc import Callable, Sequence
from contextlib import suppress

import msgspec

from app.core import prompts
from app.core.call import CallState
from app.core.change import Change
from app.core.engines import Delta, Generated, LanguageEngine, Prompt
from app.core.errors import ContextOverflow, EngineError, NotReady
from app.core.evidence import distinct_indices, invents, sentences_of
from app.core.grammar import heading_grammar, summary_grammar
from app.core.ids import CallId
from app.core.job import JobContext, Progress
from app.core.prompts import NumberedLine
from app.core.summary import Summary
from app.core.summary_template import SummaryTemplate
from app.core.transcript import Transcript
from app.services.calls.summary_reply import (
    Heading,
    SummaryReply,
    decode_heading,
    decode_reply,
    merge_replies,
    without_repeated_sentences,
)
from app.services.calls.summary_templates import CALL_TEMPLATE, SummaryTemplates
from app.services.engine_pool import ONCE_MORE, EnginePool, retry
from app.storage.tables.calls import CallStore

_FEWEST_LINES = 4  # a chunk that fails is halved down to this, then it is an error
_LEAST_SHARE = 4  # a reply takes a quarter of the context at most, so that a small context still has room to read
_CHUNK_SHARE = 4  # a chunk takes a quarter of the trained context at most: close to that length, models cite badly
_MOST_SENTENCES = 12  # of prose that is put together from that of the parts
_SILENT_ADVICE = "Nothing was changed; transcribe it again in another language or with another speech model."
_FAILED = "The summary could not be finished: the model failed on one part of the call."
_FAILED_ADVICE = "The transcript is safe, and no half summary was kept; try again, or choose another language model."


class Summarizing:
    """Writes summaries."""

    def __init__(
        self,
        calls: CallStore,
        engine_pool: EnginePool,
        publish: Callable[[Change], None],
        templates: SummaryTemplates | None = None,
    ) -> None:
        self._calls = calls
        self._engine_pool = engine_pool
        self._publish = publish
        self._templates = templates or SummaryTemplates()

    def run(self, call: CallId, context: JobContext, template: str = "") -> Summary:
        """Summarise a call's transcript by the template with this key, and save the summary.

        Without a key it is the template of the summary that the call has, if it is still there, else that of a call.

        Raises:
            AssistantError: there is no such template, or it can't be used.
            ModelMissing: there is no language model; the transcript is kept.
            NotReady: there is no whole transcript yet, or none at all.
            EngineError: a chunk failed; nothing is skipped silently.
        """
        known = self._calls.get(call)
        if known.state in (CallState.IMPORTED, CallState.TRANSCRIBING):
            raise NotReady
        if known.state is CallState.SILENT:
            raise NotReady("No speech was found in this call, so there is nothing to summarize.", _SILENT_ADVICE)
        wanted = self._templates.get(template or self._earlier_template(call))
        transcript = self._calls.transcript(call)
        summary = retry(ONCE_MORE, lambda: self._summarize(wanted, transcript, context))
        self._calls.save_summary(call, summary, transcript)
        self._publish(Change("summary", call))
        return summary

    def _earlier_template(self, call: CallId) -> str:
        with suppress(msgspec.DecodeError):  # a damaged summary must not keep a new one from being written
            summary = self._calls.summary(call)
            if summary is not None and summary.template in self._templates.names():
                return summary.template
        return CALL_TEMPLATE

    def _summarize(self, template: SummaryTemplate, transcript: Transcript, context: JobContext) -> Summary:
        model, engine = self._engine_pool.language()
        return msgspec.structs.replace(summarize(template, transcript, engine, context), model=model.name)


def summarize(
    template: SummaryTemplate, transcript: Transcript, engine: LanguageEngine, context: JobContext
) -> Summary:
    """Summarise a transcript of any length; each line is in exactly one chunk.

    The points and tasks of all chunks are kept, without duplicates; only the title and the prose are generated
    again, from those of the chunks.
    """
    lines = prompts.numbered_lines(transcript.utterances, transcript.speakers)
    chunks = _chunks(template, lines, engine)
    replies: list[SummaryReply] = []
    for done, chunk in enumerate(chunks):
        context.report(Progress("Summarizing", done, len(chunks), "parts"))
        replies += _summarize_chunk(template, chunk, engine, context)
    heading = _write_heading(template, replies, engine, context)
    context.report(Progress("Summarizing", len(chunks), len(chunks), "parts"))
    return merge_replies(template, replies, heading, transcript.speakers, transcript.language)


def reply_budget_tokens(engine: LanguageEngine, wanted: int) -> int:
    """Tokens kept free for a reply in this engine's context."""
    return min(wanted, engine.facts().context_tokens // _LEAST_SHARE)


def _chunks(
    template: SummaryTemplate, lines: Sequence[NumberedLine], engine: LanguageEngine
) -> list[list[NumberedLine]]:
    room = reply_budget_tokens(engine, prompts.SUMMARY_REPLY_TOKENS)
    fixed = engine.count_prompt(prompts.summary_prompt(template, []))
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
    template: SummaryTemplate, chunk: list[NumberedLine], engine: LanguageEngine, context: JobContext
) -> list[SummaryReply]:
    """Generate the reply for a chunk, or those for its halves if the model fails on the whole.

    Lines are numbered from 1 in each chunk: small models cite low numbers best, and the grammar
    only allows numbers that are in the prompt. The renumbered lines are returned with each reply.
    """
    renumbered = [NumberedLine(n, line.speaker, line.utterance) for n, line in enumerate(chunk, 1)]
    prompt = prompts.summary_prompt(template, renumbered)
    grammar = summary_grammar(template, range(1, len(renumbered) + 1))
    room = reply_budget_tokens(engine, prompts.SUMMARY_REPLY_TOKENS)
    try:
        return [decode_reply(template, renumbered, generate_text(engine, prompt, grammar, room, context))]
    except (msgspec.DecodeError, ContextOverflow) as error:
        if len(chunk) < 2 * _FEWEST_LINES:
            raise EngineError(_FAILED, _FAILED_ADVICE) from error
        middle = len(chunk) // 2
        halves = (chunk[:middle], chunk[middle:])
        return [reply for half in halves for reply in _summarize_chunk(template, half, engine, context)]


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


def _write_heading(
    template: SummaryTemplate, replies: Sequence[SummaryReply], engine: LanguageEngine, context: JobContext
) -> Heading:
    """Title and prose: those of the only chunk, or generated from those of several, in rounds if need be."""
    known = [without_repeated_sentences(reply.heading) for reply in replies]
    room = reply_budget_tokens(engine, prompts.SUMMARY_REPLY_TOKENS)
    budget = engine.facts().context_tokens - room
    while len(known) > 1:
        groups: list[list[Heading]] = [[]]
        for heading in known:
            texts = [h.text for h in [*groups[-1], heading]]
            if len(groups[-1]) >= 2 and engine.count_prompt(prompts.heading_prompt(template, texts)) > budget:
                groups.append([])
            groups[-1].append(heading)
        known = [_combine_headings(template, group, engine, room, context) for group in groups]
    return known[0]


def _combine_headings(
    template: SummaryTemplate, group: Sequence[Heading], engine: LanguageEngine, room: int, context: JobContext
) -> Heading:
    if len(group) == 1:
        return group[0]
    prompt, grammar = prompts.heading_prompt(template, [heading.text for heading in group]), heading_grammar(template)
    try:
        written = decode_heading(template.prose, generate_text(engine, prompt, grammar, room, context))
    except (msgspec.DecodeError, ContextOverflow):
        written = Heading("", {section.key: "" for section in template.prose})
    # Where the model fails at this (empty or repetitive text, invented names or numbers), nothing is lost: the
    # prose of the parts, one after the other, says what the call was about.
    known = _distinct([heading.text for heading in group])
    title = written.title if written.title and not invents(written.title, known) else group[0].title
    prose = {
        key: _sound_or_concatenated(text, _distinct([heading.prose[key] for heading in group]))
        for key, text in written.prose.items()
    }
    return Heading(title, prose)


def _distinct(texts: Sequence[str]) -> list[str]:
    return [texts[index] for index in distinct_indices(texts)]


def _sound_or_concatenated(written: str, parts: Sequence[str]) -> str:
    """What the model wrote from the parts, or the parts themselves if it repeats itself or invents something."""
    sentences = sentences_of(written)
    is_sound = len(distinct_indices(sentences)) == len(sentences) > 0 and not invents(written, parts)
    return written if is_sound else _concatenated(parts)


def _concatenated(parts: Sequence[str]) -> str:
    """The prose of the parts as one, each sentence once; a very long one is cut and says so."""
    sentences = list(dict.fromkeys(s for part in parts for s in sentences_of(part)))
    rest = len(sentences) - _MOST_SENTENCES
    more = [f"({rest} more sentences on other parts are left out here; the points are complete.)"] if rest > 0 else []
    return " ".join(sentences[:_MOST_SENTENCES] + more)
