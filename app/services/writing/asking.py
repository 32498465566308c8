"""An answer about one text, whose sentences lead to the lines of the text that bear them."""

from collections.abc import Iterator, Sequence

from app.core.citing import CitableLines, reply_marks
from app.core.conversation import Mark
from app.core.engines import Delta, Generated, LanguageEngine
from app.core.evidence.passages import SpokenLine
from app.core.evidence.words import content_stems
from app.core.grammar import cited_text_grammar
from app.core.job import JobContext, Progress
from app.core.languages.tables import table_of
from app.core.prompts import (
    ANSWER_REPLY_TOKENS,
    CHAT_TEMPLATE_TOKENS,
    NumberedLine,
    numbered_lines,
    question_prompt,
    transcript_text,
)
from app.core.repetition import RepetitionGuard
from app.core.sampling import GREEDY
from app.core.wording import Wording
from app.core.writing.text_lines import TextLines, cited
from app.services.generation import generate_text, reply_budget_tokens

_NEIGHBOURS = 2  # lines around one that has words of the question
_NOT_ALL = "The text is long: {count} of its {total} lines were read, those that speak of what you ask."


def answer(
    lines: TextLines, question: str, engine: LanguageEngine, wording: Wording, context: JobContext
) -> tuple[str, tuple[str, ...]]:
    """The answer with its lines, as `[line 3]`, and what the person must know of it, as sentences.

    Raises:
        ContextOverflow: the question alone is longer than the model can read.
    """
    language = lines.transcript.language
    numbered = numbered_lines(lines.transcript.utterances, ())
    room = reply_budget_tokens(engine, ANSWER_REPLY_TOKENS)
    fixed = engine.count_prompt(question_prompt(transcript_text([], "text"), (), question, wording, noun="text"))
    budget = engine.facts().context_tokens - room - fixed - CHAT_TEMPLATE_TOKENS
    read = _lines_that_fit(engine, numbered, question, language, budget)

    def observe(value: Progress | Delta | Generated) -> None:
        if not isinstance(value, Generated):
            context.report(value)

    prompt = question_prompt(transcript_text(read, "text"), (), question, wording, noun="text")
    grammar = cited_text_grammar([line.number for line in read]) if read else ""
    sampling, guard = engine.facts().sampling or GREEDY, RepetitionGuard()
    generate_text(engine, prompt, grammar, room, context, observe, sampling, guard)
    text = guard.text.strip()
    said = {line.number: SpokenLine("", line.utterance.text) for line in read}
    marks = reply_marks(text, CitableLines(said, (), language), question)
    places = {line.number: line.utterance.line for line in read}
    notes = [] if len(read) == len(numbered) else [_NOT_ALL.format(count=len(read), total=len(numbered))]
    return "".join(_with_places(text, marks, places)), tuple(notes)


def _with_places(text: str, marks: Sequence[Mark], places: dict[int, int]) -> Iterator[str]:
    at = 0
    for mark in marks:
        shown = cited(sorted({places[number] for number in mark.numbers}))
        yield text[at : mark.start]
        yield shown if mark.end > mark.start else f" {shown}"
        at = mark.end
    yield text[at:]


def _lines_that_fit(
    engine: LanguageEngine, lines: Sequence[NumberedLine], question: str, language: str, budget: int
) -> list[NumberedLine]:
    """All lines, or those that have words of the question, with the lines around them, as far as there is room."""
    costs = engine.count([f"{line.text}\n" for line in lines])
    if sum(costs) <= budget:
        return list(lines)
    table = table_of(language)
    wanted = content_stems(question, table)
    shared = [len(wanted & content_stems(line.utterance.text, table)) for line in lines]
    weights = [sum(shared[max(0, at - _NEIGHBOURS) : at + _NEIGHBOURS + 1]) for at in range(len(lines))]
    chosen, used = set[int](), 0
    for at in sorted(range(len(lines)), key=lambda at: (-weights[at], at)):
        if used + costs[at] <= budget:
            chosen.add(at)
            used += costs[at]
    return [line for at, line in enumerate(lines) if at in chosen]
