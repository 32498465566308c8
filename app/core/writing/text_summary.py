"""What a summary of a text has in it, and how it reads with the lines of the text that bear it."""

from app.core.markdown_text import markdown_line
from app.core.readable_text import owner_and_due
from app.core.summary import ActionItem, Point, Summary
from app.core.summary_template import Section, SummaryTemplate
from app.core.writing.text_lines import TextLines, cited

_OPEN = "what is still to be done, by whom and until when. Leave it empty if nothing is."
TEXT_TEMPLATE = SummaryTemplate(
    "text",
    "Text",
    (
        Section("overview", "Overview", "prose", "what the text says, in two or three sentences."),
        Section("key_points", "Key points", "points", is_detail=True),
        Section("action_items", "Open", "tasks", _OPEN),
    ),
)
"""The summary of a text."""
TASKS_TEMPLATE = SummaryTemplate("tasks", "Tasks", (Section("action_items", "Tasks", "tasks", _OPEN),))
"""The tasks of a text, and nothing else."""


def summary_as_text(summary: Summary, lines: TextLines) -> str:
    """The summary as Markdown, each of its sentences with the lines that bear it: `[line 3, 8]`."""
    parts = [f"# {markdown_line(summary.title, begins_block=True)}\n"] if summary.title else []
    for section in summary.sections_as_shown:
        if section.is_empty:
            continue
        head = "" if section is summary.lead else f"## {section.title}\n\n"
        said = [f"{markdown_line(one.text, begins_block=True)} {_note(one, lines)}" for one in section.sentences]
        prose = f"{' '.join(said) or markdown_line(section.text, begins_block=True)}\n" if section.text else ""
        parts.append(
            head + prose + "".join(_row(one, lines) for one in (*section.found_items, *section.items_not_found))
        )
    return "\n".join(parts)


def tasks_as_text(tasks: tuple[ActionItem, ...], lines: TextLines) -> str:
    """The tasks as Markdown, one a row with an empty check box."""
    return "".join(_row(one, lines) for one in tasks)


def _row(item: Point | ActionItem, lines: TextLines) -> str:
    if isinstance(item, Point):
        return f"- {markdown_line(item.text)} {_note(item, lines)}\n"
    who = owner_and_due(item, ())
    return f"- [ ] {markdown_line(f'{item.task} ({who})' if who else item.task)} {_note(item, lines)}\n"


def _note(item: Point | ActionItem, lines: TextLines) -> str:
    """`[line 3, 8]`, what the text says otherwise, or that it does not say it."""
    numbers = lines.numbers(item)
    if numbers and item.instead:
        said = ", ".join(map(str, numbers))
        return f"(the text says otherwise: {markdown_line(', '.join(item.instead))}; line {said})"
    return cited(numbers)
