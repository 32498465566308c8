"""A click on a line plays it, unless that is switched off; a double click selects words, which can be copied."""

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.services.application import Application
from app.ui.calls.call_page import CallPage
from app.ui.main_window import MainWindow
from app.ui.shell.workspace import Workspace
from tests.ui.stage import enter, settings_of, settle, until

Show = Callable[[Application], MainWindow]


def text_point(page: CallPage, row: int, x: int = 0) -> QPoint:
    """A point in the words of a line."""
    view = page.transcript
    place = view._delegate.words_rect(row, view.visualRect(view.lines.index(row)))
    return QPoint(place.left() + (x or 60), place.top() + 8)


def click(page: CallPage, row: int) -> None:
    QTest.mouseClick(page.transcript.viewport(), Qt.MouseButton.LeftButton, pos=text_point(page, row))


def test_a_click_on_a_line_plays_it_from_there(desk: Workspace) -> None:
    page = desk.calls.call
    QTest.mouseClick(page.transcript.viewport(), Qt.MouseButton.LeftButton, pos=text_point(page, 2, 10))
    until(lambda: page.player.position == 20.0, 5)
    assert desk.session.player.is_playing


def test_a_drag_and_a_click_with_a_key_select_and_play_nothing(desk: Workspace) -> None:
    page, view = desk.calls.call, desk.calls.call.transcript.viewport()
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=text_point(page, 1))
    QTest.mouseMove(view, text_point(page, 3))
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=text_point(page, 3))
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier, text_point(page, 4))
    settle(0.6)
    assert page.player.position == 0.0
    assert not desk.session.player.is_playing


def test_the_settings_switch_it_off_for_now_and_for_later(made: Application, show: Show) -> None:
    desk = enter(show(made))
    seen = [desk.calls.call.transcript.plays_on_click]
    settings_of(desk).playing.by_click.choose(False)
    seen.append(desk.calls.call.transcript.plays_on_click)
    assert seen == [True, False]
    until(lambda: not made.settings.current.plays_on_click, 5, "the choice to be kept")


def test_switched_off_only_a_click_on_the_time_plays(desk: Workspace) -> None:
    desk.plays_on_click_chosen.emit(False)
    click(desk.calls.call, 2)
    settle(0.6)
    assert not desk.session.player.is_playing
    view = desk.calls.call.transcript
    rect = view.visualRect(view.lines.index(2))
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(30, rect.top() + 12))
    until(lambda: desk.session.player.is_playing, 5, "a click on the time")


def test_a_double_click_selects_the_word_and_plays_nothing(desk: Workspace) -> None:
    page = desk.calls.call
    view = page.transcript.viewport()
    point = text_point(page, 2, 20)
    QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=point)
    QTest.mouseDClick(view, Qt.MouseButton.LeftButton, pos=point)
    words = page.transcript.words
    assert words is not None
    assert words.toPlainText().startswith("Right. They offered")
    assert words.textCursor().selectedText() == "Right"
    QTest.keySequence(words, "Ctrl+C")
    assert QApplication.clipboard().text() == "Right"
    QTest.keyClick(words, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert words.textCursor().selectedText() == "Right."
    settle(0.5)
    assert not desk.session.player.is_playing
    QTest.keyClick(words, Qt.Key.Key_Return)
    assert page.transcript.words is None


def test_the_field_with_words_goes_with_a_click_elsewhere(desk: Workspace) -> None:
    page = desk.calls.call
    QTest.mouseDClick(page.transcript.viewport(), Qt.MouseButton.LeftButton, pos=text_point(page, 2))
    assert page.transcript.words is not None
    click(page, 4)
    assert page.transcript.words is None
