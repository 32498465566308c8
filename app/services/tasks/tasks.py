"""The tasks of all calls and of the person: listing them, what a person does to them, and exporting them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Literal

import msgspec

from app.core.change import Change
from app.core.errors import AssistantError, NotFound
from app.core.ids import CallId, TaskId, new_task_id
from app.core.languages.due_dates import typed_due_date
from app.core.output import Output
from app.core.plain_text import one_line
from app.core.summary import ActionItem
from app.core.task import SaidTasks, SaysTasks, Task, TaskChange, TaskMark, TaskSource, tasks_from
from app.core.task_list import TaskGroup, tasks_markdown
from app.services.outputs import Outputs
from app.services.tasks.calendar_file import calendar_file
from app.storage.tables.tasks import TaskStore

TaskFormat = Literal["md", "ics"]
_LONGEST_TEXT, _LONGEST_NAME, _LONGEST_DUE = 500, 60, 100  # characters
_KEPT_REMOVED = timedelta(days=30)  # how long a removed task of a person's own can be brought back


@dataclass(frozen=True, slots=True)
class TaskUndo:
    """What was stored of a task before a change, to take that back; `task` is its id after it."""

    task: TaskId
    before: tuple[TaskMark, ...]
    new: tuple[TaskId, ...]


def _today() -> date:
    return datetime.now().astimezone().date()


class Tasks:
    """Lists and changes tasks. Each method but `today` touches the disk: not for the GUI thread.

    `sources` are the kinds of things that say tasks; `today` tells the day.
    """

    def __init__(
        self,
        store: TaskStore,
        sources: Sequence[SaysTasks],
        outputs: Outputs,
        publish: Callable[[Change], None],
        today: Callable[[], date] = _today,
    ) -> None:
        self._store, self._sources, self._outputs, self._publish = store, sources, outputs, publish
        self.today = today

    def all(self) -> list[Task]:
        """All tasks, also those that are done, snoozed or removed, in no particular order."""
        found = [source.said() for source in self._sources]
        said = SaidTasks(
            tuple(chain.from_iterable(one.tasks for one in found)),
            {key: source for one in found for key, source in one.sources.items()},
            frozenset(chain.from_iterable(one.own_names for one in found)),
        )
        return tasks_from(said, self._store.marks())

    def find(self, beginning: str) -> Task:
        """The one task whose id begins with this text.

        Raises:
            NotFound: there is none, or more than one.
        """
        wanted = one_line(beginning).casefold()
        found = [task for task in self.all() if wanted and task.id.startswith(wanted)]
        if len(found) != 1:
            raise _not_found()
        return found[0]

    def add(self, text: str, due: str = "") -> tuple[TaskId, date | None]:
        """Add a task of the person's own; returns its id, and the day that its words mean, if that is sure.

        Raises:
            AssistantError: there are no words, or too many.
        """
        item = ActionItem(_text(text), "", one_line(due)[:_LONGEST_DUE])
        day = typed_due_date(item.due, self.today())
        change = TaskChange(due=item.due, due_day=day, due_said=self.today()) if item.due else TaskChange()
        made = TaskMark(new_task_id(), None, item, change)
        self._store.put([made])
        self._publish(Change("task", made.id))
        return made.id, day

    def mark_done(self, task: TaskId) -> TaskUndo:
        """Note that a task is done, in every call that says it."""
        return self._change(task, done=self.today(), snoozed_until=None, removed=None)

    def mark_open(self, task: TaskId) -> TaskUndo:
        """Let a task that was done, snoozed or removed be open again."""
        return self._change(task, done=None, snoozed_until=None, removed=None)

    def snooze(self, task: TaskId, until: date) -> TaskUndo:
        """Hide a task until a day.

        Raises:
            AssistantError: that day has come.
        """
        if until <= self.today():
            raise AssistantError("A task is hidden until a day to come.", "Nothing was changed; name a later one.")
        return self._change(task, snoozed_until=until)

    def keep(self, task: TaskId) -> TaskUndo:
        """Take over a task that was not found in its call."""
        return self._change(task, is_kept=True)

    def remove(self, task: TaskId) -> TaskUndo:
        """Take a task off the list; it can be brought back with `mark_open`."""
        return self._change(task, removed=self.today())

    def edit(self, task: TaskId, text: str | None = None, owner: str | None = None, due: str | None = None) -> TaskUndo:
        """Change what a task says; None leaves it, and an empty owner or date takes that away.

        Raises:
            AssistantError: there are no words, or too many.
        """
        changes: dict[str, object] = {}
        if text is not None:
            changes["text"] = _text(text)
        if owner is not None:
            changes["owner"] = one_line(owner)[:_LONGEST_NAME]
        if due is not None:
            words = one_line(due)[:_LONGEST_DUE]
            changes |= {"due": words, "due_day": typed_due_date(words, self.today()), "due_said": self.today()}
        return self._change(task, **changes)

    def take_as_own(self, source: TaskSource, *, is_you: bool = True) -> None:
        """Note that the speaker who owns a task is the person, or is not: with their name, also in other calls.

        Raises:
            AssistantError: it can't be them: nobody in the call has that name, or somebody else there is the person.
        """
        if source.owner is None:
            raise AssistantError("This task can't be made yours so.", "Nothing was changed; edit its owner.")
        self._store.set_own_speaker(CallId(source.id), source.owner, is_you=is_you)
        self._publish(Change("recording", source.id))

    def take_back(self, undo: TaskUndo) -> None:
        """Put back what was stored of a task before a change."""
        self._store.put(undo.before)
        self._store.delete(undo.new)
        self._publish(Change("task", undo.task))

    def forget_removed(self) -> None:
        """Delete for good the person's own tasks that were removed a month ago."""
        self._store.forget_removed(self.today() - _KEPT_REMOVED)

    def content(self, groups: Iterable[TaskGroup], fmt: TaskFormat) -> str | bytes:
        """Listed tasks as Markdown or as a calendar file."""
        listed = list(groups)
        if fmt == "ics":
            return calendar_file((task for group in listed for task in group.tasks), datetime.now(UTC))
        return tasks_markdown(listed, self.today())

    def save(self, groups: Iterable[TaskGroup], fmt: TaskFormat, place: Output | Path) -> None:
        """Write listed tasks to an output, or to a path that a person has agreed to replace.

        Raises:
            AssistantError: the file can't be written there.
        """
        output = place if isinstance(place, Output) else self._outputs.named(place, replaces=True)
        output.write_content(self.content(groups, fmt))

    def _change(self, wanted: TaskId, **changes: object) -> TaskUndo:
        task = next((one for one in self.all() if one.id == wanted), None)
        if task is None:
            raise _not_found()
        stored = {mark.id: mark for mark in self._store.marks()}
        marks = [
            msgspec.structs.replace(mark, change=msgspec.structs.replace(mark.change, **changes)) for mark in task.marks
        ]
        self._store.put(marks)
        self._publish(Change("task", task.id))
        before = tuple(stored[mark.id] for mark in marks if mark.id in stored)
        return TaskUndo(task.id, before, tuple(mark.id for mark in marks if mark.id not in stored))


def _text(text: str) -> str:
    plain = one_line(text)
    if not plain:
        raise AssistantError("A task needs words.", "Nothing was changed; say what is to be done.")
    if len(plain) > _LONGEST_TEXT:
        raise AssistantError(f"A task has at most {_LONGEST_TEXT} characters.", "Nothing was changed; say it shorter.")
    return plain


def _not_found() -> NotFound:
    return NotFound("There is no such task.", "Nothing was changed; «tacit todo --all» lists them with their ids.")
