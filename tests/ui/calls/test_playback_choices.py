"""How a call is played is chosen beside the player or by keys, and remembered."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.services.application import Application
from app.ui.calls.page import PAGE
from app.ui.main_window import MainWindow
from app.ui.shell.workspace import Workspace
from tests.ui.stage import enter, until

Show = Callable[[Application], MainWindow]


def test_the_menu_chooses_the_speed_and_the_button_shows_it(desk: Workspace) -> None:
    button = desk.calls.call.player.choices.speed
    assert button.text() == "1×"
    actions = {action.text(): action for action in button.menu().actions()}
    assert list(actions) == ["0.5×", "0.75×", "1×", "1.25×", "1.5×", "1.75×", "2×", "2.5×", "3×"]
    actions["1.25×"].trigger()
    assert desk.session.player.speed == 1.25
    assert (button.text(), button.accessibleName()) == ("1.25×", "Speed of playing: 1.25×")
    assert [text for text, action in actions.items() if action.isChecked()] == ["1.25×"]


def test_keys_play_faster_and_slower_also_while_a_line_is_corrected(desk: Workspace) -> None:
    player, view = desk.session.player, desk.calls.call.transcript
    desk.calls.list.setFocus()
    seen = []
    for keys in ("Ctrl+Up", "Ctrl+Up", "Ctrl+Down"):
        QTest.keySequence(desk, keys)
        seen.append(player.speed)
    view.begin_correction(view.lines.utterance(2).id)
    assert view.words is not None
    QTest.keyClick(view.words, Qt.Key.Key_Down, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(view.words, Qt.Key.Key_Down, Qt.KeyboardModifier.ControlModifier)
    assert [*seen, player.speed] == [1.25, 1.5, 1.25, 0.75]
    assert view.words is not None
    assert view.words.toPlainText() == view.lines.utterance(2).text


def test_both_are_remembered(made: Application, show: Show) -> None:
    desk = enter(show(made))
    desk.calls.call.player.choices.speed.choose(1.5)
    desk.calls.call.player.choices.skipping.click()
    until(lambda: made.settings.current.skips_silence, what="the choice to be kept")
    assert made.settings.current.playback_speed == 1.5
    again = PAGE.make(desk)
    assert again.call.player.choices.speed.text() == "1.5×"
    assert again.call.player.choices.skipping.isChecked()
    assert (desk.session.player.speed, desk.session.player.skips_silence) == (1.5, True)
    again.deleteLater()


def test_silence_is_skipped_by_a_click_or_a_key_and_that_is_seen(desk: Workspace) -> None:
    button, player = desk.calls.call.player.choices.skipping, desk.session.player
    off, seen = button.grab().toImage(), [(player.skips_silence, button.isChecked())]
    button.click()
    seen.append((player.skips_silence, button.isChecked()))
    assert button.grab().toImage() != off
    assert button.grab().size() == off.size(), "nothing beside it moves"
    QTest.keySequence(desk, "Ctrl+Shift+J")
    seen.append((player.skips_silence, button.isChecked()))
    assert seen == [(False, False), (True, True), (False, False)]


def test_a_speed_from_elsewhere_is_shown_as_the_player_takes_it(desk: Workspace) -> None:
    player = desk.calls.call.player
    player.take_choice("playback_speed", 1.1)
    assert (player.choices.speed.text(), desk.session.player.speed) == ("1.1×", 1.1)
