"""Runs an action on a text with the language model in use."""

from app.core.engines import LanguageEngine
from app.core.errors import AssistantError, ModelMissing
from app.core.job import JobContext, Progress
from app.core.languages.codes import language_name
from app.core.model import Model
from app.core.wording import wording_of
from app.core.writing.action import TextAction
from app.core.writing.reply import continued, invented
from app.core.writing.text_lines import text_lines, written_language
from app.core.writing.text_summary import summary_as_text, tasks_as_text
from app.core.writing.written import SoFar, Written
from app.services.engine_pool import ONCE_MORE, EnginePool, retry
from app.services.writing.asking import answer
from app.services.writing.generating import WeakModel, Writer
from app.services.writing.rewriting import NOTE_ADDED, rewrite
from app.services.writing.text_summaries import summary_of_text, tasks_of_text

LARGEST_TEXT = 200_000  # characters, some hours of work for a small model
_NOTHING = AssistantError("There is no text to work on.", "Nothing was changed; write or copy some words first.")
_NO_QUESTION = AssistantError("The question is empty.", "Nothing was changed; ask something about the text.")
_TOO_LONG = AssistantError(
    "This text is longer than 200,000 characters.", "Nothing was changed; take a part of it at a time."
)
_SAME_LANGUAGE = "This text is in {language} already."
_SAME_ADVICE = "Nothing was changed; name another language to translate into."
_DEMO = ModelMissing(
    "The demo model knows its eight topics of calls and can't work on a text.",
    "Your text is as it was; the Models page, or «tacit models», brings a language model.",
)
_PART_READ = "The text is long: only its last {count} words were read."
_NO_TASKS = "No task was found in this text."


class Writing:
    """Does with texts what a person asks; nothing of them is stored."""

    def __init__(self, engine_pool: EnginePool) -> None:
        self._engine_pool = engine_pool

    def run(
        self, action: TextAction, text: str, context: JobContext, *, target: str = "", question: str = ""
    ) -> Written:
        """The result of an action; `target` is the code of the language to translate into, `question` what is asked.

        What the model writes is reported as `Delta`s while it comes, and what was checked of it as `SoFar`.

        Raises:
            ModelMissing: there is no language model, or the demo's.
            AssistantError: there is nothing to do, or the text is too long.
            EngineError: the model fails at it.
            Cancelled: the person stopped it.
        """
        if not any(map(str.isalpha, text)):
            raise _NOTHING
        if len(text) > LARGEST_TEXT:
            raise _TOO_LONG
        language = written_language(text)
        if action is TextAction.TRANSLATE and target == language:
            raise AssistantError(_SAME_LANGUAGE.format(language=language_name(language)), _SAME_ADVICE)
        if action is TextAction.ASK and not question.strip():
            raise _NO_QUESTION
        return retry(ONCE_MORE, lambda: self._run(action, text, context, language, target, question))

    def _run(
        self, action: TextAction, text: str, context: JobContext, language: str, target: str, question: str
    ) -> Written:
        context.report(Progress("Loading the model", 0))
        model, engine = self._engine_pool.language()
        if model.is_demo:
            raise _DEMO
        if action in (TextAction.SUMMARY, TextAction.TASKS):
            return _summed_up(action, text, language, model, engine, context)
        if action is TextAction.ASK:
            lines = text_lines(text, language)
            new, notes = answer(lines, question, engine, wording_of(model), context)
            return Written(action, text, new, written_language(new), model.name, notes, lines=lines)
        writer = Writer(action, engine, language, target if action is TextAction.TRANSLATE else "", context)
        if action is TextAction.CONTINUE:
            new, notes = _continued(writer, text)
        else:
            new, notes = rewrite(writer, text)
        return Written(action, text, new, writer.target or language, model.name, notes)


def _summed_up(
    action: TextAction, text: str, language: str, model: Model, engine: LanguageEngine, context: JobContext
) -> Written:
    lines, wording = text_lines(text, language), wording_of(model)
    if action is TextAction.SUMMARY:
        summary = summary_of_text(lines, engine, wording, context)
        return Written(action, text, summary_as_text(summary, lines), language, model.name, (), summary, lines)
    summary = tasks_of_text(lines, engine, wording, context)
    tasks = summary.section("action_items").tasks
    notes = () if tasks else (_NO_TASKS,)
    return Written(action, text, tasks_as_text(tasks, lines), language, model.name, notes, summary, lines)


def _continued(writer: Writer, text: str) -> tuple[str, tuple[str, ...]]:
    """How the text goes on, after as much of its end as the model can read."""
    words = _end_that_fits(writer, text)
    notes = [] if len(words) == len(text.strip()) else [_PART_READ.format(count=len(words.split()))]
    reply = writer.reply(words)
    if reply.fault:
        raise WeakModel(reply.fault)
    new = continued(reply.text, words)
    if not any(map(str.isalpha, new)):
        raise WeakModel("wrote the text again, and nothing more")
    if found := invented(new, text, writer.language):
        notes.append(NOTE_ADDED.format(found=", ".join(found)))
    writer.context.report(SoFar(new))
    return new, tuple(notes)


def _end_that_fits(writer: Writer, text: str) -> str:
    words = text.strip()
    facts = writer.engine.facts()
    while writer.engine.count_prompt(writer.prompt(words)) + writer.room(words) > facts.context_tokens:
        words = words[len(words) // 4 :].partition(" ")[2].lstrip() or words[len(words) // 2 :]
    return words
