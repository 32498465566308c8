"""A menu of commands, which shows those that can be carried out now."""

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from app.ui.navigation.command import Command, CommandRunner
from app.ui.widgets.screen_fit import keep_on_screen


def command_menu(
    parent: QWidget,
    name: str,
    groups: Sequence[Sequence[Command]],
    runner: CommandRunner,
) -> QMenu:
    """A menu called `name` for screen readers, with a line between two groups of commands."""
    menu = QMenu(parent)
    menu.setAccessibleName(name)
    keep_on_screen(menu)
    actions: list[tuple[QAction, Command]] = []
    for number, group in enumerate(groups):
        if number:
            menu.addSeparator()
        for command in group:
            action = menu.addAction(command.title, partial(runner.run, command))
            action.setShortcut(QKeySequence(command.keys))
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)  # only shown here; the frame owns the keys
            actions.append((action, command))

    def refresh() -> None:
        for action, command in actions:
            action.setVisible(runner.can_run(command))

    menu.aboutToShow.connect(refresh)
    return menu
