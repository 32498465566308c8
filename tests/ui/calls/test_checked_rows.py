"""The statements of a long text: any of them is reached, and none of it holds the window."""

import gc
import time
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtWidgets import QApplication, QWidget

from app.core.check import CheckedStatement
from app.core.evidence.verdict import Verdict
from app.ui.calls.checked_rows import AT_A_TIME, CheckedRow, CheckedRows
from app.ui.style.theme import Theme
from app.ui.widgets.scroll_panes import ScrollPane
from tests.ui.example_calls import transcript
from tests.ui.stage import settle, until

MANY = 500
MOST_STALL = 0.1  # seconds of this thread's own time
VERDICTS: tuple[Verdict, ...] = ("confirmed", "contradicted", "not_found")


def statements(count: int) -> tuple[CheckedStatement, ...]:
    text = "We pay about {n} percent more than in March, and renew for two years with a discount."
    return tuple(
        CheckedStatement(text.format(n=n), n, n + 1, VERDICTS[n % 3], 0.5, (1 + n % 6, 2), ("twelve",) * (n % 3 == 1))
        for n in range(count)
    )


@pytest.fixture
def rows(theme: Theme, screen: QApplication) -> Iterator[CheckedRows]:
    """The rows of many statements in a window."""
    around = QWidget()
    around.resize(560, 700)
    made = CheckedRows(theme, around)
    ScrollPane(around, made, "Statements").resize(560, 700)
    around.show()
    made.show_found(statements(MANY), transcript())
    settle(0.2)
    yield made
    around.close()


def stalls(act: Callable[[], object], is_done: Callable[[], bool]) -> list[float]:
    """The seconds that an act, and each turn of the event loop after it, take of this thread until it is done."""
    gc.collect()
    gc.disable()  # as the window has it, which collects on a timer
    try:
        began = time.thread_time()
        act()
        found = [time.thread_time() - began]
        while len(found) < 5 or not is_done():
            assert len(found) < 2_000
            began = time.thread_time()
            QApplication.processEvents()
            found.append(time.thread_time() - began)
            time.sleep(0.002)
    finally:
        gc.enable()
    return sorted(found)


@pytest.mark.alone
def test_the_last_of_many_is_reached_without_a_stall(rows: CheckedRows) -> None:
    reached: list[CheckedRow] = []
    rows.revealed.connect(reached.append)
    found = stalls(lambda: rows.choose(MANY - 1, reveals=True), lambda: bool(reached))
    assert reached == [rows.rows[MANY - 1]]
    assert [row.property("chosen") for row in rows.rows if row.property("chosen")] == ["true"]
    assert not rows.more_button.isVisible()
    assert found[-1] < MOST_STALL, found[-5:]


@pytest.mark.alone
def test_many_become_old_and_are_shown_anew_without_a_stall(rows: CheckedRows) -> None:
    rows.choose(MANY - 1)
    until(lambda: len(rows.rows) == MANY)
    settle(0.2)
    found = stalls(rows.show_old, lambda: all(row.sign.property("verdict") == "old" for row in rows.rows))
    assert found[-1] < MOST_STALL, found[-5:]
    rows.show_found(statements(3), transcript())
    assert [row.sign.property("verdict") for row in rows.rows] == list(VERDICTS)


def test_what_is_laid_out_after_the_text_changed_is_old_too(rows: CheckedRows) -> None:
    rows.choose(2 * AT_A_TIME)
    rows.show_old()
    until(lambda: len(rows.rows) > 2 * AT_A_TIME)
    settle(0.05)
    assert {row.sign.property("verdict") for row in rows.rows} == {"old"}


def test_another_text_leaves_nothing_to_lay_out(rows: CheckedRows) -> None:
    reached: list[CheckedRow] = []
    rows.revealed.connect(reached.append)
    rows.choose(MANY - 1, reveals=True)
    rows.show_found(statements(2 * AT_A_TIME), transcript())
    settle(0.3)
    assert len(rows.rows) == AT_A_TIME
    assert reached == []
    assert not any(row.property("chosen") for row in rows.rows)


def test_only_the_statement_that_was_chosen_last_is_marked_and_shown(rows: CheckedRows) -> None:
    reached: list[CheckedRow] = []
    rows.revealed.connect(reached.append)
    rows.choose(4 * AT_A_TIME, reveals=True)
    rows.choose(3, reveals=True)
    until(lambda: len(rows.rows) > 4 * AT_A_TIME)
    settle(0.05)
    assert reached == [rows.rows[3]]
    assert [n for n, row in enumerate(rows.rows) if row.property("chosen") == "true"] == [3]


def test_a_number_that_is_none_changes_nothing(rows: CheckedRows) -> None:
    for number in (-1, MANY):
        rows.choose(number, reveals=True)
    settle(0.1)
    assert len(rows.rows) == AT_A_TIME
    assert rows.more_button.text() == f"Show more ({MANY - AT_A_TIME} left)"


def test_more_are_shown_by_the_button(rows: CheckedRows) -> None:
    rows.more_button.click()
    until(lambda: len(rows.rows) == 2 * AT_A_TIME)
    settle(0.1)
    assert len(rows.rows) == 2 * AT_A_TIME
