"""Summaries of texts and the tasks in them, by the rules of those of calls: a line of the text bears each of it."""

import re
from collections.abc import Iterable

import msgspec

from app.core.engines import LanguageEngine
from app.core.errors import EngineError
from app.core.ids import UtteranceId
from app.core.job import JobContext
from app.core.summary import ActionItem, Evidence, Summary
from app.core.unspaced_scripts import word_count
from app.core.wording import Wording
from app.core.writing.text_lines import TextLines
from app.core.writing.text_summary import TASKS_TEMPLATE, TEXT_TEMPLATE
from app.services.calls.summarizing import LEAST_WORDS, summarize

_BOX = re.compile(r"\s*(?:[-*+]|\d{1,9}[.)])\s+\[([ xX])\]\s+(.*\S)")
_TOO_SHORT = "This text is too short for a summary: it has {words} words."
_TOO_SHORT_ADVICE = "It says it all itself; nothing was changed."
_LEAST_LEFT = 8  # words beside the check boxes that may hold a task


class ShortText(EngineError):
    """A text has too few words for a summary: of so few, models make up the rest."""

    def __init__(self, words: int) -> None:
        super().__init__(_TOO_SHORT.format(words=words), _TOO_SHORT_ADVICE)


def summary_of_text(lines: TextLines, engine: LanguageEngine, wording: Wording, context: JobContext) -> Summary:
    """The summary of a text, in its language.

    Raises:
        ShortText: there is nothing to sum up.
        EngineError: the model fails at it.
    """
    words = round(sum(word_count(one.text) for one in lines.transcript.utterances))
    if words < LEAST_WORDS:
        raise ShortText(words)
    summary = summarize(TEXT_TEMPLATE, lines.transcript, engine, context, wording, noun="text")
    sections = tuple(
        msgspec.structs.replace(one, tasks=_with_boxes(one.tasks, lines)) if one.kind == "tasks" else one
        for one in summary.sections
    )
    return msgspec.structs.replace(summary, sections=sections)


def tasks_of_text(lines: TextLines, engine: LanguageEngine, wording: Wording, context: JobContext) -> Summary:
    """The tasks of a text: its open check boxes as they stand there, and what the model finds in the rest of it.

    Raises:
        EngineError: the model fails at it.
    """
    boxes = _boxes(lines)
    rest = tuple(one for one in lines.transcript.utterances if one.id not in boxes)
    found: tuple[ActionItem, ...] = ()
    if sum(word_count(one.text) for one in rest) >= _LEAST_LEFT:
        left = msgspec.structs.replace(lines.transcript, utterances=rest)
        found = summarize(TASKS_TEMPLATE, left, engine, context, wording, noun="text").section("action_items").tasks
    section = TASKS_TEMPLATE.sections[0]
    return TASKS_TEMPLATE.summary("", "", {}, {}, {section.key: _with_boxes(found, lines)})


def _boxes(lines: TextLines) -> dict[UtteranceId, re.Match[str]]:
    """The lines with a check box."""
    return {one.id: box for one in lines.transcript.utterances if (box := _BOX.match(one.text))}


def _with_boxes(found: Iterable[ActionItem], lines: TextLines) -> tuple[ActionItem, ...]:
    """The open check boxes as they stand in the text, and the tasks that were found beside the boxes."""
    boxes = _boxes(lines)
    open_ones = [ActionItem(box[2], "", "", (Evidence(key, 0.0, 0.0),)) for key, box in boxes.items() if box[1] == " "]
    return (*open_ones, *(task for task in found if not any(one.utterance in boxes for one in task.evidence)))
