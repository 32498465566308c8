"""Summarising a transcript, chunk by chunk, with the lines that support each point."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import msgspec

from app.core import prompts
from app.core.call import CallState
from app.core.change import Change
from app.core.engines import LanguageEngine, Prompt
from app.core.errors import ContextOverflow, EngineError, NotReady
from app.core.evidence.passages import Meaning
from app.core.evidence.words import distinct_indices, invents, sentences_of
from app.core.grammar import heading_grammar, summary_grammar
from app.core.ids import CallId
from app.core.job import JobContext, Progress
from app.core.prompts import NumberedLine
from app.core.repetition import RepetitionGuard
from app.core.sampling import GREEDY, for_retry
from app.core.summary import Summary, SummarySection
from app.core.summary_template import SummaryTemplate
from app.core.transcript import Transcript, names_of, text_digest
from app.core.unspaced_scripts import word_count
from app.core.wording import INSTRUCT, CallFacts, Noun, Wording, wording_of
from app.services.calls.line_meaning import LineMeanings
from app.services.calls.prompt_states import PromptStates
from app.services.calls.rereading import Rereader
from app.services.calls.summary_progress import SummaryProgress
from app.services.calls.summary_reply import (
    Heading,
    SummaryReply,
    decode_heading,
    decode_reply,
    merge_replies,
    plain_reply,
    without_repeated_sentences,
)
from app.services.calls.summary_templates import CALL_TEMPLATE, SummaryTemplates
from app.services.engine_pool import ONCE_MORE, EnginePool, retry
from app.services.generation import generate_text, reply_budget_tokens
from app.storage.tables.calls import CallStore

_FEWEST_LINES = 4  # a chunk that fails is halved down to this, then it is an error
_CHUNK_SHARE = 4  # a chunk takes a quarter of the trained context at most: close to that length, models cite badly
_MOST_SENTENCES = 12  # of prose that is put together from that of the parts
_SILENT_ADVICE = "Nothing was changed; transcribe it again in another language or with another speech model."
LEAST_WORDS = 40
"""Words of a call that is worth a summary: of fewer, models make up what was decided."""
_TOO_SHORT = "This call is too short for a summary: it has {words} words. Its transcript says it all."
_TOO_WEAK = (
    "This model is too weak for a summary of this {noun}: it wrote the same again and again, or no whole sentence."
)
_SAYS_NOTHING = "This model is too weak for a summary of this {noun}: nothing that it wrote is said in the {noun}."
_TOO_WEAK_ADVICE = "The {kept} is safe, and nothing of that was kept; the Models page recommends a better model."
_FAILED = "The summary could not be finished: the model failed on one part of the {noun}."
_FAILED_ADVICE = "The {kept} is safe, and no half summary was kept; try again, or choose another language model."
_KEPT: dict[Noun, str] = {"call": "transcript", "text": "text"}  # what is safe whatever becomes of its summary


class Summarizing:
    """Writes summaries."""

    def __init__(
        self,
        calls: CallStore,
        engine_pool: EnginePool,
        publish: Callable[[Change], None],
        templates: SummaryTemplates | None = None,
        *,
        least_words: int = LEAST_WORDS,
        states: PromptStates | None = None,
        meanings: LineMeanings | None = None,
    ) -> None:
        self._states = states
        self._meanings = meanings
        self._least_words = least_words
        self._calls = calls
        self._engine_pool = engine_pool
        self._publish = publish
        self._templates = templates or SummaryTemplates()

    def run(self, call: CallId, context: JobContext, template: str = "") -> Summary:
        """Summarise a call's transcript by the template with this key, and save the summary.

        Without a key it is the one named for the call last or of its summary, if that is there, else that of a call.

        Raises:
            AssistantError: there is no such template, or it can't be used.
            ModelMissing: there is no language model; the transcript is kept.
            NotReady: there is no whole transcript yet, or none at all.
            EngineError: a chunk failed, or the model goes in circles; nothing is skipped silently.
        """
        known = self._calls.get(call)
        if known.state in (CallState.IMPORTED, CallState.TRANSCRIBING):
            raise NotReady
        if known.state is CallState.SILENT:
            raise NotReady("No speech was found in this call, so there is nothing to summarize.", _SILENT_ADVICE)
        options = self._calls.step_options(call)
        wanted = self._templates.get(template or self._earlier_template(call, options.template))
        if template:  # also for a summary of a later transcript
            self._calls.set_step_options(call, msgspec.structs.replace(options, template=template))
        transcript = self._calls.transcript(call)
        words = round(sum(word_count(one.text) for one in transcript.utterances))
        if words < self._least_words:
            summary = _note(wanted, _TOO_SHORT.format(words=words))
        else:
            summary = retry(
                ONCE_MORE, lambda: self._summarize(call, wanted, transcript, context, options.summary_language)
            )
        summary = msgspec.structs.replace(summary, of=text_digest(transcript.utterances))
        self._calls.save_summary(call, summary, transcript)
        self._publish(Change("summary", call))
        if self._states is not None and summary.model:
            model, engine = self._engine_pool.language()
            self._states.keep(call, engine, _beginning(transcript, wording_of(model)), context)
        return summary

    def _earlier_template(self, call: CallId, named: str) -> str:
        summary = None
        with suppress(msgspec.DecodeError):  # a damaged summary must not keep a new one from being written
            summary = self._calls.summary(call)
        known = (named, summary.template if summary is not None else "")
        return next((key for key in known if key in self._templates.names()), CALL_TEMPLATE)

    def _summarize(
        self, call: CallId, template: SummaryTemplate, transcript: Transcript, context: JobContext, language: str
    ) -> Summary:
        context.report(Progress("Loading the model", 0))
        model, engine = self._engine_pool.language()
        if self._states is not None:
            self._states.give_back(call, engine, _beginning(transcript, wording_of(model)), context)
        meanings = self._meanings
        meaning = None if meanings is None else lambda: meanings.of_call(call, context)
        written = summarize(template, transcript, engine, context, wording_of(model), meaning, language)
        return msgspec.structs.replace(written, model=model.name)


def _beginning(transcript: Transcript, wording: Wording) -> Prompt:
    return prompts.call_prompt(prompts.numbered_lines(transcript.utterances, transcript.speakers), wording)


@dataclass(frozen=True, slots=True)
class _Asking:
    """What all prompts for one summary share."""

    template: SummaryTemplate
    engine: LanguageEngine
    wording: Wording
    call: CallFacts

    def error(self, title: str, advice: str) -> EngineError:
        """Why there is no summary, in two sentences."""
        noun = self.call.noun
        return EngineError(title.format(noun=noun), advice.format(kept=_KEPT[noun]))

    def summary(self, lines: Sequence[NumberedLine], *, is_beginning: bool = True) -> Prompt:
        prompt = prompts.summary_prompt(self.template, lines, self.wording, self.call)
        return prompt if is_beginning else msgspec.structs.replace(prompt, shared=0)  # numbered as in no other prompt

    def plain(self, lines: Sequence[NumberedLine]) -> Prompt:
        return prompts.plain_summary_prompt(lines, self.wording, self.call)

    def heading(self, parts: Sequence[str]) -> Prompt:
        return prompts.heading_prompt(self.template, parts, self.wording, self.call)


def _note(template: SummaryTemplate, text: str) -> Summary:
    """A summary that only says why there is none."""
    return Summary("", (SummarySection("note", "Note", "prose", text),), "", template.key)


def summarize(
    template: SummaryTemplate,
    transcript: Transcript,
    engine: LanguageEngine,
    context: JobContext,
    wording: Wording = INSTRUCT,
    compare: Callable[[], Meaning | None] | None = None,
    language: str = "",
    noun: Noun = "call",
) -> Summary:
    """Summarise a transcript of any length; each line is in exactly one chunk.

    The points and tasks of all chunks are kept, without duplicates; only the title and the prose are generated
    again, from those of the chunks. `compare` makes what compares sentences with its lines, once all is written. It is
    written in `language`, or with "" in that of the call. `noun` says what the transcript is: a text that somebody
    wrote has its lines as utterances of nobody.
    """
    lines = prompts.numbered_lines(transcript.utterances, transcript.speakers)
    language = language or transcript.language
    asking = _Asking(template, engine, wording, CallFacts(language, names_of(transcript.speakers), noun))
    chunks = _chunks(asking, lines)
    replies: list[SummaryReply] = []
    progress = SummaryProgress(context, len(lines))
    for chunk in chunks:
        _summarize_chunk(asking, chunk, context, progress, replies)
    reader = Rereader(lambda: engine, context.checkpoint) if wording.can_reread else None
    meaning = None if compare is None else compare()

    def merged(replies: Sequence[SummaryReply]) -> Summary:
        heading = _write_heading(asking, replies, context)
        return merge_replies(template, replies, heading, transcript.speakers, language, reader, meaning)

    summary = merged(replies)
    if summary.has_evidence or not wording.has_plain_form:
        return summary
    if any(reply.is_plain for reply in replies):
        raise asking.error(_SAYS_NOTHING, _TOO_WEAK_ADVICE)
    with suppress(EngineError):  # nothing of what it wrote in the form of a summary was found; that is shown if need be
        plain = merged([_summarize_plainly(asking, reply.lines, context, progress) for reply in replies])
        return plain if plain.has_evidence else summary
    return summary


def _chunks(asking: _Asking, lines: Sequence[NumberedLine]) -> list[list[NumberedLine]]:
    engine = asking.engine
    room = reply_budget_tokens(engine, prompts.SUMMARY_REPLY_TOKENS)
    fixed = engine.count_prompt(asking.summary([]))
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
    asking: _Asking,
    chunk: list[NumberedLine],
    context: JobContext,
    progress: SummaryProgress,
    replies: list[SummaryReply],
) -> None:
    """Generate the reply for a chunk, or those for its halves if the model fails on the whole, behind these `replies`.

    A model that can't hold the form of a summary is asked for a few plain sentences; and at once, if it held the form
    in none of the replies before.

    Lines are numbered from 1 in each chunk: small models cite low numbers best, and the grammar
    only allows numbers that are in the prompt. The renumbered lines are returned with each reply.
    """
    renumbered = [NumberedLine(n, line.speaker, line.utterance) for n, line in enumerate(chunk, 1)]
    progress.begin(len(chunk))
    if replies and all(reply.is_plain for reply in replies):
        replies.append(_summarize_plainly(asking, renumbered, context, progress))
        return
    template, engine = asking.template, asking.engine
    prompt = asking.summary(renumbered, is_beginning=chunk[0].number == 1)
    grammar = summary_grammar(template, range(1, len(renumbered) + 1))
    room = reply_budget_tokens(engine, prompts.SUMMARY_REPLY_TOKENS)
    has_plain_form = asking.wording.has_plain_form
    try:
        for sampling in (GREEDY, for_retry(engine.facts().sampling, 1)):
            guard = RepetitionGuard() if has_plain_form else None
            text = generate_text(engine, prompt, grammar, room, context, progress.take, sampling, guard)
            if guard is not None and guard.is_repeating:
                continue
            reply = decode_reply(template, renumbered, text)
            if not reply.heading.goes_in_circles:
                progress.finish()
                replies.append(reply)
                return
        replies.append(_summarize_plainly(asking, renumbered, context, progress))
    except (msgspec.DecodeError, ContextOverflow) as error:
        if len(chunk) < 2 * _FEWEST_LINES:
            if has_plain_form and isinstance(error, msgspec.DecodeError):
                replies.append(_summarize_plainly(asking, renumbered, context, progress))
                return
            raise asking.error(_FAILED, _FAILED_ADVICE) from error
        middle = len(chunk) // 2
        for half in (chunk[:middle], chunk[middle:]):
            _summarize_chunk(asking, half, context, progress, replies)


def _summarize_plainly(
    asking: _Asking, lines: Sequence[NumberedLine], context: JobContext, progress: SummaryProgress
) -> SummaryReply:
    """What the model says of the lines in a few plain sentences.

    Raises:
        EngineError: it can't say them either.
    """
    if asking.wording.has_plain_form:
        engine, prompt = asking.engine, asking.plain(lines)
        for sampling in (GREEDY, for_retry(engine.facts().sampling, 2)):
            guard = RepetitionGuard()
            room = reply_budget_tokens(engine, prompts.PLAIN_REPLY_TOKENS)
            generate_text(engine, prompt, "", room, context, progress.take, sampling, guard)
            reply = plain_reply(asking.template, lines, guard.text, asking.call.language)
            if reply is not None:
                progress.finish()
                return reply
    raise asking.error(_TOO_WEAK, _TOO_WEAK_ADVICE)


def _write_heading(asking: _Asking, replies: Sequence[SummaryReply], context: JobContext) -> Heading:
    """Title and prose: those of the only chunk, or generated from those of several, in rounds if need be."""
    engine = asking.engine
    known = [without_repeated_sentences(reply.heading) for reply in replies]
    room = reply_budget_tokens(engine, prompts.SUMMARY_REPLY_TOKENS)
    budget = engine.facts().context_tokens - room
    while len(known) > 1:
        groups: list[list[Heading]] = [[]]
        for heading in known:
            texts = [h.text for h in [*groups[-1], heading]]
            if len(groups[-1]) >= 2 and engine.count_prompt(asking.heading(texts)) > budget:
                groups.append([])
            groups[-1].append(heading)
        combined = []
        for done, group in enumerate(groups):
            context.report(Progress("Combining", done, len(groups), "parts"))
            combined.append(_combine_headings(asking, group, context))
        known = combined
    return known[0]


def _combine_headings(asking: _Asking, group: Sequence[Heading], context: JobContext) -> Heading:
    if len(group) == 1:
        return group[0]
    template, engine, language = asking.template, asking.engine, asking.call.language
    if not any(heading.title for heading in group):  # plain sentences, from a model that holds no form here either
        parts = {s.key: _distinct([heading.prose[s.key] for heading in group], language) for s in template.prose}
        return Heading("", {key: _concatenated(known) for key, known in parts.items()})
    prompt, grammar = asking.heading([heading.text for heading in group]), heading_grammar(template)
    room = reply_budget_tokens(engine, prompts.SUMMARY_REPLY_TOKENS)
    try:
        written = decode_heading(template.prose, generate_text(engine, prompt, grammar, room, context))
    except (msgspec.DecodeError, ContextOverflow):
        written = Heading("", {section.key: "" for section in template.prose})
    # Where the model fails at this (empty or repetitive text, invented names or numbers), nothing is lost: the
    # prose of the parts, one after the other, says what the call was about.
    known = _distinct([heading.text for heading in group], language)
    title = written.title if written.title and not invents(written.title, known, language) else group[0].title
    prose = {
        key: _sound_or_concatenated(text, _distinct([heading.prose[key] for heading in group], language), language)
        for key, text in written.prose.items()
    }
    return Heading(title, prose)


def _distinct(texts: Sequence[str], language: str) -> list[str]:
    return [texts[index] for index in distinct_indices(texts, language)]


def _sound_or_concatenated(written: str, parts: Sequence[str], language: str) -> str:
    """What the model wrote from the parts, or the parts themselves if it repeats itself or invents something."""
    sentences = sentences_of(written)
    is_distinct = len(distinct_indices(sentences, language)) == len(sentences) > 0
    is_sound = is_distinct and not invents(written, parts, language)
    return written if is_sound else _concatenated(parts)


def _concatenated(parts: Sequence[str]) -> str:
    """The prose of the parts as one, each sentence once; a very long one is cut and says so."""
    sentences = list(dict.fromkeys(s for part in parts for s in sentences_of(part)))
    rest = len(sentences) - _MOST_SENTENCES
    more = [f"({rest} more sentences on other parts are left out here; the points are complete.)"] if rest > 0 else []
    return " ".join(sentences[:_MOST_SENTENCES] + more)
