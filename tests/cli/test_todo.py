"""`tacit todo`: tasks are listed, ticked, added, exported, and each change is taken back."""

from datetime import date
from pathlib import Path

import pytest
from icalendar import Calendar

from app.core.ids import new_task_id
from app.core.summary import ActionItem, Evidence
from app.core.task import TaskChange, TaskMark
from app.storage.tables.calls import CallStore
from app.storage.tables.tasks import TaskStore
from app.storage.vault import Vault
from tests.call_summaries import call_summary
from tests.running import CHEAP, PASSPHRASE, Home
from tests.storage.calls import add, uid

ITEMS = (
    ("Send the price list", "You", "by Friday"), ("Check the papers", "Hannah", "in ten years"),
    ("Order \x1b[2Jtiles", "", ""),
)  # fmt: skip


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with a call whose summary says three tasks, and a fourth that no line says."""
    made = Home(tmp_path)
    vault = Vault.create(made.vault, PASSPHRASE, CHEAP)
    calls = CallStore(vault)
    call = add(calls, "I will send the price list.", title="Supply contract")
    place = (Evidence(uid(calls, call), 184.0, 190.0),)
    items = (*(ActionItem(*item, place) for item in ITEMS), ActionItem("Book a room", "", ""))
    calls.save_summary(call, call_summary("", "Prose.", action_items=items))
    vault.close()
    return made


def listed(home: Home, *arguments: str) -> dict[str, dict[str, object]]:
    return {one["task"]: one for one in home.run_here("todo", "--json", *arguments).json}


def test_tasks_are_listed_in_a_process_of_its_own(home: Home) -> None:
    shown = home.run("todo")
    assert shown.status == 0, shown.err
    assert "Overdue\n" in shown.out, "Friday 13 March 2026 is over"
    assert "Fri 13 Mar" in shown.out
    assert "(by Friday) · Supply contract 3:04" in shown.out
    assert "Hannah: Check the papers" in shown.out
    assert "Not found in the call\n" in shown.out
    assert "\x1b" not in shown.out
    assert "2 open, 1 of them due by today · 1 of others · from 1 call" in shown.out
    assert {one["group"] for one in listed(home).values()} == {
        "Overdue", "Waiting for others", "Later", "Not found in the call"
    }  # fmt: skip
    assert set(listed(home, "--mine")) == {"Send the price list", "Order \x1b[2Jtiles", "Book a room"}


def test_what_is_done_to_a_task_is_taken_back(home: Home) -> None:
    known = str(listed(home)["Send the price list"]["id"])
    assert home.run_here("todo", "done", known[:7]).out.startswith(f"Done: {known}")
    assert listed(home)["Send the price list"]["group"] == "Done this week"
    assert set(listed(home, "--done")) == {"Send the price list"}
    assert home.run_here("todo", "undo", known).status == 0
    assert home.run_here("todo", "snooze", known, "--until", "2999-01-01").status == 0
    assert "Send the price list" not in listed(home)
    assert listed(home, "--all")["Send the price list"]["snoozed_until"] == "2999-01-01"
    assert home.run_here("todo", "remove", known).status == 0
    assert listed(home, "--all")["Send the price list"]["group"] == "Removed"
    assert home.run_here("todo", "undo", known).status == 0
    assert home.run_here("todo", "edit", known, "--text", "Send both", "--owner", "Ann", "--due", "").status == 0
    edited = listed(home)["Send both"]
    assert (edited["id"], edited["owner"], edited["due_day"], edited["is_mine"]) == (known, "Ann", None, False)
    room = str(listed(home)["Book a room"]["id"])
    assert home.run_here("todo", "keep", room).status == 0
    assert listed(home)["Book a room"]["group"] == "Later"


def test_own_tasks_are_added(home: Home) -> None:
    added = home.run_here("todo", "add", "Fax it", "--due", "2999-12-31")
    assert (added.status, "Added for Tue 31 Dec 2999" in added.out) == (0, True)
    doubtful = home.run_here("todo", "add", "Think", "--due", "soonish", "--json")
    assert (doubtful.json["due"], doubtful.json["due_day"]) == ("soonish", None)
    assert "no day is sure" in doubtful.err
    assert {"Fax it", "Think"} <= set(listed(home))


def test_an_empty_list_says_why(home: Home) -> None:
    for task in listed(home).values():
        home.run_here("todo", "snooze", str(task["id"]), "--until", "2999-01-01")
    for arguments in ((), ("--mine",), ("--done",)):
        shown = home.run_here("todo", *arguments)
        assert (shown.status, shown.out.strip()) == (0, "")
        assert "no summary" not in shown.err
        assert "«tacit todo --all»" in shown.err
    assert len(listed(home, "--all")) == 4


def test_what_was_removed_long_ago_is_forgotten_as_the_list_is_shown(home: Home) -> None:
    vault = Vault.open(home.vault, PASSPHRASE)
    removed = TaskChange(removed=date(2026, 1, 1))
    TaskStore(vault).put([TaskMark(new_task_id(), None, ActionItem("Fax it", "", ""), removed)])
    vault.close()
    assert "Fax it" not in listed(home, "--all")


def test_exports_are_read_back_and_replace_nothing(home: Home, tmp_path: Path) -> None:
    ics, md = tmp_path / "todo.ics", tmp_path / "todo.md"
    assert home.run("todo", "--export", str(ics)).status == 0
    assert home.run_here("todo", "--export", str(md)).status == 0
    found = {str(todo["summary"]) for todo in Calendar.from_ical(ics.read_bytes()).walk("VTODO")}
    assert {"Send the price list", "Hannah: Check the papers"} <= found
    assert "Book a room" not in found
    assert "- [ ] Send the price list" in md.read_text()
    again = home.run_here("todo", "--export", str(ics))
    assert again.status == 1
    assert home.run_here("todo", "--export", str(ics), "--force").status == 0


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("done", "zzzz"), 1), (("add", " "), 1), (("snooze", "zzzz", "--until", "tomorrow"), 1),
        (("--export", "todo.txt"), 2), (("--mine", "done", "zzzz"), 2), (("edit", "zzzz"), 2), (("nonsense",), 2),
    ],
)  # fmt: skip
def test_what_is_refused_changes_nothing(home: Home, arguments: tuple[str, ...], status: int) -> None:
    before = listed(home, "--all")
    refused = home.run_here("todo", *arguments)
    assert (refused.status, "Traceback" in refused.err) == (status, False)
    assert listed(home, "--all") == before


def test_a_day_that_no_words_name_is_refused(home: Home) -> None:
    known = str(listed(home)["Send the price list"]["id"])
    for until, status in (("soonish", 2), ("today", 1)):
        assert home.run_here("todo", "snooze", known, "--until", until).status == status
        assert listed(home)["Send the price list"]["snoozed_until"] is None
