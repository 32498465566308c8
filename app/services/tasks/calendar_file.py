"""Tasks as a calendar file (iCalendar, RFC 5545), which programs for calendars and tasks take."""

from collections.abc import Iterable
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING

from app.core.plain_text import plain_line
from app.core.task import Task
from app.core.task_list import moments_of, source_text, titled

if TYPE_CHECKING:
    from icalendar import Todo


def calendar_file(tasks: Iterable[Task], now: datetime) -> bytes:
    """One VTODO for each task that was found: a calendar has no place for a doubt, so the others are left out.

    Its UID is the task's id, so that importing the file again changes entries and adds none.
    """
    from icalendar import Calendar  # late: it is loaded for an export alone

    calendar = Calendar()
    calendar.add("prodid", "-//Tacit//Tasks//EN")
    calendar.add("version", "2.0")
    for task in tasks:
        if task.is_found:
            calendar.add_component(_todo(task, now))
    content: bytes = calendar.to_ical()
    return content


def _todo(task: Task, now: datetime) -> "Todo":
    from icalendar import Todo

    todo = Todo()
    todo.add("uid", f"{task.id}@tacit")
    todo.add("dtstamp", now.astimezone(UTC))
    todo.add("summary", plain_line(titled(task)))
    if task.due_day is not None:
        todo.add("due", task.due_day)
    if task.change.removed is not None:
        todo.add("status", "CANCELLED")
    elif task.change.done is not None:
        todo.add("status", "COMPLETED")
        todo.add("completed", datetime.combine(task.change.done, time(12), UTC))
    else:
        todo.add("status", "NEEDS-ACTION")
    about = [", ".join((plain_line(source_text(source)), *moments_of(source))) for source in task.sources]
    if task.due:
        about.insert(0, f"Due: {plain_line(task.due)}")
    todo.add("description", "\n".join(about))
    return todo
