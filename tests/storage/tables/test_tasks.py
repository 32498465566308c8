"""What a person did to tasks, as it is stored."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

import msgspec
import pytest

from app.core.ids import CallId, new_call_id, new_task_id
from app.core.summary import ActionItem, Evidence
from app.core.task import TaskChange, TaskMark, TaskSource
from app.storage.database.known_values import require_known_values
from app.storage.tables.calls import CallStore
from app.storage.tables.tasks import TaskStore
from app.storage.vault import Vault
from tests.call_summaries import call_summary
from tests.storage.calls import add, uid
from tests.ui.example_calls import call
from tests.ui.service_doubles import Library
from tests.ui.tasks_in_memory import TasksInMemory

FRIDAY = date(2026, 11, 20)
CHANGE = TaskChange("Text", "Ann", "tomorrow", FRIDAY, FRIDAY, FRIDAY, FRIDAY, FRIDAY, is_kept=True)


def mark(call: CallId | None, text: str = "Send it", change: TaskChange = CHANGE) -> TaskMark:
    return TaskMark(new_task_id(), call, ActionItem(text, "", ""), change)


@dataclass
class Place:
    """A store of tasks, and the calls beside it."""

    store: TaskStore
    add: Callable[[], CallId]
    delete: Callable[[CallId], object]


@pytest.fixture(params=["vault", "memory"])
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    """The store of a vault, and what stands for it in tests of the window: both obey the same tests."""
    if request.param == "memory":
        library = Library(lambda _: None)
        yield Place(TasksInMemory(library), lambda: library.add(call("A")).id, library.delete)
        return
    vault = request.getfixturevalue("vault")
    calls = CallStore(vault)
    yield Place(TaskStore(vault), lambda: add(calls, "We agree."), calls.delete)
    require_known_values(vault.read())


def test_what_is_put_is_read_again_and_replaced(place: Place) -> None:
    store = place.store
    made = [mark(place.add()), mark(None)]
    store.put(made)
    assert store.marks() == sorted(made, key=lambda one: one.id)
    again = msgspec.structs.replace(made[0], change=TaskChange())
    store.put([again])
    assert again in store.marks()
    store.delete([made[1].id])
    assert store.marks() == [again]


def test_nothing_is_kept_of_a_call_that_is_gone(place: Place) -> None:
    known = place.add()
    place.store.put([mark(known), mark(new_call_id())])
    assert [one.call for one in place.store.marks()] == [known]
    place.delete(known)
    assert place.store.marks() == []


def test_the_tasks_of_calls_are_read_also_beside_a_damaged_summary(vault: Vault) -> None:
    calls, store = CallStore(vault), TaskStore(vault)
    whole, damaged, changed, _ = (add(calls, "We agree.", title=title) for title in ("A", "B", "C", "D"))
    item = ActionItem("Send it", "You", "by Friday")
    for known in (whole, damaged):
        calls.save_summary(known, call_summary("", "Prose", action_items=(item,)))
    with vault.write() as db:
        db.execute("UPDATE recordings SET summary = '{' WHERE id = ?", [damaged])
    store.put([mark(changed)])
    found = {one.call: one.tasks for one in store.of_calls()}
    assert found == {whole: (item,), damaged: (), changed: ()}


def test_own_tasks_that_were_removed_long_ago_are_forgotten(vault: Vault) -> None:
    store, known = TaskStore(vault), add(CallStore(vault), "We agree.")
    old = TaskChange(removed=date(2026, 1, 1))
    stays = [mark(known, change=old), mark(None), mark(None, change=TaskChange(removed=FRIDAY))]
    store.put([*stays, mark(None, change=old)])
    store.forget_removed(before=FRIDAY)
    assert {one.id for one in store.marks()} == {one.id for one in stays}


def test_moments_of_a_text_without_times_are_told_by_their_lines(vault: Vault) -> None:
    calls, store = CallStore(vault), TaskStore(vault)
    known = add(calls, "We agree.", "I send it.", "Goodbye.")
    places = (Evidence(uid(calls, known, 2), 0.0, 0.0), Evidence(uid(calls, known, 3), 20.0, 22.0))
    calls.save_summary(known, call_summary("", "Prose", action_items=(ActionItem("Send it", "", "", places),)))
    (found,) = store.of_calls()
    assert found.lines == {places[0].utterance: 2}
    source = TaskSource("call", known, "A", FRIDAY, evidence=places, lines=found.lines)
    assert [source.moment(place) for place in places] == ["line 2", "0:20"]
