"""The tasks as they are listed on Friday 20 November 2026."""

from datetime import date

import pytest

from app.core import task_list
from app.core.summary import ActionItem
from app.core.task import SaidTask, Task, TaskMark, tasks_from
from app.core.task_list import count_tasks, due_text, due_tone, due_words, grouped_by_date, grouped_by_source
from tests.core.test_task import FRIDAY, THURSDAY, marked, of, said

TODAY = task_list.today_title(FRIDAY)


def listed(*tasks: SaidTask, marks: tuple[TaskMark, ...] = ()) -> list[Task]:
    return tasks_from(of(*tasks), marks)


def test_each_task_stands_in_its_group() -> None:
    done, sleeping, gone = said("Fax it"), said("Sleep"), said("Go")
    found = listed(
        said("Pay", due="today"), said("Send", due="tomorrow"), said("Order", due="on Monday"), said("Think"),
        said("Check", owner="Hannah"), said("Book", is_found=False), done, sleeping, gone,
        marks=(
            marked(done, done=FRIDAY), marked(sleeping, snoozed_until=date(2026, 12, 1)), marked(gone, removed=FRIDAY),
        ),
    )  # fmt: skip
    groups = {group.title: [task.text for task in group.tasks] for group in grouped_by_date(found, FRIDAY)}
    assert groups == {
        "Overdue": ["Pay"], TODAY: ["Send"], "Later": ["Order", "Think"], "Waiting for others": ["Check"],
        "Not found in the call": ["Book"], "Done this week": ["Fax it"],
    }  # fmt: skip
    assert TODAY == "Today, Friday 20 November"
    hidden = {g.title: [t.text for t in g.tasks] for g in grouped_by_date(found, FRIDAY, with_hidden=True)}
    assert (hidden["Snoozed"], hidden["Removed"]) == (["Sleep"], ["Go"])
    assert [g.title for g in grouped_by_date(found, FRIDAY, "others")] == ["Waiting for others"]
    assert "Waiting for others" not in [g.title for g in grouped_by_date(found, FRIDAY, "mine")]
    assert "Done this week" not in [g.title for g in grouped_by_date(found, date(2026, 11, 23))]
    assert [g.title for g in grouped_by_source(found, FRIDAY)] == ["Call a"]


def test_the_count_is_of_what_the_person_has_to_do() -> None:
    found = listed(
        said("Pay", due="today"), said("Send", "b"), said("Check", owner="Hannah"), said("Book", is_found=False)
    )
    count = count_tasks(found, FRIDAY)
    assert (count.open, count.today, count.calls) == (2, 1, 2)
    assert count.sentence == "2 open, 1 of them due by today · 1 of others · from 2 calls"
    assert count_tasks([], FRIDAY).sentence == "0 open"


@pytest.mark.parametrize(
    ("due", "text", "words", "tone"),
    [
        ("by Friday", "by Friday", "", "near"),
        ("tomorrow", "tomorrow, said on Thursday", "", "near"),
        ("today", "Thu 19 Nov", "today", "overdue"),
        ("on Monday", "on Monday", "", "plain"),
        ("end of the month", "Mon 30 Nov", "end of the month", "plain"),
        ("asap", "no date", "asap", "plain"),
        ("", "no date", "", "plain"),
        ("January 5", "Tue 5 Jan 2027", "January 5", "plain"),
    ],
)
def test_words_are_shown_while_they_are_true(due: str, text: str, words: str, tone: str) -> None:
    (task,) = listed(said("Send", due=due))
    assert (due_text(task, FRIDAY), due_words(task, FRIDAY), due_tone(task, FRIDAY)) == (text, words, tone)


def test_words_said_long_ago_say_when() -> None:
    (task,) = listed(said("Send", due="in two weeks", day=date(2026, 11, 9)))
    assert due_text(task, FRIDAY) == "in two weeks, said on Mon 9 Nov"


def test_markdown_forges_nothing() -> None:
    evil = SaidTask(said("x").source, ActionItem("- [x] done\n# Head", "", "`by` Friday"), "", is_mine=True)
    (task, *_) = listed(evil)
    text = task_list.tasks_markdown(grouped_by_date([task], THURSDAY), THURSDAY)
    (row,) = [line for line in text.splitlines() if line.startswith("- ")]
    assert row.startswith("- [ ] ")
    assert "\\[x\\]" in row
    assert "Call a 3:04" in row
    assert [line for line in text.splitlines() if line.startswith("#")] == ["# To do", "## Later"]


def test_words_of_today_in_another_language_than_the_calls_say_so() -> None:
    one = said("Send")
    (task,) = listed(one, marks=(marked(one, due="demain", due_day=date(2026, 11, 21), due_said=FRIDAY),))
    assert due_text(task, FRIDAY) == "demain, said today"
