"""Tasks: which are the same, whose they are, and what a person did to them."""

from datetime import date
from functools import partial

import msgspec
import pytest

from app.core.ids import TaskId, UtteranceId, is_id, new_task_id
from app.core.summary import ActionItem, Evidence
from app.core.task import (
    SaidTask,
    SaidTasks,
    TaskChange,
    TaskMark,
    TaskSource,
    TaskState,
    is_mine,
    is_same_task,
    tasks_from,
)

THURSDAY, FRIDAY = date(2026, 11, 19), date(2026, 11, 20)
HEARD = (Evidence(UtteranceId("0000000000ab"), 184.0, 188.0),)

SAME = """
en: Send the price list / send price lists
en: Send the price list. / Please send the price list
en: Send the price list to Anna / Send Anna the price list
en: Call the clinic about the dose / Calling the clinic about the dose
en: Order two other offers / Order 2 other offers
en: Confirm our delivery schedule / Confirm the delivery schedules
en: We need to order the tiles / Order the tiles
de: Die Preisliste schicken / Preisliste schicken
de: Den Vertrag prüfen / den Vertrag bitte prüfen
fr: Envoyer la liste des prix / Envoyer une liste de prix
es: Enviar la lista de precios / Enviar las listas de precios
"""
OTHER = """
en: Send the price list / Send the price list to Anna
en: Send the price list to Anna / Send the price list to Ben
en: Call the clinic about the dose / Call the clinic about the bill
en: Call the clinic / Call the clinic again
en: Order 2 tiles / Order 3 tiles
en: Order twelve tiles / Order twenty tiles
en: Send the price list / Do not send the price list
en: Turn on the heating / Turn off the heating
en: Turn on the heating / Turn up the heating
en: Move the money from Anna to Ben / Move the money from Ben to Anna
en: Compare offer 12 with offer 15 by room 3 / Compare offer 15 with offer 12 by room 3
en: Log in to the portal / Log out of the portal
en: Send the invoice / Resend the invoice
en: Send the invoice / Pay the invoice
en: Book a room for December / Book a room for January
en: Send Anna the new price list for the kitchen / Send Anna the new price list for the bathroom
en: Write the report before the launch / Write the report after the launch
en: Check the insurance papers / Ask for the insurance papers
en: Print with the logo / Print without the logo
en: Cancel the order / Confirm the order
en: Review the contract with Priya / Review the contract for Priya
en: Test version 1.2 / Test version 1.3
de: Den Vertrag prüfen / Den Vertrag nicht prüfen
de: Anna anrufen / Anna absagen
de: Die Heizung einschalten / Die Heizung ausschalten
fr: Appeler Marie / Rappeler Marie
es: Enviar la lista / Revisar la lista
ja: 価格表を送る / 価格表を読む
"""


def pairs(table: str) -> list[tuple[str, str, str]]:
    rows = (line.partition(": ") for line in table.strip().splitlines())
    return [(language, *words.split(" / ")) for language, _, words in rows]  # type: ignore[misc]


@pytest.mark.parametrize(("language", "one", "other"), pairs(SAME))
def test_the_same_words_in_another_form_are_the_same_task(language: str, one: str, other: str) -> None:
    assert is_same_task(one, other, language)


@pytest.mark.parametrize(("language", "one", "other"), pairs(OTHER))
def test_one_other_word_is_another_task(language: str, one: str, other: str) -> None:
    assert not is_same_task(one, other, language)


def said(
    text: str, call: str = "a", owner: str = "", due: str = "", day: date = THURSDAY, *, is_found: bool = True
) -> SaidTask:
    evidence = HEARD if is_found else ()
    source = TaskSource("call", call, f"Call {call}", day, "en", evidence)
    return SaidTask(source, ActionItem(text, owner, due, evidence), owner, is_mine(owner, {"leo"}))


def of(*tasks: SaidTask) -> SaidTasks:
    return SaidTasks(tasks, {one.source.id: one.source for one in tasks}, frozenset({"leo"}))


def marked(one: SaidTask, **change: object) -> TaskMark:
    return TaskMark(one.id, one.source.id, one.item, msgspec.structs.replace(TaskChange(), **change))


def test_the_same_task_in_two_calls_is_one_with_both_moments() -> None:
    (found,) = tasks_from(of(said("Send the price list", due="by Friday"), said("Send price lists", "b")), [])
    assert [source.id for source in found.sources] == ["a", "b"]
    assert (found.due, found.due_day, found.text) == ("by Friday", FRIDAY, "Send the price list")
    assert len(found.marks) == 2


def test_another_owner_or_another_day_is_another_task() -> None:
    owners = tasks_from(of(said("Send the list"), said("Send the list", "b", "Hannah")), [])
    assert [task.owner for task in owners] == ["", "Hannah"]
    days = tasks_from(of(said("Send the list", due="by Friday"), said("Send the list", "b", due="on Monday")), [])
    assert [task.due for task in days] == ["by Friday", "on Monday"]
    assert len(tasks_from(of(said("Send the list", owner="Leo"), said("Send the list", "b", "Me")), [])) == 1


@pytest.mark.parametrize("name", ["", "You", "me", "I", "Leo", "everyone", "Speaker", "nobody"])
def test_what_is_nobodys_or_everybodys_is_mine(name: str) -> None:
    assert is_mine(name, {"leo"})


@pytest.mark.parametrize("name", ["Hannah", "Them", "Speaker 2", "Leonie"])
def test_what_is_somebody_elses_is_not(name: str) -> None:
    assert not is_mine(name, {"leo"})


def test_what_was_done_stays_with_a_summary_written_anew() -> None:
    before = said("Send the price list")
    mark = marked(before, done=FRIDAY)
    (found,) = tasks_from(of(said("Please send the price lists")), [mark])
    assert (found.state(FRIDAY), found.id) == (TaskState.DONE, before.id)


def test_the_same_words_until_two_dates_are_two_tasks_in_any_order() -> None:
    friday, monday = said("Send the list", due="by Friday"), said("Send the list", due="on Monday")
    assert friday.id != monday.id
    mark = marked(monday, done=FRIDAY)
    for order in ((friday, monday), (monday, friday)):
        found = tasks_from(of(*order), [mark])
        assert {task.due: task.state(FRIDAY) for task in found} == {
            "by Friday": TaskState.OPEN, "on Monday": TaskState.DONE,
        }  # fmt: skip
        assert len({task.id for task in found}) == 2
    anew = of(said("Please send the list", due="by Friday"), said("Please send the list", due="On Monday"))
    assert [task.state(FRIDAY) for task in tasks_from(anew, [mark])] == [TaskState.OPEN, TaskState.DONE]


def test_a_task_that_a_summary_says_twice_is_done_in_both_places() -> None:
    one = said("Send the list")
    (found,) = tasks_from(of(one, said("send the list")), [marked(one, done=FRIDAY)])
    assert found.state(FRIDAY) is TaskState.DONE


def test_what_a_new_summary_does_not_say_stays_if_a_person_touched_it() -> None:
    before, now = said("Send the price list"), said("Order the tiles")
    for change in ({"done": FRIDAY}, {"text": "Send it"}, {"snoozed_until": FRIDAY}, {"is_kept": True}):
        found = tasks_from(of(now), [marked(before, **change)])
        assert {task.sources[0].title for task in found} == {"Call a"}
        assert len(found) == 2, change
    assert len(tasks_from(of(now), [marked(before, removed=FRIDAY)])) == 1
    assert len(tasks_from(of(now), [marked(before)])) == 1, "an undone change is none"


def test_what_is_said_again_after_it_was_done_is_open_again() -> None:
    before = said("Send the price list")
    found = tasks_from(of(before, said("Send the price list", "b")), [marked(before, done=THURSDAY)])
    assert [(task.state(FRIDAY), len(task.sources)) for task in found] == [(TaskState.DONE, 1), (TaskState.OPEN, 1)]


def test_what_is_said_again_wakes_a_snoozed_task() -> None:
    before, again = said("Send the price list"), said("Send the price list", "b")
    sleeps = partial(marked, snoozed_until=date(2026, 12, 1))
    (awake,) = tasks_from(of(before, again), [sleeps(before)])
    assert awake.state(FRIDAY) is TaskState.OPEN
    (asleep,) = tasks_from(of(before, again), [sleeps(before), sleeps(again)])
    assert asleep.state(FRIDAY) is TaskState.SNOOZED
    assert asleep.state(date(2026, 12, 1)) is TaskState.OPEN


def test_a_persons_own_task_is_joined_with_none() -> None:
    own = TaskMark(new_task_id(), None, ActionItem("Send the price list", "", ""), TaskChange())
    found = tasks_from(of(said("Send the price list")), [own])
    assert [task.sources[0].kind for task in found] == ["call", "own"]
    assert all(task.is_found and task.is_mine for task in found)


def test_an_edited_task_says_what_the_person_wrote() -> None:
    one = said("Send the price list", owner="Hannah", due="asap")
    change = marked(one, text="Send both lists", owner="", due="by Friday", due_day=FRIDAY, due_said=THURSDAY)
    (found,) = tasks_from(of(one), [change])
    assert (found.text, found.owner, found.is_mine, found.due_day) == ("Send both lists", "", True, FRIDAY)


def test_a_task_without_evidence_is_found_once_it_is_kept() -> None:
    one = said("Book a room", is_found=False)
    assert [task.is_found for task in tasks_from(of(one), [])] == [False]
    assert [task.is_found for task in tasks_from(of(one), [marked(one, is_kept=True)])] == [True]


def test_ids_are_ids_and_stay() -> None:
    one, same, other = said("Send the list"), said(" send the LIST"), said("Send the list", "b")
    assert is_id(one.id)
    assert one.id == same.id != other.id
    assert TaskId(one.id) != said("Send the list", owner="Hannah").id
