"""The tasks of calls in memory, and what a person did to them, behind the real service."""

from collections.abc import Iterator, Sequence
from datetime import date

import msgspec

from app.core.ids import CallId, SpeakerId, TaskId
from app.core.task import TaskMark
from app.storage.tables.tasks import CallTasks, TaskStore
from tests.ui.service_doubles import Library


class TasksInMemory(TaskStore):
    """Keeps marks in a dictionary, and takes tasks from the summaries of a library in memory.

    `tests/storage/tables/test_tasks.py` holds it to what the store of a vault does.
    """

    def __init__(self, library: Library) -> None:
        self._library = library
        self.kept: dict[TaskId, TaskMark] = {}

    def of_calls(self) -> Iterator[CallTasks]:
        for call in sorted(self._library.kept.values(), key=lambda call: (call.date, call.id)):
            summary = self._library.summaries.get(call.id)
            tasks = tuple(task for section in summary.sections for task in section.tasks) if summary else ()
            yield CallTasks(call.id, call.title, call.date, call.language, tasks, call.speakers, {})

    def marks(self) -> list[TaskMark]:
        kept = (mark for mark in self.kept.values() if self._knows(mark))
        return sorted(kept, key=lambda mark: mark.id)

    def put(self, marks: Sequence[TaskMark]) -> None:
        self.kept |= {mark.id: mark for mark in marks if self._knows(mark)}

    def _knows(self, mark: TaskMark) -> bool:
        return mark.call is None or mark.call in self._library.kept

    def set_own_speaker(self, call: CallId, speaker: SpeakerId, *, is_you: bool) -> None:
        known = self._library.kept[call]
        speakers = tuple(
            msgspec.structs.replace(one, is_you=is_you) if one.id == speaker else one for one in known.speakers
        )
        self._library.kept[call] = msgspec.structs.replace(known, speakers=speakers)

    def delete(self, ids: Sequence[TaskId]) -> None:
        for id_ in ids:
            self.kept.pop(id_, None)

    def forget_removed(self, before: date) -> None:
        raise NotImplementedError
