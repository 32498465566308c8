"""The text on the clipboard is proofread, rewritten and copied from the palette's command, by keys and mouse."""

import threading
from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from app.core.errors import EngineCrashed
from app.core.writing import written
from app.core.writing.action import TextAction
from app.core.writing.difference import Difference, difference
from app.services.application import Application
from app.ui.main_window import MainWindow
from app.ui.shell.workspace import Workspace
from app.ui.writing.clipboard_dialog import ClipboardDialog
from app.ui.writing.commands import REWRITE_CLIPBOARD
from tests.ui.doubles import SessionDouble, as_tacit
from tests.ui.stage import enter, settle, until

OLD = "The last delivery were late, and three boxes is damaged."
NEW = "The last delivery was late, and three boxes were damaged."


@pytest.fixture
def session() -> SessionDouble:
    made = SessionDouble()
    made.writing.replace = {"were": "was", "is damaged": "were damaged"}
    return made


@pytest.fixture
def desk(session: SessionDouble, show: Callable[[Application], MainWindow]) -> Workspace:
    return enter(show(as_tacit(session)))


def opened(desk: Workspace, text: str = OLD) -> ClipboardDialog:
    QGuiApplication.clipboard().setText(text)
    desk.run(REWRITE_CLIPBOARD)
    until(lambda: any(one.isVisible() for one in desk.window().findChildren(ClipboardDialog)))
    return desk.window().findChildren(ClipboardDialog)[-1]


def result(desk: Workspace, action: TextAction, text: str = OLD) -> ClipboardDialog:
    dialog = opened(desk, text)
    dialog.choices.setCurrentIndex(dialog.choices.findData(action))
    dialog.go_button.click()
    until(lambda: dialog.card.written is not None, what="the result")
    return dialog


def visible_buttons(dialog: ClipboardDialog) -> list[str]:
    return [one.text() for one in dialog.card.findChildren(QPushButton) if one.isVisible()]


def test_a_proofread_text_is_accepted_as_a_whole_and_copied(desk: Workspace) -> None:
    dialog = result(desk, TextAction.PROOFREAD)
    assert dialog.card.heading.text() == "Proofread: 2 changes"
    assert visible_buttons(dialog) == ["Accept all", "One by one", "Leave it"]
    assert dialog.card.accept_button.hasFocus()
    QTest.keyClick(dialog.card.accept_button, Qt.Key.Key_Return)
    assert QGuiApplication.clipboard().text() == NEW
    assert "Copied" in dialog.notice.text


def test_the_difference_is_made_in_the_job_and_only_where_changes_can_be_shown(
    desk: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[bool] = []

    def noted(old: str, new: str) -> Difference:
        made.append(threading.current_thread() is threading.main_thread())
        return difference(old, new)

    monkeypatch.setattr(written, "difference", noted)
    dialog = result(desk, TextAction.SHORTER)
    dialog.card.switch_button.click()
    assert len(dialog.card.changes.choices) == 2
    assert made == [False]
    dialog.close()
    result(desk, TextAction.SUMMARY)
    assert made == [False]


def test_changes_are_taken_one_by_one_by_keys(desk: Workspace) -> None:
    dialog = result(desk, TextAction.PROOFREAD)
    dialog.card.each_button.click()
    assert dialog.card.changes.hasFocus()
    assert visible_buttons(dialog) == ["Take", "Leave", "Done"]
    assert dialog.card.status.text() == "Change 1 of 2. Enter takes it, Backspace leaves it."
    QTest.keyClick(dialog.card.changes, Qt.Key.Key_Backspace)
    QTest.keyClick(dialog.card.changes, Qt.Key.Key_Return)
    assert dialog.card.status.text() == "1 of 2 taken."
    assert dialog.card.finish_button.hasFocus()
    QTest.keyClick(dialog.card.finish_button, Qt.Key.Key_Return)
    assert QGuiApplication.clipboard().text() == OLD.replace("is damaged", "were damaged")


def test_changes_are_taken_one_by_one_by_mouse(desk: Workspace) -> None:
    dialog = result(desk, TextAction.PROOFREAD)
    for one in (dialog.card.each_button, dialog.card.take_button, dialog.card.skip_button, dialog.card.finish_button):
        QTest.mouseClick(one, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == OLD.replace("were", "was", 1)


def test_a_rewritten_text_is_shown_with_its_notes_and_its_changes(desk: Workspace, session: SessionDouble) -> None:
    session.writing.notes = ("Look at these, which your text does not have: 3.",)
    dialog = result(desk, TextAction.FORMAL)
    assert dialog.card.heading.text() == "More formal"
    assert dialog.card.words.plain_text() == NEW
    assert dialog.card.notes.plain_text() == session.writing.notes[0]
    assert visible_buttons(dialog) == ["Copy", "Show changes", "Leave it"]
    dialog.card.switch_button.click()
    assert dialog.card.changes.isVisible()
    assert "One by one" in visible_buttons(dialog)
    dialog.card.switch_button.click()
    dialog.card.place_buttons["copy"].click()
    assert QGuiApplication.clipboard().text() == NEW


def test_nothing_to_correct_is_said(desk: Workspace) -> None:
    dialog = result(desk, TextAction.PROOFREAD, "It was late.")
    assert dialog.card.heading.text() == "Proofread: 0 changes"
    assert dialog.card.notes.plain_text() == "Nothing to correct was found."
    assert visible_buttons(dialog) == ["Leave it"]


def test_a_language_is_asked_for_where_it_is_translated(desk: Workspace, session: SessionDouble) -> None:
    dialog = opened(desk, "We have been there with them, and it is ours to say so.")
    assert not dialog.languages.isVisible()
    dialog.choices.setCurrentIndex(dialog.choices.findData(TextAction.TRANSLATE))
    assert dialog.languages.isVisible()
    assert dialog.languages.findData("en") == -1, "it is in English already"
    dialog.languages.setCurrentIndex(dialog.languages.findData("fr"))
    dialog.go_button.click()
    until(lambda: dialog.card.written is not None)
    assert session.writing.asked == [(TextAction.TRANSLATE, "fr")]


def test_a_question_is_asked_for_where_one_is_to_be_asked(desk: Workspace, session: SessionDouble) -> None:
    dialog = opened(desk)
    dialog.choices.setCurrentIndex(dialog.choices.findData(TextAction.ASK))
    assert dialog.question.isVisible()
    assert not dialog.go_button.isEnabled()
    QTest.keyClicks(dialog.question, "When?")
    QTest.keyClick(dialog.question, Qt.Key.Key_Return)
    until(lambda: dialog.card.written is not None)
    assert session.writing.asked == [(TextAction.ASK, "When?")]
    assert visible_buttons(dialog) == ["Copy", "Leave it"]


def test_what_is_written_is_seen_and_can_be_stopped(desk: Workspace, session: SessionDouble) -> None:
    session.writing.gate.clear()
    dialog = opened(desk)
    dialog.go_button.click()
    until(lambda: dialog.card.words.plain_text(), what="the first words")
    assert NEW.startswith(dialog.card.words.plain_text())
    assert not dialog.go_button.isEnabled()
    until(lambda: "0 of 2 parts" in dialog.card.status.text(), what="how far it is")
    dialog.card.stop_button.click()
    until(lambda: "Stopped" in dialog.notice.text)
    assert dialog.go_button.isEnabled()
    assert not dialog.card.isVisible()
    assert QGuiApplication.clipboard().text() == OLD


def test_escape_stops_what_is_under_way(desk: Workspace, session: SessionDouble) -> None:
    session.writing.gate.clear()
    dialog = opened(desk)
    dialog.go_button.click()
    until(lambda: dialog.card.words.plain_text())
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    until(lambda: not session.lanes.live(), what="the end of the job")


def test_an_error_is_told_in_two_sentences_and_it_can_be_tried_again(desk: Workspace, session: SessionDouble) -> None:
    session.writing.error = EngineCrashed()
    dialog = opened(desk)
    dialog.go_button.click()
    until(lambda: dialog.notice.text)
    assert EngineCrashed().title in dialog.notice.text
    session.writing.error = None
    dialog.go_button.click()
    until(lambda: dialog.card.written is not None)


def test_without_a_text_it_says_what_to_do(desk: Workspace) -> None:
    dialog = opened(desk, "  ")
    assert "no text on the clipboard" in dialog.notice.text
    assert not dialog.go_button.isEnabled()
    settle(0.1)
