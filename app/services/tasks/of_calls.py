"""The tasks that the summaries of calls say."""

from dataclasses import replace

from app.core.readable_text import owner_name
from app.core.summary import ActionItem
from app.core.task import SaidTask, SaidTasks, TaskSource, is_mine
from app.storage.tables.tasks import CallTasks, TaskStore


class TasksOfCalls:
    """Reads the tasks of calls (`SaysTasks`)."""

    def __init__(self, store: TaskStore) -> None:
        self._store = store

    def said(self) -> SaidTasks:
        """The tasks of all calls, those said first in front."""
        calls = list(self._store.of_calls())
        names = frozenset(one.name.casefold() for call in calls for one in call.speakers if one.is_you)
        sources: dict[str, TaskSource] = {call.call: _source(call) for call in calls}
        tasks = tuple(_said(call, item, sources[call.call], names) for call in calls for item in call.tasks)
        return SaidTasks(tasks, sources, names)


def _source(call: CallTasks) -> TaskSource:
    return TaskSource("call", call.call, call.title, call.date.astimezone().date(), call.language)


def _said(call: CallTasks, item: ActionItem, source: TaskSource, own_names: frozenset[str]) -> SaidTask:
    owner = owner_name(item, call.speakers)
    speaker = next((one for one in call.speakers if one.id == item.speaker or one.name == owner), None)
    knows_you = any(one.is_you for one in call.speakers)
    # In a call that knows which speaker the person is, another one with the person's name is somebody else.
    names = frozenset[str]() if knows_you and speaker is not None else own_names
    is_own = (speaker is not None and speaker.is_you) or is_mine(owner, names)
    could_be_own = speaker is not None and not is_own and not knows_you
    place = replace(
        source, evidence=item.evidence, instead=item.instead, lines=call.lines,
        owner=speaker.id if speaker is not None and could_be_own else None,
    )  # fmt: skip
    return SaidTask(place, item, owner, is_own)
