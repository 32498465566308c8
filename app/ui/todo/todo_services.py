"""What the page of tasks uses of an open vault, as a protocol."""

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from pathlib import Path

    from app.core.ids import TaskId
    from app.core.task import Task, TaskSource
    from app.core.task_list import TaskGroup
    from app.services.tasks.tasks import TaskFormat, TaskUndo


class TodoServices(Protocol):
    """The tasks. Each method but `today` touches the disk: not for the GUI thread."""

    def today(self) -> "date":
        """The day by this computer's clock."""

    def all(self) -> "list[Task]":
        """All tasks, in no particular order."""

    def add(self, text: str, due: str = "", /) -> "tuple[TaskId, date | None]":
        """Add a task of the person's own; its id, and the day that its words mean."""

    def mark_done(self, task: "TaskId", /) -> "TaskUndo":
        """Tick it off."""

    def mark_open(self, task: "TaskId", /) -> "TaskUndo":
        """Let it be open again."""

    def snooze(self, task: "TaskId", until: "date", /) -> "TaskUndo":
        """Hide it until a day."""

    def keep(self, task: "TaskId", /) -> "TaskUndo":
        """Take it over, though it was not found."""

    def remove(self, task: "TaskId", /) -> "TaskUndo":
        """Take it off the list."""

    def edit(
        self, task: "TaskId", text: str | None = None, owner: str | None = None, due: str | None = None
    ) -> "TaskUndo":
        """Change what it says."""

    def take_as_own(self, source: "TaskSource", *, is_you: bool = True) -> None:
        """Note that the speaker who owns a task is the person, or is not."""

    def take_back(self, undo: "TaskUndo", /) -> None:
        """Put back what was before a change."""

    def save(self, groups: "Iterable[TaskGroup]", fmt: "TaskFormat", place: "Path", /) -> None:
        """Write listed tasks to a file."""
