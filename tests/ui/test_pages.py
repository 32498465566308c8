"""The pages: what each says and does, on a session in memory."""

import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import cast

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QPlainTextEdit, QPushButton, QWidget

from app.core.call import CallState
from app.core.deletion import Consequences
from app.core.errors import EngineCrashed, UnsupportedMedia
from app.core.transcript import names_of
from app.services.application import Application
from app.ui.calls.commands import FIND, RENAME, SWAP_SIDES
from app.ui.calls.page import PAGE as CALLS
from app.ui.chats.commands import NEW as NEW_CHAT
from app.ui.main_window import MainWindow
from app.ui.runtime import unexpected_errors
from app.ui.runtime.bridge import catch_unexpected_in_threads
from app.ui.shell.workspace import Workspace
from app.ui.widgets.dialogs import ConfirmDialog, DeleteDialog, SpeakersDialog
from tests.ui.doubles import SessionDouble, TacitDouble, as_tacit
from tests.ui.example_calls import call
from tests.ui.stage import PASSPHRASE, desk_of, enter, everything, settle, until

Show = Callable[[Application], MainWindow]


@pytest.fixture
def session() -> SessionDouble:
    """A session with one call."""
    made = SessionDouble()
    made.library.add(call("Supply contract"))
    return made


@pytest.fixture
def window(session: SessionDouble, show: Show) -> MainWindow:
    """A window on that session."""
    return show(as_tacit(session))


@pytest.fixture
def desk(window: MainWindow) -> Workspace:
    """The desk, with the call open."""
    made = enter(window)
    until(lambda: made.calls.list.rows.rows)
    made.calls.open(made.calls.list.rows.rows[0].call)
    until(lambda: made.calls.call.call is not None and made.calls.call.transcript.lines.rowCount())
    settle(0.1)
    return made


def question_of(window: MainWindow) -> ConfirmDialog:
    until(lambda: window.findChildren(ConfirmDialog))
    return window.findChildren(ConfirmDialog)[0]


def test_what_unlocking_needs_is_loaded_while_the_lock_screen_is_looked_at(window: MainWindow) -> None:
    double = cast("TacitDouble", window._tacit)
    until(lambda: double.is_prepared, 5)


def test_a_wrong_passphrase_is_told_in_two_sentences_and_may_be_tried_again(window: MainWindow) -> None:
    page = window.unlock_page
    assert page is not None
    page.field.setText("not the one")
    QTest.keyClick(page.field, Qt.Key.Key_Return)
    until(lambda: page.notice.text)
    assert page.notice.text.startswith("That passphrase does not open this vault. Nothing was changed;")
    assert page.field.isEnabled()
    enter(window)


def test_a_vault_is_made_only_with_a_good_passphrase_written_twice(show: Show) -> None:
    window = show(as_tacit(SessionDouble(), has_vault=False))
    page = window.create_page
    assert page is not None
    for first, second, may in (
        ("short", "short", False),
        (PASSPHRASE, "something else here", False),
        (PASSPHRASE, PASSPHRASE, True),
        ("four short new word", "four short new word", True),
    ):
        page.field.setText(first)
        page.repeat.setText(second)
        assert page.create_button.isEnabled() is may
    page.field.setText("short")
    assert "at least 12 characters or 4 words" in page.advice.plain_text()
    assert "Forgotten means lost" in page.lost.plain_text()
    page.field.setText(PASSPHRASE)
    page.repeat.setText(PASSPHRASE)
    page.create_button.click()
    desk_of(window)


def test_an_empty_vault_says_how_to_begin(show: Show) -> None:
    session = SessionDouble()
    desk = enter(show(as_tacit(session)))
    settle(0.2)
    assert desk.calls.empty.isVisible()
    desk.calls.empty.demo_button.click()
    until(lambda: desk.calls.has_call and desk.calls.call.call is not None)
    assert "website-launch" in desk.calls.call.header.title.text()


def test_offline_stands_only_where_it_is_enforced(show: Show) -> None:
    for is_enforced in (True, False):
        window = show(as_tacit(SessionDouble(), is_offline_enforced=is_enforced))
        enter(window)
        texts = [label.text() for label in window.findChildren(QLabel)]
        assert ("Offline, enforced" in texts) is is_enforced


def test_every_visible_widget_has_an_accessible_name_and_a_parent(window: MainWindow, desk: Workspace) -> None:
    for go in (partial(desk.show_page, CALLS), partial(desk.run, NEW_CHAT)):
        go()
        settle(0.1)
        for widget in everything(window):
            if widget.objectName().startswith("qt_"):
                continue  # Qt's own inner parts, which it names and hides from screen readers itself
            assert widget.accessibleName(), (type(widget).__name__, type(widget.parent()).__name__)


def test_no_label_reads_markup(window: MainWindow, desk: Workspace) -> None:
    labels = window.findChildren(QLabel)
    assert labels
    assert all(label.textFormat() is Qt.TextFormat.PlainText for label in labels)


def test_what_a_person_or_file_says_is_no_markup_in_a_tool_tip(
    session: SessionDouble, window: MainWindow, desk: Workspace
) -> None:
    hostile = '<img src="file:///etc/passwd">'
    session.import_pause = 0.1
    desk.calls.take_in([Path(f"{hostile}.wav")])
    until(lambda: any(row.work for row in desk.calls.list.rows.rows))
    session.library.rename(desk.calls.call.call.id, hostile)  # type: ignore[union-attr]
    until(lambda: desk.calls.call.header.title.text() == hostile)
    settle(0.1)
    assert not any(hostile in widget.toolTip() for widget in window.findChildren(QWidget))


def test_files_dropped_on_a_field_reach_the_window(window: MainWindow, desk: Workspace) -> None:
    fields = [w for w in window.findChildren(QWidget) if isinstance(w, QLineEdit | QPlainTextEdit)]
    assert len(fields) >= 4
    assert not any(field.acceptDrops() for field in fields)
    assert desk.acceptDrops()


def test_a_chip_plays_its_moment_and_marks_the_line(session: SessionDouble, desk: Workspace) -> None:
    chips = [b for b in desk.calls.call.side.summary.findChildren(QPushButton) if b.text() == "0:50"]
    chips[0].click()
    assert session.player.position == 50.0
    assert session.player.is_playing
    assert desk.calls.call.transcript.marked_row == 5


def test_a_point_without_evidence_says_so(desk: Workspace) -> None:
    names = [w.accessibleName() for w in desk.calls.call.side.summary.findChildren(type(desk.calls.call.missing.words))]
    assert names.index("Not found in the call (not confirmed)") < names.index("Nobody said this")
    assert any("Leo, by Friday" in name for name in names)


def test_without_a_sound_system_everything_else_works(session: SessionDouble, desk: Workspace) -> None:
    session.player.without_sound = True
    desk.calls.call.player.toggle()
    assert desk.calls.call.player.problem.plain_text() == "There is no sound system here. Everything else works."
    desk.calls.call.player.seek(20.0)
    assert desk.calls.call.transcript.marked_row == 2


def test_keys_move_the_player_where_no_text_is_written(
    session: SessionDouble, window: MainWindow, desk: Workspace
) -> None:
    window.activateWindow()
    desk.calls.list.setFocus()
    QTest.keyClick(desk.calls.list, Qt.Key.Key_Right)
    assert session.player.position == 5.0
    QTest.keyClick(desk.calls.list, Qt.Key.Key_Space)
    assert session.player.is_playing
    QTest.keyClick(desk.calls.call.transcript, Qt.Key.Key_Left)
    assert session.player.position == 0.0
    desk.calls.search.setFocus()
    QTest.keyClicks(desk.calls.search, "a b")
    assert desk.calls.search.text() == "a b"
    assert session.player.is_playing


def test_the_waveform_is_sought_by_a_click_and_by_keys(session: SessionDouble, desk: Workspace) -> None:
    wave = desk.calls.call.player.waveform
    QTest.mouseClick(wave, Qt.MouseButton.LeftButton, pos=QPoint(wave.width() // 2, 10))
    assert session.player.position == pytest.approx(30.0, abs=0.5)
    QTest.keyClick(wave, Qt.Key.Key_End)
    assert session.player.position == 60.0
    QTest.keyClick(wave, Qt.Key.Key_Home)
    assert session.player.position == 0.0


def test_a_call_is_renamed_in_place_and_back(session: SessionDouble, desk: Workspace) -> None:
    header = desk.calls.call.header
    desk.run(RENAME)
    header.edit.setText("Another title")
    QTest.keyClick(header.edit, Qt.Key.Key_Return)
    until(lambda: header.title.text() == "Another title")
    until(lambda: desk.calls.call.notice.text.startswith("Renamed."))
    next(b for b in desk.calls.call.notice.findChildren(QPushButton) if b.text() == "Undo").click()
    until(lambda: header.title.text() == "Supply contract")


def test_names_and_sides_change_everywhere(session: SessionDouble, window: MainWindow, desk: Workspace) -> None:
    desk.calls.call.on_call.name_speakers()
    question = question_of(window)
    assert isinstance(question, SpeakersDialog)
    question.edits[0].setText("Leonard")
    question.accept()
    until(lambda: names_of(desk.calls.call.transcript.lines.speakers) == ("Leonard", "Priya"))
    desk.run(SWAP_SIDES)
    until(lambda: names_of(desk.calls.call.transcript.lines.speakers) == ("Priya", "Leonard"))
    until(lambda: "Leonard (you)" in desk.calls.call.header.facts.text())


def test_a_call_is_deleted_only_after_a_question(session: SessionDouble, window: MainWindow, desk: Workspace) -> None:
    desk.calls.call.on_call.ask_to_delete()
    assert "No copy that Tacit keeps by itself holds it." in question_of(window).words.plain_text()
    question_of(window).reject()
    settle(0.1)
    assert len(session.library.kept) == 1
    desk.calls.call.on_call.ask_to_delete()
    question_of(window).accept()
    until(lambda: not desk.calls.has_call)
    assert not session.library.kept


def test_a_deletion_says_what_keeps_it_and_rewrites_the_copies_if_asked(
    session: SessionDouble, window: MainWindow, desk: Workspace
) -> None:
    until(lambda: session.maintenance.copies == ["kept"])  # at a good start
    session.deletion.means = Consequences(2, datetime(2026, 12, 26, 12, 0, tzinfo=UTC))
    desk.calls.call.on_call.ask_to_delete()
    question = question_of(window)
    assert isinstance(question, DeleteDialog)
    said = question.words.plain_text()
    assert "2 answers over several calls that quoted it are removed." in said
    assert "can still hold its words until 26 December 2026." in said
    assert "there is no undo." in said
    assert said.endswith("A backup file or an export that you made before keeps what it has.")
    assert question.rewrite_box is not None
    question.rewrite_box.click()
    question.accept()
    until(lambda: session.maintenance.copies == ["kept", "rewritten"])
    assert not session.library.kept


def test_an_answer_streams_can_be_stopped_and_is_kept(session: SessionDouble, desk: Workspace) -> None:
    session.answering.pieces, session.answering.pause = ("One ", "two ", *["more "] * 200), 0.02
    side = desk.calls.call.side
    side.composer.field.setPlainText("How long will it take?")
    side.composer.send_button.click()
    until(lambda: "One two" in side.conversation.replies[0].words.plain_text())
    assert side.composer.stop_button.isVisible()
    side.composer.stop_button.click()
    until(lambda: not side.reply_stream.is_running)
    assert "Stopped." in side.conversation.replies[0].note.plain_text()
    assert not side.composer.stop_button.isVisible()


def test_the_answer_on_a_call_points_at_a_moment(session: SessionDouble, desk: Workspace) -> None:
    side = desk.calls.call.side
    side.composer.field.setPlainText("When?")
    QTest.keyClick(side.composer.field, Qt.Key.Key_Return)
    until(lambda: side.reply_stream.is_running is False and side.conversation.replies)
    settle(0.1)
    chip = side.conversation.replies[0].words.chips()[0]
    assert chip.text() == "0:50"
    chip.click()
    assert session.player.position == 50.0
    side.conversation.replies[0].copy()
    assert QGuiApplication.clipboard().text() == "By Friday."


def test_a_chat_answer_has_a_numbered_source_that_opens_the_call(session: SessionDouble, desk: Workspace) -> None:
    desk.run(NEW_CHAT)
    desk.chats.composer.field.setPlainText("When is the price list due?")
    desk.chats.composer.send_button.click()
    until(lambda: desk.chats.conversation.replies and desk.chats.conversation.replies[0].words.chips())
    assert desk.chats.conversation.replies[0].words.chips()[0].text() == "1"
    until(lambda: desk.chats.conversation.replies[0].sources.isVisible())
    desk.chats.conversation.replies[0].words.chips()[0].click()
    until(lambda: session.player.position == 50.0)
    assert desk.stack.currentWidget() is desk.calls


def test_an_answer_that_fails_is_told_and_can_be_asked_again(session: SessionDouble, desk: Workspace) -> None:
    session.answering.error = EngineCrashed()
    side = desk.calls.call.side
    side.composer.field.setPlainText("When?")
    side.composer.send_button.click()
    until(lambda: desk.calls.call.notice.text.startswith("The process that did this work stopped unexpectedly."))
    assert not side.reply_stream.is_running


def test_an_import_shows_its_progress_and_can_be_cancelled(session: SessionDouble, desk: Workspace) -> None:
    session.import_pause = 0.2
    desk.calls.take_in([Path("some call.wav")])
    until(lambda: desk.calls.list.rows.rows[0].work is not None)
    until(lambda: "of 0 kB" in desk.calls.list.rows.rows[0].detail)
    cancel = next(b for b in desk.calls.list.findChildren(QPushButton) if b.text() == "Cancel")
    assert cancel.isVisible()
    cancel.click()
    until(lambda: not desk.calls.work.all())
    assert len(session.library.kept) == 1


def test_a_file_that_is_no_recording_is_told_calmly(session: SessionDouble, desk: Workspace) -> None:
    session.import_error = UnsupportedMedia()
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile("/nowhere/letter.txt")])
    event = QDropEvent(
        QPointF(10, 10), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    desk.dropEvent(event)
    until(lambda: desk.calls.notice.text.startswith("«letter.txt»: This file holds no sound that Tacit can read."))
    assert len(session.library.kept) == 1


def test_a_stopped_call_can_be_gone_on_with(session: SessionDouble, desk: Workspace) -> None:
    stopped = session.library.add(call("Half", CallState.TRANSCRIBING), summary=None)
    desk.calls.read_again()
    until(lambda: len(desk.calls.list.rows.rows) == 2)
    desk.calls.open(stopped.id)
    until(lambda: desk.calls.call.notice.text.startswith("Stopped at 0:00 of 1:00."))
    next(b for b in desk.calls.call.notice.findChildren(QPushButton) if b.text() == "Go on").click()
    until(lambda: session.advanced == [stopped.id])


def test_search_finds_words_and_opens_the_line(session: SessionDouble, window: MainWindow, desk: Workspace) -> None:
    desk.run(FIND)
    desk.calls.search.setText("damaged")
    until(lambda: [row.line for row in desk.calls.list.rows.rows] == [2])
    assert desk.calls.list.rows.rows[0].aside == "0:10"
    QTest.keyClick(desk.calls.search, Qt.Key.Key_Return)
    until(lambda: session.player.position == 10.0)
    assert not session.player.is_playing
    assert desk.calls.call.transcript.marked_row == 1
    desk.calls.search.setText("no such word")
    until(lambda: desk.calls.nothing.isVisible())
    desk.escape()
    assert len(desk.calls.list.rows.rows) == 1


def test_an_exception_in_a_slot_reaches_the_window_and_no_word_of_it_reaches_stderr(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    unexpected_errors.catch_unexpected(window.show_error)
    catch_unexpected_in_threads()
    try:
        raise KeyError("a person's words")
    except KeyError as error:
        sys.excepthook(KeyError, error, error.__traceback__)
    assert window.notice.text.startswith("Something went wrong in Tacit itself.")
    threading.excepthook(threading.ExceptHookArgs((ValueError, ValueError("a person's words"), None, None)))
    written = capsys.readouterr().err
    assert "unexpected KeyError at test_pages.py:" in written
    assert "unexpected ValueError" in written
    assert "words" not in written


def test_a_bug_is_told_and_the_window_stays(window: MainWindow, desk: Workspace) -> None:
    window.show_error(KeyError("a person's words"))
    assert window.notice.text.startswith("Something went wrong in Tacit itself.")
    assert "words" not in window.notice.text
