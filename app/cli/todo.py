"""The command todo: the tasks of all calls and of the person, and what is done to them."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from app.cli.context import OUTPUT, CommandContext, common_options, force_option, pass_command_context
from app.cli.usage_errors import Misuse
from app.core.errors import AssistantError
from app.core.languages.due_dates import typed_due_date
from app.core.plain_text import plain_line
from app.core.task import Task, TaskState
from app.core.task_list import (
    NO_DATE,
    TaskGroup,
    count_tasks,
    day_text,
    due_text,
    due_words,
    grouped_by_date,
    moments_of,
    source_text,
    titled,
)

if TYPE_CHECKING:
    from app.core.ids import TaskId
    from app.services.session import Session
    from app.services.tasks.tasks import Tasks, TaskUndo

_NO_TASKS = "There is nothing to do: no summary of a call says a task. «tacit todo add TEXT» adds one of your own."
_NONE_FITS = "No task fits; «tacit todo --all» lists also what is snoozed or removed."
_FORMATS = {".md": "md", ".ics": "ics"}


@click.group(invoke_without_command=True)
@click.option("--all", "with_hidden", is_flag=True, help="Also what is snoozed or removed.")
@click.option("--mine", is_flag=True, help="Only what is yours, or nobody's.")
@click.option("--done", is_flag=True, help="Only what was done this week.")
@click.option("--export", "export", type=OUTPUT, metavar="FILE", help="Write them to a file that ends in .ics or .md.")
@force_option
@common_options
@pass_command_context
@click.pass_context
def todo(
    click_context: click.Context, /, frame: CommandContext, *, with_hidden: bool, mine: bool, done: bool,
    export: Path | None, force: bool,
) -> int:  # fmt: skip
    """Show what is to be done, as your calls say it: by date, with where it was said."""
    if click_context.invoked_subcommand is not None:
        if with_hidden or mine or done or export is not None:
            raise Misuse("These options are for the list: «tacit todo» alone.")
        return 0
    fmt = "" if export is None else _FORMATS.get(export.suffix.casefold(), "")
    if export is not None and not fmt:
        raise Misuse("The file to export to ends in .ics or .md.")
    place = None if export is None else frame.output(export, is_forced=force)
    with frame.open_session() as session:
        with suppress(AssistantError):  # the next time does it
            session.tasks.forget_removed()
        tasks, today = session.tasks.all(), session.tasks.today()
        groups = grouped_by_date(tasks, today, "mine" if mine else "all", with_hidden=with_hidden)
        if done:
            groups = [group for group in groups if group.tasks[0].state(today) is TaskState.DONE]
        if place is not None:
            session.tasks.save(groups, "ics" if fmt == "ics" else "md", place)
    if place is not None:
        frame.report_plain_file(place)
        return 0
    if not groups:
        frame.write_message(_NONE_FITS if tasks else _NO_TASKS)
    shape = [_shape(task, group.title) for group in groups for task in group.tasks]
    words = "\n".join([*map(_group_text(today), groups), count_tasks(tasks, today).sentence]) if groups else ""
    frame.write_result(shape, words)
    return 0


def _group_text(today: date) -> Callable[[TaskGroup], str]:
    def text(group: TaskGroup) -> str:
        return "\n".join([group.title, *(_row(task, today) for task in group.tasks), ""])

    return text


def _row(task: Task, today: date) -> str:
    box = "x" if task.change.done is not None else " "
    words = due_words(task, today)
    due = due_text(task, today) + (f" ({words})" if words else "")
    about = [] if due == NO_DATE else [due]
    about += [" ".join((source_text(source), *moments_of(source))) for source in task.sources]
    return f"  {task.id}  [{box}] {plain_line(titled(task))}\n{'':20}{plain_line(' · '.join(about))}"


def _shape(task: Task, group: str) -> dict[str, Any]:
    change = task.change
    return {
        "id": task.id, "group": group, "task": task.text, "owner": task.owner, "is_mine": task.is_mine,
        "due": task.due, "due_day": task.due_day.isoformat() if task.due_day else None, "is_found": task.is_found,
        "done": change.done.isoformat() if change.done else None,
        "snoozed_until": change.snoozed_until.isoformat() if change.snoozed_until else None,
        "is_removed": change.removed is not None,
        "sources": [
            {
                "kind": one.kind, "id": one.id, "title": one.title, "day": one.day.isoformat(),
                "evidence": [{"utterance": e.utterance, "start": e.start, "end": e.end} for e in one.evidence],
            }
            for one in task.sources
        ],
    }  # fmt: skip


def _change(frame: CommandContext, id_: str, change: "Callable[[Tasks, Task], TaskUndo]", said: str) -> int:
    """Change the task whose id begins so, and say what was done."""
    with frame.open_session() as session:
        undo = change(session.tasks, session.tasks.find(id_))
        _report(frame, session, undo.task, said)
    return 0


def _report(frame: CommandContext, session: "Session", id_: str, said: str) -> None:
    task = session.tasks.find(id_)
    frame.write_result(_shape(task, ""), f"{said} {task.id}  {plain_line(titled(task))}")


_CHANGES: "tuple[tuple[str, Callable[[Tasks], Callable[[TaskId], TaskUndo]], str, str], ...]" = (
    ("done", lambda tasks: tasks.mark_done, "Done:", "Tick a task off."),
    (
        "undo",
        lambda tasks: tasks.mark_open,
        "Open again:",
        "Let a task that was done, snoozed or removed be open again.",
    ),
    ("remove", lambda tasks: tasks.remove, "Removed:", "Take a task off the list; «tacit todo undo» brings it back."),
    ("keep", lambda tasks: tasks.keep, "Kept:", "Take over a task that was not found in its call."),
)
"""Commands that need no more than a task: the name, what is done, what is said of it, and the help."""


def _add_command(name: str, does: "Callable[[Tasks], Callable[[TaskId], TaskUndo]]", said: str, help_: str) -> None:
    @todo.command(name, help=help_)
    @click.argument("id_", metavar="ID")
    @common_options
    @pass_command_context
    def change(frame: CommandContext, id_: str) -> int:
        return _change(frame, id_, lambda tasks, task: does(tasks)(task.id), said)


for _known in _CHANGES:
    _add_command(*_known)


@todo.command()
@click.argument("id_", metavar="ID")
@click.option("--until", required=True, metavar="DATE", help="A day, such as 2026-12-01 or «in two weeks».")
@common_options
@pass_command_context
def snooze(frame: CommandContext, id_: str, until: str) -> int:
    """Hide a task until a day."""

    def change(tasks: "Tasks", task: Task) -> "TaskUndo":
        day = typed_due_date(until, tasks.today())
        if day is None:
            raise Misuse("No day is known by these words: write it as 2026-12-01, or as «in two weeks».")
        return tasks.snooze(task.id, day)

    return _change(frame, id_, change, "Snoozed:")


@todo.command()
@click.argument("text")
@click.option("--due", default="", metavar="WORDS", help="Until when, such as 2026-12-01 or «by Friday».")
@common_options
@pass_command_context
def add(frame: CommandContext, text: str, due: str) -> int:
    """Add a task of your own."""
    with frame.open_session() as session:
        id_, day = session.tasks.add(text, due)
        if due and day is None:
            frame.write_message("The words for the date are kept, but no day is sure from them.")
        said = "Added:" if day is None else f"Added for {day_text(day, session.tasks.today())}:"
        _report(frame, session, id_, said)
    return 0


@todo.command()
@click.argument("id_", metavar="ID")
@click.option("--text", help="What is to be done.")
@click.option("--owner", help="Who does it; empty takes the name away.")
@click.option("--due", metavar="WORDS", help="Until when; empty takes it away.")
@common_options
@pass_command_context
def edit(frame: CommandContext, id_: str, text: str | None, owner: str | None, due: str | None) -> int:
    """Change what a task says, who does it, or until when."""
    if text is None and owner is None and due is None:
        raise Misuse("Say what changes: --text, --owner or --due.")
    return _change(frame, id_, lambda tasks, task: tasks.edit(task.id, text, owner, due), "Changed:")
