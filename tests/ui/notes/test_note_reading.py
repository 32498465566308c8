"""What is read and laid out after a save is what may have changed, and no more."""

from collections import Counter
from collections.abc import Callable
from functools import wraps
from typing import Any

import pytest
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest

from app.services.notes.linking import NoteLinks
from app.services.notes.notes import Notes
from app.ui.notes.note_list import NoteDelegate
from app.ui.notes.notes_page import NotesPage
from app.ui.shell.workspace import Workspace
from tests.ui.notes.steps import opened, titles
from tests.ui.stage import settle, until


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each of these was asked for; each does what it does."""
    counted: Counter[str] = Counter()

    def counting(does: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(does)
        def call(*arguments: Any, **named: Any) -> Any:
            counted[does.__name__] += 1
            return does(*arguments, **named)

        return call

    for owner, name in (
        (NoteLinks, "targets"), (NoteLinks, "backlinks"), (Notes, "versions"), (NoteDelegate, "sizeHint"),
    ):  # fmt: skip
        monkeypatch.setattr(owner, name, counting(getattr(owner, name)))
    return counted


def rest(desk: Workspace) -> None:
    settle(0.9)
    until(lambda: desk.session.lanes.is_idle, what="what is read")


def test_a_save_reads_once_what_stands_beside_and_titles_only_if_one_is_new(
    counts: Counter[str], desk: Workspace, page: NotesPage
) -> None:
    opened(page, note := desk.session.notes.add("# Plan\n\nwords"))
    rest(desk)
    counts.clear()
    page.note.editor.moveCursor(QTextCursor.MoveOperation.End)
    QTest.keyClicks(page.note.editor, " and more")
    until(lambda: desk.session.notes.note(note).text.endswith("and more"))
    rest(desk)
    assert (counts["backlinks"], counts["versions"], counts["targets"]) == (1, 1, 0)
    page.note.editor.setPlainText("# Plan of mine\n\nwords and more")
    until(lambda: titles(page) == ["Plan of mine"])
    rest(desk)
    assert counts["targets"] == 1
    assert "plan of mine" in page.note.editor.targets.titles


def test_a_note_that_is_new_or_gone_changes_where_links_lead(
    counts: Counter[str], desk: Workspace, page: NotesPage
) -> None:
    rest(desk)
    note = desk.session.notes.add("# Kitchen")
    until(lambda: "kitchen" in page.note.editor.targets.titles, what="the note to link to")
    desk.session.notes.delete(note)
    until(lambda: "kitchen" not in page.note.editor.targets.titles, what="the note to be gone")
    desk.session.notes.restore(note)
    until(lambda: "kitchen" in page.note.editor.targets.titles, what="the note to be back")


def test_entries_that_are_shown_again_are_not_laid_out_again(
    counts: Counter[str], desk: Workspace, page: NotesPage
) -> None:
    for number in range(100):
        desk.session.notes.add(
            f"# Note {number}\n\nsome words of note {number}, which wrap over more than one line here"
        )
    until(lambda: len(titles(page)) == 100)
    rest(desk)
    assert page.list.itemDelegate()._wrapping.layout.cache_info().misses < 60, "those in sight alone"  # type: ignore[attr-defined]
    counts.clear()
    page.list.show_entries(list(page.list.rows.entries), None)
    settle(0.1)
    assert counts["sizeHint"] == 0


def test_a_row_is_as_high_as_the_lines_that_are_painted(desk: Workspace, page: NotesPage) -> None:
    excerpts = ("", "word", "some words " * 20, "x" * 200, "価格表を送る " * 20, "one-two " * 30)
    for excerpt in excerpts:
        desk.session.notes.add(f"# Title\n\n{excerpt}")
    until(lambda: len(titles(page)) == len(excerpts))
    delegate, theme = page.list.itemDelegate(), page._theme
    assert isinstance(delegate, NoteDelegate)
    bare = theme.px(12 + 23 + 12)
    for row, entry in enumerate(page.list.rows.entries):
        height = page.list.visualRect(page.list.rows.index(row)).height()
        assert height == bare + len(delegate._excerpt(entry)) * theme.px(18)
