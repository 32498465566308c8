"""The tasks that have the words looked for."""

from datetime import UTC, datetime, time

from app.core.found import FoundGroup, has_every_word, spans_of
from app.core.task import TaskState
from app.core.task_list import titled
from app.services.tasks.tasks import Tasks

_MOST_GROUPS = 8


class TaskGroups:
    """Searches the tasks that are not removed."""

    def __init__(self, tasks: Tasks) -> None:
        self._tasks = tasks

    def grouped(self, query: str) -> list[FoundGroup]:
        """The tasks with every word of the query, open ones first, then those said last."""
        today = self._tasks.today()
        found = [
            task
            for task in self._tasks.all()
            if has_every_word(titled(task), query) and task.state(today) is not TaskState.REMOVED
        ]
        found.sort(key=lambda task: (task.change.done is None, task.sources[-1].day), reverse=True)
        return [
            FoundGroup(
                "task", task.id, titled(task), datetime.combine(task.sources[-1].day, time(12), UTC),
                spans_of(titled(task), query),
            )
            for task in found[:_MOST_GROUPS]
        ]  # fmt: skip
