"""Tasks of calls and of the person: what is listed, what a person does to them, and how they are exported."""

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from icalendar import Calendar

from app.core.change import Change
from app.core.errors import AssistantError, NotFound
from app.core.ids import CallId, TaskId
from app.core.summary import ActionItem, Evidence
from app.core.task import Task, TaskState
from app.core.task_list import grouped_by_date
from app.core.transcript import Layout, names_of
from app.services.calls.library import Library
from app.services.outputs import Outputs
from app.services.tasks.of_calls import TasksOfCalls
from app.services.tasks.search_groups import TaskGroups
from app.services.tasks.tasks import Tasks
from app.storage.tables.calls import CallStore
from app.storage.tables.tasks import TaskStore
from app.storage.vault import Vault
from tests.call_summaries import call_summary
from tests.storage.calls import add, uid

THURSDAY, FRIDAY = date(2026, 11, 19), date(2026, 11, 20)


class TaskStage:
    """Calls with summaries in a real vault, on a day."""

    def __init__(self, vault: Vault) -> None:
        self.vault, self.day = vault, FRIDAY
        self.calls, self.store = CallStore(vault), TaskStore(vault)
        self.changes: list[Change] = []
        self.tasks = Tasks(
            self.store, (TasksOfCalls(self.store),), Outputs(vault.folder), self.changes.append, lambda: self.day
        )

    def call(self, *items: ActionItem, title: str = "Supply contract") -> CallId:
        made = add(self.calls, "I will send the price list.", title=title)
        self.calls.set_date(made, datetime(2026, 11, 19, 14, tzinfo=UTC))
        self.say(made, *items)
        return made

    def say(self, call: CallId, *items: ActionItem) -> None:
        place = (Evidence(uid(self.calls, call), 184.0, 190.0),)
        found = tuple(ActionItem(one.task, one.owner, one.due, place, one.speaker) for one in items)
        self.calls.save_summary(call, call_summary("", "Prose.", action_items=found))

    def one(self) -> Task:
        (found,) = self.tasks.all()
        return found

    def state(self) -> TaskState:
        return self.one().state(self.day)


@pytest.fixture
def stage(vault: Vault) -> TaskStage:
    return TaskStage(vault)


SEND = ActionItem("Send the price list", "You", "by Friday")


def test_each_change_can_be_taken_back(stage: TaskStage) -> None:
    stage.call(SEND)
    before = stage.one()
    tasks = stage.tasks
    for change, state in (
        (tasks.mark_done, TaskState.DONE), (tasks.remove, TaskState.REMOVED), (tasks.keep, TaskState.OPEN),
        (lambda id_: tasks.snooze(id_, date(2026, 12, 1)), TaskState.SNOOZED),
        (lambda id_: tasks.edit(id_, "Send both", "Ann", "tomorrow"), TaskState.OPEN),
    ):  # fmt: skip
        undo = change(before.id)
        assert stage.state() is state
        assert stage.one() != before
        stage.tasks.take_back(undo)
        assert stage.one() == before
    assert stage.store.marks() == [], "nothing is left of what was taken back"
    assert stage.changes[-1] == Change("task", before.id)


def test_a_change_on_top_of_another_is_taken_back_alone(stage: TaskStage) -> None:
    stage.call(SEND)
    id_ = stage.one().id
    stage.tasks.edit(id_, text="Send both lists")
    undo = stage.tasks.mark_done(id_)
    stage.tasks.take_back(undo)
    assert (stage.one().text, stage.state()) == ("Send both lists", TaskState.OPEN)


def test_the_same_task_in_two_calls_is_done_in_both(stage: TaskStage) -> None:
    first, second = stage.call(SEND), stage.call(ActionItem("Send price lists", "", ""), title="Factory")
    found = stage.one()
    assert {source.id for source in found.sources} == {first, second}
    stage.tasks.mark_done(found.id)
    assert stage.state() is TaskState.DONE
    assert len(stage.one().sources) == 2
    stage.calls.delete(first)
    assert (stage.state(), [source.id for source in stage.one().sources]) == (TaskState.DONE, [second])
    stage.calls.delete(second)
    assert (stage.tasks.all(), stage.store.marks()) == ([], [])


def test_of_the_same_words_until_two_dates_one_is_ticked(stage: TaskStage) -> None:
    stage.call(SEND, ActionItem("Send the price list", "You", "on Monday"))
    stage.tasks.mark_done(next(task.id for task in stage.tasks.all() if task.due == "on Monday"))
    states = {task.due: task.state(FRIDAY) for task in stage.tasks.all()}
    assert states == {"by Friday": TaskState.OPEN, "on Monday": TaskState.DONE}


def test_what_was_done_outlives_a_summary_written_anew(stage: TaskStage) -> None:
    call = stage.call(SEND)
    stage.tasks.mark_done(stage.one().id)
    stage.say(call, ActionItem("Please send the price lists", "You", "soon"))
    assert stage.state() is TaskState.DONE
    stage.say(call, ActionItem("Order the tiles", "You", ""))
    found = {task.text: task.state(FRIDAY) for task in stage.tasks.all()}
    assert found == {"Send the price list": TaskState.DONE, "Order the tiles": TaskState.OPEN}
    with stage.vault.write() as db:
        db.execute("UPDATE recordings SET summary = NULL")
    assert stage.state() is TaskState.DONE, "also without a summary"


def test_whose_a_task_is_follows_the_speakers_of_the_call(stage: TaskStage) -> None:
    call = stage.call()
    you, them = stage.calls.get(call).speakers
    stage.say(call, ActionItem("Write", "You", "", (), you.id), ActionItem("Read", "Them", "", (), them.id))
    assert {task.text: task.is_mine for task in stage.tasks.all()} == {"Write": True, "Read": False}
    Library(stage.calls, stage.changes.append).name_speakers(call, ["Leo", "Hannah"])
    assert names_of(stage.calls.get(call).speakers) == ("Leo", "Hannah")
    assert {task.owner for task in stage.tasks.all()} == {"Leo", "Hannah"}
    stage.call(ActionItem("Call", "leo", ""), title="Another")
    assert {task.text: task.is_mine for task in stage.tasks.all()} == {"Write": True, "Read": False, "Call": True}


def test_who_is_the_person_can_be_told_where_no_call_knows(stage: TaskStage) -> None:
    """A call by one microphone, or one that came as text, does not know which of its speakers the person is."""
    calls = [add(stage.calls, "I send it.", layout=Layout.MONO, title=title) for title in ("A", "B")]
    for call, text in zip(calls, ("Write", "Read"), strict=True):
        Library(stage.calls, stage.changes.append).name_speakers(call, ["Leo"])
        stage.say(call, ActionItem(text, "Leo", "", (), stage.calls.get(call).speakers[0].id))
    found = {task.text: task for task in stage.tasks.all()}
    assert not any(task.is_mine for task in found.values())
    source = found["Write"].sources[0]
    stage.tasks.take_as_own(source)
    assert all(task.is_mine and task.sources[0].owner is None for task in stage.tasks.all())
    stage.tasks.take_as_own(source, is_you=False)
    assert not any(task.is_mine for task in stage.tasks.all())
    two_sided = stage.call(ActionItem("Check", "Them", ""))
    (other,) = [task for task in stage.tasks.all() if task.sources[0].id == two_sided]
    with pytest.raises(AssistantError):
        stage.tasks.take_as_own(other.sources[0])


def test_own_tasks_are_written_edited_and_removed_for_good(stage: TaskStage) -> None:
    id_, day = stage.tasks.add("  Order the\ttiles ", "on Monday")
    assert day == date(2026, 11, 23)
    found = stage.one()
    assert (found.id, found.text, found.due_day, found.is_mine) == (id_, "Order the tiles", day, True)
    assert stage.tasks.add("Think", "some time")[1] is None
    undo = stage.tasks.remove(id_)
    stage.tasks.take_back(undo)
    stage.tasks.remove(id_)
    stage.tasks.forget_removed()
    assert len(stage.store.marks()) == 2, "it can be brought back for a month"
    stage.day += timedelta(days=31)
    stage.tasks.forget_removed()
    assert [mark.said.task for mark in stage.store.marks()] == ["Think"]


@pytest.mark.parametrize(
    "words", ["in zwei Wochen", "dans deux semaines", "en dos semanas", "in two weeks", "2026-12-04"]
)
def test_a_typed_date_is_read_in_every_known_language(stage: TaskStage, words: str) -> None:
    assert stage.tasks.add("x", words)[1] == date(2026, 12, 4)


def test_what_can_not_be_done_is_told(stage: TaskStage) -> None:
    stage.call(SEND)
    for refused in (
        lambda: stage.tasks.add("  "), lambda: stage.tasks.add("x" * 501),
        lambda: stage.tasks.snooze(stage.one().id, FRIDAY), lambda: stage.tasks.edit(stage.one().id, text=" "),
    ):  # fmt: skip
        with pytest.raises(AssistantError):
            refused()
    for unknown in ("", "zzzz", "%"):
        with pytest.raises(NotFound):
            stage.tasks.find(unknown)
    with pytest.raises(NotFound):
        stage.tasks.keep(TaskId("zzzzzzzzzzzz"))
    assert stage.tasks.find(stage.one().id[:6]) == stage.one()


def test_a_calendar_file_is_read_back(stage: TaskStage) -> None:
    evil = 'Send "it"; with, all\r\nUID:forged\x1b[2J'
    stage.call(SEND, ActionItem(evil, "Hannah", "end of the month"))
    done, _ = stage.tasks.add("Fax it")
    stage.tasks.mark_done(done)
    groups = grouped_by_date(stage.tasks.all(), FRIDAY)
    content = stage.tasks.content(groups, "ics")
    assert isinstance(content, bytes)
    assert b"\x1b" not in content
    todos = {str(one["summary"]): one for one in Calendar.from_ical(content).walk("VTODO")}
    assert len(todos) == 3
    send = todos["Send the price list"]
    assert (send.decoded("due"), send["status"], send["uid"]) == (
        FRIDAY,
        "NEEDS-ACTION",
        f"{str(send['uid'])[:12]}@tacit",
    )
    assert "Supply contract, 3:04" in str(send["description"])
    assert todos["Fax it"]["status"] == "COMPLETED"
    (forged,) = [one for text, one in todos.items() if text.startswith("Hannah: Send")]
    assert (forged.decoded("due"), "forged" in str(forged["uid"])) == (date(2026, 11, 30), False)
    again = Calendar.from_ical(stage.tasks.content(groups, "ics"))
    assert {str(one["uid"]) for one in again.walk("VTODO")} == {str(one["uid"]) for one in todos.values()}


def test_in_a_calendar_a_removed_task_is_cancelled_also_if_it_was_done(stage: TaskStage) -> None:
    stage.call(SEND)
    statuses = []
    for change in (stage.tasks.mark_done, stage.tasks.remove, stage.tasks.mark_open):
        change(stage.one().id)
        groups = grouped_by_date(stage.tasks.all(), FRIDAY, with_hidden=True)
        (todo,) = Calendar.from_ical(stage.tasks.content(groups, "ics")).walk("VTODO")
        statuses.append((str(todo["status"]), "completed" in todo))
    assert statuses == [("COMPLETED", True), ("CANCELLED", False), ("NEEDS-ACTION", False)]


def test_an_export_is_written_whole_and_not_over_a_vault(stage: TaskStage, tmp_path: Path) -> None:
    stage.call(SEND)
    groups = grouped_by_date(stage.tasks.all(), FRIDAY)
    for fmt, begins in (("md", b"# To do"), ("ics", b"BEGIN:VCALENDAR")):
        path = tmp_path / f"todo.{fmt}"
        stage.tasks.save(groups, fmt, path)  # type: ignore[arg-type]
        assert path.read_bytes().startswith(begins)
    with pytest.raises(AssistantError):
        stage.tasks.save(groups, "md", stage.vault.folder / "x.md")
    assert not os.path.lexists(stage.vault.folder / "x.md")


def test_tasks_are_found_by_their_words(stage: TaskStage) -> None:
    stage.call(SEND, ActionItem("Order the tiles", "Hannah", ""))
    (found,) = TaskGroups(stage.tasks).grouped("price li")
    assert (found.kind, found.title, found.title_spans) == ("task", "Send the price list", ((9, 14), (15, 17)))
    assert [group.title for group in TaskGroups(stage.tasks).grouped("hannah")] == ["Hannah: Order the tiles"]
    stage.tasks.remove(stage.tasks.find(found.id[:8]).id)
    assert TaskGroups(stage.tasks).grouped("price") == []
