"""The summary of a note stands beside it, leads to its lines, and marks what no line says."""

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from app.core.summary import ActionItem, Evidence, Point, Summary, SummarySection
from app.core.writing.text_lines import TextLines
from app.ui.notes.commands import SUMMARISE
from app.ui.notes.notes_page import NotesPage
from app.ui.shell.workspace import Workspace
from app.ui.widgets.rich_text import RichText
from tests.ui.notes.steps import opened
from tests.ui.stage import until
from tests.ui.writing.text_writing import TextWriting

NOTE = "# Review\n\nPrices are up 12 percent.\nAsk Leo for the list."


def summary(lines: TextLines) -> Summary:
    _, prices, leo = (Evidence(one.id, 0, 0) for one in lines.transcript.utterances)
    told = (Point("Prices rose.", (prices,)), Point("Everybody is glad."))
    overview = SummarySection("overview", "Overview", "prose", "Prices rose. Everybody is glad.", sentences=told)
    tasks = (ActionItem("Ask Leo", "", "", (leo,), instead=("the list",)), ActionItem("Buy a boat", "", ""))
    return Summary("", (overview, SummarySection("open", "Open", "tasks", tasks=tasks)), "", "text")


@pytest.fixture
def summed_up(desk: Workspace, page: NotesPage, writing: TextWriting) -> NotesPage:
    writing.summary = summary
    opened(page, desk.session.notes.add(NOTE))
    page.note.editor.selectAll()
    page.note.header.summarise_button.click()
    until(page.note.side.summary_tab.isChecked, what="the summary")
    return page


def shown(page: NotesPage) -> list[str]:
    parts = page.note.side.summary.findChildren(RichText)
    return [one.plain_text() for one in parts if not one.isHidden()]


def chip(page: NotesPage, name: str) -> QPushButton:
    chips = page.note.side.summary.findChildren(QPushButton)
    return next(one for one in chips if one.accessibleName().startswith(name) and not one.isHidden())


def test_each_sentence_has_its_line_or_is_marked(summed_up: NotesPage) -> None:
    lead, task, not_found, made_up, credit = shown(summed_up)
    assert lead.startswith("Prices rose.")
    assert "Ask Leo" in task
    assert "the note says otherwise: the list" in task
    assert not_found.startswith("Not found in the note")
    assert made_up == "• Buy a boat"
    assert credit == "Written by Scripted."
    assert chip(summed_up, "Not confirmed").isVisible()
    assert summed_up.note.writing.card.isHidden()
    assert summed_up.note.editor.text() == NOTE


def test_a_line_is_shown_also_where_it_moved(summed_up: NotesPage) -> None:
    editor = summed_up.note.editor
    chip(summed_up, "Show line 3").click()
    assert editor.textCursor().block().text() == "Prices are up 12 percent."
    assert editor.hasFocus()
    editor.reveal_line(0)
    QTest.keyClicks(editor, "\r\r")
    chip(summed_up, "Show line 4").click()
    assert editor.textCursor().block().text() == "Ask Leo for the list."


def test_another_note_has_not_this_summary(desk: Workspace, summed_up: NotesPage) -> None:
    opened(summed_up, desk.session.notes.add("other"))
    assert shown(summed_up) == ["No summary yet. “Summarise” writes one; it is not stored."]
    assert desk.can_run(SUMMARISE)
