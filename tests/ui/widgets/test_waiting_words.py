"""A wait of which nothing else is known says how long it has lasted."""

import pytest
from PySide6.QtCore import QObject

from app.core.figures import progress_line, so_far
from app.core.job import Job, JobState, Lane, Progress
from app.ui.calls.call_jobs import CallJob
from app.ui.runtime.step_clock import StepClock
from app.ui.style.theme import Theme
from app.ui.unlock.pages import CreatePage, FreshPassphrasePage, UnlockPage
from app.ui.widgets.waiting_words import WaitingWords
from tests.ui.stage import settle, until


def test_a_wait_is_counted_after_two_seconds(theme: Theme) -> None:
    said: list[str] = []
    parent = QObject()
    waiting = WaitingWords(said.append, parent)
    waiting.begin("Unlocking…")
    settle(1.2)
    assert set(said) == {"Unlocking…"}, "a short wait is not counted"
    until(lambda: said[-1] == "Unlocking… 2 s", 5)
    until(lambda: said[-1] == "Unlocking… 3 s", 5)
    waiting.end("Unlock")
    settle(1.2)
    assert said[-1] == "Unlock"


@pytest.mark.parametrize("kind", [UnlockPage, CreatePage, FreshPassphrasePage])
def test_a_slow_key_is_counted_on_its_button(
    theme: Theme, kind: type[UnlockPage | CreatePage | FreshPassphrasePage]
) -> None:
    from PySide6.QtWidgets import QPushButton, QWidget

    parent = QWidget()
    page = kind(theme, parent)
    page.show_busy(True)
    until(lambda: any(b.text().endswith("… 2 s") for b in page.findChildren(QPushButton)), 5)
    page.show_busy(False)
    assert not any("…" in b.text() and b.text().endswith(" s") for b in page.findChildren(QPushButton))


def test_a_step_without_an_amount_is_counted_and_one_with_it_is_not() -> None:
    assert [so_far(seconds) for seconds in (0, 1.9, 2.4, 59, 65)] == ["", "", "2 s", "59 s", "1:05"]
    loading, reading = Progress("Loading the model", 0), Progress("Reading", 20, 40, "lines")
    assert progress_line("Loading the model", loading, None, 4.0) == "Loading the model, 4 s"
    assert progress_line("Reading", reading, 30.0, 4.0) == "Reading, 20 of 40 lines, about 30 s left"


def test_the_list_counts_while_a_model_is_loaded() -> None:
    now = [0.0]
    job = Job("Summarizing", lambda _: None, Lane.LANGUAGE, state=JobState.RUNNING)
    work = CallJob(job, StepClock(lambda: now[0]))
    work.take(Progress("Loading the model", 0))
    now[0] = 7.0
    assert work.status == "Loading the model, 7 s"
