"""The tasks as they are listed: their groups, what stands beside each of them, and the list as Markdown."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from app.core.languages.due_dates import due_date
from app.core.markdown_text import markdown_line
from app.core.plain_text import counted
from app.core.task import Task, TaskSource, TaskState

Whose = Literal["all", "mine", "others"]
Tone = Literal["overdue", "near", "plain"]

OVERDUE, LATER, WAITING, NOT_FOUND = "Overdue", "Later", "Waiting for others", "Not found in the call"
SNOOZED, DONE, REMOVED, OWN = "Snoozed", "Done this week", "Removed", "Written by you"
NOT_SAID = "the summary says it, no line does."
NO_DATE = "no date"
# Not by the system's locale: they stand in English sentences.
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = ("January February March April May June July August September October November December").split()
_WEEK = 7


@dataclass(frozen=True, slots=True)
class TaskGroup:
    """Some tasks under a heading, in their order."""

    title: str
    tasks: tuple[Task, ...]


@dataclass(frozen=True, slots=True)
class TaskCount:
    """How many tasks are open (of the person's own, and found) and due by today, how many of others, and where from."""

    open: int
    today: int
    others: int
    calls: int
    notes: int

    @property
    def sentence(self) -> str:
        """`5 open, 2 of them due by today · 3 of others · from 4 calls and 1 note`."""
        due = f", {self.today} of them due by today" if self.today else ""
        sources = ((self.calls, "call"), (self.notes, "note"))
        known = " and ".join(counted(count, noun) for count, noun in sources if count)
        others = f" · {self.others} of others" if self.others else ""
        return f"{self.open} open{due}{others}" + (f" · from {known}" if known else "")


def count_tasks(tasks: Iterable[Task], today: date) -> TaskCount:
    """How many there are on a day."""
    known = [task for task in tasks if task.state(today) is TaskState.OPEN and task.is_found]
    mine = [task for task in known if task.is_mine]
    due = sum(task.due_day is not None and task.due_day <= today for task in mine)
    sources = {(source.kind, source.id) for task in known for source in task.sources}
    calls, notes = (sum(kind == wanted for kind, _ in sources) for wanted in ("call", "note"))
    return TaskCount(len(mine), due, len(known) - len(mine), calls, notes)


def grouped_by_date(
    tasks: Iterable[Task], today: date, whose: Whose = "all", *, with_hidden: bool = False
) -> list[TaskGroup]:
    """The tasks in the groups that a person reads, without the empty ones; `with_hidden` also snoozed and removed."""
    groups: dict[str, list[Task]] = {
        title: [] for title in (OVERDUE, today_title(today), LATER, WAITING, NOT_FOUND, SNOOZED, DONE, REMOVED)
    }
    for task in tasks:
        if whose != "all" and task.is_mine is not (whose == "mine"):
            continue
        title = _group_of(task, today)
        if title and (with_hidden or title not in (SNOOZED, REMOVED)):
            groups[title].append(task)
    return [TaskGroup(title, tuple(sorted(found, key=_order))) for title, found in groups.items() if found]


def grouped_by_source(
    tasks: Iterable[Task], today: date, whose: Whose = "all", *, with_hidden: bool = False
) -> list[TaskGroup]:
    """The same tasks, each with the first call or note that says it; what was said last comes first."""
    shown = [task for group in grouped_by_date(tasks, today, whose, with_hidden=with_hidden) for task in group.tasks]
    shown.sort(key=lambda task: task.sources[0].day, reverse=True)
    groups: dict[tuple[str, str], list[Task]] = {}
    for task in shown:
        source = task.sources[0]
        groups.setdefault((source.id, source.title or OWN), []).append(task)
    return [TaskGroup(title, tuple(found)) for (_, title), found in groups.items()]


def _group_of(task: Task, today: date) -> str:
    state = task.state(today)
    if state is TaskState.DONE:
        return DONE if task.change.done is not None and _monday(task.change.done) == _monday(today) else ""
    if state is not TaskState.OPEN:
        return SNOOZED if state is TaskState.SNOOZED else REMOVED
    if not task.is_found:
        return NOT_FOUND
    if not task.is_mine:
        return WAITING
    if task.due_day is None or task.due_day > today:
        return LATER
    return OVERDUE if task.due_day < today else today_title(today)


def _monday(day: date) -> int:
    return day.toordinal() - day.weekday()


def _order(task: Task) -> tuple[date, date, str]:
    return (task.due_day or date.max, task.sources[0].day, task.text.casefold())


def today_title(today: date) -> str:
    """`Today, Friday 20 November`."""
    return f"Today, {_DAYS[today.weekday()]} {today.day} {_MONTHS[today.month - 1]}"


def day_text(day: date, today: date) -> str:
    """`Wed 18 Nov`, with the year if it is another one."""
    year = "" if day.year == today.year else f" {day.year}"
    return f"{_DAYS[day.weekday()][:3]} {day.day} {_MONTHS[day.month - 1][:3]}{year}"


def due_text(task: Task, today: date) -> str:
    """Until when, in short: the words while they are near and true, else the date.

    `by Friday`; `tomorrow, said on Thursday` where the words mean another day by now; `Mon 30 Nov`; `no date`.
    """
    if task.change.done is not None:
        return day_text(task.change.done, today)
    day = task.due_day
    if day is None:
        return NO_DATE
    if not task.due or not today <= day < today + timedelta(days=_WEEK):
        return day_text(day, today)
    if any(_is_true_on(today, task.due, day, source.language) for source in task.sources):
        return task.due
    return f"{task.due}, said {_said_on(task.due_said, today)}"


def _is_true_on(today: date, words: str, day: date, language: str) -> bool:
    """Whether words still mean the day: on a Friday "by Friday" does, and yesterday's "tomorrow" does not."""
    if day != today:
        return due_date(words, today, language) == day
    before = (due_date(words, today - timedelta(days=days), language) for days in (1, 2))
    return due_date(words, today, language) == day or all(found == day for found in before)


def due_words(task: Task, today: date) -> str:
    """The words behind a date that `due_text` does not show; "" if there are none."""
    return task.due if task.due and task.due not in due_text(task, today) and task.change.done is None else ""


def due_tone(task: Task, today: date) -> Tone:
    """How urgent an open task is."""
    if task.due_day is None or task.state(today) is not TaskState.OPEN:
        return "plain"
    return "overdue" if task.due_day < today else "near" if task.due_day == today else "plain"


def _said_on(day: date, today: date) -> str:
    if day == today:
        return "today"
    return f"on {_DAYS[day.weekday()]}" if today - timedelta(days=_WEEK) < day < today else f"on {day_text(day, today)}"


def titled(task: Task) -> str:
    """What is to be done; before it who does it, if that is somebody else."""
    return task.text if task.is_mine or not task.owner else f"{task.owner}: {task.text}"


def source_text(source: TaskSource) -> str:
    """The title of what says a task, and what is to be known of that."""
    return f"{source.title} (note)" if source.kind == "note" else source.title or OWN


def moments_of(source: TaskSource) -> list[str]:
    """`3:04` for each moment of a call that bears a task."""
    return [source.moment(one) for one in source.evidence]


def tasks_markdown(groups: Sequence[TaskGroup], today: date) -> str:
    """The list as Markdown: a heading for each group, a box to tick for each task, and where it was said."""
    say: Callable[[str], str] = markdown_line
    parts = ["# To do\n"]
    for group in groups:
        rows = [_markdown_row(task, today, say) for task in group.tasks]
        parts.append(f"## {say(group.title)}\n\n" + "\n".join(rows) + "\n")
    return "\n".join(parts)


def _markdown_row(task: Task, today: date, say: Callable[[str], str]) -> str:
    box = "x" if task.change.done is not None else " "
    about = []
    if task.due_day is not None or task.due:
        day = task.due_day.isoformat() if task.due_day is not None else NO_DATE
        about.append(f"due {day}" + (f" ({say(task.due)})" if task.due else ""))
    for source in task.sources:
        times = ", ".join(moments_of(source))
        about.append(f"{say(source_text(source))}{f' {times}' if times else ''}")
    if not task.is_found:
        about.append("not found in the call")
    return f"- [{box}] {say(titled(task))} — {'; '.join(about)}"
