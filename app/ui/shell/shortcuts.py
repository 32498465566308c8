"""The list of all keys, made from the commands that are registered."""

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from app.ui.calls.commands import TYPING_KEYS
from app.ui.navigation.command import Command
from app.ui.notes.commands import WRITING_KEYS
from app.ui.style.theme import Theme
from app.ui.widgets.basics import label
from app.ui.widgets.dialogs import ConfirmDialog

_GROUPS = {"show": "Pages", "calls": "Calls", "call": "Calls", "player": "Playing", "chats": "Chats", "chat": "Chats"}
_GROUPS |= {"notes": "Notes", "note": "Notes", "todo": "To do"}
_WINDOW = "Window"
_TYPING = "While a line is corrected"
_WRITING = "While a note is written"
_WORDS = "Each can be done without the mouse. Arrow keys move in lists, Enter opens, Tab goes to the next control."


def grouped_by_place(commands: Iterable[Command]) -> dict[str, list[Command]]:
    """The commands that have keys, by where they are: the first part of a command's id says it."""
    groups: dict[str, list[Command]] = {}
    for command in commands:
        if command.keys:
            groups.setdefault(_GROUPS.get(command.id.partition(".")[0], _WINDOW), []).append(command)
    return groups


class ShortcutsDialog(ConfirmDialog):
    """Shows each command that has keys, with them, and those that a field has of its own."""

    def __init__(self, theme: Theme, parent: QWidget, commands: Iterable[Command]) -> None:
        super().__init__(theme, parent, "Keyboard shortcuts", _WORDS, "Close", "plain")
        self.no_button.hide()
        self.yes_button.setFocus(Qt.FocusReason.OtherFocusReason)
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.px(22))
        grid.setVerticalSpacing(theme.px(5))
        grid.setColumnStretch(0, 1)
        self.listed: list[tuple[str, str]] = []
        groups = {
            group: [(command.title.rstrip("…"), command.hint) for command in members]
            for group, members in grouped_by_place(commands).items()
        }
        for group, members in (groups | {_TYPING: list(TYPING_KEYS), _WRITING: list(WRITING_KEYS)}).items():
            grid.setRowMinimumHeight(grid.rowCount(), theme.px(8))
            grid.addWidget(label(group, "section", self), grid.rowCount() + 1, 0, 1, 2)
            for title, keys in members:
                row = grid.rowCount()
                grid.addWidget(label(title, "body", self), row, 0)
                grid.addWidget(label(keys, "second", self), row, 1, Qt.AlignmentFlag.AlignRight)
                self.listed.append((title, keys))
        self.fields.addLayout(grid)
