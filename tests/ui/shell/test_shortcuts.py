"""F1 lists every key that a command has, whatever room registers it."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.services.application import Application
from app.ui.calls.commands import TYPING_KEYS
from app.ui.main_window import MainWindow
from app.ui.notes.commands import WRITING_KEYS
from app.ui.shell.shortcuts import ShortcutsDialog, grouped_by_place
from app.ui.todo.commands import ADD
from tests.ui.doubles import SessionDouble, as_tacit
from tests.ui.stage import enter, until


def test_f1_lists_all_keys_and_escape_closes_it(show: Callable[[Application], MainWindow]) -> None:
    window = show(as_tacit(SessionDouble()))
    desk = enter(window)
    QTest.keySequence(desk, "F1")
    until(lambda: window.findChildren(ShortcutsDialog))
    shown = window.findChildren(ShortcutsDialog)[0]
    with_keys = [command for command in desk.commands.values() if command.keys]
    assert len(with_keys) > 12
    named = [(command.title.rstrip("…"), command.hint) for command in with_keys]
    assert sorted(shown.listed) == sorted([*named, *TYPING_KEYS, *WRITING_KEYS])
    assert ("Search everything", "Ctrl K") in shown.listed
    groups = grouped_by_place(desk.commands.values())
    assert ADD in groups["To do"]
    assert ADD not in groups["Window"]
    QTest.keyClick(shown, Qt.Key.Key_Escape)
    until(lambda: not window.findChildren(ShortcutsDialog))
